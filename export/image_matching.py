"""Whether one image lies in another: the place that most common features agree on, and what agrees there.

A detail cut from a pattern agrees with it all over; two pictures with the same motif, border or ground agree
only there. So what counts is the share of the features within the overlap, and of its parts, that are found
again. What lies on what is found here; whether it is the same is for the pixels to tell (pixel_check.py).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from export.local_features import STEP, Features, count_bits
from export.overlap import NO_OVERLAP, Overlap, Reals, judge_overlap, place_points, scale_of

Indexes = NDArray[np.int64]
Found = tuple[Indexes, Indexes]
"""Indexes of features of the one and of the other image that are alike, side by side."""

# Coarser features than these, by their number, decide whether a closer look is worth while.
COARSE = 420
# Bits of 256 that may differ between descriptors of the same spot.
_MOST_BITS = 56
_MOST_PAIRS = 160
_MOST_PLACINGS = 4
_SURE = 0.8
_FEWEST_WITNESSES, _FEWEST_FOUND = 6, 8
_LEAST_SHARE = 0.4
# Two features tell a scale to a third of an octave; what they say of a third one is off by so much.
_SLACK, _SLACK_PX = 0.16, 5.0
_WITNESS_PX = 8
_FAR_PX, _NEAR_PX = 6.0, 2.5
_LEVEL_SLACK = 0.75
_MOST_LEVELS = 16
_MOST_SCALE = 9.0


def measure_overlap(one: Features, other: Features, pairs: Found) -> Overlap:
    """The best overlap of those that the tentative `pairs` agree on; NO_OVERLAP where too few agree.

    A pattern that repeats fits itself one repeat further nearly as well, so several placings are tried.
    """
    best = NO_OVERLAP
    for start in _list_agreements(one.points[pairs[0]], other.points[pairs[1]]):
        best = max(best, refine_overlap(one, other, start), key=lambda overlap: overlap.likeness)
        if best.likeness >= _SURE:
            break
    return best


def refine_overlap(one: Features, other: Features, placing: Reals) -> Overlap:
    """The overlap near `placing` (2, 3), which takes pixels of `one` to those of `other`."""
    coarse, all_of_it = np.arange(max(0, len(one) - COARSE), len(one)), np.arange(len(one))
    # A first placing is rough; what it finds makes the next one better.
    for subset, near, least in (
        (coarse, _FAR_PX, 0.0),
        (coarse, _FAR_PX, _LEAST_SHARE),
        (all_of_it, _NEAR_PX, 0.0),
    ):
        found, asked = _match_near(one, other, placing, near, subset)
        if len(found[0]) < max(_FEWEST_FOUND, least * asked):
            return NO_OVERLAP
        placing = _fit(one.points[found[0]], other.points[found[1]])
        if not 1 / _MOST_SCALE < scale_of(placing) < _MOST_SCALE:
            return NO_OVERLAP
    return judge_overlap(one, other, placing, found)


def _list_agreements(a: NDArray[np.float32], b: NDArray[np.float32]) -> Iterator[Reals]:
    """The placings for which most pairs of points speak, each pair for one; none where they are too few."""
    if len(a) > _MOST_PAIRS:
        chosen = np.linspace(0, len(a) - 1, _MOST_PAIRS).astype(np.int64)
        a, b = a[chosen], b[chosen]
    shift = b[:, 2] - a[:, 2]
    levels = np.bincount((shift - shift.min()).astype(np.int64), minlength=3)
    if np.convolve(levels, np.ones(3, np.int64)).max() < _FEWEST_WITNESSES:
        return
    moved = (STEP**shift)[:, None, None] * (a[None, :, :2] - a[:, None, :2])
    off = np.abs(moved - (b[None, :, :2] - b[:, None, :2])).max(2)
    agrees = off <= _SLACK * np.abs(moved).max(2) + _SLACK_PX * STEP ** b[None, :, 2]
    agrees &= np.abs(shift[None, :] - shift[:, None]) <= 1
    # Features of one spot, on several levels or alike to several others, are one witness.
    spots = np.floor(a[:, :2] / _WITNESS_PX).astype(np.int64) @ np.array([1000, 1])
    order = np.argsort(spots, kind="stable")
    firsts = np.flatnonzero(np.diff(spots[order], prepend=-1))
    witnesses = np.logical_or.reduceat(agrees[:, order], firsts, axis=1).sum(1)
    for _ in range(_MOST_PLACINGS):
        best = int(np.argmax(witnesses))
        if witnesses[best] < _FEWEST_WITNESSES:
            return
        yield _fit(a[agrees[best]], b[agrees[best]], turned=False)
        witnesses[agrees[best]] = 0


def _fit(a: NDArray[np.float32], b: NDArray[np.float32], *, turned: bool = True) -> Reals:
    """The similarity (2, 3), by least squares, that takes points `a` to `b`."""
    p, q = a[:, :2].astype(np.float64), b[:, :2].astype(np.float64)
    centre, target = p.mean(0), q.mean(0)
    p, q = p - centre, q - target
    spread = max(1e-9, float((p * p).sum()))
    cosine = max(1e-6, float((p * q).sum()) / spread)
    sine = float((p[:, 0] * q[:, 1] - p[:, 1] * q[:, 0]).sum()) / spread if turned else 0.0
    linear = np.array([[cosine, -sine], [sine, cosine]])
    return np.column_stack((linear, target - linear @ centre))


def _match_near(
    one: Features, other: Features, placing: Reals, near: float, subset: Indexes
) -> tuple[Found, int]:
    """Features of `one` in `subset` whose like stands in `other` where `placing` puts it, on a fitting level.

    And how many could have: those of the subset that lie on `other`, or those of `other` among them.
    """
    levels = one.points[subset, 2] + np.log(scale_of(placing)) / np.log(STEP)
    placed = place_points(one.points[subset], placing)
    inside = ((placed >= 0) & (placed <= (other.width, other.height))).all(1) & (levels >= -_LEVEL_SLACK)
    subset, levels, placed = subset[inside], levels[inside], placed[inside]
    # Cells of twice the reach: what is within reach lies in one of four, on one or two levels.
    size = 2 * near * STEP ** np.arange(_MOST_LEVELS)
    theirs = other.points[:, 2].astype(np.int64)
    keys = _name_cells(np.floor(other.points[:, :2] / size[theirs, None]).astype(np.int64), theirs)
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    wanted: list[Indexes] = []
    asking: list[Indexes] = []
    for level in (np.floor(levels), np.floor(levels) + 1):
        fits = (np.abs(level - levels) <= _LEVEL_SLACK) & (level >= 0) & (level < _MOST_LEVELS)
        who = np.flatnonzero(fits)
        at = level[who].astype(np.int64)
        corner = np.floor(placed[who] / size[at, None] - 0.5).astype(np.int64)
        for step in ((0, 0), (0, 1), (1, 0), (1, 1)):
            wanted.append(_name_cells(corner + np.array(step), at))
            asking.append(who)
    starts = np.searchsorted(keys, np.concatenate(wanted), "left")
    counts = np.searchsorted(keys, np.concatenate(wanted), "right") - starts
    i = np.repeat(np.concatenate(asking), counts)
    j = order[np.repeat(starts - np.cumsum(counts) + counts, counts) + np.arange(len(i))]
    close = np.abs(placed[i] - other.points[j, :2]).max(1) <= near * STEP ** other.points[j, 2]
    i, j = i[close], j[close]
    bits = count_bits(one.descriptors[subset[i]], other.descriptors[j])
    alike = bits <= _MOST_BITS
    i, j, bits = i[alike], j[alike], bits[alike]
    best = np.lexsort((j, bits, i))
    best = best[np.flatnonzero(np.diff(i[best], prepend=-1))]
    return (subset[i[best]], j[best]), min(len(subset), _count_within(other, placed, levels))


def _count_within(other: Features, placed: Reals, levels: NDArray[np.floating]) -> int:
    """How many features of `other` lie among those placed on it, on their levels."""
    if not len(placed):
        return 0
    x, level = other.points[:, :2], other.points[:, 2]
    within = ((x >= placed.min(0)) & (x <= placed.max(0))).all(1)
    within &= (level >= levels.min() - _LEVEL_SLACK) & (level <= levels.max() + _LEVEL_SLACK)
    return int(within.sum())


def _name_cells(cells: Indexes, levels: Indexes) -> Indexes:
    """One number for each cell of each level; cells may lie a little outside the image."""
    named: Indexes = (((levels << 20) + cells[:, 0] + 512) << 20) + cells[:, 1] + 512
    return named
