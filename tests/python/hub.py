"""A class on a JupyterHub: starts a server and a kernel for each user, and runs the first cells of a notebook in all at once.

Arguments: the configuration of the hub, a notebook, and the number of users. Prints the measurements as JSON.
"""

import json
import os
import secrets
import subprocess
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import ports
import psutil
import requests
import websocket

CONFIG, NOTEBOOK, USERS = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
FOLDER = Path.cwd()
TOKEN = secrets.token_hex(16)
HEADERS = {"Authorization": f"token {TOKEN}"}
CELLS = 10
ALONE = 3
TIMEOUT = 300
# As JupyterLab: a server refuses to connect to a kernel that it is about to restart, since another program had taken its ports.
RECONNECTS = 7
# The socket stays open as long as the ports are wanted.
RESERVED, (PORT, HUB_PORT, PROXY_PORT, *_) = ports.reserve_block()
HUB = f"http://127.0.0.1:{PORT}"


def call(method, path, **arguments):
    response = requests.request(method, HUB + path, headers=HEADERS, timeout=TIMEOUT, **arguments)
    response.raise_for_status()
    return response


class Hub:
    """The hub's process; its log is in a file."""

    def __enter__(self):
        variables = {
            "HUB_CONFIG": str(CONFIG),
            "HUB_FOLDER": str(FOLDER),
            "HUB_TOKEN": TOKEN,
            "HUB_URL": HUB,
            "HUB_PORT": str(HUB_PORT),
            "HUB_PROXY_API": f"http://127.0.0.1:{PROXY_PORT}",
        }
        program = Path(sys.executable).with_name("jupyterhub")
        config = Path(__file__).with_name("hub_config.py")
        self.log = open(FOLDER / "hub.log", "wb")
        self.process = subprocess.Popen(
            [program, "--config", config], env=os.environ | variables, stdout=self.log, stderr=self.log
        )
        end = time.monotonic() + TIMEOUT
        while True:
            try:
                call("GET", "/hub/api/users")
                return self
            except (requests.ConnectionError, requests.HTTPError):
                if self.process.poll() is not None or time.monotonic() > end:
                    self.__exit__(None)
                    sys.exit("the hub does not start:\n" + self.log_tail())
                time.sleep(0.1)

    def __exit__(self, problem, *_):
        self.process.terminate()
        self.process.wait(TIMEOUT)
        self.log.close()
        if problem:
            print("the hub's log ends with:\n" + self.log_tail(), file=sys.stderr)

    def log_tail(self):
        return (FOLDER / "hub.log").read_text()[-3000:]


class Kernel:
    """A kernel of a user, through the hub's proxy, as JupyterLab talks to it."""

    def __init__(self, user):
        self.path = f"/user/{user}/api/kernels"
        self.id = call("POST", self.path, json={"name": "threadbook"}).json()["id"]
        self.socket = self.connect()

    def connect(self):
        url = f"ws://127.0.0.1:{PORT}{self.path}/{self.id}/channels"
        for failed in range(RECONNECTS):
            try:
                return websocket.create_connection(url, timeout=TIMEOUT, header=HEADERS)
            except websocket.WebSocketBadStatusException as error:
                print(f"kernel {self.id}: {error.status_code}; connecting again", file=sys.stderr)
                time.sleep(2**failed)
        return websocket.create_connection(url, timeout=TIMEOUT, header=HEADERS)

    def start(self, code):
        """Sends a cell and returns its id."""
        request = uuid.uuid4().hex
        header = {"msg_id": request, "msg_type": "execute_request", "version": "5.3", "username": "", "session": "s", "date": ""}
        content = {"code": code, "silent": False, "store_history": False, "user_expressions": {}, "allow_stdin": False, "stop_on_error": False}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell", "buffers": []}
        self.socket.send(json.dumps(message))
        return request

    def wait_for(self, request, kind):
        """Returns the content of the next message of this kind about a request."""
        while True:
            text = self.socket.recv()
            if not isinstance(text, str):
                continue
            message = json.loads(text)
            if message["parent_header"].get("msg_id") == request and message["msg_type"] == kind:
                return message["content"]

    def run(self, code):
        begin = time.monotonic()
        reply = self.wait_for(self.start(code), "execute_reply")
        return time.monotonic() - begin, reply

    def interrupt(self):
        call("POST", f"{self.path}/{self.id}/interrupt")


