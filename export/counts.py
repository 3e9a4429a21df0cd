"""Counts for manifest, card and report, from one light table of the rows (no texts, no pixels)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

import pandas as pd

from alignment.text.profiles import name_dynasty
from alignment.text.simplifying import simplify
from export.plan import Plan
from export.row_file import read_columns
from export.rows import Row
from export.schema import SPLITS

_COUNTED = ("series", "kind", "origin", "pair_rule", "review_status", "rights", "refinement")
_TABULATED = [
    "split",
    "book",
    "page",
    "entry_id",
    "with_text",
    "characters",
    "longest_px",
    "score",
    "dynasty",
    *_COUNTED,
]
_READ: tuple[str, ...] = ("document_sha256", "document", "page", "entry_id", "description")
_READ += ("width", "height", "pair_score", "dynasty", *_COUNTED)
_pick_read = itemgetter(*_READ)


def tabulate_rows(rows: Sequence[Row], plan: Plan) -> pd.DataFrame:
    """One line a kept row, in their order: what is counted, its page (0 where it has none), with_text (bool),
    the characters of its description, the longest side of its image in pixels, its score, and its dynasty in
    English."""
    found = read_columns(rows, plan.kept, ("pair_id", *_READ))
    lines = [(plan.splits[plan.grouping.groups[pair_id]], *_tabulate(*values)) for pair_id, *values in found]
    return pd.DataFrame(lines, columns=_TABULATED)


def tabulate_stored(rows: Sequence[Mapping[str, Any]], split: str) -> pd.DataFrame:
    """The same table of rows as they are read from a shard of `split`."""
    lines = [(split, *_tabulate(*_pick_read(row))) for row in rows]
    return pd.DataFrame(lines, columns=_TABULATED)


def _tabulate(
    document_sha256: str | None,
    document: str | None,
    page: int | None,
    entry_id: str | None,
    description: str | None,
    width: int | None,
    height: int | None,
    score: float | None,
    dynasty: str | None,
    *counted: str | None,
) -> tuple[Any, ...]:
    """A line of the table without its split, of the values of `_READ`."""
    text = description or ""
    longest = max(width or 0, height or 0)
    book, english = document_sha256 or document, _name_dynasty(dynasty)
    return (book, page or 0, entry_id, bool(text.strip()), len(text), longest, score, english, *counted)


def _name_dynasty(printed: str | None) -> str | None:
    return name_dynasty(simplify(printed)) if printed else None


def count_values(table: pd.DataFrame, column: str) -> dict[str, int]:
    """Value → rows, most first, equals by name."""
    found = {str(value): int(n) for value, n in table[column].value_counts().items()}
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def cross_table(table: pd.DataFrame, column: str) -> list[tuple[str, list[int]]]:
    """(value, rows in train, validation, test and all) for each value of `column`, most first."""
    return [
        (value, [int(((table[column] == value) & (table["split"] == s)).sum()) for s in SPLITS] + [total])
        for value, total in count_values(table, column).items()
    ]


def summarise(table: pd.DataFrame) -> dict[str, int | Mapping[str, int]]:
    """The counts of a manifest."""
    by_split = count_values(table, "split")
    with_text = int(table["with_text"].sum())
    return {
        "rows": len(table),
        "rows_with_text": with_text,
        "rows_without_text": len(table) - with_text,
        "entries": int(table["entry_id"].nunique()),
        "by_split": {split: by_split.get(split, 0) for split in SPLITS},
        **{f"by_{name}": dict(sorted(count_values(table, name).items())) for name in _COUNTED},
    }
