"""Finds the images of a release that may show the same, without comparing all with all.

Descriptors are looked up by some of their bits (locality-sensitive hashing; Gionis, Indyk and Motwani, VLDB
1999): those of the same spot differ in about a tenth of their bits, so in one of several tables they meet.
Keys grow with the number of features, so as many meet in a bucket of a large release as of a small one; an
image's features, the nearest of each and the images looked at are limited. So an image costs about the same
whatever the size. A table is parted by its keys, as in a hash join, and one part at a time is in memory.
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
from export.parted_records import PartedRecords, Records

Indexes = NDArray[np.int64]
AreKnown = Callable[[Indexes, Indexes], NDArray[np.bool_]]

MOST_BITS = 44
_KEY_BITS = (14, 24)
_BITS_LESS = 3
# Two features that are alike agree in longer keys less often, so these have more tables.
_BITS_PER_TABLE = 3
# A feature that so many others share says nothing: a lattice, the grain of paper.
_MOST_IN_BUCKET = 100
_FEWEST_PAIRS = 6
_NEAREST, _NEAREST_OF_IMAGE = 8, 2
_MOST_CANDIDATES = 60
_PART_FEATURES = 1_000_000
_PART_IMAGES = 500
_BATCH_PAIRS = 1_000_000

_ENTRY = np.dtype(
    [("key", "<u4"), ("image", "<u4"), ("place", "<u2"), ("asks", "?"), ("bits", "u1", DESCRIPTOR_BYTES)]
)
_MEETING = np.dtype([("one", "<u4"), ("p", "<u2"), ("other", "<u4"), ("q", "<u2"), ("off", "u1")])


@dataclass(frozen=True, slots=True)
class Candidate:
    """Two images by number, and which of their features are alike."""

    one: int
    other: int
    pairs: tuple[Indexes, Indexes]


def find_candidates(images: FeatureBank, are_known: AreKnown) -> Iterator[Candidate]:
    """Pairs of images with several features alike, each way round; `are_known` tells for arrays of numbers
    which pairs need not be found.

    An image asks by its coarser features: a detail's coarse ones are the whole's fine ones.
    """
    total = int(images.sizes.sum())
    bits = int(np.clip(np.ceil(np.log2(max(1, total))) - _BITS_LESS, *_KEY_BITS))
    with PartedRecords(_MEETING) as meetings:
        for bits_of_table in _choose_bits(bits):
            for met in _fill_table(images, bits_of_table, are_known):
                meetings.add(met, met["one"] // _PART_IMAGES)
        for part in range(-(-len(images) // _PART_IMAGES)):
            yield from _list_candidates(meetings.read(part), are_known)


def _fill_table(images: FeatureBank, bits_of_table: Indexes, are_known: AreKnown) -> Iterator[Records]:
    """What meets in one table."""
    parts = 1 + int(images.sizes.sum()) // _PART_FEATURES
    with PartedRecords(_ENTRY) as entries:
        for numbers in _cut(images.sizes, _PART_FEATURES):
            gathered = _gather(images, numbers)
            gathered["key"] = _make_keys(gathered["bits"], bits_of_table)
            entries.add(gathered, (gathered["key"].astype(np.int64) * parts) >> len(bits_of_table))
        for part in range(parts):
            yield from _meet(entries.read(part), are_known)


def _gather(images: FeatureBank, numbers: range) -> Records:
    """The features of some images one after the other."""
    sizes = images.sizes[numbers.start : numbers.stop]
    entries = np.zeros(int(sizes.sum()), _ENTRY)
    entries["image"] = np.repeat(np.array(numbers, np.int64), sizes)
    entries["place"] = np.arange(len(entries)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    entries["asks"] = entries["place"] >= np.repeat(sizes - COARSE, sizes)
    entries["bits"] = images.join_descriptors(numbers)
    return entries


def _meet(entries: Records, are_known: AreKnown) -> Iterator[Records]:
    """Which features have a key in common and are alike, the nearest of each."""
    entries = entries[np.argsort(entries["key"], kind="stable")]
    starts = np.flatnonzero(np.diff(entries["key"].astype(np.int64), prepend=-1))
    lengths = np.diff(starts, append=len(entries))
    first, size = np.repeat(starts, lengths), np.repeat(lengths, lengths)
    descriptors, owners = np.ascontiguousarray(entries["bits"]), entries["image"].astype(np.int64)
    asking = np.flatnonzero(entries["asks"] & (size > 1) & (size <= _MOST_IN_BUCKET))
    for some in _cut(size[asking], _BATCH_PAIRS):
        who = asking[some.start : some.stop]
        ours = np.repeat(who, size[who])
        steps = np.arange(len(ours)) - np.repeat(np.cumsum(size[who]) - size[who], size[who])
        theirs = np.repeat(first[who], size[who]) + steps
        apart = owners[ours] != owners[theirs]
        ours, theirs = ours[apart], theirs[apart]
        off = count_bits(descriptors[ours], descriptors[theirs])
        near = (off <= MOST_BITS) & ~are_known(owners[ours], owners[theirs])
        met = np.zeros(int(near.sum()), _MEETING)
        for name, value in (("one", "image"), ("p", "place")):
            met[name] = entries[value][ours[near]]
        for name, value in (("other", "image"), ("q", "place")):
            met[name] = entries[value][theirs[near]]
        met["off"] = off[near]
        yield _keep_nearest(met)


def _keep_nearest(met: Records) -> Records:
    """Of what each feature met, each once, the nearest; of one image few, for a pattern that repeats would
    else keep all others out."""
    met = met[np.lexsort((met["q"], met["off"], met["other"], met["p"], met["one"]))]
    again = np.zeros(len(met), bool)
    again[1:] = met[1:] == met[:-1]
    met = met[~again]
    feature = (met["one"].astype(np.int64) << 16) + met["p"]
    changes = (np.diff(feature, prepend=-1) != 0) | (np.diff(met["other"].astype(np.int64), prepend=-1) != 0)
    met = met[_rank(changes) < _NEAREST_OF_IMAGE]
    met = met[np.lexsort((met["q"], met["other"], met["off"], met["p"], met["one"]))]
    feature = (met["one"].astype(np.int64) << 16) + met["p"]
    return met[_rank(np.diff(feature, prepend=-1) != 0) < _NEAREST]


def _rank(is_first: NDArray[np.bool_]) -> Indexes:
    """The place of each in its run, from 0."""
    starts = np.flatnonzero(is_first)
    return np.arange(len(is_first)) - np.repeat(starts, np.diff(starts, append=len(is_first)))


def _list_candidates(met: Records, are_known: AreKnown) -> Iterator[Candidate]:
    """For each image those that most of its features met, in the order of their numbers."""
    met = met[~are_known(met["one"].astype(np.int64), met["other"].astype(np.int64))]
    met = _keep_nearest(met)
    met = met[np.lexsort((met["q"], met["p"], met["other"], met["one"]))]
    one, other, p, q = (met[name].astype(np.int64) for name in ("one", "other", "p", "q"))
    changes = (np.diff(one, prepend=-1) != 0) | (np.diff(other, prepend=-1) != 0)
    starts = np.flatnonzero(changes)
    asking = (
        np.add.reduceat((changes | (np.diff(p, prepend=-1) != 0)).astype(np.int64), starts)
        if len(met)
        else starts
    )
    order = np.lexsort((other[starts], -asking, one[starts]))
    firsts = np.flatnonzero(np.diff(one[starts][order], prepend=-1))
    ranks = np.zeros(len(starts), np.int64)
    ranks[order] = np.arange(len(order)) - np.repeat(firsts, np.diff(firsts, append=len(order)))
    ends = np.append(starts[1:], len(met))
    for k in np.flatnonzero((asking >= _FEWEST_PAIRS) & (ranks < _MOST_CANDIDATES)):
        a, b = starts[k], ends[k]
        yield Candidate(int(one[a]), int(other[a]), (p[a:b], q[a:b]))


def _cut(sizes: Indexes, most: int) -> list[range]:
    """Numbers in runs that have about `most` in all."""
    ends = np.flatnonzero(np.diff(np.maximum(0, np.cumsum(sizes) - 1) // most)) + 1
    return [range(a, b) for a, b in pairwise([0, *ends.tolist(), len(sizes)]) if b > a]


def _choose_bits(count: int) -> list[Indexes]:
    """For each table the bits of its keys, always the same."""
    rng = np.random.Generator(np.random.PCG64(7))
    tables = -(-count // _BITS_PER_TABLE)
    return [rng.permutation(8 * DESCRIPTOR_BYTES)[:count].astype(np.int64) for _ in range(tables)]


def _make_keys(descriptors: NDArray[np.uint8], bits: Indexes) -> NDArray[np.uint32]:
    keys = np.zeros(len(descriptors), np.uint32)
    for place, bit in enumerate(bits):
        keys |= ((descriptors[:, bit // 8] >> np.uint8(bit % 8)) & 1).astype(np.uint32) << np.uint32(place)
    return keys
