"""Starts a kernel, runs cells in it, and prints as JSON how long each took, in seconds, and the processes at the end.

    session.py PLAN

PLAN is a file of JSON:

    {"command": ["program", "{connection_file}"],
     "setup": "the first cell", "prepare": "a cell that is not timed",
     "cells": [{"code": "1 + 1", "shown": "2"}], "runs": 10, "completion": ["abc.le", "len"],
     "change": "let _ = {n};", "function": "fn f{n}() -> u64 { {n} }", "functions": 200, "course": ["print()"]}

With `runs` the cells are timed, then cells that define so many functions, and completions if there are any. Each cell is timed as if it had been
changed, behind a line with a number that is new, and once more as it is. The cells of `course` run once, in a kernel of their own.

Launch is the moment before the process is spawned. A cell ends when the kernel says that it is idle.
"""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time

import zmq
from jupyter_client import BlockingKernelClient
from jupyter_client.connect import write_connection_file

# A kernel may have to build what the setup cell depends on.
CELL_BOUND = 400
SHUTDOWN_BOUND = 10
# A kernel may have to read the standard library before it knows the words in it.
LEARN_BOUND = 60
# In milliseconds. The default, 100, would be most of what some kernels take to answer.
RECONNECT_AFTER = 1


class Session:
    def __init__(self, command, folder):
        path, _ = write_connection_file(
            os.path.join(folder, "kernel.json"),
            key=os.urandom(16).hex().encode(),
            ip="127.0.0.1",
            **dict(zip(("shell_port", "iopub_port", "stdin_port", "hb_port", "control_port"), free_ports(5))),
        )
        context = zmq.Context()
        context.reconnect_ivl = RECONNECT_AFTER
        self.client = BlockingKernelClient(connection_file=path, context=context)
        self.client.load_connection_file()
        # Before the launch, so that it is not part of what is measured.
        self.client.start_channels(stdin=False, hb=False)
        request = self.client.kernel_info()
        command = [argument.format(connection_file=path) for argument in command]
        self.launch = time.monotonic()
        self.kernel = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
            env={**os.environ, "JPY_PARENT_PID": str(os.getpid())},
        )
        try:
            self.info = self.reply(request)
            self.info_after = time.monotonic() - self.launch
            self.hear()
        except BaseException:
            self.close()
            raise

    def hear(self):
        """Waits until messages of the iopub channel arrive: its connection may come after the shell's."""
        while not self.client.iopub_channel.socket.poll(50):
            self.alive()
            self.reply(self.client.kernel_info())
        # What has arrived may be all that there is of the last request.
        request = self.client.kernel_info()
        self.reply(request)
        self.idle(request)

    def reply(self, request):
        while True:
            if self.client.shell_channel.socket.poll(1000):
                message = self.client.get_shell_msg()
                if message["parent_header"].get("msg_id") == request:
                    self.metadata = message["metadata"]
                    return message["content"]
            self.alive()
            if time.monotonic() - self.launch > CELL_BOUND:
                sys.exit("no reply from the kernel")

    def alive(self):
        if self.kernel.poll() is not None:
            sys.exit(f"the kernel ended with {self.kernel.returncode}")

    def idle(self, request):
        """Waits until the request is done; gives the messages that came of it."""
        messages = []
        while True:
            message = self.client.get_iopub_msg(timeout=CELL_BOUND)
            if message["parent_header"].get("msg_id") != request:
                continue
            if message["content"].get("execution_state") == "idle":
                return messages
            messages.append(message)

    def execute(self, code, shown=None):
        """Runs a cell; gives how long it took. Ends the program if it fails or shows other lines than `shown`."""
        begin = time.monotonic()
        request = self.client.execute(code)
        messages = self.idle(request)
        took = time.monotonic() - begin
        reply = self.reply(request)
        timings = self.metadata.get("threadbook", {})
        self.compiled, self.ran = timings.get("compile"), timings.get("run")
        if reply["status"] != "ok":
            sys.exit(f"a cell failed: {code}\n{reply}")
        if shown is not None and lines("".join(map(text, messages))) != lines(shown):
            sys.exit(f"a cell did not show {shown!r}: {code}\n{messages}")
        return took

    def complete(self, code):
        """Asks what the code could go on with; gives the answers, and how long they took."""
        begin = time.monotonic()
        matches = self.reply(self.client.complete(code))["matches"]
        return matches, time.monotonic() - begin

    def learn(self, code, word):
        """Asks until the answer has the word; gives how long that took, none if it never comes."""
        begin = time.monotonic()
        while time.monotonic() - begin < LEARN_BOUND:
            if any(word in match for match in self.complete(code)[0]):
                return time.monotonic() - begin

    def processes(self):
        """The kernel's process and all that come of it."""
        known = {self.kernel.pid: process(self.kernel.pid)}
        # A child can have a lower id than its parent.
        everyone = [process(int(name)) for name in os.listdir("/proc") if name.isdigit()]
        while found := [p for p in everyone if p and p["parent"] in known and p["id"] not in known]:
            known.update((p["id"], p) for p in found)
        return list(known.values())

    def memory(self):
        """The processes, with the memory that each has of its own and its part of what it shares."""
        return [{**p, "proportional": proportional(p["id"])} for p in self.processes()]

    def close(self):
        """Ends the kernel; gives how long that took."""
        started = self.processes()
        begin = time.monotonic()
        self.client.shutdown()
        try:
            self.kernel.wait(SHUTDOWN_BOUND)
        except subprocess.TimeoutExpired:
            print("the kernel does not shut down", file=sys.stderr)
        took = time.monotonic() - begin
        # An id that was given away meanwhile belongs to another program.
        left = [p for p in started if process(p["id"]) and process(p["id"])["started"] == p["started"]]
        for p in left:
            os.kill(p["id"], signal.SIGKILL)
        self.kernel.wait()
        self.client.stop_channels()
        return took


