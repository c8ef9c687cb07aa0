"""The four queues of Python's `queue`."""

from queue import Empty, Full, LifoQueue, PriorityQueue, Queue, SimpleQueue
from threading import Thread

for kind in (Queue, LifoQueue, PriorityQueue):
    q = kind(maxsize=3)
    for item in ((2, "b"), (3, "c"), (1, "a")):
        q.put(item)
    print(q.full(), q.qsize(), q.empty())
    try:
        q.put_nowait((0, "z"))
    except Full:
        print("full")
    try:
        q.put((0, "z"), timeout=0.01)
    except Full:
        print("still full")
    print([q.get() for _ in range(3)])
    try:
        q.get_nowait()
    except Empty:
        print("empty")
    try:
        q.get(timeout=0.01)
    except Empty:
        print("still empty")
    for _ in range(3):
        q.task_done()
    q.join()
    try:
        q.task_done()
    except ValueError as error:
        print(error)

work, results = Queue(), SimpleQueue()


def worker():
    while True:
        item = work.get()
        if item is None:
            return
        results.put(item * item)
        work.task_done()


threads = [Thread(target=worker) for _ in range(3)]
for t in threads:
    t.start()
for n in range(10):
    work.put(n)
work.join()
for _ in threads:
    work.put(None)
for t in threads:
    t.join()
print(results.qsize(), sorted(results.get() for _ in range(10)), results.empty())
try:
    results.get_nowait()
except Empty:
    print("nothing is left")
