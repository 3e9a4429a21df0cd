"""Images of a release that show the same, in whole or in part; and those that come near it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from export.comparing import Comparisons, compare_images, make_key
from export.feature_bank import FeatureBank
from export.image_index import Candidate, find_candidates
from export.joins import Item, Link
from export.local_features import SIDE_PX, Pixels, read_small

# Perceptual hashes of 64 bits that differ in no more are looked at. Two that differ in at most six bits have
# two of their eight bytes in common.
_HASH_BITS = 6
_SMALL_PX = 48
_GRID_PX = 32
_LEAST_CORRELATION, _MOST_OFF, _SAME_ASPECT = 0.985, 8.0, 0.04
_LEAST_CONTRAST = 6.0
_MOST_ALIKE = 40
_GREY_CHROMA = 6.0
_HELD_IMAGES = 64
_LUMA = np.array([[0.299], [0.587], [0.114]])


@dataclass(frozen=True, slots=True)
class Likeness:
    """Two rows, by pair_id, whose images are alike: `value` (0–1) is how much of the smaller is found in the
    other, in the same colours."""

    one: str
    other: str
    value: float


def link_images(
    items: Sequence[Item],
    find: Callable[[int], int],
    describe: Callable[..., bytes],
    comparisons: Comparisons | None = None,
) -> tuple[list[Link], list[Likeness]]:
    """Links between `items` (in order of pair_id) that show the same, and pairs that are alike and no links.

    `find` tells which items are together already, by their numbers: those are not compared. Images are read
    one at a time; `describe` gives the packed features of an image file. What `comparisons` has is not made
    again, and what is found is added to it.
    """
    known: Comparisons = {} if comparisons is None else comparisons
    firsts: dict[str, int] = {}
    for n, item in enumerate(items):
        firsts.setdefault(item.image_sha256, n)
    owners = np.array(list(firsts.values()), np.int64)
    roots = np.array([find(int(n)) for n in owners], np.int64)
    links: list[Link] = []
    near: dict[tuple[int, int], float] = {}

    def join(a: int, b: int) -> None:
        links.append(Link(items[owners[a]].pair_id, items[owners[b]].pair_id, "image"))
        # What is joined now need not be compared later.
        roots[roots == roots[b]] = roots[a]

    def are_known(one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.bool_]:
        known: NDArray[np.bool_] = roots[one] == roots[other]
        return known

    own = [items[n] for n in owners]

    # The images of one are asked for in turn.
    @lru_cache(_HELD_IMAGES)
    def read(number: int) -> Pixels | None:
        return read_small(own[number].image_file, SIDE_PX)

    def read_both(found: Candidate) -> tuple[Pixels | None, Pixels | None]:
        return read(found.one), read(found.other)

    for a, b in find_like_hashes([item.phash for item in own]):
        if roots[a] != roots[b] and are_alike_small(own[a], own[b]):
            join(a, b)
    with FeatureBank(describe(item.image_file) for item in own) as images:
        for found in find_candidates(images, are_known):
            if roots[found.one] == roots[found.other]:
                continue
            key = make_key(own[found.one].image_sha256, own[found.other].image_sha256, found.pairs)
            compared = known.get(key)
            if compared is None:
                compared = known[key] = compare_images(
                    images[found.one], images[found.other], found.pairs, partial(read_both, found)
                )
            if compared.shows_same:
                join(found.one, found.other)
            elif compared.value:
                two = min(found.one, found.other), max(found.one, found.other)
                near[two] = max(compared.value, near.get(two, 0.0))
    alike = [Likeness(own[a].pair_id, own[b].pair_id, value) for (a, b), value in sorted(near.items())]
    return links, alike


def find_like_hashes(hashes: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Pairs of 64-bit hashes (hex), by number, that differ in at most six bits; what is no hash is alone."""
    values = [(n, value) for n, text in enumerate(hashes) if (value := _parse_hash(text)) is not None]
    numbers = np.array([n for n, _ in values], np.int64)
    bits = np.array([value for _, value in values], np.uint64)
    octets = bits.view(np.uint8).reshape(-1, 8).astype(np.uint16)
    found: set[tuple[int, int]] = set()
    for one, other in combinations(range(8), 2):
        keys = octets[:, one] << 8 | octets[:, other]
        order = np.argsort(keys, kind="stable")
        for first, second in _find_close(keys[order], bits[order]):
            found.update(zip(numbers[order[first]].tolist(), numbers[order[second]].tolist(), strict=True))
    yield from sorted(found)


def _find_close(
    keys: NDArray[Any], bits: NDArray[np.uint64]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Places of hashes that are alike and have the same key, of which equals are neighbours. Each is laid
    beside the next, the one after it and so on, until another key comes or enough are found."""
    ends = np.searchsorted(keys, keys, side="right")
    found = np.zeros(len(keys), np.int64)
    open_ones = np.arange(len(keys))
    step = 0
    while len(open_ones):
        step += 1
        open_ones = open_ones[(open_ones + step < ends[open_ones]) & (found[open_ones] < _MOST_ALIKE)]
        close = np.bitwise_count(bits[open_ones] ^ bits[open_ones + step]) <= _HASH_BITS
        alike = open_ones[close]
        found[alike] += 1
        yield alike, alike + step


def _parse_hash(text: str) -> int | None:
    try:
        value = int(text, 16)
    except ValueError:
        return None
    return value if 0 <= value < 1 << 64 else None


def are_alike_small(one: Item, other: Item) -> bool:
    """Whether two images are one picture at the size of a stamp, but for contrast and brightness."""
    first_grid, second_grid = _read_grid(one), _read_grid(other)
    if first_grid is None or second_grid is None:
        return False
    (a, first), (b, second) = first_grid, second_grid
    if abs(first - second) > _SAME_ASPECT * max(first, second):
        return False
    if min(np.ptp(a, 2).mean(), np.ptp(b, 2).mean()) < _GREY_CHROMA:
        a, b = a @ _LUMA, b @ _LUMA
    x, y = a - a.mean((0, 1)), b - b.mean((0, 1))
    contrast = np.sqrt((x * x).mean()), np.sqrt((y * y).mean())
    if max(contrast) < _LEAST_CONTRAST:
        # Nothing to be seen on either: the same only if they are the same tone.
        return bool(np.abs(a - b).mean() < 2.0)
    correlation = float((x * y).sum() / max(1e-9, np.sqrt((x * x).sum() * (y * y).sum())))
    gain = float((x * y).sum() / max(1e-9, (x * x).sum()))
    off = float(np.sqrt(((y - gain * x) ** 2).mean()))
    return correlation >= _LEAST_CORRELATION and off <= _MOST_OFF


def _read_grid(item: Item) -> tuple[NDArray[np.float64], float] | None:
    import cv2

    pixels = read_small(item.image_file, _SMALL_PX * 4)
    if pixels is None:
        return None
    small = cv2.resize(pixels, (_GRID_PX, _GRID_PX), interpolation=cv2.INTER_AREA)
    return small.astype(np.float64), pixels.shape[1] / pixels.shape[0]
