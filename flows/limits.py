"""What one page may take, and how a worker process is held to it.

Time and memory are watched by a small process beside each worker (`watcher`): a native library that hangs or
eats memory holds Python's lock, and no thread of the worker would be heard. The watcher ends the worker, and
keeps the cause in the store, where the build finds it whatever runs the tasks.
"""

from __future__ import annotations

import faulthandler
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field
from pathlib import Path
from uuid import uuid4

from flows.store import Store, StoreAddress

# A page takes seconds, a scanned poster on a slow machine a minute. The largest sheets that are scanned, A0
# at 600 dpi, have 560 megapixels. A worker that reads scans holds 1 GB.
SECONDS_PER_PAGE, MEGAPIXELS, MEGABYTES = 120.0, 600.0, 4000.0

WORKER_DIED = "lost its worker process, and nobody knows why"
# The watcher writes within a moment; on a machine that is short of memory it may take longer.
_SECONDS_FOR_CAUSE = 60.0


@dataclass(frozen=True, slots=True)
class Limits:
    """`seconds_per_page` of reading, cutting or drawing; `megapixels` of an image on it; `megabytes` of
    memory that a worker holds."""

    seconds_per_page: float = SECONDS_PER_PAGE
    megapixels: float = MEGAPIXELS
    megabytes: float = MEGABYTES


@dataclass(frozen=True, slots=True)
class Watch:
    """How a task is watched. Without `ends_worker` time and memory are not: a thread cannot be ended.

    `note` is the key under which the cause is kept if the worker ends before the task does; empty for none.
    """

    limits: Limits = field(default_factory=Limits)
    ends_worker: bool = True
    note: str = ""


_WATCH: ContextVar[Watch | None] = ContextVar("watch", default=None)


def make_note() -> str:
    """A new key for `Watch.note`."""
    return uuid4().hex


def current_limits() -> Limits:
    """The limits of the task that this is called in; the usual ones outside of any."""
    watch = _WATCH.get()
    return watch.limits if watch else Limits()


@contextmanager
def keep_watch(watch: Watch, store: StoreAddress) -> Iterator[None]:
    """Holds this process to the limits while a task runs in it; `store` is where the cause goes."""
    token = _WATCH.set(watch)
    try:
        if not watch.ends_worker:
            yield
            return
        begun = {"megabytes": watch.limits.megabytes, "store": asdict(store), "note": watch.note}
        _tell(begin=begun)
        try:
            yield
        finally:
            _tell(end=True)
    finally:
        _WATCH.reset(token)


@contextmanager
def limit_time(pages: int = 1) -> Iterator[Callable[[], None]]:
    """Ends a watched worker that takes longer than `pages` pages may. What it gives counts the time anew.

    The crew finds the page by trying them one by one.
    """
    watch = _WATCH.get()
    if watch is None or not watch.ends_worker:
        yield lambda: None
        return
    seconds = watch.limits.seconds_per_page * pages
    _tell(seconds=seconds)
    try:
        yield lambda: _tell(seconds=seconds)
    finally:
        _tell(seconds=None)


def find_cause(store: Store, note: str) -> str:
    """Why a worker died, in words that follow the name of a page or book; waits for the watcher's note."""
    deadline = time.monotonic() + _SECONDS_FOR_CAUSE
    while time.monotonic() < deadline:
        if (found := store.get(note)) is not None:
            return found.decode()
        time.sleep(0.05)
    return WORKER_DIED


class _Watcher:
    """The process beside this one."""

    def __init__(self) -> None:
        places = os.pathsep.join([str(Path(__file__).parents[1]), *filter(None, sys.path)])
        self._process = subprocess.Popen(
            # Without what an installation does at each start: it is to be there at once, and small.
            [sys.executable, "-S", "-P", "-m", "flows.watcher", str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": places},
        )
        assert self._process.stdin is not None
        self._pipe = self._process.stdin.fileno()
        # Says which signal ended the process, and where; written without Python's lock.
        faulthandler.enable(self._pipe)

    def tell(self, line: bytes) -> None:
        """BrokenPipeError where it is not there any more."""
        os.write(self._pipe, line)


_held: list[_Watcher] = []


def _tell(**message: object) -> None:
    line = json.dumps(message).encode() + b"\n"
    if not _held:
        _held.append(_Watcher())
    try:
        _held[0].tell(line)
    except BrokenPipeError:
        # Somebody ended it. A new one knows nothing of this task, and watches from the next on.
        _held[0] = _Watcher()
