"""What a command does as JSON, an object a line on standard error, for programs that watch it: `--log-json`.

Every object has `time` (ISO 8601, UTC) and `event`; docs/operations.md has the others by event. What
libraries write to standard error becomes an event as well, so that every line can be parsed.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from flows.progress import Counts

# A child that was left behind may hold the pipe open.
_SECONDS_FOR_THE_REST = 2.0


@dataclass(slots=True)
class _Log:
    sink: TextIO | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


_LOG = _Log()


def is_logging() -> bool:
    """Whether events are written."""
    return _LOG.sink is not None


def tell_event(event: str, **fields: object) -> None:
    """Writes an event; nothing where none are wanted, or no one listens any more."""
    if _LOG.sink is None:
        return
    value = {"time": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event, **fields}
    line = json.dumps(value, ensure_ascii=False, default=str)
    with _LOG.lock:
        try:
            _LOG.sink.write(f"{line}\n")
            _LOG.sink.flush()
        except (OSError, ValueError):
            return


def tell_progress(step: str, done: int, total: int, counts: Counts) -> None:
    """A `flows.progress.Listener`."""
    tell_event(
        "progress",
        step=step,
        done=done,
        total=total,
        books=counts.books,
        pages=counts.pages,
        figures=counts.figures,
        pairs=counts.pairs,
        dropped=counts.dropped,
    )


@contextmanager
def write_events(wanted: bool) -> Iterator[None]:
    """In the block events are written to standard error, if `wanted`, and nothing else is."""
    if not wanted:
        yield
        return
    sys.stderr.flush()
    saved = os.dup(2)
    reading, writing = os.pipe()
    os.dup2(writing, 2)
    os.close(writing)
    _LOG.sink = os.fdopen(saved, "w", encoding="utf-8", errors="replace")
    listener = threading.Thread(target=_tell_output, args=(reading,), daemon=True)
    listener.start()
    try:
        yield
    finally:
        sys.stderr.flush()
        os.dup2(saved, 2)
        listener.join(_SECONDS_FOR_THE_REST)
        with _LOG.lock:
            _LOG.sink.close()
            _LOG.sink = None


def _tell_output(reading: int) -> None:
    with os.fdopen(reading, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line.strip():
                tell_event("output", message=line.rstrip())
