"""Reserves ports for a kernel or a server.

jupyter_client finds a free port by binding a socket to port 0 and closing it. Until the kernel binds its own, another
program may get the same port, and the kernel exits. Tests start many kernels at once, so it happens.
"""

import errno
import socket

HOST = "127.0.0.1"
NAMES = ["shell_port", "iopub_port", "stdin_port", "hb_port", "control_port"]
# The first port of a block is the lock of the others. All are below those that systems give to outgoing connections
# and to port 0 (from 32768 on Linux, from 49152 on macOS).
BLOCK = 1 + len(NAMES)
FIRST, LAST = 20_000, 32_000


def reserve(manager):
    """Gives the kernel of this `KernelManager` ports that no other caller gets while the returned socket is open."""
    lock, ports = reserve_block()
    manager.cache_ports = False
    for name, port in zip(NAMES, ports):
        setattr(manager, name, port)
    return lock


def reserve_block():
    """Returns ports that no other caller gets while the socket, which is returned first, is open."""
    for lock_port in range(FIRST, LAST, BLOCK):
        ports = range(lock_port + 1, lock_port + BLOCK)
        lock = bind(lock_port, shared=False)
        if lock and all(can_bind(port) for port in ports):
            return lock, ports
        if lock:
            lock.close()
    raise RuntimeError(f"all ports from {FIRST} to {LAST} are in use")


def can_bind(port):
    # As a kernel binds it: connections of an earlier kernel that are closing do not matter.
    bound = bind(port, shared=True)
    if bound:
        bound.close()
    return bound is not None


def bind(port, shared):
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, shared)
    try:
        bound.bind((HOST, port))
    except OSError as error:
        bound.close()
        if error.errno != errno.EADDRINUSE:
            raise
        return None
    return bound
