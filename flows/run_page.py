"""What a run's page in Prefect shows of it: progress by step, a table of counts, a link to the report.

Artifacts are for whoever looks. A server that does not take one costs the artifact and a line in the log,
never the build.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from prefect.artifacts import (
    create_link_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)

from flows.outcome_lines import count_outcome

if TYPE_CHECKING:
    from baselines.validation import Validation
    from flows.outcome import Outcome
    from flows.progress import Counts

# A task takes seconds, and an update some 20 ms of the server.
_SECONDS_BETWEEN = 2.0


@dataclass(slots=True)
class StepArtifacts:
    """One progress artifact a step; a `flows.progress.Listener`. They are of the run in which this is made,
    not of the runs within it in which the steps are."""

    _run: Context = field(default_factory=copy_context)
    _known: dict[str, UUID] = field(default_factory=dict)
    _told: dict[str, float] = field(default_factory=dict)

    def __call__(self, step: str, done: int, total: int, counts: Counts) -> None:
        """Tells the server, at most every two seconds and at the end of the step."""
        now = time.monotonic()
        is_last = done >= total
        if not is_last and now - self._told.get(step, float("-inf")) < _SECONDS_BETWEEN:
            return
        self._told[step] = now
        percent = min(100.0, 100.0 * done / total) if total else 100.0
        so_far = f"; {counts.describe()}" if counts.books else ""
        text = f"{step}: {min(done, total)} of {total}{so_far}"
        if step in self._known:
            known = self._known[step]
            self._tell(lambda: update_progress_artifact(known, percent, description=text))
        else:
            made = self._tell(lambda: create_progress_artifact(percent, _make_key(step), description=text))
            if isinstance(made, UUID):
                self._known[step] = made

    def _tell(self, tell: Callable[[], object]) -> object:
        return _try(lambda: self._run.run(tell))


def show_outcome(outcome: Outcome, address: str) -> None:
    """The books' counts as a table, and a link to the report; `address` is where the release's folder is seen
    in a browser, if it is."""
    table = [
        {
            "book": book.source.name,
            "status": book.status,
            "pages": book.pages,
            "pages failed": book.pages_failed,
            "scanned": book.pages_scanned,
            "figures": book.figures,
            "with text": book.pairs,
            "what went wrong": book.error,
        }
        for book in outcome.books
    ]
    _try(lambda: create_table_artifact(table, key=_make_key("books"), description=count_outcome(outcome)))
    if outcome.written is not None:
        _link(outcome.written.path, "report", address, "the release's report")


def show_validation(validation: Validation, address: str) -> None:
    """The scores as a table, and a link to the report."""
    table: list[dict[str, Any]] = []
    for summary in validation.findings.summaries:
        scores = {name: round(value, 2) for name, value in summary.metrics.items()}
        table.append({"scored": summary.name, **scores})
    _try(lambda: create_table_artifact(table, key=_make_key("scores"), description="in percent"))
    _link(validation.folder, "validation", address, "the validation's report")


def _link(folder: Path, name: str, address: str, what: str) -> None:
    """To the report in a folder; without an address, to the file, which browsers open by hand only."""
    file = folder / "report.html"
    link = f"{address.rstrip('/')}/{file.name}" if address else file.resolve().as_uri()
    text = f"{what}: {file.resolve()}"
    _try(lambda: create_link_artifact(link, link_text=what, key=_make_key(name), description=text))


def _make_key(name: str) -> str:
    """Keys of artifacts are lower-case letters, digits and dashes."""
    return f"culti-{re.sub('[^a-z0-9]+', '-', name.lower()).strip('-')}"


def _try(tell: Callable[[], object]) -> object:
    try:
        return tell()
    except Exception as error:  # whatever a server or its client may raise
        logging.getLogger("prefect.culti").warning("no artifact: %s", " ".join(str(error).split())[:200])
        return None
