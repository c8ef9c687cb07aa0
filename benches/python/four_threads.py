threads = []
for i in range(4):
    threads.append(threading.Thread(target=lambda i=i: print(f"thread {i}\n", end="")))
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
