"""The hub of the test: the configuration that administrators copy, with made-up users in directories of their own."""

import os

c = get_config()  # noqa: F821, JupyterHub defines it

load_subconfig(os.environ["HUB_CONFIG"])  # noqa: F821

FOLDER = os.environ["HUB_FOLDER"]

c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = os.path.join(FOLDER, "homes", "{username}")
c.ConfigurableHTTPProxy.command = [os.environ["HUB_PROXY"]]
c.ConfigurableHTTPProxy.api_url = os.environ["HUB_PROXY_API"]
c.JupyterHub.hub_port = int(os.environ["HUB_PORT"])
c.JupyterHub.db_url = "sqlite:///" + os.path.join(FOLDER, "hub.sqlite")
c.JupyterHub.cookie_secret_file = os.path.join(FOLDER, "secret")
# By it the test finds the processes that are left.
c.Spawner.environment["TMPDIR"] = os.environ["TMPDIR"]

if os.geteuid() == 0:
    # Users of the machine would not be root, and a server of root refuses to start.
    c.Spawner.args = [*c.Spawner.args, "--allow-root"]

c.JupyterHub.services += [{"name": "test", "api_token": os.environ["HUB_TOKEN"]}]
c.JupyterHub.load_roles += [
    {"name": "test", "scopes": ["admin:users", "admin:servers", "access:servers"], "services": ["test"]}
]
