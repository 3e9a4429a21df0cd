"""The truth of a sample book: which figure stands where, and which texts are its own."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Box = tuple[float, float, float, float]
Row = dict[str, Any]
"""`{pdf, page (1-based), bbox [x0, y0, x1, y1] in points from the top left or null, texts}`; of a figure
whose fields are known also `description` and `fields`, as a release should have them, and where it is one of
silk or murals its `kind`."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a book: its page, its box in points and its own texts as printed. `fields` are those
    printed for it, None where that is not written down; then there is no `description` either. `kind` is a
    release's, empty where it is not written down."""

    page: int
    box: Box
    texts: tuple[str, ...]
    description: str = ""
    fields: Mapping[str, str] | None = None
    kind: str = ""


def make_rows(pdf: str, pages: int, figures: Iterable[Figure]) -> list[Row]:
    """List the rows of a book: each page once without a box, which says it is labelled, then its figures."""
    known = list(figures)
    rows: list[Row] = []
    for page in range(1, pages + 1):
        rows.append({"pdf": pdf, "page": page, "bbox": None, "texts": []})
        rows += [_make_row(pdf, figure) for figure in known if figure.page == page]
    return rows


def read_figures(rows: Iterable[Row]) -> list[Figure]:
    """Read the figures back from rows."""
    return [
        Figure(
            row["page"],
            tuple(row["bbox"]),
            tuple(row["texts"]),
            row.get("description", ""),
            row.get("fields"),
            row.get("kind", ""),
        )
        for row in rows
        if row["bbox"]
    ]


def write_truth(path: Path, rows: Iterable[Row]) -> None:
    """Write rows as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(list(rows), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _make_row(pdf: str, figure: Figure) -> Row:
    box = [round(value, 1) for value in figure.box]
    row: Row = {"pdf": pdf, "page": figure.page, "bbox": box, "texts": list(figure.texts)}
    if figure.fields is not None:
        row |= {"description": figure.description, "fields": dict(figure.fields)}
    if figure.kind:
        row["kind"] = figure.kind
    return row
