"""How far the review is, and how long it will go on."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise
from typing import Any

from alignment.review.desk import Desk
from alignment.review.index import ItemIndex

# A longer pause is no work.
_PAUSE_SECONDS = 300.0
_PACE_OF = 200
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


def measure_pace(times: Iterable[tuple[str, str]], now: datetime) -> tuple[float | None, int]:
    """Seconds that a reviewer takes for an item (the median of late), and how many are at work now."""
    of_whom: dict[str, list[datetime]] = {}
    for reviewer, time in times:
        try:
            moment = datetime.fromisoformat(time)
        except ValueError:
            continue
        if moment.tzinfo is not None:
            of_whom.setdefault(reviewer, []).append(moment)
    gaps: list[float] = []
    active = 0
    for moments in of_whom.values():
        late = sorted(set(moments))[-_PACE_OF:]
        steps = [(b - a).total_seconds() for a, b in pairwise(late)]
        gaps += [s for s in steps if s < _PAUSE_SECONDS]
        active += (now - late[-1]).total_seconds() < _ACTIVE_SECONDS
    return (statistics.median(gaps) if len(gaps) >= 5 else None), active
