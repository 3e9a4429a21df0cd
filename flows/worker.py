"""A worker process: how it begins, whether a job may end it, and that it ends when the build does."""

from __future__ import annotations

import faulthandler
import importlib
import multiprocessing
import multiprocessing.connection
import os
import signal
import socket
import sys
import threading
from pathlib import Path
from urllib.parse import urlsplit

from flows.collecting import collect_less
from flows.versions import compare_versions, list_installed

# Dask and Ray hand no arguments of ours to the function that begins a worker.
LOG_VARIABLE = "CULTI_WORKER_LOG"
_REACH_SECONDS = 10.0


def begin_work(log: str) -> None:
    """A worker process of this build's own: what native libraries write goes to the log, and it ends when
    the build does."""
    collect_less()
    # Ctrl-C reaches the whole group; the build alone decides, and ends its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    file = Path(log).open("a", encoding="utf-8")  # noqa: SIM115 - open as long as the process
    os.dup2(file.fileno(), 1)
    os.dup2(file.fileno(), 2)
    faulthandler.enable(file)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    # Workers hold both ends of their queue, so when a build is killed they would wait for ever.
    multiprocessing.connection.wait([sentinel])
    os._exit(1)


def import_steps() -> None:
    """Imports what every job needs, before there is one. Not the reader's library: Prefect's extension for
    Dask, which comes with the first task, has every kind of error that there is by then go to the build with
    its cause, and what MuPDF raises cannot."""
    importlib.import_module("flows.steps")


def introduce(server: str) -> dict[str, str]:
    """What a worker elsewhere answers first: its versions by name, and as `server` why it does not reach
    Prefect's server at the URL `server`, without which it can do no task; empty if it does."""
    parts = urlsplit(server)
    trouble = ""
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        socket.create_connection((parts.hostname, port), timeout=_REACH_SECONDS).close()
    except OSError as error:
        trouble = error.strerror or "no answer"
    return list_installed() | {"server": trouble}


def judge(answer: object, server: str) -> str:
    """Why a worker that gave `answer` to `introduce` cannot work for this build, in words that follow its
    name; empty if it can."""
    if problem := compare_versions(answer):
        return problem
    if isinstance(answer, dict) and answer.get("server"):
        return (
            f"does not reach Prefect's server at {server} ({answer['server']}); begin one that all machines "
            "reach and name it in PREFECT_API_URL"
        )
    return ""


def is_expendable() -> bool:
    """Whether this is a worker process that another takes the place of when it ends: one of a pool, of a
    Dask nanny, or of Ray."""
    if multiprocessing.parent_process() is not None:
        return True
    ray = sys.modules.get("ray")
    # Another thread may be importing it for all we know; a worker of Ray's has it whole.
    is_initialized = getattr(ray, "is_initialized", None)
    if ray is None or is_initialized is None or not is_initialized():
        return False
    return bool(ray.get_runtime_context().worker.mode == ray.WORKER_MODE)


def dask_setup(_: object) -> None:
    """Called by Dask in a new worker, for which this module is a preload."""
    begin_work(os.environ[LOG_VARIABLE])


def begin_ray_work() -> None:
    """Called by Ray in a new worker, whose setup hook this is."""
    begin_work(os.environ[LOG_VARIABLE])
