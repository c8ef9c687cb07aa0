"""JupyterHub with Threadbook for a class on one machine.

Before the first start, as root, with Rust in /opt/rust and the environment with JupyterHub and JupyterLab in /opt/threadbook:

    export RUSTUP_HOME=/opt/rust CARGO_HOME=/opt/rust PATH=/opt/rust/bin:$PATH
    /opt/threadbook/bin/pip install jupyterhub jupyterlab jupyterhub-idle-culler threadbook-*.whl
    /opt/threadbook/bin/pip uninstall --yes rfc3987-syntax
    npm install --global configurable-http-proxy
    /opt/threadbook/bin/threadbook prepare --system /srv/course/notebooks

rfc3987-syntax only checks that the addresses of JSON schemas may contain letters like "ö". Importing it takes longer than the rest of
a server's start.

Each student needs an account of the system, with which they log in. A setting in the environment of the service takes the place
of the one here.
"""

import itertools
import os
import socket
import sys

c = get_config()  # noqa: F821, JupyterHub defines it

RUST = os.environ.get("RUSTUP_HOME", "/opt/rust")
CARGO = os.environ.get("CARGO_HOME", RUST)
PROGRAMS = [os.path.join(CARGO, "bin"), os.path.dirname(sys.executable), "/usr/local/bin", "/usr/bin", "/bin"]

c.JupyterHub.bind_url = os.environ.get("HUB_URL", "http://127.0.0.1:8000")

# Whoever may log in. PAM knows the accounts of the system; `allow_all` admits all of them.
c.Authenticator.allow_all = True
c.Authenticator.admin_users = {"root"}

# What cells need, and what a cell may take. The kernel takes everything else from the shared cache.
c.Spawner.environment = {
    "PATH": os.pathsep.join(PROGRAMS),
    "RUSTUP_HOME": RUST,
    "CARGO_HOME": CARGO,
    "THREADBOOK_SHARED_CACHE": os.environ.get("THREADBOOK_SHARED_CACHE", "/var/cache/threadbook"),
    "THREADBOOK_MEMORY_LIMIT": os.environ.get("THREADBOOK_MEMORY_LIMIT", "500M"),
    "THREADBOOK_OUTPUT_LIMIT": os.environ.get("THREADBOOK_OUTPUT_LIMIT", "1M"),
    # Tab with what is prepared takes up to 150 MB for each user, with `full` up to 600 MB.
    "THREADBOOK_COMPLETION": os.environ.get("THREADBOOK_COMPLETION", "light"),
}
c.Spawner.default_url = "/lab"
# A class logs in within a minute, and servers start more slowly together than alone.
c.Spawner.start_timeout = 300
c.Spawner.http_timeout = 300
c.JupyterHub.concurrent_spawn_limit = 30

# The hub chooses a server's port long before the server takes it. The system gives ports from 32768 on to any connection in between,
# and a user whose port is another server's finds nothing there, so these are below.
PORTS = itertools.cycle(range(20000, 30000))


def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def choose_port(spawner):
    spawner.port = next(port for port in PORTS if is_free(port))


c.Spawner.pre_spawn_hook = choose_port

# A kernel that nobody has used for an hour ends, even if its page is open, and so does an idle server.
c.Spawner.args = [
    "--MappingKernelManager.cull_idle_timeout=3600",
    "--MappingKernelManager.cull_interval=300",
    "--MappingKernelManager.cull_connected=True",
]
c.JupyterHub.load_roles = [
    {
        "name": "culler",
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        "services": ["culler"],
    }
]
c.JupyterHub.services = [
    {
        "name": "culler",
        "command": [sys.executable, "-m", "jupyterhub_idle_culler", "--timeout=7200"],
    }
]
