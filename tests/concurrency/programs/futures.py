"""A pool with one thread that is kept busy: cancel, callbacks, wait, as_completed and map."""

import threading
from concurrent.futures import FIRST_COMPLETED, CancelledError, ThreadPoolExecutor, as_completed, wait

pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="cook")
go = threading.Event()
started = threading.Event()


def first():
    started.set()
    go.wait()
    return threading.current_thread().name


def report(number):
    return lambda future: print("callback", number, future.done(), future.cancelled())


busy = pool.submit(first)
started.wait()
second, third, fourth = (pool.submit(lambda n=n: n * n) for n in (2, 3, 4))
print(busy.running(), second.running(), second.done())
for number in range(3):
    third.add_done_callback(report(number))
print(third.cancel(), third.cancel(), busy.cancel())
try:
    third.result()
except CancelledError:
    print("cancelled")
try:
    busy.result(timeout=0.01)
except TimeoutError:
    print("timeout")
ended = wait([busy, second, fourth], timeout=0.01)
print(len(ended.done), len(ended.not_done))
go.set()
print(busy.result())
print([future.result() for future in as_completed([fourth, second, fourth])] in ([4, 16], [16, 4]))
ended = wait([busy, second, fourth], return_when=FIRST_COMPLETED)
print(len(ended.done), len(ended.not_done))
fourth.add_done_callback(report("late"))
failed = pool.submit(lambda: {}["key"])
print(failed.exception() is not None, second.exception() is None)
print(list(pool.map(lambda n: n + 1, range(5))))
print(list(pool.map(lambda a, b: a + b, ["a", "b"], ["c", "d"])))
pool.shutdown()
try:
    pool.submit(print)
except RuntimeError as error:
    print(error)
