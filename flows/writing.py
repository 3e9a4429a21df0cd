"""The last step of a build: the release, and what was left out of it.

What writes a release (pandas, plots, templates) takes a second to import; `build_dataset` asks for this
module only once there is something to write.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict

from export.info import BuildReport, Gated, ReleaseInfo
from export.previous import Previous
from export.reading import open_release
from export.release import Written, write_release
from extractors.ocr import describe_engine
from flows.book_work import BookWork, StoredRows
from flows.build_report import (
    StoredDrawings,
    list_dropped,
    make_source,
    place_overlays,
    report_book,
    write_rejects,
)
from flows.configuration import BuildRequest
from flows.crew import Tally
from flows.deciding import Deciding
from flows.describing import StoredFeatures
from flows.jobs import ReadOptions, Receipt
from flows.kept_comparisons import keep_comparisons
from flows.outcome import Outcome
from flows.refining import make_question
from flows.reviewing import make_index
from flows.store import open_store
from flows.workspace import Workspace


def write_dataset(
    request: BuildRequest,
    works: Sequence[BookWork],
    workspace: Workspace,
    options: ReadOptions,
    tally: Tally,
    described: Sequence[Receipt],
    previous: Previous | None,
    deciding: Deciding,
) -> Outcome:
    """The release, where at least one page could be read, and what was left out of it."""
    store = open_store(workspace.store)
    books = tuple(report_book(work, store) for work in works)
    dropped = tuple(list_dropped(works, store))
    write_rejects(workspace.rejects, dropped)
    if not any(book.pages for book in books):
        # Nothing could be read: an older release is worth more than an empty one.
        return Outcome(books, dropped, None, tally, deciding)
    settings = {name: str(value) for name, value in asdict(options).items()}
    settings["ocr"] = describe_engine(options.ocr)
    if request.refine:
        settings["refine"] = make_question(request.refine).label
    gated = Gated(request.gated.prompt, tuple(request.gated.fields.items())) if request.gated else None
    sources = tuple(make_source(w) for w in works)
    info = ReleaseInfo(request.name, request.version, settings, sources, gated=gated)
    overlays = place_overlays(works, store, workspace.overlays)
    drawings = StoredDrawings(works, store, list(overlays))
    build = BuildReport(books, dropped, overlays, drawings, deciding.facts)
    with keep_comparisons(workspace.comparisons) as comparisons:
        written = write_release(
            request.out,
            StoredRows(works, store),
            info,
            build,
            workspace.full_report,
            previous=previous,
            describe=StoredFeatures(store, [receipt.key for receipt in described]),
            comparisons=comparisons,
        )
    return Outcome(books, (*dropped, *written.dropped), written, tally, deciding)


def index_release(written: Written, workspace: Workspace) -> None:
    """The review page's index, which `culti review` would make at its first start. A build that has no room
    for it is done all the same."""
    with suppress(OSError, sqlite3.Error):
        make_index(open_release(written.path), workspace)
