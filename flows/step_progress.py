"""Progress of a validation: a bar a step on a terminal, a line a step where the output is piped."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from flows.console import say
from flows.events import is_logging, tell_event

Tell = Callable[[str, int, int], None]


@contextmanager
def show_steps(terminal: TextIO) -> Iterator[Tell]:
    """Gives a function to call with (step, done, total)."""
    console = Console(file=terminal)
    if is_logging():
        yield _tell_event
        return
    if not console.is_terminal:
        yield tell_lines()
        return
    columns = (
        TextColumn("{task.description:>28}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as bars:
        known: dict[str, TaskID] = {}

        def tell(step: str, done: int, total: int) -> None:
            if step not in known:
                known[step] = bars.add_task(step, total=total)
            bars.update(known[step], completed=done, total=total)

        yield tell


def _tell_event(step: str, done: int, total: int) -> None:
    tell_event("progress", step=step, done=done, total=total)


def tell_lines() -> Tell:
    """A line a step, when it is done."""
    started: dict[str, float] = {}
    told: set[str] = set()

    def tell(step: str, done: int, total: int) -> None:
        started.setdefault(step, time.monotonic())
        if done >= total and step not in told:
            told.add(step)
            say(f"  {step}: {total} in {time.monotonic() - started[step]:.0f} s")

    return tell
