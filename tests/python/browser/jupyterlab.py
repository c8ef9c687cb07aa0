"""Runs JupyterLab on the loopback interface."""

import contextlib
import json
import os
import pathlib
import re
import secrets
import subprocess
import sys
import threading

# Without requests for news and updates, which would leave this machine.
SETTINGS = {"@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False}}
URL = re.compile(r"http://127\.0\.0\.1:(\d+)/lab\?token=")

# In seconds. A server that is stopped while it starts a kernel may hang.
STOP_WITHIN = 60


@contextlib.contextmanager
def jupyterlab(folder, config):
    """Serves the notebooks in `folder`; yields the server's address with `{}` for a path. `config` is for its own files."""
    config = pathlib.Path(config)
    for name, settings in SETTINGS.items():
        path = config / "settings" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(settings))
    token = secrets.token_hex(16)
    server = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", *options(folder, config)],
        env={**os.environ, **own_folders(config), "JUPYTER_TOKEN": token},
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        port = port_of(server)
        yield f"http://127.0.0.1:{port}/{{}}?token={token}"
    finally:
        # Its kernels end with it.
        server.terminate()
        try:
            server.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            server.kill()
            raise


def options(folder, config):
    return [
        "--no-browser",
        "--allow-root",
        "--ServerApp.ip=127.0.0.1",
        # Any free port.
        "--ServerApp.port=0",
        f"--ServerApp.root_dir={folder}",
        f"--LabApp.user_settings_dir={config / 'settings'}",
        f"--LabApp.workspaces_dir={config / 'workspaces'}",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
    ]


def own_folders(config):
    names = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "runtime"}
    return {variable: str(config / name) for variable, name in names.items()}


def port_of(server):
    """Reads the log until the server prints its address; copies the rest to our stderr."""
    said = []
    for line in server.stderr:
        said.append(line)
        if found := URL.search(line):
            threading.Thread(target=pass_on, args=[server.stderr], daemon=True).start()
            return int(found[1])
    raise SystemExit("JupyterLab does not start:\n" + "".join(said))


def pass_on(lines):
    for line in lines:
        sys.stderr.write(line)
