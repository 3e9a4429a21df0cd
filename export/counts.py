"""Counts for manifest, card and report, from one light table of the rows (no texts, no pixels)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from alignment.text.profiles import name_dynasty
from alignment.text.simplifying import simplify
from export.plan import Plan
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


def tabulate_rows(rows: Sequence[Row], plan: Plan) -> pd.DataFrame:
    """One line a kept row, in their order: what is counted, its page (0 where it has none), with_text (bool),
    the characters of its description, the longest side of its image in pixels, its score, and its dynasty in
    English."""
    lines = [
        {
            "split": plan.place(row)[0],
            "book": row.document_sha256 or row.document,
            "page": row.page or 0,
            "entry_id": row.entry_id,
            "with_text": row.has_text,
            "characters": len(row.description),
            "longest_px": max(row.width, row.height),
            "score": row.pair_score,
            "dynasty": _name_dynasty(row.dynasty),
            **{name: getattr(row, name) for name in _COUNTED},
        }
        for row in plan.select(rows)
    ]
    return pd.DataFrame(lines, columns=_TABULATED)


def tabulate_stored(rows: Sequence[Mapping[str, Any]], split: str) -> pd.DataFrame:
    """The same table of rows as they are read from a shard of `split`."""
    lines = [
        {
            "split": split,
            "book": row["document_sha256"] or row["document"],
            "page": row["page"] or 0,
            "entry_id": row["entry_id"],
            "with_text": bool((row["description"] or "").strip()),
            "characters": len(row["description"] or ""),
            "longest_px": max(row["width"] or 0, row["height"] or 0),
            "score": row["pair_score"],
            "dynasty": _name_dynasty(row["dynasty"]),
            **{name: row[name] for name in _COUNTED},
        }
        for row in rows
    ]
    return pd.DataFrame(lines, columns=_TABULATED)


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
