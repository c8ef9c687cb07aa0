"""A bank: accounts with locks that are taken in order, and a clerk who waits until there is enough money."""

import threading


class Account:
    def __init__(self, number, balance):
        self.number = number
        self.balance = balance
        self.lock = threading.RLock()

    def withdraw(self, amount):
        with self.lock:
            if amount > self.balance:
                raise ValueError(f"account {self.number} has only {self.balance}")
            self.balance -= amount

    def deposit(self, amount):
        with self.lock:
            self.balance += amount


def transfer(source, target, amount):
    first, second = sorted((source, target), key=lambda account: account.number)
    with first.lock, second.lock:
        source.withdraw(amount)
        target.deposit(amount)


a, b = Account(1, 1000), Account(2, 1000)
threads = [
    threading.Thread(target=lambda s=s, t=t: [transfer(s, t, 1) for _ in range(500)], name=f"clerk-{n}")
    for n, (s, t) in enumerate([(a, b), (b, a), (a, b)])
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print([thread.name for thread in threads])
print(a.balance, b.balance, a.balance + b.balance)
try:
    transfer(a, b, 5000)
except ValueError as error:
    print(error)
print(a.balance, b.balance)

enough = threading.Condition()
purse = []


def save():
    for coin in (50, 20, 50):
        with enough:
            purse.append(coin)
            enough.notify()


saver = threading.Thread(target=save, name="saver")
with enough:
    saver.start()
    print(enough.wait_for(lambda: sum(purse) >= 100, timeout=10))
saver.join()
print(sum(purse), saver.is_alive())
