"""Progress on a terminal, a few lines that stay in place; nothing where the output is piped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

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


class BuildProgress:
    """One bar a step, and the counts. Steps count up what their receipts say, so nothing is counted twice."""

    def __init__(self, bars: Progress | None) -> None:
        self.counts = Counts()
        self._bars = bars
        self._steps: dict[str, TaskID] = {}
        self._tell_line = tell_lines()

    def start(self, step: str, jobs: int) -> Callable[[Receipt], None]:
        """A new bar; the function returned is to be called with each receipt."""
        if self._bars is None:
            return lambda _: None
        bar = self._bars.add_task(step, total=jobs, counts="")

        def advance(receipt: Receipt) -> None:
            self._count(step, receipt)
            if self._bars is not None:
                self._bars.update(bar, advance=1, counts=self.counts.describe())

        return advance

    def tell(self, step: str, done: int, total: int) -> None:
        """Progress of a step that counts by itself, as those of a validation do."""
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
def show_progress(terminal: TextIO) -> Iterator[None]:
    """Shows the progress of what runs in the block, if `terminal` is one."""
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
    with Progress(*columns, console=console, transient=True) as bars:
        token = _CURRENT.set(BuildProgress(bars))
        try:
            yield
        finally:
            _CURRENT.reset(token)
