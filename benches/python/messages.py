"""One measure of CPython's queues, pipes, managers and pools, named by the argument. Prints how many a second."""

import sys
from multiprocessing import Manager, Pipe, Pool, Process, Queue, set_start_method
from time import perf_counter


def put(q, times, item):
    for _ in range(times):
        q.put(item)


def queue(times, item):
    q = Queue()
    p = Process(target=put, args=(q, times, item))
    p.start()
    q.get()
    start = perf_counter()
    for _ in range(times - 1):
        q.get()
    rate = (times - 1) / (perf_counter() - start)
    p.join()
    return rate


def echo(there, times):
    for _ in range(times):
        there.send(there.recv())


def pipe_round_trips():
    times = 10_000
    here, there = Pipe()
    p = Process(target=echo, args=(there, times + 1))
    p.start()
    here.send(0)
    here.recv()
    start = perf_counter()
    for n in range(times):
        here.send(n)
        here.recv()
    rate = times / (perf_counter() - start)
    p.join()
    return rate


def manager_appends():
    times = 10_000
    with Manager() as manager:
        numbers = manager.list()
        start = perf_counter()
        for n in range(times):
            numbers.append(n)
        return times / (perf_counter() - start)


def square(n):
    return n * n


def pool_map():
    tasks, calls = 100_000, 5
    with Pool(2) as pool:
        start = perf_counter()
        for _ in range(calls):
            pool.map(square, range(tasks))
        return calls * tasks / (perf_counter() - start)


MEASURES = {
    "queue, 8 bytes": lambda: queue(100_000, b"7" * 8),
    "queue, 64 KiB": lambda: queue(10_000, b"7" * (64 << 10)),
    "pipe round trips": pipe_round_trips,
    "manager appends": manager_appends,
    "pool map": pool_map,
}

if __name__ == "__main__":
    set_start_method("fork")
    print(MEASURES[sys.argv[1]]())
