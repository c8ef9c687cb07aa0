"""Runs Chromium and records its errors and requests."""

import contextlib
import os
import re
import shutil
import urllib.parse

from playwright.sync_api import sync_playwright

# Only this machine is reachable: no name resolves, and no proxy is used.
NOWHERE = ["--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1", "--no-proxy-server"]
# Renders text identically on all machines with the same fonts.
STEADY = ["--disable-lcd-text", "--font-render-hinting=none", "--force-color-profile=srgb"]
SIZE = {"width": 1300, "height": 1000}
# The timeout for the page, in milliseconds. The test's own timeout is longer.
PATIENCE = 240_000

# Errors of JupyterLab itself, and why they are harmless.
HARMLESS = [
    # Markdown appears a moment before its attachments. Until then a picture has the address written in the notebook.
    re.compile(r"net::ERR_UNKNOWN_URL_SCHEME \(attachment:"),
]


def program():
    """Returns the path of the browser: that in CHROMIUM, which the tests set, else the first on the PATH."""
    if path := os.environ.get("CHROMIUM"):
        return path
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    raise SystemExit("there is no chromium on the PATH: apt-get install chromium")


@contextlib.contextmanager
def browser():
    """Runs a headless browser for as long as the context lasts."""
    path = program()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=NOWHERE + STEADY)
        try:
            yield chromium
        finally:
            chromium.close()


class Tab:
    """A page in its own profile, which records its requests and errors."""

    def __init__(self, chromium, **options):
        self.complaints = []
        self.requests = []
        self.context = chromium.new_context(viewport=SIZE, **options)
        self.context.set_default_timeout(PATIENCE)
        self.context.on("console", self.on_console)
        self.context.on("weberror", lambda error: self.complaints.append(f"uncaught: {error.error}"))
        self.context.on("request", lambda request: self.requests.append(request.url))
        self.page = self.context.new_page()

    def on_console(self, message):
        said = f"{message.text} ({message.location.get('url', '')})"
        if message.type == "error" and not any(harmless.search(said) for harmless in HARMLESS):
            self.complaints.append(said)

    def report(self):
        """Returns the errors, and the requests that would have left this machine."""
        away = [url for url in self.requests if not is_here(url)]
        return {"complaints": self.complaints, "away": away}


def is_here(url):
    parts = urllib.parse.urlsplit(url)
    return parts.scheme in ("attachment", "blob", "data", "file") or parts.hostname == "127.0.0.1"
