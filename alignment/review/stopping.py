"""When enough was checked: the share of wrong pairs that is left, with its interval, and how far agreed."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from scipy.stats import binomtest

CONFIDENCE = 0.95
TARGET = 0.01


@dataclass(frozen=True, slots=True)
class StratumEstimate:
    """Of `size` pairs of a sort `checked` were looked at, and `wrong` of these were. `low` and `high` are
    Wilson's interval for the share of wrong ones, (0, 1) where none was checked."""

    stratum: str
    size: int
    checked: int
    wrong: int
    low: float
    high: float

    @property
    def left(self) -> int:
        """How many were not looked at."""
        return self.size - self.checked


@dataclass(frozen=True, slots=True)
class Estimate:
    """The share (0-1) of wrong pairs among all: those checked are right now, so only the others count.

    `share` is the best guess, `low` and `high` its interval. `more` is how many more must be looked at, at
    the rates of today and the riskiest strata first, until `high` is below `target`; 0 where it is.
    """

    share: float
    low: float
    high: float
    target: float
    more: int
    strata: tuple[StratumEstimate, ...]


def estimate_left(
    checked_by_stratum: Mapping[str, tuple[int, int]],
    sizes: Mapping[str, int],
    target: float = TARGET,
    confidence: float = CONFIDENCE,
) -> Estimate:
    """`checked_by_stratum` has (checked, wrong among these) by stratum, `sizes` all pairs of each. ValueError
    where more are checked than there are.

    Within a stratum those checked are taken for a random sample. They are not where risk orders the queue,
    which makes the estimate too high and never too low, as long as risk is of any worth.
    """
    strata = tuple(
        _estimate_stratum(name, size, *checked_by_stratum.get(name, (0, 0)), confidence)
        for name, size in sorted(sizes.items())
    )
    share, low, high = _add_up(strata)
    return Estimate(share, low, high, target, _count_more(strata, target, confidence), strata)


def _estimate_stratum(name: str, size: int, checked: int, wrong: int, confidence: float) -> StratumEstimate:
    if not 0 <= wrong <= checked <= size:
        raise ValueError(f"{name}: {wrong} wrong of {checked} checked of {size} cannot be")
    low, high = measure_interval(wrong, checked, confidence)
    return StratumEstimate(name, size, checked, wrong, low, high)


def measure_interval(wrong: int, checked: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """Wilson's score interval for a share; (0, 1) where nothing was checked."""
    if not checked:
        return 0.0, 1.0
    found = binomtest(wrong, checked).proportion_ci(confidence, method="wilson")
    return float(found.low), float(found.high)


def _add_up(strata: Sequence[StratumEstimate]) -> tuple[float, float, float]:
    """(share, low, high) of all strata: how far their bounds lie from their rates adds up as independent
    errors do (MOVER, Zou and Donner 2008), for no stratum errs because another does."""
    total = sum(s.size for s in strata)
    if not total:
        return 0.0, 0.0, 0.0
    parts = [(s.left / total, _find_rate(s, strata), s) for s in strata]
    share = sum(weight * rate for weight, rate, _ in parts)
    # Those left are themselves a sample: as few as they are, their own share lies about the rate.
    spread = [math.sqrt(s.size / s.left) if s.left else 0.0 for s in strata]
    below = math.hypot(*(w * k * (rate - s.low) for (w, rate, s), k in zip(parts, spread, strict=True)))
    above = math.hypot(*(w * k * (s.high - rate) for (w, rate, s), k in zip(parts, spread, strict=True)))
    return share, max(0.0, share - below), min(sum(w for w, _, _ in parts), share + above)


def _find_rate(stratum: StratumEstimate, strata: Sequence[StratumEstimate]) -> float:
    """The share of wrong ones; of a stratum that nobody looked at, that of all others, or half."""
    if stratum.checked:
        return stratum.wrong / stratum.checked
    return (sum(s.wrong for s in strata) + 0.5) / (sum(s.checked for s in strata) + 1)


def _count_more(strata: Sequence[StratumEstimate], target: float, confidence: float) -> int:
    """How many more to look at, each time some of the stratum that may have most wrong ones left."""
    now = list(strata)
    rates = [_find_rate(s, strata) for s in strata]
    step = max(1, sum(s.left for s in strata) // 100)
    while _add_up(now)[2] > target and any(s.left for s in now):
        k = max(range(len(now)), key=lambda k: now[k].left * now[k].high)
        then, first = now[k], strata[k]
        checked = min(then.size, then.checked + step)
        wrong = first.wrong + round((checked - first.checked) * rates[k])
        now[k] = _estimate_stratum(then.stratum, then.size, checked, wrong, confidence)
    return sum(after.checked - before.checked for before, after in zip(strata, now, strict=True))


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of `pairs` judged by two reviewers `observed` (0-1) had the same judgement; `kappa` is Cohen's: 0 as
    chance would have it, 1 in all; None where there is nothing to tell by: no pairs, one judgement only."""

    pairs: int
    observed: float
    kappa: float | None


def measure_agreement(pairs: Iterable[tuple[Hashable, Hashable]]) -> Agreement:
    """Of pairs of judgements, one of either reviewer, on the same things."""
    both = list(pairs)
    if not both:
        return Agreement(0, 0.0, None)
    count = len(both)
    observed = sum(one == other for one, other in both) / count
    ones, others = Counter(one for one, _ in both), Counter(other for _, other in both)
    chance = sum(n * others[judgement] for judgement, n in ones.items()) / count**2
    return Agreement(count, observed, (observed - chance) / (1 - chance) if chance < 1 else None)
