"""What the command says: results on standard output, troubles on standard error, one line each."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from flows.events import is_logging, tell_event

PROGRAM = "culti"


def say(line: str = "") -> None:
    """One line of a result, written at once; where no one listens any more, no harm is done."""
    try:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # Python would complain once more when it closes the pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def complain(message: str) -> None:
    """One line of trouble, however many the message has."""
    text = show_path(" ".join(message.split()))
    if is_logging():
        tell_event("trouble", message=text)
    else:
        sys.stderr.write(f"{PROGRAM}: {text}\n")


def is_utf8(path: Path) -> bool:
    """Whether a path can be written into a file or a report."""
    return show_path(path) == str(path)


def show_path(path: Path | str) -> str:
    """A path as it can be printed: bytes that are no text become question marks."""
    return str(path).encode("utf-8", "replace").decode()


@contextmanager
def divert_stderr(log: Path) -> Iterator[TextIO]:
    """Sends what libraries write to standard error to a log; gives the real one, for progress.

    A server that cannot write its database says so in hundreds of lines; the user is told in one.
    """
    sys.stderr.flush()
    saved = os.dup(2)
    try:
        target = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    except OSError:
        target = os.open(os.devnull, os.O_WRONLY)
    os.dup2(target, 2)
    os.close(target)
    try:
        with os.fdopen(os.dup(saved), "w", encoding="utf-8", errors="replace") as terminal:
            yield terminal
    finally:
        sys.stderr.flush()
        os.dup2(saved, 2)
        os.close(saved)
