"""Starts a kernel with Jupyter's own client library, and connects it to a test.

Reads commands from stdin and writes messages to stdout, one line of JSON each. A message has the time at which it was
received, in seconds since 1970. The end of stdin ends the kernel.

    {"send": "execute_request", "channel": "shell", "id": "1", "content": {...}}
    {"await_end": 5}        waits up to 5 seconds for the kernel to exit, and reports its exit code
"""

import json
import os
import queue
import subprocess
import sys
import time

import ports
import zmq
from jupyter_client.manager import KernelManager
from jupyter_core.paths import jupyter_runtime_dir

READY_WITHIN = 60


class Client:
    def __init__(self, kernel_name):
        # Jupyter's directory for connection files. By default the library uses the temporary directory.
        runtime = jupyter_runtime_dir()
        os.makedirs(runtime, exist_ok=True)
        connection = os.path.join(runtime, f"kernel-{os.getpid()}.json")
        self.manager = KernelManager(kernel_name=kernel_name, connection_file=connection)
        self.reserved = ports.reserve(self.manager)
        self.manager.start_kernel()
        self.client = self.manager.blocking_client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=READY_WITHIN)
        self.channels = {
            "shell": self.client.shell_channel,
            "iopub": self.client.iopub_channel,
            "control": self.client.control_channel,
            "stdin": self.client.stdin_channel,
        }
        self.unread = b""
        # The input requests, by their ids.
        self.asked = {}
        tell(event="ready", pid=self.process.pid)

    @property
    def process(self):
        return self.manager.provisioner.process

    def serve(self):
        poller = zmq.Poller()
        poller.register(0, zmq.POLLIN)
        for channel in self.channels.values():
            poller.register(channel.socket, zmq.POLLIN)
        while True:
            ready = dict(poller.poll())
            received = time.time()
            for name, channel in self.channels.items():
                if channel.socket in ready:
                    self.forward(name, channel, received)
            if 0 in ready and not self.take_commands():
                return

    def forward(self, name, channel, received):
        while True:
            try:
                message = channel.get_msg(timeout=0)
            except queue.Empty:
                return
            if name == "stdin":
                self.asked[message["header"]["msg_id"]] = message
            tell(
                event="message",
                channel=name,
                type=message["header"]["msg_type"],
                id=message["header"]["msg_id"],
                parent=message["parent_header"].get("msg_id"),
                content=message["content"],
                received=received,
            )

    def take_commands(self):
        """Executes the commands from stdin; returns false at its end."""
        read = os.read(0, 65536)
        *lines, self.unread = (self.unread + read).split(b"\n")
        for line in lines:
            self.do(json.loads(line))
        return bool(read)

    def do(self, command):
        if "send" in command:
            session = self.client.session
            header = session.msg_header(command["send"])
            header["msg_id"] = command["id"]
            parent = self.asked.get(command.get("answers"))
            message = session.msg(command["send"], content=command["content"], parent=parent, header=header)
            self.channels[command["channel"]].send(message)
        else:
            try:
                code = self.process.wait(command["await_end"])
            except subprocess.TimeoutExpired:
                code = None
            tell(event="ended", code=code)

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)
        self.reserved.close()


def tell(**event):
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


client = Client(sys.argv[1])
try:
    client.serve()
finally:
    client.close()
