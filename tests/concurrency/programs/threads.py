"""Threads, a timer, and each way of waiting for another thread."""

import threading
from threading import Barrier, BoundedSemaphore, BrokenBarrierError, Condition, Event, Semaphore, Thread, Timer




t = Thread(target=lambda: None, name="loader")
print(t.name, t.is_alive(), t.daemon, t.ident)
try:
    t.join()
except RuntimeError as error:
    print(error)
t.start()
t.join()
print(t.is_alive(), t.ident is not None)
try:
    t.start()
except RuntimeError as error:
    print(error)

gate = Event()
names = []
blocked = [Thread(target=gate.wait, name=f"guest-{n}") for n in range(3)]
for t in blocked:
    t.start()
print(threading.active_count(), [t.name for t in threading.enumerate()])
gate.set()
for t in blocked:
    t.join()
print(threading.active_count(), threading.current_thread().name, threading.main_thread().name)

timer = Timer(0.01, lambda: names.append("timer"))
timer.start()
timer.join()
late = Timer(60, lambda: names.append("late"))
late.start()
late.cancel()
late.join()
print(names)

tickets = Semaphore(2)
print(tickets.acquire(), tickets.acquire(), tickets.acquire(blocking=False), tickets.acquire(timeout=0.01))
tickets.release(2)
print(tickets.acquire(blocking=False))
parking = BoundedSemaphore(1)
try:
    parking.release()
except ValueError:
    print("released too often")

barrier = Barrier(2, action=lambda: print("all are here"))
indices = []
guest = Thread(target=lambda: indices.append(barrier.wait()))
guest.start()
indices.append(barrier.wait())
guest.join()
print(sorted(indices), barrier.parties, barrier.n_waiting, barrier.broken)
try:
    barrier.wait(timeout=0.01)
except BrokenBarrierError:
    print("broken", barrier.broken)
barrier.reset()
print(barrier.broken)
barrier.abort()
print(barrier.broken)

table, dishes = Condition(), []


def cook():
    for dish in ("soup", "fish"):
        with table:
            dishes.append(dish)
            table.notify()


with table:
    Thread(target=cook).start()
    print(table.wait_for(lambda: len(dishes) == 2), dishes)
    print(table.wait(timeout=0.01), table.wait_for(lambda: False, timeout=0.01))
try:
    table.notify()
except RuntimeError:
    print("not the owner")
