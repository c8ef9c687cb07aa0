"""Writes the public names of modules of Python's library, one a line, into the files beside this script.

    python3 tests/data/python_names/make.py [--check] MODULE...

The names are what `__all__` of the module has, and the public attributes of its classes; then the additions up to
Python 3.14, which an older Python does not know. With `--check` nothing is written, and the exit code is 1 if a file
lacks a name that this Python has.
"""

import importlib
import sys
from pathlib import Path

# What came later than 3.11, and the names of submodules that the documentation has under the package. A name in
# parentheses is a parameter.
ADDED = {
    "threading": [
        "Condition.locked",
        "RLock.locked",
        "Thread(context=)",
        "setprofile_all_threads",
        "settrace_all_threads",
    ],
    "queue": ["Queue.shutdown", "ShutDown"],
    "concurrent.futures": [
        "Executor.map(buffersize=)",
        "InterpreterPoolExecutor",
        "InvalidStateError",
        "ProcessPoolExecutor.kill_workers",
        "ProcessPoolExecutor.terminate_workers",
        "interpreter.BrokenInterpreterPool",
        "process.BrokenProcessPool",
        "thread.BrokenThreadPool",
    ],
}

# Attributes that every object of the class has, but not the class.
OF_OBJECTS = {
    "threading": ["Condition.acquire", "Condition.release"],
}

# Undocumented names of some versions.
UNDOCUMENTED = ("acquire_lock", "release_lock", "locked_lock", "count", "index", "prepare_context")


def names(module_name):
    module = importlib.import_module(module_name)
    found = set(ADDED.get(module_name, ())) | set(OF_OBJECTS.get(module_name, ()))
    for name in module.__all__:
        found.add(name)
        value = getattr(module, name, None)
        if module_name == "threading" and name in ("Lock", "RLock"):
            value = type(value())
        if isinstance(value, type) and not issubclass(value, (BaseException, tuple)):
            found.update(f"{name}.{member}" for member in vars(value) if is_public(member))
    return sorted(found)


def is_public(name):
    return not name.startswith("_") and name not in UNDOCUMENTED


def main():
    modules = [argument for argument in sys.argv[1:] if argument != "--check"]
    is_complete = True
    for module in modules:
        path = Path(__file__).with_name(f"{module}.txt")
        if "--check" in sys.argv:
            for name in set(names(module)) - set(path.read_text().splitlines()):
                print(f"{path} lacks {name}", file=sys.stderr)
                is_complete = False
        else:
            path.write_text("".join(f"{name}\n" for name in names(module)))
    sys.exit(not is_complete)


main()