def free_ports(count):
    """Ports at which a connection never begins: one to a port on which nobody listens yet could reach itself."""
    with open("/proc/sys/net/ipv4/ip_local_port_range") as file:
        first = int(file.read().split()[0])
    taken = []
    for port in random.sample(range(first - 8000, first), 8000):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        taken.append(port)
        if len(taken) == count:
            return taken
    sys.exit("no free ports")


def process(number):
    """What the system tells of a process; none if it has ended."""
    try:
        with open(f"/proc/{number}/stat") as file:
            # The name, in parentheses, may have blanks in it.
            state, parent, *others = file.read().rpartition(")")[2].split()
        with open(f"/proc/{number}/status") as file:
            memory = [line.split()[1] for line in file if line.startswith("VmRSS:")]
        with open(f"/proc/{number}/cmdline") as file:
            arguments = file.read().split("\0")[:-1]
    except (FileNotFoundError, ProcessLookupError):
        return None
    if state == "Z" or not memory:
        return None
    return {
        "id": number,
        "parent": int(parent),
        "started": int(others[17]),
        "arguments": arguments,
        # The system tells KiB.
        "resident": int(memory[0]) * 1024,
    }


def proportional(number):
    """Memory that n processes share counts for each by an nth (proc_pid_smaps(5))."""
    try:
        with open(f"/proc/{number}/smaps_rollup") as file:
            # The system tells KiB.
            return sum(int(line.split()[1]) * 1024 for line in file if line.startswith("Pss:"))
    except (FileNotFoundError, ProcessLookupError):
        return 0


def text(message):
    content = message["content"]
    if message["msg_type"] == "stream":
        return content["text"]
    if message["msg_type"] == "execute_result":
        # Rust kernels show the value of a loop, which says nothing.
        return content["data"]["text/plain"].removeprefix("()")
    return ""


def lines(text):
    """Threads print in any order."""
    return sorted(text.split("\n"))


def follow(plan, folder):
    session = Session(plan["command"], folder)
    try:
        session.execute(plan["setup"])
        measured = {
            "implementation": session.info["implementation"],
            "version": session.info["implementation_version"],
            "kernel_info": session.info_after,
            "setup": time.monotonic() - session.launch,
            **follow_cells(plan, session),
            "processes": session.memory(),
            **follow_completions(plan, session),
        }
    finally:
        end = session.close()
    course = follow_course(plan["course"], plan["command"], folder) if plan["course"] else None
    return {**measured, "end": end, "course": course}


def follow_cells(plan, session):
    session.execute(plan["prepare"])
    kinds = ("first", "cells", "compiled", "ran", "again", "again_ran")
    measured = {kind: [] for kind in kinds}
    runs = range(1 + plan["runs"])
    for cell in plan["cells"]:
        times = {kind: [] for kind in kinds}
        for _ in runs:
            code = f"{numbered(plan['change'], time.time_ns())}\n{cell['code']}"
            times["cells"].append(session.execute(code, cell["shown"]))
            times["compiled"].append(session.compiled)
            times["ran"].append(session.ran)
            session.execute(code, cell["shown"])
            times["again"].append(session.execute(code, cell["shown"]))
            times["again_ran"].append(session.ran)
        # The first run is not a warm one.
        measured["first"].append(times["cells"][0])
        for kind in kinds[1:]:
            measured[kind].append([seconds for seconds in times[kind][1:] if seconds is not None])
    measured["functions"] = [
        session.execute(numbered(plan["function"], time.time_ns()))
        for _ in range(plan["functions"])
    ]
    return measured


def numbered(code, number):
    return code.replace("{n}", str(number))


def follow_completions(plan, session):
    if not plan["completion"]:
        return {"learned": [], "completions": []}
    code, word = plan["completion"]
    learned = session.learn(code, word)
    return {
        "learned": [] if learned is None else [learned],
        "completions": [session.complete(code)[1] for _ in range(plan["runs"])],
    }


def follow_course(cells, command, folder):
    session = Session(command, folder)
    try:
        for code in cells:
            session.idle(request := session.client.execute(code))
            # Some are there to fail.
            session.reply(request)
        return {"seconds": time.monotonic() - session.launch, "processes": session.memory()}
    finally:
        session.close()


with open(sys.argv[1]) as file, tempfile.TemporaryDirectory() as folder:
    print(json.dumps(follow(json.load(file), folder)))
