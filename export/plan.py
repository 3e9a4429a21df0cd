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
    """Something left out of one document; `document` is its file name."""

    document: str
    dropped: Dropped


@dataclass(frozen=True, slots=True)
class Plan:
    """`chosen` has the index of each row that is kept, by pair_id; `splits` the split of each group;
    `image_bytes` the size of all images of a split. `placed` has (split, group_id) of each row, by pair_id,
    where that was settled before."""

    chosen: Mapping[str, int]
    splits: Mapping[str, str]
    image_bytes: Mapping[str, int]
    dropped: tuple[DroppedItem, ...]
    placed: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def place(self, row: Row) -> tuple[str, str]:
        """(split, group_id) of a row."""
        if found := self.placed.get(row.pair_id):
            return found
        group = find_group(row.entry_id)
        return self.splits[group], group

    def select(self, rows: Iterable[Row], split: str | None = None) -> Iterator[Row]:
        """The kept rows, in their order, of all splits or of one."""
        for index, row in enumerate(rows):
            if self.chosen[row.pair_id] == index and split in (None, self.place(row)[0]):
                yield row


def plan_release(rows: Iterable[Row], placed: Mapping[str, tuple[str, str]] | None = None) -> Plan:
    """Of rows with one pair_id (the same box on the same page of the same file) the best scored is kept, the
    first of equals. `placed` has (split, group_id) of each row where that is not ours to settle. CultiError
    where a row's image file is missing."""
    placed = placed or {}
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
        image_bytes[placed[pair_id][0] if pair_id in placed else splits[group]] += size
    return Plan(
        chosen={pair_id: index for pair_id, (_, index) in best.items()},
        splits=splits,
        image_bytes=image_bytes,
        dropped=tuple(notes[index][-1] for index in notes if index not in kept),
        placed=placed,
    )


def _measure(row: Row) -> int:
    try:
        return row.image_file.stat().st_size
    except OSError as error:
        raise CultiError(
            f"{row.document}, page {row.page}: the figure's image {row.image_file.name} cannot be read "
            f"from the work directory ({error.strerror}); build again"
        ) from error
