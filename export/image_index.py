"""Finds the images of a release that may show the same, without comparing all with all.

Descriptors are looked up by some of their bits (locality-sensitive hashing; Gionis, Indyk and Motwani, VLDB
1999): those of the same spot differ in about a tenth of their bits, so in one of several tables they meet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from export.feature_bank import FeatureBank
from export.image_matching import COARSE
from export.local_features import DESCRIPTOR_BYTES, count_bits

Indexes = NDArray[np.int64]

TABLES = 6
MOST_BITS = 44
_KEY_BITS = (14, 24)
_BITS_LESS = 3
# A feature that so many others share says nothing: a lattice, the grain of paper.
_MOST_IN_BUCKET = 100
_FEWEST_PAIRS = 6
_NEAREST = 8
_SHARD_FEATURES = 3_000_000
_BATCH_FEATURES = 20_000


@dataclass(frozen=True, slots=True)
class Candidate:
    """Two images by number, and which of their features are alike."""

    one: int
    other: int
    pairs: tuple[Indexes, Indexes]


def find_candidates(
    images: FeatureBank, are_known: Callable[[Indexes, Indexes], NDArray[np.bool_]]
) -> Iterator[Candidate]:
    """Pairs of images with several features alike, each way round; `are_known` tells for arrays of numbers
    which pairs need not be found.

    An image asks by its coarser features: a detail's coarse ones are the whole's fine ones.
    """
    sizes = images.sizes
    bits = int(np.clip(np.ceil(np.log2(max(1, sizes.sum()))) - _BITS_LESS, *_KEY_BITS))
    shards = _cut(sizes, _SHARD_FEATURES)
    for numbers in shards:
        table = _Shard(images, numbers, bits, max(3, _NEAREST // len(shards)))
        for asking in _cut(np.minimum(sizes, COARSE), _BATCH_FEATURES):
            yield from table.ask(images, asking, are_known)


def _cut(sizes: Indexes, most: int) -> list[range]:
    """Numbers of images in runs that have about `most` features each."""
    ends = np.flatnonzero(np.diff(np.maximum(0, np.cumsum(sizes) - 1) // most)) + 1
    return [range(a, b) for a, b in pairwise([0, *ends.tolist(), len(sizes)]) if b > a]


class _Shard:
    def __init__(self, images: FeatureBank, numbers: range, bits: int, nearest: int) -> None:
        self._nearest = nearest
        self._bits = _choose_bits(bits)
        self.descriptors, self.owners, self.places = _gather(images, numbers, None)
        self._keys: list[NDArray[np.uint32]] = []
        self._order: list[NDArray[np.int32]] = []
        for bits_of_table in self._bits:
            keys = _make_keys(self.descriptors, bits_of_table)
            order = np.argsort(keys, kind="stable").astype(np.int32)
            self._keys.append(keys[order])
            self._order.append(order)

    def ask(
        self,
        images: FeatureBank,
        asking: range,
        are_known: Callable[[Indexes, Indexes], NDArray[np.bool_]],
    ) -> Iterator[Candidate]:
        descriptors, owners, places = _gather(images, asking, COARSE)
        found: list[Indexes] = []
        for bits, keys, order in zip(self._bits, self._keys, self._order, strict=True):
            mine = _make_keys(descriptors, bits)
            starts = np.searchsorted(keys, mine, "left")
            counts = np.searchsorted(keys, mine, "right") - starts
            counts[counts > _MOST_IN_BUCKET] = 0
            ours = np.repeat(np.arange(len(mine)), counts)
            steps = np.arange(len(ours)) - np.repeat(np.cumsum(counts) - counts, counts)
            theirs = order[np.repeat(starts, counts) + steps].astype(np.int64)
            apart = owners[ours] != self.owners[theirs]
            ours, theirs = ours[apart], theirs[apart]
            unknown = ~are_known(owners[ours], self.owners[theirs])
            ours, theirs = ours[unknown], theirs[unknown]
            near = count_bits(descriptors[ours], self.descriptors[theirs]) <= MOST_BITS
            found.append(ours[near] * len(self.owners) + theirs[near])
        ours, theirs = np.divmod(np.unique(np.concatenate(found)), len(self.owners))
        ours, theirs = _keep_nearest(descriptors, self.descriptors, ours, theirs, self._nearest)
        yield from _by_image(owners[ours], self.owners[theirs], places[ours], self.places[theirs])


def _keep_nearest(
    asking: NDArray[np.uint8], asked: NDArray[np.uint8], ours: Indexes, theirs: Indexes, most: int
) -> tuple[Indexes, Indexes]:
    """Of what each feature met, the `most` that are most alike."""
    order = np.lexsort((theirs, count_bits(asking[ours], asked[theirs]), ours))
    ours, theirs = ours[order], theirs[order]
    starts = np.flatnonzero(np.diff(ours, prepend=-1))
    ranks = np.arange(len(ours)) - np.repeat(starts, np.diff(starts, append=len(ours)))
    return ours[ranks < most], theirs[ranks < most]


def _by_image(one: Indexes, other: Indexes, p: Indexes, q: Indexes) -> Iterator[Candidate]:
    order = np.lexsort((q, p, other, one))
    one, other, p, q = one[order], other[order], p[order], q[order]
    changes = (np.diff(one, prepend=-1) != 0) | (np.diff(other, prepend=-1) != 0)
    edges = [*np.flatnonzero(changes), len(one)]
    for a, b in pairwise(edges):
        if b - a >= _FEWEST_PAIRS and len(np.unique(p[a:b])) >= _FEWEST_PAIRS:
            yield Candidate(int(one[a]), int(other[a]), (p[a:b], q[a:b]))


def _gather(
    images: FeatureBank, numbers: range, most: int | None
) -> tuple[NDArray[np.uint8], Indexes, Indexes]:
    """Descriptors of some images one after the other, with the image of each and its place there."""
    starts = [max(0, int(images.sizes[n]) - most) if most else 0 for n in numbers]
    descriptors = [images.list_descriptors(n, s) for n, s in zip(numbers, starts, strict=True)]
    places = [np.arange(s, images.sizes[n]) for n, s in zip(numbers, starts, strict=True)]
    owners = np.repeat(np.array(numbers, np.int64), [len(p) for p in places])
    return (
        np.concatenate([np.zeros((0, DESCRIPTOR_BYTES), np.uint8), *descriptors]),
        owners,
        np.concatenate([np.zeros(0, np.int64), *places]),
    )


def _choose_bits(count: int) -> Indexes:
    """For each table the bits of its keys, always the same."""
    rng = np.random.Generator(np.random.PCG64(7))
    return np.array([rng.permutation(8 * DESCRIPTOR_BYTES)[:count] for _ in range(TABLES)], np.int64)


def _make_keys(descriptors: NDArray[np.uint8], bits: Indexes) -> NDArray[np.uint32]:
    keys = np.zeros(len(descriptors), np.uint32)
    for place, bit in enumerate(bits):
        keys |= ((descriptors[:, bit // 8] >> np.uint8(bit % 8)) & 1).astype(np.uint32) << np.uint32(place)
    return keys
