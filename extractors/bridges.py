"""Pictures side by side that a stain joins, or what shows through of the next page: the lane of paper between
them is cleared."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.paper import Paper
from extractors.regions import CORE_MM

Mask = NDArray[np.bool_]

# A lane between two pictures is so wide (mm) and for the most part paper; on both sides there is hardly any.
_LANE_MM, _MOST_IN_LANE, _LEAST_BESIDE = 1.5, 0.5, 0.85
# What bridges it is so pale, in thresholds of print.
_PALE = 2.0


def clear_bridges(ink: Mask, paper: Paper, unit: float) -> Mask:
    """`ink` without the pale bridges between two pictures; `unit` is pixels per millimetre."""
    core = CORE_MM * unit
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=4)
    cleared = ink
    for k in range(1, len(stats)):
        x, y, w, h = (int(v) for v in stats[k][:4])
        if min(w, h) < core or max(w, h) < 2 * core:
            continue
        window = (slice(y, y + h), slice(x, x + w))
        own = labels[window] == k
        for axis in (0, 1):
            for start, end in _find_lanes(own.mean(axis=axis), core, _LANE_MM * unit):
                lane = (slice(None), slice(start, end)) if axis == 0 else (slice(start, end), slice(None))
                across = paper.distance[window][lane][own[lane]]
                if across.size and float(np.percentile(across, 90)) < _PALE * paper.threshold:
                    cleared = cleared.copy() if cleared is ink else cleared
                    cleared[window][lane] = False
    return cleared


def _find_lanes(filled: NDArray[np.float64], beside: float, least: float) -> list[tuple[int, int]]:
    """Start and end of what is hardly filled between what is; `filled` is the share of each row or column."""
    inside = np.flatnonzero(np.diff(np.concatenate(([0], filled < _MOST_IN_LANE, [0])).astype(int)))
    room = round(beside)
    return [
        (int(start), int(end))
        for start, end in inside.reshape(-1, 2)
        if end - start >= least
        and all(
            side.size >= room and float(side.mean()) >= _LEAST_BESIDE
            for side in (filled[max(0, start - room) : start], filled[end : end + room])
        )
    ]