def code_cells():
    notebook = json.loads(NOTEBOOK.read_text())
    fails = lambda cell: "raises-exception" in cell["metadata"].get("tags", [])
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code" and not fails(cell)]
    return ["".join(cell["source"]) for cell in cells][:CELLS]


def start_server(user):
    (FOLDER / "homes" / user).mkdir(parents=True)
    call("POST", f"/hub/api/users/{user}")
    call("POST", f"/hub/api/users/{user}/server")
    while True:
        server = call("GET", f"/hub/api/users/{user}").json()["servers"].get("", {})
        if server.get("ready"):
            return
        # The hub gives up after the timeout of its configuration.
        if not server.get("pending"):
            sys.exit(f"the server of {user} does not start:\n" + (FOLDER / "hub.log").read_text()[-3000:])
        time.sleep(0.2)


def set_up(user, setup):
    """Returns the user's kernel after its first cell, and how long both took."""
    begin = time.monotonic()
    kernel = Kernel(user)
    _, reply = kernel.run(setup)
    if reply["status"] != "ok":
        sys.exit(f"{user}: {reply}")
    return kernel, time.monotonic() - begin


def own_processes():
    for process in psutil.process_iter(["pid"]):
        try:
            if process.pid != os.getpid() and process.environ().get("TMPDIR") == os.environ["TMPDIR"]:
                yield process
        except psutil.Error:
            pass


def memory():
    """Returns what all kernels take and what the servers take, in bytes; shared pages count once."""
    kernels = servers = 0
    for process in own_processes():
        try:
            size = process.memory_full_info().pss
            is_kernel = process.name().startswith("threadbook")
        except psutil.Error:
            continue
        kernels += size if is_kernel else 0
        servers += 0 if is_kernel else size
    return kernels, servers


def main():
    setup, *cells = code_cells()
    users = [f"student{number}" for number in range(1, USERS + 1)]
    measured = {}
    with Hub(), ThreadPoolExecutor(USERS) as pool:
        begin = time.monotonic()
        list(pool.map(start_server, users))
        measured["servers_seconds"] = time.monotonic() - begin
        alone = [set_up(user, setup) for user in users[:ALONE]]
        measured["alone_seconds"] = max(seconds for _, seconds in alone)
        together = list(pool.map(lambda user: set_up(user, setup), users[ALONE:]))
        measured["together_seconds"] = max(seconds for _, seconds in together)
        kernels = [kernel for kernel, _ in alone + together]

        begin = time.monotonic()
        done = list(pool.map(lambda kernel: [kernel.run(cell) for cell in cells], kernels))
        measured["cells_seconds"] = time.monotonic() - begin
        measured["failed"] = [reply for replies in done for _, reply in replies if reply["status"] != "ok"]
        measured["kernels_bytes"], measured["servers_bytes"] = memory()

        # All but the first are busy; some of them are then interrupted.
        endless = "println!(\"busy\"); loop { std::hint::spin_loop(); }"
        busy = [(kernel, kernel.start(endless)) for kernel in kernels[1:]]
        for kernel, request in busy:
            kernel.wait_for(request, "stream")
        measured["busy_seconds"], reply = kernels[0].run("println!(\"{}\", 6 * 7)")
        measured["busy_status"] = reply["status"]
        names = []
        for kernel, request in busy[:ALONE]:
            kernel.interrupt()
            names.append(kernel.wait_for(request, "execute_reply").get("ename"))
        measured["interrupted"] = names
        measured["after_interrupt"] = [kernel.run("let x = 1;")[1]["status"] for kernel, _ in busy[:ALONE]]
        list(pool.map(lambda user: call("DELETE", f"/hub/api/users/{user}/server"), users))
    _, left = psutil.wait_procs(list(own_processes()), timeout=TIMEOUT)
    measured["left"] = [process.name() for process in left]
    homes = FOLDER / "homes"
    measured["disk_bytes"] = sum(path.lstat().st_blocks * 512 for path in homes.rglob("*"))
    print(json.dumps(measured))


main()
