"""Prefect for one build: its settings, and a small API server inside this process.

Prefect's own temporary server is a second process that takes 4 s longer to start, picks a port which another
build may pick too, and stays behind when the build is killed. A thread has none of that. Who runs a Prefect
server names it in PREFECT_API_URL, and none is started.
"""

from __future__ import annotations

import importlib.util
import json
import logging
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from extractors.errors import CultiError
from flows.prefect_database import keep_database, place_database

# A busy machine takes minutes for it; a server that cannot start ends at once.
_START_SECONDS = 600.0

_LOGGING = """\
version: 1
disable_existing_loggers: false
formatters:
  plain: {{format: "%(asctime)s %(levelname)s %(name)s: %(message)s"}}
handlers:
  file: {{class: logging.FileHandler, filename: {file}, encoding: utf-8, delay: true, formatter: plain}}
loggers:
  prefect: {{level: INFO}}
  prefect.server: {{level: ERROR}}
  httpx: {{level: WARNING}}
root: {{level: WARNING, handlers: [file]}}
"""


def set_environment(home: Path, logs: Path) -> None:
    """Prefect's settings for this process and its workers; to be called before Prefect is imported."""
    if "prefect" in sys.modules:
        raise RuntimeError("Prefect was imported before its settings were made")
    logging.raiseExceptions = False  # a log that cannot be written is not the user's trouble
    logs.mkdir(parents=True, exist_ok=True)
    home.mkdir(parents=True, exist_ok=True)
    config = home / "logging.yml"
    # A JSON string is a YAML string too.
    config.write_text(_LOGGING.format(file=json.dumps(str(logs / "prefect.log"))), encoding="utf-8")
    os.environ.update(
        PREFECT_HOME=str(home),
        PREFECT_SERVER_ANALYTICS_ENABLED="false",
        DO_NOT_TRACK="1",
        PREFECT_LOGGING_SETTINGS_PATH=str(config),
        PREFECT_LOGGING_TO_API_ENABLED="false",
    )
    _leave_proxies_out()


def _leave_proxies_out() -> None:
    """Keeps a proxy of the user's from between this process and its own server."""
    for name in ("no_proxy", "NO_PROXY"):
        others = os.environ.get(name, "")
        os.environ[name] = f"{others},127.0.0.1,localhost".lstrip(",")
    if importlib.util.find_spec("socksio") is None:
        # The HTTP client fails on a SOCKS proxy that it could not use, even where it need not use one.
        for name in ("all_proxy", "ALL_PROXY"):
            if os.environ.get(name, "").startswith("socks"):
                del os.environ[name]


@contextmanager
def serve_prefect(meanwhile: Callable[[], None] = lambda: None) -> Iterator[None]:
    """A Prefect API for as long as the block runs: the user's own, or one in a thread of this process.
    `meanwhile` is called once its address is known, while it has yet to start."""
    if os.environ.get("PREFECT_API_URL"):
        meanwhile()
        yield
        return
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/api"
    os.environ["PREFECT_API_URL"] = url
    os.environ["PREFECT_UI_ENABLED"] = "false"
    home = Path(os.environ["PREFECT_HOME"])
    is_new = not (home / "prefect.db").exists()
    is_placed = place_database(home)
    try:
        from prefect.settings import PREFECT_API_URL, temporary_settings

        with temporary_settings({PREFECT_API_URL: url}):
            meanwhile()
            with _run_server(listener):
                if is_new and not is_placed:
                    keep_database(home)
                yield
    finally:
        del os.environ["PREFECT_API_URL"]
        listener.close()


@contextmanager
def _run_server(listener: socket.socket) -> Iterator[None]:
    import uvicorn
    from prefect.server.api.server import create_app

    config = uvicorn.Config(create_app(ephemeral=True), log_config=None, log_level="error", lifespan="on")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + _START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise CultiError(
                "Prefect's local server did not start; see logs/prefect.log in the work directory, "
                "or name a server in PREFECT_API_URL"
            )
        time.sleep(0.02)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(timeout=10)
