"""What changed from one release to another: pairs added, removed, re-paired, edited, moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from export.diff_matching import match_rows
from export.release_table import ReleaseTable
from export.schema import COLUMNS
from extractors.geometry import area, shared_area
from extractors.records import Box

# Categories in the order in which they are told; the last ones are columns that changed in place.
CATEGORIES: Mapping[str, str] = {
    "added": "pairs added",
    "removed": "pairs removed",
    "re-paired": "re-paired: the figure has other text regions",
    "moved": "figure's box shifted",
    "image": "image changed",
    "description": "text edited",
    "title": "title edited",
    "caption": "caption edited",
    "kind": "kind changed",
    "split": "split moved",
    "review": "reviewed",
    "rights": "rights changed",
}
_WORDS = ("description", "title", "caption")
_TOLD = {"image_sha256": "image", "review_status": "review", "reviewer": "review"}
# What follows from other changes, or is told by them.
_SILENT = frozenset({"pair_id", "figure_bbox", "group_id", "phash", "width", "height", "parent_pair_id"})
_REGIONS = ("text_pages", "text_roles", "text_bboxes")
_SCALARS = [c.name for c in COLUMNS if c.name not in ("image", *_REGIONS) and c.name not in _SILENT]
_BOX_SHIFT = 0.5


@dataclass(frozen=True, slots=True)
class GroupMerge:
    """A leakage group of the new release that joins several of the old one."""

    group_id: str
    old_groups: tuple[str, ...]
    pairs: int


@dataclass(frozen=True, slots=True)
class ReleaseDiff:
    """`pairs` has a line for each row of either release (see `export.diff_matching`); `changes` has the
    positions in `pairs` by category, in order; `columns` counts changed rows by column; `reasons` says of
    each position whose split moved why."""

    old: ReleaseTable
    new: ReleaseTable
    pairs: pd.DataFrame
    changes: Mapping[str, Sequence[int]]
    columns: Mapping[str, int]
    merges: tuple[GroupMerge, ...]
    reasons: Mapping[int, str]

    @property
    def unchanged(self) -> int:
        """Pairs in both releases of which nothing is told."""
        told = set().union(*self.changes.values())
        return len(self.pairs) - len(told)

    def row(self, position: int, side: str) -> Mapping[str, Any] | None:
        """The row of the `old` or the `new` release at a position of `pairs`; None where it has none."""
        place = int(self.pairs[side].iloc[position])
        table = self.old if side == "old" else self.new
        return None if place < 0 else dict(table.rows.iloc[place])


def compare_releases(old: ReleaseTable, new: ReleaseTable) -> ReleaseDiff:
    """Compares two releases row by row; neither order nor names nor versions need agree."""
    pairs = match_rows(old.rows, new.rows)
    both = pairs[(pairs["old"] >= 0) & (pairs["new"] >= 0)]
    left = old.rows.iloc[both["old"]].set_axis(both.index)
    right = new.rows.iloc[both["new"]].set_axis(both.index)
    changed = _find_changed_columns(left, right, {*old.lacking, *new.lacking})
    changes: dict[str, list[int]] = {name: [] for name in CATEGORIES}
    changes["added"] = pairs.index[pairs["how"] == "added"].tolist()
    changes["removed"] = pairs.index[pairs["how"] == "removed"].tolist()
    changes["re-paired"] = _find_repaired(left, right)
    changes["moved"] = _find_moved(left, right)
    repaired = set(changes["re-paired"])
    for column, places in changed.items():
        category = _TOLD.get(column, column)
        if category in changes:
            kept = [p for p in places if column not in _WORDS or p not in repaired]
            changes[category] = sorted({*changes[category], *kept})
    merges, reasons = _explain_splits(left, right, changes["split"])
    counts = {column: len(places) for column, places in changed.items() if places}
    return ReleaseDiff(old, new, pairs, changes, counts, merges, reasons)


def _find_changed_columns(left: pd.DataFrame, right: pd.DataFrame, lacking: set[str]) -> dict[str, list[int]]:
    """Positions by column. What one of the releases lacks has not changed."""
    names = [name for name in [*_SCALARS, "split"] if name not in lacking]
    compared = left[names].compare(right[names], result_names=("old", "new"))
    there = list(dict.fromkeys(compared.columns.get_level_values(0)))
    return {name: compared.index[compared[name].notna().any(axis=1)].tolist() for name in there}


def _find_repaired(left: pd.DataFrame, right: pd.DataFrame) -> list[int]:
    """Rows whose text comes from other places of the book."""
    known = left["text_bboxes"].notna() & right["text_bboxes"].notna()
    differ = known & (
        (left["text_bboxes"] != right["text_bboxes"]) | (left["text_pages"] != right["text_pages"])
    )
    places = left.index[differ.astype(bool)]
    columns = [side.loc[places, name] for side in (left, right) for name in ("text_pages", "text_bboxes")]
    found = []
    for place, *(pages, boxes, new_pages, new_boxes) in zip(places, *columns, strict=True):
        old = list(zip(pages or (), boxes, strict=False))
        new = list(zip(new_pages or (), new_boxes, strict=False))
        if not (_cover(old, new) and _cover(new, old)):
            found.append(int(place))
    return found


def _cover(regions: list[tuple[int, Box]], others: list[tuple[int, Box]]) -> bool:
    """Whether half of each region is within the others, be they cut in another way."""
    return all(
        sum(shared_area(box, other) for number, other in others if number == page) >= 0.5 * area(box)
        for page, box in regions
    )


def _find_moved(left: pd.DataFrame, right: pd.DataFrame) -> list[int]:
    """Rows whose figure is cut in another way: it has another pair_id, or another box."""
    known = left["figure_bbox"].notna() & right["figure_bbox"].notna()
    candidates = known & (left["figure_bbox"] != right["figure_bbox"])
    boxes = zip(left.loc[candidates, "figure_bbox"], right.loc[candidates, "figure_bbox"], strict=True)
    shifted = [max(abs(a - b) for a, b in zip(*two, strict=True)) > _BOX_SHIFT for two in boxes]
    moved = left["pair_id"] != right["pair_id"]
    moved.loc[candidates[candidates].index[shifted]] = True
    return [int(place) for place in left.index[moved.astype(bool)]]


def _explain_splits(
    left: pd.DataFrame, right: pd.DataFrame, moved: Sequence[int]
) -> tuple[tuple[GroupMerge, ...], dict[int, str]]:
    """Groups are compared by the rows that they hold, for a group's name may change with its rule."""
    groups = pd.DataFrame({"old": left["group_id"], "new": right["group_id"]}).dropna()
    old_in_new = groups.groupby("new")["old"].nunique()
    new_in_old = groups.groupby("old")["new"].nunique()
    became, came_of = (groups[side].to_dict() for side in ("new", "old"))
    joined = groups[groups["new"].map(old_in_new) > 1]
    merges = tuple(
        GroupMerge(str(name), tuple(sorted(set(part["old"]))), len(part))
        for name, part in joined.groupby("new")
    )
    reasons: dict[int, str] = {}
    for place in moved:
        if old_in_new.get(became.get(place), 0) > 1:
            reasons[place] = "its group merged with another"
        elif new_in_old.get(came_of.get(place), 0) > 1:
            reasons[place] = "its group was divided"
        else:
            reasons[place] = "its whole group was dealt anew"
    return merges, reasons
