"""What the command says: results on standard output, troubles on standard error, one line each."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

PROGRAM = "culti"


def say(line: str = "") -> None:
    """One line of a result."""
    sys.stdout.write(f"{line}\n")


def complain(message: str) -> None:
    """One line of trouble, however many the message has."""
    sys.stdout.flush()
    sys.stderr.write(f"{PROGRAM}: {' '.join(message.split())}\n")


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


def flush() -> None:
    """Writes out what is said so far. BrokenPipeError where no one listens any more."""
    sys.stdout.flush()
