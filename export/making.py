"""`recipe/` in a release: what it takes, besides the rows, to make it again from the books, without a pixel.

`cuts.jsonl` has where and how each row's pixels were cut, in the order of the build; `build.json` how the
books went and what was left out, as the report tells it; `pages.jsonl` the boxes on the pages that the report
shows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from export.info import BookReport, BuildReport, DecisionFacts, DroppedItem, Source
from export.plan import Plan
from export.report_parts import hide_folders
from export.row_file import read_columns
from export.rows import Row
from extractors.records import Cut, Dropped

MAKING = "recipe"
CUTS, BUILD, PAGES = f"{MAKING}/cuts.jsonl", f"{MAKING}/build.json", f"{MAKING}/pages.jsonl"
# As many pages of a book as the report names for each reason.
_EXAMPLES = 8
_CUT_FIELDS = tuple(field.name for field in fields(Cut))
PageKey = tuple[str, int]
"""document_sha256 and page."""


@dataclass(frozen=True, slots=True)
class Making:
    """What was read of the three files. `cuts` are by pair_id, (document_sha256, cut) each, in the build's
    order; `overlays` are the pages that have one, `drawings` (JSON of whoever draws) those that are shown."""

    cuts: Mapping[str, tuple[str, Cut]]
    build: BuildReport
    overlays: tuple[PageKey, ...]
    drawings: Mapping[PageKey, str]


def write_making(
    folder: Path,
    rows: Sequence[Row],
    plan: Plan,
    build: BuildReport,
    shown: tuple[list[PageKey], set[PageKey]],
) -> None:
    """Writes the files into a release. `shown` are the pages of which the report may show overlays, and those
    of which it does. Nothing is written where no row's cut is known, as in an imported release."""
    lines = (
        _to_line({"pair_id": pair_id, "document_sha256": book, **_describe_cut(cut)})
        for pair_id, book, cut in read_columns(rows, plan.kept, ("pair_id", "document_sha256", "cut"))
        if cut is not None
    )
    first = next(lines, None)
    if first is None:
        return
    (folder / MAKING).mkdir()
    with (folder / CUTS).open("w", encoding="utf-8", newline="\n") as file:
        file.write(first)
        file.writelines(lines)
    overlays, drawn = shown
    with (folder / PAGES).open("w", encoding="utf-8", newline="\n") as file:
        for key in overlays:
            drawing = json.loads(build.drawings[key]) if key in drawn and key in build.drawings else None
            file.write(_to_line({"document_sha256": key[0], "page": key[1], "drawing": drawing}))
    about: dict[str, Any] = {
        "books": [_describe_book(b) for b in build.books],
        "left_out": list(_group(build.dropped)),
    }
    if build.decisions:
        about["decisions"] = asdict(build.decisions)
    text = json.dumps(about, ensure_ascii=False, indent=1) + "\n"
    (folder / BUILD).write_text(text, encoding="utf-8", newline="\n")


def read_making(folder: Path) -> Making:
    """The files of a release or recipe. OSError, ValueError, KeyError or TypeError where they are not as they
    were written."""
    cuts = {
        str(line.pop("pair_id")): (str(line.pop("document_sha256")), _make_cut(line))
        for line in _read_lines(folder / CUTS)
    }
    pages = [
        ((str(line["document_sha256"]), int(line["page"])), line["drawing"])
        for line in _read_lines(folder / PAGES)
    ]
    about = json.loads((folder / BUILD).read_text(encoding="utf-8"))
    books = tuple(
        BookReport(**{**book, "source": Source(**book["source"]), "notes": tuple(book["notes"])})
        for book in about["books"]
    )
    dropped = tuple(item for group in about["left_out"] for item in _spread(group))
    told = about.get("decisions")
    decisions = DecisionFacts(**{**told, "named": tuple(told["named"])}) if told else None
    return Making(
        cuts,
        BuildReport(books, dropped, decisions=decisions),
        tuple(key for key, _ in pages),
        {key: json.dumps(drawing) for key, drawing in pages if drawing is not None},
    )


def _to_line(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"


def _read_lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def _describe_cut(cut: Cut) -> dict[str, Any]:
    return {name: getattr(cut, name) for name in _CUT_FIELDS}


def _make_cut(line: Mapping[str, Any]) -> Cut:
    x0, y0, x1, y1 = line["box"]
    parts = tuple((a, b, c, d) for a, b, c, d in line["parts"])
    return Cut(**{**line, "box": (x0, y0, x1, y1), "parts": parts})


def _describe_book(book: BookReport) -> dict[str, Any]:
    told = replace(
        book,
        source=replace(book.source, file=book.source.name),
        error=hide_folders(book.error),
        notes=tuple(hide_folders(note) for note in book.notes),
    )
    return asdict(told)


def _group(dropped: Iterable[DroppedItem]) -> Iterator[dict[str, Any]]:
    """By document, what and reason: how many, and the first pages."""
    counts: dict[tuple[str, str, str], int] = {}
    pages: dict[tuple[str, str, str], dict[int, None]] = {}
    for item in dropped:
        key = (item.document, item.dropped.what, item.dropped.reason)
        counts[key] = counts.get(key, 0) + 1
        found = pages.setdefault(key, {})
        if item.dropped.page and len(found) < _EXAMPLES:
            found[item.dropped.page] = None
    for (document, what, reason), count in counts.items():
        found = pages[document, what, reason]
        yield {"document": document, "what": what, "reason": reason, "count": count, "pages": list(found)}


def _spread(group: Mapping[str, Any]) -> Iterator[DroppedItem]:
    """Items of which a report tells the same as of those that were grouped."""
    pages = group["pages"]
    for n in range(group["count"]):
        page = pages[n] if n < len(pages) else 0
        yield DroppedItem(group["document"], Dropped(page, group["what"], group["reason"]))
