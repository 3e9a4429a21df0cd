"""A real headless Chromium, spoken to by its DevTools protocol."""

from __future__ import annotations

import base64
import itertools
import json
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_LONGEST_REPORT = 1 << 28


def find_browser() -> str:
    """The path of a Chromium, or an empty string."""
    return next((found for name in _NAMES if (found := shutil.which(name))), "")


class Tab:
    """One open page.

    `complaints` are the errors that scripts, styles and the loading of things gave; `fetched` are the
    addresses that were asked for, less those that hold their own data.
    """

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.numbers = itertools.count(1)
        self.complaints: list[str] = []
        self.fetched: list[str] = []
        self.loaded = False
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **parameters: object) -> Any:
        """The answer to one command."""
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while (message := self._receive()).get("id") != number:
            pass
        assert "error" not in message, message["error"]
        return message["result"]

    def open(self, path: Path) -> None:
        """Opens a file and waits until it is loaded."""
        self.loaded = False
        self.ask("Page.navigate", url=path.resolve().as_uri())
        while not self.loaded:
            self._receive()

    def resize(self, width: int, height: int) -> None:
        """The size of the window, in CSS pixels."""
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression; a promise is waited for."""
        answer = self.ask(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True, timeout=20_000
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def shoot(self) -> bytes:
        """What the window shows, as PNG."""
        return base64.b64decode(self.ask("Page.captureScreenshot", format="png")["data"])

    def _receive(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(self.socket.recv(timeout=30))
        what, said = message.get("method"), message.get("params", {})
        if what == "Page.loadEventFired":
            self.loaded = True
        elif what == "Network.requestWillBeSent":
            if not (address := said["request"]["url"]).startswith("data:"):
                self.fetched.append(address)
        elif what == "Runtime.exceptionThrown" or (
            what == "Log.entryAdded" and said["entry"]["level"] == "error"
        ):
            self.complaints.append(json.dumps(said, ensure_ascii=False))
        return message


@contextmanager
def browse(home: Path) -> Iterator[Tab]:
    """A browser with one tab, its profile in the folder `home`."""
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-port=0"]
    call = [find_browser(), *options, f"--user-data-dir={home}", "about:blank"]
    process = subprocess.Popen(call, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with connect(_find_tab(home, process), max_size=_LONGEST_REPORT, compression=None) as socket:
            yield Tab(socket)
    finally:
        process.terminate()
        process.wait(timeout=20)


def _find_tab(home: Path, process: subprocess.Popen[bytes]) -> str:
    """The address of the tab; Chromium writes its port to a file once it listens."""
    written = home / "DevToolsActivePort"
    until = time.monotonic() + 30
    while not (written.exists() and written.read_text().count("\n")):
        assert process.poll() is None, f"the browser ended with status {process.returncode}"
        assert time.monotonic() < until, "the browser did not start in 30 s"
        time.sleep(0.05)
    port = written.read_text().split()[0]
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://127.0.0.1:{port}/json/list", timeout=10) as answer:
        tabs = json.load(answer)
    address: str = next(t["webSocketDebuggerUrl"] for t in tabs if t["type"] == "page")
    return address
