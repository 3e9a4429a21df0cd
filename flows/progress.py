"""Progress: on a terminal a few lines that stay in place, nothing where the output is piped; and to whoever
else listens, as a run's page in Prefect does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from flows.events import is_logging, tell_progress
from flows.jobs import Receipt
from flows.step_progress import tell_lines


@dataclass(slots=True)
class Counts:
    """What a build has met so far."""

    books: int = 0
    pages: int = 0
    figures: int = 0
    pairs: int = 0
    dropped: int = 0

    def describe(self) -> str:
        """In one line."""
        return (
            f"{self.books} books, {self.pages} pages, {self.figures} figures, {self.pairs} pairs, "
            f"{self.dropped} dropped"
        )


Listener = Callable[[str, int, int, Counts], None]
"""Called with step, done, total and the counts so far; `done` may pass `total` where a job came in pieces."""


class BuildProgress:
    """One bar a step, and the counts. Steps count up what their receipts say, so nothing is counted twice."""

    def __init__(self, bars: Progress | None, listeners: Sequence[Listener] = ()) -> None:
        self.counts = Counts()
        self._bars = bars
        self._listeners = listeners
        self._steps: dict[str, TaskID] = {}
        self._tell_line = tell_lines()

    def start(self, step: str, jobs: int) -> Callable[[Receipt], None]:
        """A new bar; the function returned is to be called with each receipt."""
        bar = self._bars.add_task(step, total=jobs, counts="") if self._bars else None
        done = 0

        def advance(receipt: Receipt) -> None:
            nonlocal done
            done += 1
            self._count(step, receipt)
            if self._bars is not None and bar is not None:
                self._bars.update(bar, advance=1, counts=self.counts.describe())
            self._listen(step, done, jobs)

        if jobs:
            self._listen(step, 0, jobs)
        return advance

    def _listen(self, step: str, done: int, total: int) -> None:
        for listener in self._listeners:
            listener(step, done, total, self.counts)

    def tell(self, step: str, done: int, total: int) -> None:
        """Progress of a step that counts by itself, as those of a validation do."""
        self._listen(step, done, total)
        if self._bars is None:
            self._tell_line(step, done, total)
            return
        if step not in self._steps:
            self._steps[step] = self._bars.add_task(step, total=total, counts="")
        self._bars.update(self._steps[step], completed=done, total=total)

    def _count(self, step: str, receipt: Receipt) -> None:
        counts = self.counts
        counts.dropped += receipt.dropped
        if step == "open":
            counts.books += not receipt.error
        elif step == "read":
            counts.pages += receipt.pages
        elif step == "align":
            counts.figures += receipt.figures
            counts.pairs += receipt.pairs


_CURRENT: ContextVar[BuildProgress | None] = ContextVar("culti-progress", default=None)


def current_progress() -> BuildProgress:
    """The progress that is shown, or one that shows no bars."""
    return _CURRENT.get() or BuildProgress(None)


@contextmanager
def share_progress(progress: BuildProgress) -> Iterator[None]:
    """What runs in the block tells its progress to this one."""
    token = _CURRENT.set(progress)
    try:
        yield
    finally:
        _CURRENT.reset(token)


@contextmanager
def show_progress(terminal: TextIO) -> Iterator[None]:
    """Shows the progress of what runs in the block, if `terminal` is one."""
    if is_logging():
        with share_progress(BuildProgress(None, [tell_progress])):
            yield
        return
    console = Console(file=terminal)
    if not console.is_terminal:
        yield
        return
    columns = (
        TextColumn("{task.description:>6}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[counts]}"),
    )
    with (
        Progress(*columns, console=console, transient=True) as bars,
        share_progress(BuildProgress(bars)),
    ):
        yield
