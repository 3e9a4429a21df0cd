"""Two images laid on each other, pixel by pixel: whether lines run and colours lie in the same way.

Features say where one image lies on the other. A motif, border or composition that two pictures share gives
them as many features as a copy does; what is around it tells the two apart. Lines are compared in blocks,
each where it fits best within a few pixels (template matching), on the edge map that has no colour. Colours
are compared as what is left over after the change that a print or scan makes of all of them alike.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from export.local_features import Pixels, draw_edges

Reals = NDArray[np.float64]

_LONG_PX, _LEAST_PX = 192, 40
_BLOCK_PX, _STEP_PX, _SEARCH_PX = 24, 16, 3
_BLUR_PX = 1.0
# Blocks with less on them, in grey levels of the edge map and beside the others, tell nothing.
_TOLD, _TOLD_BESIDE = 6.0, 0.25
_ALIKE = 0.6
_COLOUR_STEP_PX = 4
# The rim of a turned scan, a stain, a seal: this share of what differs most is not looked at.
_ASIDE = 0.1
_ROUNDS = 3
# What printing and scanning do to colours: contrast and brightness of a channel change, within limits.
_GAIN, _BRIGHTNESS = (0.7, 1.4), 36.0
_GREY_CHROMA = 8.0
_LUMA = np.array([[0.299], [0.587], [0.114]])
_HALF_OFF = 8.0
# Keeps the fit of colours solvable where there is one colour only.
_RIDGE = 1e-3


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of the blocks of an overlap `drawn` (0–1) have the same lines; `worst` is the correlation that nine in
    ten blocks exceed. `off` is how far colours differ, in grey levels, after the change of contrast and
    brightness that a scan makes; `mapped` (0–1) how far the colours of each follow from the other's, whatever
    they are."""

    drawn: float = 0.0
    worst: float = -1.0
    off: float = 255.0
    mapped: float = 0.0


NO_AGREEMENT = Agreement()


def compare_pixels(one: Pixels, other: Pixels, placing: Reals) -> Agreement:
    """How two RGB images agree where `placing` (2, 3) puts `one` on `other`; NO_AGREEMENT where too little of
    them is common."""
    laid = _lay(one, other, placing)
    if laid is None:
        return NO_AGREEMENT
    lines = _compare_lines(*laid)
    first, second = (_list_colours(pixels) for pixels in laid)
    if min(np.ptp(first, 1).mean(), np.ptp(second, 1).mean()) < _GREY_CHROMA:
        first, second = first @ _LUMA, second @ _LUMA
    ways = ((first, second), (second, first))
    return Agreement(
        drawn=float((lines > _ALIKE).mean()),
        worst=float(np.quantile(lines, 0.1)),
        off=max(_leave_over(a, b) for a, b in ways),
        mapped=min(_map_colours(a, b) for a, b in ways),
    )


def rate_colours(off: float) -> float:
    """1 for the same colours, half for each `_HALF_OFF` grey levels that they are apart."""
    return float(0.5 ** (off / _HALF_OFF))


def _lay(one: Pixels, other: Pixels, placing: Reals) -> tuple[Pixels, Pixels] | None:
    """The common part of both, at one size."""
    corners = np.array([(x, y, 1) for x in (0, one.shape[1]) for y in (0, one.shape[0])]) @ placing.T
    low = np.maximum(corners.min(0), 0)
    span = np.minimum(corners.max(0), (other.shape[1], other.shape[0])) - low
    if span.min() < 1:
        return None
    scale = _LONG_PX / span.max()
    wide, high = (round(float(side * scale)) for side in span)
    if min(wide, high) < _LEAST_PX:
        return None
    frame = np.array([[scale, 0, -low[0] * scale], [0, scale, -low[1] * scale], [0, 0, 1]])
    moved = frame @ np.vstack((placing, (0, 0, 1)))
    return _warp(one, moved[:2], (wide, high)), _warp(other, frame[:2], (wide, high))


def _warp(pixels: Pixels, matrix: Reals, size: tuple[int, int]) -> Pixels:
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    if scale < 1:
        pixels = cv2.GaussianBlur(pixels, (0, 0), 0.5 / scale)
    warped: Pixels = cv2.warpAffine(pixels, matrix, size, borderMode=cv2.BORDER_REPLICATE)
    return warped


def _compare_lines(one: Pixels, other: Pixels) -> Reals:
    """The best correlation of each block that has something on it."""
    a, b = (cv2.GaussianBlur(draw_edges(pixels), (0, 0), _BLUR_PX) for pixels in (one, other))
    reach = _BLOCK_PX + _SEARCH_PX
    found: list[tuple[float, float]] = []
    for y in range(_SEARCH_PX, a.shape[0] - reach + 1, _STEP_PX):
        for x in range(_SEARCH_PX, a.shape[1] - reach + 1, _STEP_PX):
            block = a[y : y + _BLOCK_PX, x : x + _BLOCK_PX]
            around = b[y - _SEARCH_PX : y + reach, x - _SEARCH_PX : x + reach]
            spread = [float(cv2.meanStdDev(part)[1][0, 0]) for part in (block, around)]
            told = max(spread)
            # Of a block without any contrast OpenCV says that it is like everything.
            flat = min(spread) < 1
            best = 0.0 if flat else float(cv2.matchTemplate(around, block, cv2.TM_CCOEFF_NORMED).max())
            found.append((told, best))
    told, best = np.array(found).T
    some = told >= max(_TOLD, _TOLD_BESIDE * float(np.median(told)))
    return best[some] if some.any() else np.zeros(1)


def _list_colours(pixels: Pixels) -> Reals:
    small = cv2.blur(pixels, (_COLOUR_STEP_PX, _COLOUR_STEP_PX))[::_COLOUR_STEP_PX, ::_COLOUR_STEP_PX]
    colours: Reals = small.reshape(-1, 3).astype(np.float64)
    return colours


def _leave_over(a: Reals, b: Reals) -> float:
    keep = np.ones(len(a), bool)
    rest = np.zeros(len(a))
    for _ in range(_ROUNDS):
        x, y = a[keep] - a[keep].mean(0), b[keep] - b[keep].mean(0)
        gain = np.clip((x * y).sum(0) / np.maximum(1.0, (x * x).sum(0)), *_GAIN)
        brightness = b[keep].mean(0) - a[keep].mean(0)
        unexplained = brightness - np.clip(brightness, -_BRIGHTNESS, _BRIGHTNESS)
        rest = (((b - b[keep].mean(0)) - gain * (a - a[keep].mean(0)) + unexplained) ** 2).mean(1)
        keep = rest <= np.quantile(rest, 1 - _ASIDE)
    return float(np.sqrt(rest[keep].mean()))


def _map_colours(a: Reals, b: Reals) -> float:
    """The share of the variance of colours `b` that a quadratic of `a` explains."""
    terms = np.column_stack((a / 255, (a / 255) ** 2, np.ones(len(a))))
    keep = np.ones(len(a), bool)
    rest = np.zeros(len(a))
    for _ in range(_ROUNDS):
        some = terms[keep]
        weights = np.linalg.solve(some.T @ some + _RIDGE * np.eye(terms.shape[1]), some.T @ b[keep])
        rest = ((b - terms @ weights) ** 2).mean(1)
        keep = rest <= np.quantile(rest, 1 - _ASIDE)
    spread = float(((b[keep] - b[keep].mean(0)) ** 2).mean())
    return 1 - min(1.0, float(rest[keep].mean()) / max(1.0, spread))
