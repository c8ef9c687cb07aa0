"""One measure of CPython's processes, locks, shared memory and pools, named by the argument. Prints how many a second."""

import sys
from multiprocessing import Event, Lock, Pool, Process, RawValue, Semaphore, Value, set_start_method
from multiprocessing.shared_memory import SharedMemory
from time import perf_counter


def nothing():
    pass


def start_and_join():
    times = 200
    start = perf_counter()
    for _ in range(times):
        p = Process(target=nothing)
        p.start()
        p.join()
    return times / (perf_counter() - start)


def count(lock, number, times):
    for _ in range(times):
        with lock:
            number.value += 1


def add(value, times):
    for _ in range(times):
        with value.get_lock():
            value.value += 1


def alone(count, *args):
    times = 300_000
    start = perf_counter()
    count(*args, times)
    return times / (perf_counter() - start)


def count_after(ready, go, count, args):
    ready.release()
    go.wait()
    count(*args)


def two_processes(count, *args):
    times = 150_000
    ready, go = Semaphore(0), Event()
    processes = [Process(target=count_after, args=(ready, go, count, (*args, times))) for _ in range(2)]
    for p in processes:
        p.start()
    for _ in processes:
        ready.acquire()
    start = perf_counter()
    go.set()
    for p in processes:
        p.join()
    return 2 * times / (perf_counter() - start)


def shared_memory_attach():
    memory = SharedMemory(create=True, size=4096)
    memory.buf[0] = 1
    times = 5_000
    start = perf_counter()
    for _ in range(times):
        same = SharedMemory(memory.name)
        assert same.buf[0] == 1
        same.close()
    elapsed = perf_counter() - start
    memory.unlink()
    return times / elapsed


def square(n):
    return n * n


def pool_map():
    items = 100_000
    with Pool(2) as pool:
        pool.map(square, range(2))
        start = perf_counter()
        assert len(pool.map(square, range(items))) == items
        return items / (perf_counter() - start)


MEASURES = {
    "start and join": start_and_join,
    "lock, alone": lambda: alone(count, Lock(), RawValue("q", 0)),
    "lock, two processes": lambda: two_processes(count, Lock(), RawValue("q", 0)),
    "value, alone": lambda: alone(add, Value("q", 0)),
    "value, two processes": lambda: two_processes(add, Value("q", 0)),
    "shared memory, attach": shared_memory_attach,
    "pool, map": pool_map,
}

if __name__ == "__main__":
    set_start_method("fork")
    print(MEASURES[sys.argv[1]]())
