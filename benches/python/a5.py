shared_variable = 0
lock = threading.Lock()


def increment_shared_variable():
    global shared_variable
    for _ in range(100_000):
        with lock:
            shared_variable += 1


def main():
    print(f"{'-' * 10}Using thread-safe variable{'-' * 10}")
    threads = [threading.Thread(target=increment_shared_variable) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"Final result: {shared_variable}")


main()
