"""What numbers of a few hundred queries can bear: intervals, paired tests, many comparisons, seeds.

The unit is the **group** (`group_id`: pictures and texts of one entry of a book), never the query, for the
queries of an entry are right or wrong together, and intervals over queries would be too narrow. Means over
seeds are taken first, so that a method's number is what one run gives on average.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from baselines.metrics import CUTOFFS, DIRECTIONS, MEAN_RECALLS, MR, RECALLS, Ranks

# What intervals and tests are made for: means over queries. Medians have no place here.
TESTED = (*RECALLS, *MEAN_RECALLS, MR)
RESAMPLES = 5_000
LEVEL = 0.95
# With so few groups that differ, all signs are tried instead of random ones.
_MOST_ENUMERATED = 12
_BLOCK = 500

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Interval:
    """A value with its 95 % interval, in the metric's unit."""

    value: float
    low: float
    high: float

    def excludes_zero(self) -> bool:
        """Whether zero lies outside."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class GroupHits:
    """Hits per group: `hits` (seeds, groups, 6) in the order of RECALLS, `queries` (groups, 6)."""

    hits: Floats
    queries: Floats


@dataclass(frozen=True, slots=True)
class Spread:
    """Over seeds. `deviation` is that of a sample; NaN for one seed."""

    mean: float
    deviation: float
    lowest: float
    highest: float


def count_hits(runs: Sequence[Ranks], text_groups: Sequence[str], image_groups: Sequence[str]) -> GroupHits:
    """Hits by group of one method's runs (seeds), which all rank the same queries."""
    names = {name: n for n, name in enumerate(sorted({*text_groups, *image_groups}))}
    hits = np.zeros((len(runs), len(names), len(RECALLS)))
    queries = np.zeros((len(names), len(RECALLS)))
    for column, (direction, cutoff) in enumerate(itertools.product(DIRECTIONS, CUTOFFS)):
        groups = text_groups if direction == "text_to_image" else image_groups
        places = np.array([names[group] for group in groups], dtype=np.intp)
        queries[:, column] = np.bincount(places, minlength=len(names))
        for seed, ranks in enumerate(runs):
            found = (ranks.get(direction) <= cutoff).astype(np.float64)
            hits[seed, :, column] = np.bincount(places, weights=found, minlength=len(names))
    return GroupHits(hits, queries)


def find_intervals(hits: GroupHits, seed: int = 0, resamples: int = RESAMPLES) -> dict[str, Interval]:
    """Each of TESTED with its percentile interval from a bootstrap over groups and, where several, seeds."""
    drawn = _resample([hits], seed, resamples)[0]
    return _describe(_combine(_find_recalls(hits)), drawn)


def find_gains(
    hits: GroupHits, baseline: GroupHits, seed: int = 0, resamples: int = RESAMPLES
) -> dict[str, Interval]:
    """What `hits` has more than `baseline` on the same groups, with intervals; both are resampled together.

    With equal numbers of seeds, seed n is compared with seed n.
    """
    ours, theirs = _resample([hits, baseline], seed, resamples)
    value = _combine(_find_recalls(hits)) - _combine(_find_recalls(baseline))
    return _describe(value, ours - theirs)


def _describe(value: Floats, drawn: Floats) -> dict[str, Interval]:
    tail = 50 * (1 - LEVEL)
    ends = np.percentile(drawn, [tail, 100 - tail], axis=0)
    # Sums of equal numbers differ in the last bits; + 0.0 makes minus zero zero.
    rows = np.round(np.vstack([value[None], ends]), 9) + 0.0
    return {name: Interval(*(float(row[n]) for row in rows)) for n, name in enumerate(TESTED)}


def _find_recalls(hits: GroupHits) -> Floats:
    return np.asarray(100 * hits.hits.mean(axis=0).sum(axis=0) / hits.queries.sum(axis=0))


