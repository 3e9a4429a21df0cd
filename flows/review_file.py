"""`review.json` in a work directory: which files and which records of the store a release was made from, for
the review page."""

from __future__ import annotations

import json
from collections.abc import Sequence

from extractors.whole_files import write_atomically
from flows.book_work import BookWork
from flows.configuration import BuildRequest
from flows.deciding import Deciding
from flows.workspace import Workspace


def write_review(
    workspace: Workspace, request: BuildRequest, works: Sequence[BookWork], deciding: Deciding
) -> None:
    """Writes the file. `decisions` is the log that the page appends to; `now` tells by pair_id what those
    pairs are called now whose decisions were made in another build; `stale` are ids of decisions."""
    books = [
        {
            "document": work.book.info.name,
            "document_sha256": work.book.info.sha256,
            "path": str(work.book.path.resolve()),
            "reader": request.reader,
            "align_key": work.aligned.key,
            "read_keys": [receipt.key for receipt in work.read],
            "decided_key": work.decided_key,
        }
        for work in works
        if work.book and work.aligned
    ]
    now = {o.target_id: o.pair_id for o in deciding.outcomes if o.pair_id and o.pair_id != o.target_id}
    about = {
        "format": 1,
        "store": request.store,
        "decisions": str(request.decisions[0].resolve()) if request.decisions else None,
        "books": books,
        "now": now,
        "rebased": [o.decision_id for o in deciding.outcomes if o.fate == "rebased"],
        "stale": [o.decision_id for o in deciding.outcomes if o.fate == "stale"],
    }
    text = json.dumps(about, ensure_ascii=False, indent=1) + "\n"
    write_atomically(workspace.review, text.encode("utf-8", "replace"))
