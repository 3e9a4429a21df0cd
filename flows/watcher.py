"""The process beside a worker: ends it when a page takes too long or too much memory, and keeps the cause.

    python -m flows.watcher PID

It is told by lines on its standard input, one JSON object each: {"begin": {"megabytes", "store", "note"}},
{"seconds": S} (from now on, null for no limit), {"end": true}. Lines that are none are Python's own words on
a crash. The end of input without an {"end"} is the worker's death. Only the standard library is loaded while
all is well.
"""

from __future__ import annotations

import json
import os
import queue
import re
import signal
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

_SECONDS_BETWEEN_LOOKS = 0.05
_FATAL = re.compile(rb"^(?:Fatal Python error|Windows fatal exception): (.*)$")
_SIGNALS = {
    "Segmentation fault": "SIGSEGV",
    "Aborted": "SIGABRT",
    "Bus error": "SIGBUS",
    "Floating point exception": "SIGFPE",
    "Floating-point exception": "SIGFPE",
    "Illegal instruction": "SIGILL",
}
_KILLED = "lost its worker process, which was killed or ended itself; the machine may be short of memory"


@dataclass(slots=True)
class _Task:
    """What the worker is at; `deadline` is of time.monotonic()."""

    megabytes: float
    store: dict[str, str]
    note: str
    seconds: float = 0.0
    deadline: float | None = None
    cause: str = ""


def main() -> None:
    """Watches until the worker is gone."""
    # Ctrl-C reaches the whole group; this process ends with its worker.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    pid = int(sys.argv[1])
    lines: queue.Queue[bytes] = queue.Queue()
    threading.Thread(target=_read_lines, args=(lines,), daemon=True).start()
    task: _Task | None = None
    while True:
        try:
            line = lines.get(timeout=None if task is None else _SECONDS_BETWEEN_LOOKS)
        except queue.Empty:
            line = None
        if line == b"":
            if task is not None:
                _keep_cause(task, task.cause or _KILLED)
            return
        task = task if line is None else _follow(task, line)
        if task is not None and not task.cause and (cause := _find_excess(pid, task)):
            task.cause = cause
            os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))


def _read_lines(lines: queue.Queue[bytes]) -> None:
    for line in sys.stdin.buffer:
        lines.put(line)
    lines.put(b"")


def _follow(task: _Task | None, line: bytes) -> _Task | None:
    """The task as it is after a line from the worker."""
    try:
        told = json.loads(line)
    except ValueError:
        if task is not None and not task.cause and (found := _FATAL.match(line.rstrip())):
            name = found[1].decode("ascii", "replace")
            task.cause = f"crashed a native library ({_SIGNALS.get(name, name)})"
        # What a worker says of its crash goes where its other words go.
        sys.stderr.buffer.write(line)
        sys.stderr.buffer.flush()
        return task
    if "begin" in told:
        return _Task(**told["begin"])
    if "end" in told:
        return None
    if task is not None:
        task.seconds = told["seconds"] or 0.0
        task.deadline = time.monotonic() + task.seconds if task.seconds else None
    return task


def _find_excess(pid: int, task: _Task) -> str:
    """What the worker has too much of, in words; empty if nothing."""
    if task.deadline is not None and time.monotonic() > task.deadline:
        return f"took more than {task.seconds:,g} s ([limits] seconds_per_page)"
    if measure_memory(pid) > task.megabytes:
        return f"took more than {task.megabytes:,g} MB of memory ([limits] megabytes)"
    return ""


def measure_memory(pid: int) -> float:
    """Megabytes (10⁶ bytes) of memory that a process holds; 0 where that cannot be told (not on Linux)."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, IndexError, ValueError):
        return 0.0
    return float(pages * os.sysconf("SC_PAGE_SIZE") / 1e6)


def _keep_cause(task: _Task, cause: str) -> None:
    # A build that was itself killed has no store that waits for a note.
    if not task.note or not Path(task.store["root"]).is_dir():
        return
    from flows.store import StoreAddress, open_store

    open_store(StoreAddress(**task.store)).put(task.note, cause.encode())


if __name__ == "__main__":
    main()
