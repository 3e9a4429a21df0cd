"""Which rows are kept, and where each goes. Holds no texts and no pixels."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from export.comparing import Comparisons
from export.feature_bank import describe_image
from export.groups import Describe, Grouping, find_group, group_items
from export.image_files import measure_image
from export.info import DroppedItem
from export.joins import Item, make_item
from export.previous import Moved, Previous
from export.row_file import read_light
from export.rows import Row
from export.schema import SPLITS
from export.splits import Stratum, assign_splits, choose_fixed
from extractors.records import Dropped

DUPLICATE = "same page and box as another figure of the release"


@dataclass(frozen=True, slots=True)
class Plan:
    """`kept` has the numbers of the rows that are kept, `members` those of each split, both in order;
    `splits` the split of each group; `image_bytes` the size of all images of a split; `moved` the rows that
    are in another split than in the previous release, of which `previous` tells."""

    kept: Sequence[int]
    members: Mapping[str, Sequence[int]]
    grouping: Grouping
    splits: Mapping[str, str]
    image_bytes: Mapping[str, int]
    dropped: tuple[DroppedItem, ...]
    previous: Previous | None = None
    moved: tuple[Moved, ...] = ()

    def place(self, row: Row) -> tuple[str, str]:
        """(split, group_id) of a row."""
        group = self.grouping.groups[row.pair_id]
        return self.splits[group], group

    def select(self, rows: Sequence[Row], split: str | None = None) -> Iterator[Row]:
        """The kept rows, in their order, of all splits or of one, as `read_light` gives them."""
        return read_light(rows, self.kept if split is None else self.members[split])


def plan_release(
    rows: Sequence[Row],
    *,
    previous: Previous | None = None,
    given: Mapping[str, str] | None = None,
    describe: Describe = describe_image,
    comparisons: Comparisons | None = None,
) -> Plan:
    """Of rows with one pair_id (the same box on the same page of the same file) the best scored is kept, the
    first of equals. CultiError where a row's image file is missing.

    A row of `previous` stays in its split, unless its group has more rows of another. `given` are splits by
    pair_id that come from elsewhere and stay whatever they leak: a group that lies in several is cut.
    """
    best: dict[str, tuple[float, int]] = {}
    items: list[Item] = []
    sizes: list[int] = []
    for index, row in enumerate(read_light(rows, range(len(rows)))):
        score = row.pair_score or 0.0
        if row.pair_id not in best or score > best[row.pair_id][0]:
            best[row.pair_id] = (score, index)
        items.append(make_item(row, index))
        sizes.append(measure_image(row))
    kept = sorted(index for _, index in best.values())
    chosen = [items[index] for index in kept]
    grouping = group_items(chosen, describe, comparisons)
    fixed: dict[str, str] = {}
    if given:
        grouping, fixed = _cut_groups(grouping, given)
    elif previous is not None:
        fixed = choose_fixed(sorted(grouping.groups.items()), previous.splits)
    splits = assign_splits(_count_strata(chosen, grouping), fixed)
    members: dict[str, list[int]] = {split: [] for split in SPLITS}
    for item in chosen:
        members[splits[grouping.groups[item.pair_id]]].append(item.number)
    return Plan(
        kept=kept,
        members=members,
        grouping=grouping,
        splits=splits,
        image_bytes={split: sum(sizes[n] for n in numbers) for split, numbers in members.items()},
        dropped=tuple(_note_duplicate(rows[n]) for n in sorted(set(range(len(items))) - set(kept))),
        previous=previous,
        moved=previous.list_moved(grouping.groups, splits) if previous else (),
    )


def _note_duplicate(row: Row) -> DroppedItem:
    return DroppedItem(row.document, Dropped(row.page or 0, "figure", DUPLICATE, row.figure_bbox))


def _count_strata(items: Sequence[Item], grouping: Grouping) -> dict[str, Counter[Stratum]]:
    counts: defaultdict[str, Counter[Stratum]] = defaultdict(Counter)
    for item in items:
        counts[grouping.groups[item.pair_id]][item.series, item.kind] += 1
    return counts


def _cut_groups(grouping: Grouping, given: Mapping[str, str]) -> tuple[Grouping, dict[str, str]]:
    """Groups of which none lies in two of the given splits, and the split of each; rows without one go with
    the most of their group."""
    whole = choose_fixed(sorted(grouping.groups.items()), given)
    groups: dict[str, str] = {}
    fixed: dict[str, str] = {}
    for pair_id, group in sorted(grouping.groups.items()):
        split = given.get(pair_id, whole.get(group, ""))
        own = group if split == whole.get(group, "") else find_group(f"{group}:{split}")
        groups[pair_id] = own
        if split:
            fixed[own] = split
    return Grouping(groups, grouping.joined, grouping.image_links, grouping.near), fixed
