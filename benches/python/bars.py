"""Nanoseconds that a bar adds to a step of a loop: `bars.py tqdm` or `bars.py update`."""

import sys
import time

from tqdm import tqdm

N = 5_000_000


def bare():
    for _ in range(N):
        pass


def iterate():
    for _ in tqdm(range(N)):
        pass


def update():
    with tqdm(total=N) as bar:
        for _ in range(N):
            bar.update(1)


def seconds(f):
    start = time.perf_counter()
    f()
    return time.perf_counter() - start


loop = {"tqdm": iterate, "update": update}[sys.argv[1]]
print((seconds(loop) - seconds(bare)) / N * 1e9)
