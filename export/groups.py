"""Leakage groups: rows that are joined, directly or through others, and so lie in one split."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scipy.cluster.hierarchy import DisjointSet

from export.comparing import Comparisons
from export.image_links import Likeness, link_images
from export.joins import Item, Link, Reason, link_printed

Describe = Callable[[Path], bytes]


@dataclass(frozen=True, slots=True)
class Grouping:
    """`groups` has the group of each pair_id. `joined` counts, by reason, the links that brought rows of
    different groups together; `near` are the likest pairs of images that were not joined."""

    groups: Mapping[str, str]
    joined: Mapping[Reason, int]
    image_links: tuple[Link, ...]
    near: tuple[Likeness, ...]


def group_items(
    items: Sequence[Item], describe: Describe, comparisons: Comparisons | None = None
) -> Grouping:
    """The groups of `items`, whatever their order; `describe` gives an image file's packed features,
    `comparisons` what images were found to be to each other before; new ones are added."""
    ordered = sorted(items, key=lambda item: item.pair_id)
    numbers = {item.pair_id: n for n, item in enumerate(ordered)}
    sets = DisjointSet(range(len(ordered)))
    joined: Counter[Reason] = Counter()

    def add(links: Iterable[Link]) -> None:
        for link in links:
            joined[link.reason] += sets.merge(numbers[link.one], numbers[link.other])

    add(link_printed(ordered))
    links, near = link_images(ordered, sets.__getitem__, describe, comparisons)
    add(links)
    members: defaultdict[int, list[Item]] = defaultdict(list)
    for n, item in enumerate(ordered):
        members[sets[n]].append(item)
    groups = {item.pair_id: name for own in members.values() for name in (name_group(own),) for item in own}
    apart = tuple(n for n in near if groups[n.one] != groups[n.other])
    return Grouping(groups, dict(joined), tuple(links), apart)


def name_group(members: Iterable[Item]) -> str:
    """16 hex digits from the first entry of a group, so that a group of one entry keeps its name."""
    return find_group(min(item.entry or f"pair:{item.pair_id}" for item in members))


def find_group(key: str) -> str:
    """The group_id that an entry, or another key, gives."""
    return hashlib.sha256(f"group:{key}".encode()).hexdigest()[:16]
