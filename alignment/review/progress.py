"""How far the review is, how much may still be wrong, and how long it will go on."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from typing import Any

from alignment.review.desk import Desk
from alignment.review.index import ItemIndex

# A longer pause is no work.
_PAUSE_SECONDS = 300.0
_PACE_OF, _LEAST_GAPS = 200, 5
_ACTIVE_SECONDS = 900.0


def describe_progress(index: ItemIndex, desk: Desk, now: datetime) -> dict[str, Any]:
    """Items by state, and the forecast in seconds (None until enough was decided to tell)."""
    states = index.count_states()
    pace, active = measure_pace(desk.list_times(), now)
    left = states.get("open", 0) + states.get("deferred", 0)
    return {
        "states": states,
        "total": sum(states.values()),
        "seconds_left": None if pace is None else pace * left / max(1, active),
        "active": active,
    }


def describe_quality(index: ItemIndex, desk: Desk) -> dict[str, Any]:
    """The share of pairs that may be wrong still, as an interval, what is lacking to the target, and how far
    reviewers agree; empty until something was checked."""
    strata = tuple(index.count_strata())
    if not any(checked for _, _, checked, _ in strata):
        return {}
    return {"estimate": _estimate(strata), "agreement": _agree(tuple(desk.list_double()))}


@lru_cache(1)
def _estimate(strata: tuple[tuple[str, int, int, int], ...]) -> dict[str, Any]:
    # scipy.stats takes a second to load, which the page need not wait for.
    from alignment.review.stopping import estimate_left

    checked = {name: (done, wrong) for name, _, done, wrong in strata}
    found = estimate_left(checked, {name: size for name, size, *_ in strata})
    return asdict(found)


@lru_cache(1)
def _agree(double: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    from alignment.review.stopping import measure_agreement

    return asdict(measure_agreement(double))


def measure_pace(times: Iterable[tuple[str, str]], now: datetime) -> tuple[float | None, int]:
    """Seconds that a reviewer takes for an item (the median of late), and how many are at work now."""
    of_whom: dict[str, list[datetime]] = {}
    for reviewer, time in times:
        moment = datetime.fromisoformat(time)
        of_whom.setdefault(reviewer, []).append(moment)
    gaps: list[float] = []
    active = 0
    for moments in of_whom.values():
        late = sorted(set(moments))[-_PACE_OF:]
        steps = [(b - a).total_seconds() for a, b in pairwise(late)]
        gaps += [s for s in steps if s < _PAUSE_SECONDS]
        active += (now - late[-1]).total_seconds() < _ACTIVE_SECONDS
    return (statistics.median(gaps) if len(gaps) >= _LEAST_GAPS else None), active
