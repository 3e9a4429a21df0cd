"""A comparison as JSON, for programs: every change, with both sides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from export.diff import CATEGORIES, ReleaseDiff
from export.diff_text import diff_characters
from export.release_table import ReleaseTable

# Character diffs of more texts than anyone reads would take longer than all the rest.
MOST_DIFFS = 5_000
_ABOUT = ("pair_id", "document", "page", "series", "kind", "split", "title")
_Row = Mapping[Any, Any]
_WORDS = ("description", "title", "caption")


def describe_diff(diff: ReleaseDiff) -> dict[str, Any]:
    """As plain lists and dicts; the `diff` of a text is null after the first 5,000: compare the sides."""
    old_rows, new_rows = (table.rows.to_dict("records") for table in (diff.old, diff.new))
    places = zip(diff.pairs["old"].tolist(), diff.pairs["new"].tolist(), diff.pairs["how"], strict=True)
    sides = [(old_rows[a] if a >= 0 else None, new_rows[b] if b >= 0 else None, how) for a, b, how in places]
    return {
        "format": "culti-diff",
        "format_version": 1,
        "old": _describe_release(diff.old),
        "new": _describe_release(diff.new),
        "counts": {"unchanged": diff.unchanged, **{name: len(diff.changes[name]) for name in CATEGORIES}},
        "columns": dict(sorted(diff.columns.items())),
        "changes": {
            name: [
                _describe_change(name, *sides[place], diff.reasons.get(place, ""), nth < MOST_DIFFS)
                for nth, place in enumerate(diff.changes[name])
            ]
            for name in CATEGORIES
        },
        "groups_merged": [
            {"group_id": m.group_id, "old": list(m.old_groups), "pairs": m.pairs} for m in diff.merges
        ],
    }


def _describe_release(table: ReleaseTable) -> dict[str, Any]:
    return {
        "name": table.name,
        "version": table.version,
        "content_sha256": table.content_sha256,
        "rows": len(table.rows),
        "lacking": list(table.lacking),
    }


def _describe_change(
    name: str, old: _Row | None, new: _Row | None, how: str, reason: str, with_diff: bool
) -> dict[str, Any]:
    row = new or old or {}
    change: dict[str, Any] = {column: row[column] for column in _ABOUT}
    if old and new and old["pair_id"] != new["pair_id"]:
        change["old_pair_id"] = old["pair_id"]
    if old is None or new is None:
        return change | {"caption": row["caption"], "description": row["description"]}
    if name == "moved":
        change["how"] = how
    if name == "split":
        change["why"] = reason
    sides = {"old": _pick(name, old), "new": _pick(name, new)}
    if name in _WORDS and with_diff:
        change["diff"] = diff_characters(old[name] or "", new[name] or "")
    elif name in _WORDS:
        change["diff"] = None
    return change | sides


def _pick(name: str, row: _Row) -> Any:  # noqa: ANN401
    """What one side has of a change: a value, or several by column."""
    if name == "re-paired":
        regions = zip(
            row["text_pages"] or (), row["text_roles"] or (), row["text_bboxes"] or (), strict=False
        )
        words = {column: row[column] for column in (*_WORDS, "pair_rule", "pair_score")}
        return words | {"regions": [{"page": p, "role": r, "box": b} for p, r, b in regions]}
    if name == "moved":
        return row["figure_bbox"]
    if name == "image":
        return {
            column: row[column] for column in ("image_sha256", "phash", "width", "height", "origin", "dpi")
        }
    if name == "review":
        return {column: row[column] for column in ("review_status", "reviewer")}
    return row[name]