def _combine(recalls: Floats) -> Floats:
    """(…, 6) recalls → (…, 9) in the order of TESTED."""
    first, second = recalls[..., :3].mean(axis=-1), recalls[..., 3:].mean(axis=-1)
    return np.concatenate([recalls, np.stack([first, second, (first + second) / 2], axis=-1)], axis=-1)


def _resample(methods: Sequence[GroupHits], seed: int, resamples: int) -> list[Floats]:
    """(resamples, 9) for each method, all with the same drawn groups, and seeds where they have as many."""
    random = np.random.default_rng(seed)
    groups = len(methods[0].queries)
    found: list[list[Floats]] = [[] for _ in methods]
    for start in range(0, resamples, _BLOCK):
        size = min(_BLOCK, resamples - start)
        weights = random.multinomial(groups, np.full(groups, 1 / groups), size=size).astype(np.float64)
        seeds: dict[int, Floats] = {}
        for n, method in enumerate(methods):
            runs = len(method.hits)
            if runs not in seeds:
                seeds[runs] = random.multinomial(runs, np.full(runs, 1 / runs), size=size) / runs
            sums = sum(seeds[runs][:, [s]] * (weights @ method.hits[s]) for s in range(runs))
            # A draw may hold no query of a direction when groups are few: no hits of none.
            recalls = 100 * sums / np.maximum(weights @ method.queries, 1)
            found[n].append(_combine(np.asarray(recalls)))
    return [np.concatenate(parts) for parts in found]


def compare_pairs(
    hits: GroupHits, baseline: GroupHits, seed: int = 0, rounds: int = 10_000
) -> dict[str, float]:
    """Two-sided p of each of TESTED by a paired randomisation test: groups swap their two results.

    Means over seeds are swapped. With at most 12 groups that differ all swaps are tried, and p is exact;
    else p is (1 + as extreme) / (1 + rounds). Source: Smucker, Allan, Carterette, CIKM 2007, by group.
    """
    difference = 100 * (hits.hits.mean(axis=0) - baseline.hits.mean(axis=0)) / hits.queries.sum(axis=0)
    parts = _combine(difference)
    differing = np.flatnonzero(np.abs(parts).max(axis=1) > 0)
    parts = parts[differing]
    observed = np.abs(parts.sum(axis=0))
    if len(differing) <= _MOST_ENUMERATED:
        signs = np.array(list(itertools.product((1.0, -1.0), repeat=len(differing))))
        extreme, tried = _count_extreme(signs, parts, observed), len(signs)
    else:
        random = np.random.default_rng(seed)
        extreme, tried = np.ones(len(TESTED)), rounds + 1
        for start in range(0, rounds, _BLOCK):
            size = min(_BLOCK, rounds - start)
            extreme = extreme + _count_extreme(
                random.choice((1.0, -1.0), size=(size, len(differing))), parts, observed
            )
    return {name: float(extreme[n] / tried) for n, name in enumerate(TESTED)}


def _count_extreme(signs: Floats, parts: Floats, observed: Floats) -> Floats:
    # What is equal but for rounding is as extreme.
    return np.asarray((np.abs(signs @ parts) >= observed - 1e-9).sum(axis=0), dtype=np.float64)


def correct_holm(values: Mapping[str, float]) -> dict[str, float]:
    """Holm's step-down correction of p values, in the order given; each at most 1."""
    found: dict[str, float] = {}
    largest = 0.0
    for n, (name, p) in enumerate(sorted(values.items(), key=lambda item: item[1])):
        largest = max(largest, min(1.0, (len(values) - n) * p))
        found[name] = largest
    return {name: found[name] for name in values}


def find_spread(values: Sequence[float]) -> Spread:
    """Mean, deviation and range over seeds."""
    deviation = float(np.std(values, ddof=1)) if len(values) > 1 else float("nan")
    return Spread(float(np.mean(values)), deviation, min(values), max(values))
