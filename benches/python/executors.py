"""One measure of CPython's executors and queues, named by the argument. Prints how many a second."""

import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from queue import PriorityQueue
from time import perf_counter


def add_one(n):
    return n + 1


def rate(times, work, *args):
    start = perf_counter()
    work(*args, times)
    return times / (perf_counter() - start)


def submit(pool, times):
    futures = [pool.submit(add_one, n) for n in range(times)]
    assert sum(future.result() for future in futures) == times * (times + 1) // 2


def one_by_one(pool, times):
    for n in range(times):
        assert pool.submit(add_one, n).result() == n + 1


def map_all(pool, times):
    assert sum(pool.map(add_one, range(times))) == times * (times + 1) // 2


def map_chunks(pool, times):
    assert sum(pool.map(add_one, range(times), chunksize=100)) == times * (times + 1) // 2


def with_pool(kind, work, times):
    with kind(2) as pool:
        return rate(times, work, pool)


def priority_queue(times):
    q = PriorityQueue()
    for n in range(times):
        q.put(n * 7919 % 1_000_003)
    for _ in range(times):
        q.get()


MEASURES = {
    "threads, submit": lambda: with_pool(ThreadPoolExecutor, submit, 50_000),
    "threads, one by one": lambda: with_pool(ThreadPoolExecutor, one_by_one, 10_000),
    "threads, map": lambda: with_pool(ThreadPoolExecutor, map_all, 100_000),
    "processes, submit": lambda: with_pool(ProcessPoolExecutor, submit, 5_000),
    "processes, one by one": lambda: with_pool(ProcessPoolExecutor, one_by_one, 1_000),
    "processes, fork each": lambda: with_pool(ProcessPoolExecutor, one_by_one, 1_000),
    "processes, map": lambda: with_pool(ProcessPoolExecutor, map_chunks, 100_000),
    "priority queue": lambda: rate(100_000, priority_queue),
}

if __name__ == "__main__":
    multiprocessing.set_start_method("fork")
    print(MEASURES[sys.argv[1]]())
