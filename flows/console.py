"""What the command says: results on standard output, troubles on standard error, one line each."""

from __future__ import annotations

import sys

PROGRAM = "culti"


def say(line: str = "") -> None:
    """One line of a result."""
    sys.stdout.write(f"{line}\n")


def complain(message: str) -> None:
    """One line of trouble, however many the message has."""
    sys.stdout.flush()
    sys.stderr.write(f"{PROGRAM}: {' '.join(message.split())}\n")


def flush() -> None:
    """Writes out what is said so far. BrokenPipeError where no one listens any more."""
    sys.stdout.flush()
