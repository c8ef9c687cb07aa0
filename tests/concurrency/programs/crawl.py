"""A crawler: pages loaded by a few threads, a bar around as_completed, and a page that is not there."""

import threading
from concurrent.futures import ThreadPoolExecutor, as_completed

PAGES = {
    "/": ["/news", "/shop"],
    "/news": ["/", "/news/1", "/news/2"],
    "/news/1": ["/news"],
    "/news/2": ["/news", "/lost"],
    "/shop": ["/", "/shop/cart"],
    "/shop/cart": [],
}


def load(url):
    if url not in PAGES:
        raise ValueError(f"no page at {url}")
    return PAGES[url]


seen = {"/"}
failed = []
depth = 0
level = ["/"]
with ThreadPoolExecutor(max_workers=3, thread_name_prefix="crawler") as pool:
    while level:
        futures = {pool.submit(load, url): url for url in level}
        found = set()
        for future in as_completed(futures):
            url = futures[future]
            try:
                found.update(future.result())
            except ValueError as error:
                failed.append(f"{url}: {error}")
        print(depth, sorted(level))
        level = sorted(found - seen)
        seen |= found
        depth += 1
    print(len(seen), failed)
    print(pool.submit(lambda: threading.current_thread().name.startswith("crawler_")).result())
