"""Writes the public names of multiprocessing and its submodules into the files beside this one.

The names are those of the Python that runs this, and those that were added up to 3.14. A name is public if a module
exports it in __all__ (multiprocessing itself: if it has it), or if it is a public attribute of a class that is documented.
"""

import importlib
from multiprocessing import connection, managers, pool, process, queues, shared_memory, synchronize
from pathlib import Path

CLASSES = {
    "multiprocessing": {
        "Process": process.BaseProcess,
        "Queue": queues.Queue,
        "SimpleQueue": queues.SimpleQueue,
        "JoinableQueue": queues.JoinableQueue,
        "Lock": synchronize.Lock,
        "RLock": synchronize.RLock,
        "Semaphore": synchronize.Semaphore,
        "Condition": synchronize.Condition,
        "Event": synchronize.Event,
        "Barrier": synchronize.Barrier,
    },
    "multiprocessing.connection": {
        "Connection": connection.Connection,
        "Listener": connection.Listener,
    },
    "multiprocessing.managers": {
        "BaseManager": managers.BaseManager,
        "SyncManager": managers.SyncManager,
        "SharedMemoryManager": managers.SharedMemoryManager,
    },
    "multiprocessing.pool": {"Pool": pool.Pool, "AsyncResult": pool.AsyncResult},
    "multiprocessing.shared_memory": {
        "SharedMemory": shared_memory.SharedMemory,
        "ShareableList": shared_memory.ShareableList,
    },
}

# acquire and release are set on the instance; the others came with 3.13 and 3.14.
MORE = {
    "multiprocessing": [
        *(f"{name}.{method}" for name in ("Lock", "RLock", "Semaphore") for method in ("acquire", "release")),
        *(f"{name}.locked" for name in ("Lock", "RLock")),
        "Process.interrupt",
        "Condition.acquire", "Condition.release",
        "SimpleQueue.close",
    ],
    "multiprocessing.managers": ["SyncManager.set", "Namespace"],
    "multiprocessing.shared_memory": ["SharedMemory.track"],
}


def names(module_name):
    module = importlib.import_module(module_name)
    found = set(module.__all__) | set(MORE.get(module_name, []))
    for class_name, of in CLASSES.get(module_name, {}).items():
        found.add(class_name)
        inherited = set(dir(managers.BaseManager)) if class_name in ("SyncManager", "SharedMemoryManager") else set()
        found |= {f"{class_name}.{name}" for name in dir(of) if not name.startswith("_") and name not in inherited}
    return sorted(found)


for module_name in CLASSES:
    path = Path(__file__).with_name(module_name.replace(".", "_") + ".txt")
    path.write_text("\n".join(names(module_name)) + "\n")
