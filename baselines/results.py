"""What a validation found: runs of methods over seeds, and what may be said of them on the test split."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from baselines.corpus import RetrievalSet
from baselines.metrics import METRICS, MR, Direction, Ranks, measure
from baselines.statistics import (
    TESTED,
    GroupHits,
    Interval,
    Spread,
    compare_pairs,
    correct_holm,
    count_hits,
    find_gains,
    find_intervals,
    find_spread,
)
from baselines.subsets import Subset
from baselines.variants import Choice

# A corrected p below this is called a difference.
SIGNIFICANT = 0.05


@dataclass(frozen=True, slots=True)
class Run:
    """One method under one seed: ranks on test and, where it was looked at, on validation."""

    seed: int
    test: Ranks
    validation: Ranks | None = None
    choices: Mapping[Direction, Choice] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Method:
    """A row of the table. `baseline` is the row that it is compared with, empty for none."""

    name: str
    about: str
    baseline: str
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Gain:
    """What a method has more than its baseline; p values before and after Holm's correction."""

    over: str
    points: Mapping[str, Interval]
    p: Mapping[str, float]
    p_holm: Mapping[str, float]

    def judge(self, metric: str = MR) -> str:
        """ "helped", "hurt", or "" where the data show no difference."""
        if self.p_holm[metric] >= SIGNIFICANT:
            return ""
        return "helped" if self.points[metric].value > 0 else "hurt"


@dataclass(frozen=True, slots=True)
class Summary:
    """A method on the test split: means over seeds, intervals, spread, gain; and its validation means."""

    method: Method
    metrics: Mapping[str, float]
    intervals: Mapping[str, Interval]
    spread: Mapping[str, Spread]
    validation: Mapping[str, float]
    subsets: Mapping[str, Mapping[str, float]]
    gain: Gain | None

    @property
    def name(self) -> str:
        """The row's name."""
        return self.method.name


def summarise(
    methods: Sequence[Method], test: RetrievalSet, subsets: Sequence[Subset] = ()
) -> tuple[Summary, ...]:
    """All that is said of each method, in order. Methods with the same baseline are corrected together."""
    hits = {m.name: hits_of(m, test) for m in methods}
    gains = _find_all_gains(methods, hits)
    return tuple(
        Summary(
            method=m,
            metrics=_mean_metrics(run.test for run in m.runs),
            intervals=find_intervals(hits[m.name]),
            spread=_spread(m),
            validation=_mean_metrics(run.validation for run in m.runs if run.validation is not None),
            subsets={s.name: _mean_metrics(s.pick(run.test) for run in m.runs) for s in subsets},
            gain=gains.get(m.name),
        )
        for m in methods
    )


def hits_of(method: Method, test: RetrievalSet) -> GroupHits:
    """The method's hits on test, by leakage group."""
    image_groups = [picture.group_id for picture in test.pictures]
    return count_hits([run.test for run in method.runs], test.text_groups, image_groups)


def _find_all_gains(methods: Sequence[Method], hits: Mapping[str, GroupHits]) -> dict[str, Gain]:
    families: dict[str, list[str]] = defaultdict(list)
    for method in methods:
        if method.baseline in hits:
            families[method.baseline].append(method.name)
    found: dict[str, Gain] = {}
    for baseline, names in families.items():
        p = {name: compare_pairs(hits[name], hits[baseline]) for name in names}
        corrected = {metric: correct_holm({name: p[name][metric] for name in names}) for metric in TESTED}
        for name in names:
            holm = {metric: corrected[metric][name] for metric in TESTED}
            found[name] = Gain(baseline, find_gains(hits[name], hits[baseline]), p[name], holm)
    return found


def _mean_metrics(runs: Iterable[Ranks]) -> dict[str, float]:
    measured = [measure(ranks) for ranks in runs]
    if not measured:
        return {}
    return {name: float(np.mean([m[name] for m in measured])) for name in METRICS}


def _spread(method: Method) -> dict[str, Spread]:
    measured = [measure(run.test) for run in method.runs]
    return {name: find_spread([m[name] for m in measured]) for name in METRICS}
