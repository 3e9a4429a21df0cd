"""First pass over the rows: which are kept, and where each goes. Holds no texts and no pixels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from export.rows import Row
from export.schema import SPLITS
from export.splits import assign_splits, find_group
from extractors.errors import CultiError
from extractors.records import Dropped

DUPLICATE = "same page and box as another figure of the release"


@dataclass(frozen=True, slots=True)
class DroppedItem:
    """Something left out of one document; `document` is its file name. `where` names the place in a document
    that has no pages, as "line 12"."""

    document: str
    dropped: Dropped
    where: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """`chosen` has the index of each row that is kept, by pair_id; `splits` the split of each group;
    `image_bytes` the size of all images of a split. `given` has the split of each row, by pair_id, where
    somebody else has split them already; `placed` (split, group_id) where both were settled."""

    chosen: Mapping[str, int]
    splits: Mapping[str, str]
    image_bytes: Mapping[str, int]
    dropped: tuple[DroppedItem, ...]
    given: Mapping[str, str] = field(default_factory=dict)
    placed: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def place(self, row: Row) -> tuple[str, str]:
        """(split, group_id) of a row."""
        if found := self.placed.get(row.pair_id):
            return found
        group = find_group(row.entry_id)
        if split := self.given.get(row.pair_id):
            # A split that was not made by groups may cut one: each piece is then a group of its own.
            return split, find_group(f"{split} of {group}")
        return self.splits[group], group

    def select(self, rows: Iterable[Row], split: str | None = None) -> Iterator[Row]:
        """The kept rows, in their order, of all splits or of one."""
        for index, row in enumerate(rows):
            if self.chosen[row.pair_id] == index and split in (None, self.place(row)[0]):
                yield row


def plan_release(
    rows: Iterable[Row],
    given: Mapping[str, str] | None = None,
    placed: Mapping[str, tuple[str, str]] | None = None,
) -> Plan:
    """Of rows with one pair_id (the same box on the same page of the same file) the best scored is kept, the
    first of equals. `given` and `placed` as in `Plan`. CultiError where an image file is missing."""
    given, placed = given or {}, placed or {}
    best: dict[str, tuple[float, int]] = {}
    notes: dict[int, tuple[str, str, int, DroppedItem]] = {}
    series: dict[str, str] = {}
    for index, row in enumerate(rows):
        score = row.pair_score or 0.0
        if row.pair_id not in best or score > best[row.pair_id][0]:
            best[row.pair_id] = (score, index)
        item = DroppedItem(row.document, Dropped(row.page or 0, "figure", DUPLICATE, row.figure_bbox))
        group = find_group(row.entry_id)
        series.setdefault(group, row.series)
        notes[index] = (row.pair_id, group, _measure(row), item)
    kept = {index for _, index in best.values()}
    splits = assign_splits(Counter(notes[index][1] for index in kept), series)
    image_bytes = dict.fromkeys(SPLITS, 0)
    for index in kept:
        pair_id, group, size, _ = notes[index]
        image_bytes[placed[pair_id][0] if pair_id in placed else given.get(pair_id) or splits[group]] += size
    return Plan(
        chosen={pair_id: index for pair_id, (_, index) in best.items()},
        splits=splits,
        image_bytes=image_bytes,
        dropped=tuple(notes[index][-1] for index in notes if index not in kept),
        given=given,
        placed=placed,
    )


def _measure(row: Row) -> int:
    try:
        return row.image_file.stat().st_size
    except OSError as error:
        raise CultiError(f"{row.describe_image()} cannot be read ({error.strerror}); run again") from error
