"""Primes in a few processes: one number after the other, all with map, and as they are done."""

import os
from concurrent.futures import ProcessPoolExecutor, as_completed

NUMBERS = [1_000_003, 1_000_005, 1_000_007, 1_000_033]


def smallest_factor(n):
    return next((d for d in range(2, int(n**0.5) + 1) if n % d == 0), n)


def power(base, exponent):
    return base**exponent


def refuse(n):
    raise ValueError(f"{n} is not for me")


def main():
    with ProcessPoolExecutor(max_workers=2) as pool:
        for n in NUMBERS:
            print(n, pool.submit(smallest_factor, n).result())
        print(pool.submit(power, 2, 10).result())
        print(list(pool.map(smallest_factor, range(2, 20))))
        print(list(pool.map(smallest_factor, range(2, 20), chunksize=5)))
        futures = {pool.submit(smallest_factor, n): n for n in NUMBERS}
        print(sorted((futures[future], future.result()) for future in as_completed(futures)))
        print(pool.submit(refuse, 7).exception())
        print(pool.submit(os.getpid).result() != os.getpid())
    try:
        pool.submit(power, 1, 1)
    except RuntimeError as error:
        print(error)


if __name__ == "__main__":
    main()
