"""The repeating unit of a pattern, found by where the picture lies on itself when it is shifted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import fft

from extractors.ocr import Raster

Reals = NDArray[np.float32]
BoxPx = tuple[int, int, int, int]
Shift = tuple[float, float]
"""To the right and down, in pixels."""

# At this size weave and screen are gone, and motifs are not.
_SIDE = 320
_LEAST_SIDE = 48
# A redrawn pattern may stand in a border that repeats at a measure of its own.
_INSETS, _AS_GOOD = (0.0, 0.03, 0.06, 0.09), 0.01
# What lies on itself less well is no repeat: motifs mirrored in turn, or in two colourings, come to less.
LEAST_LIKENESS = 0.6
# Of several shifts the shortest is taken that is nearly as good as the best.
_NEARLY = 0.88
_LEAST_SHIFT, _LEAST_OVERLAP = 0.08, 0.35
_LEAST_SINE = 0.35
# Bands and grounds may repeat about a motif that does not: it lies on something else at one place.
_PATCH, _UNLIKE, _MOST_UNLIKE = 0.06, 0.4, 0.08
# Uneven dye and light are slower than any motif.
_SLOW = 0.12
_LEVEL_PX, _MANY = 2.0, 5


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of a pattern: `box_px` (x0, y0, x1, y1) in pixels of the image; laid at all sums of the two
    `shifts` (pixels) it covers the plane. `score` (0–1) is how alike the picture is to itself there."""

    box_px: BoxPx
    shifts: tuple[Shift, Shift]
    score: float


@dataclass(frozen=True, slots=True)
class _Peak:
    x: float
    y: float
    likeness: float

    @property
    def length(self) -> float:
        return float(np.hypot(self.x, self.y))


def propose_unit(image: Raster) -> Unit | None:
    """The unit of an RGB image (h, w, 3), where it repeats in two directions; None where it does not.

    It is a suggestion: what a curator calls the unit may be half of it, or two.
    """
    factor = min(1.0, _SIDE / max(image.shape[:2]))
    high, wide = (max(1, round(side * factor)) for side in image.shape[:2])
    if min(high, wide) < _LEAST_SIDE:
        return None
    small = cv2.resize(image, (wide, high), interpolation=cv2.INTER_AREA)
    colours = cv2.cvtColor(small.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    found: list[tuple[_Peak, _Peak, BoxPx]] = []
    for share in _INSETS:
        dx, dy = round(share * wide), round(share * high)
        part = colours[dy : high - dy, dx : wide - dx]
        shifts = _find_shifts(part)
        box = _place_box(part, shifts) if shifts else None
        if shifts and box:
            x0, y0, x1, y1 = box
            found.append((*shifts, (x0 + dx, y0 + dy, x1 + dx, y1 + dy)))
    if not found:
        return None
    enough = max(_rate(one, other) for one, other, _ in found) - _AS_GOOD
    # The more there is to place it in, the less it cuts through.
    one, other, (x0, y0, x1, y1) = next(it for it in found if _rate(it[0], it[1]) >= enough)
    x, y = image.shape[1] / wide, image.shape[0] / high
    return Unit(
        (round(x0 * x), round(y0 * y), round(x1 * x), round(y1 * y)),
        ((one.x * x, one.y * y), (other.x * x, other.y * y)),
        round(_rate(one, other), 3),
    )


def _rate(one: _Peak, other: _Peak) -> float:
    return min(one.likeness, other.likeness)


def _find_shifts(colours: Reals) -> tuple[_Peak, _Peak] | None:
    """The two shortest shifts in different directions after which the picture lies on itself."""
    detail = colours - cv2.GaussianBlur(colours, (0, 0), _SLOW * max(colours.shape[:2]))
    peaks = _find_peaks(_compare_shifted(detail), _LEAST_SHIFT * max(colours.shape[:2]))
    if not peaks:
        return None
    enough = max(LEAST_LIKENESS, _NEARLY * max(p.likeness for p in peaks))
    good = sorted((p for p in peaks if p.likeness >= enough), key=lambda p: p.length)
    for one, other in product(good[:1], good[1:]):
        if abs(one.x * other.y - one.y * other.x) >= _LEAST_SINE * one.length * other.length:
            unlike = max(_measure_unlike(detail, shift) for shift in (one, other))
            return (one, other) if unlike <= _MOST_UNLIKE else None
    return None


def _measure_unlike(detail: Reals, shift: _Peak) -> float:
    """The share (0–1) of a picture's detail that lies on other detail after a shift, patch by patch."""
    high, wide = detail.shape[:2]
    x, y = round(shift.x), round(shift.y)
    here = detail[max(0, -y) : high - max(0, y), max(0, -x) : wide - max(0, x)]
    there = detail[max(0, y) : high - max(0, -y), max(0, x) : wide - max(0, -x)]
    side = max(3, round(_PATCH * max(high, wide)))
    both, one, other = (
        cv2.boxFilter((a * b).sum(axis=2), -1, (side, side))
        for a, b in ((here, there), (here, here), (there, there))
    )
    energy = one + other
    # Where the one is empty and the other is not, they are unlike as well.
    likeness = 2 * both / np.maximum(energy, 1e-6)
    return float(energy[likeness < _UNLIKE].sum() / energy.sum())


def _compare_shifted(detail: Reals) -> Reals:
    """How alike (−1 to 1) a picture (h, w, 3) is to itself shifted by (x, y), at [y, x + w - 1], for shifts
    downwards; −1 where too little of it lies on itself."""
    high, wide = detail.shape[:2]
    size = (fft.next_fast_len(2 * high - 1), fft.next_fast_len(2 * wide - 1))
    shape = (size[0], size[1] // 2 + 1)
    power, energy = np.zeros(shape, np.complex128), (detail**2).sum(axis=2)
    for channel in range(3):
        spectrum = fft.rfft2(detail[:, :, channel], size)
        power += np.abs(spectrum) ** 2
    ones = fft.rfft2(np.ones((high, wide), np.float32), size)
    of_energy = fft.rfft2(energy, size)
    same = _unroll(fft.irfft2(power, size), high, wide)
    first = _unroll(fft.irfft2(of_energy * np.conj(ones), size), high, wide)
    second = _unroll(fft.irfft2(ones * np.conj(of_energy), size), high, wide)
    alike = same / np.sqrt(np.maximum(first * second, 1e-6))
    overlap_y = 1 - np.arange(high) / high
    overlap_x = 1 - np.abs(np.arange(1 - wide, wide)) / wide
    alike[np.minimum(overlap_y[:, None], overlap_x[None, :]) < _LEAST_OVERLAP] = -1
    return np.asarray(alike, np.float32)


def _unroll(correlation: NDArray[np.float64], high: int, wide: int) -> NDArray[np.float64]:
    return np.concatenate([correlation[:high, 1 - wide :], correlation[:high, :wide]], axis=1)


def _find_peaks(alike: Reals, least: float) -> list[_Peak]:
    """Shifts of at least `least` pixels that are better than all near them, to parts of a pixel."""
    reach = max(3, round(least / 2)) | 1
    top = cv2.dilate(alike, np.ones((reach, reach), np.uint8))
    origin = alike.shape[1] // 2
    peaks = []
    for y, column in np.argwhere((alike == top) & (alike >= LEAST_LIKENESS)):
        x = int(column) - origin
        if np.hypot(x, y) < least or (y == 0 and x < 0):
            continue
        nudge_x = _fit_top(alike[y, max(0, column - 1) : column + 2])
        nudge_y = _fit_top(alike[max(0, y - 1) : y + 2, column])
        peaks.append(_Peak(x + nudge_x, int(y) + nudge_y, float(alike[y, column])))
    return peaks


def _fit_top(three: Reals) -> float:
    """Where the parabola through three values is highest, from the middle one."""
    if len(three) < 3 or three.min() < 0:
        return 0.0
    left, middle, right = (float(v) for v in three)
    bend = left - 2 * middle + right
    return max(-0.5, min(0.5, (left - right) / (2 * bend))) if bend < 0 else 0.0


def _place_box(colours: Reals, shifts: tuple[_Peak, _Peak]) -> BoxPx | None:
    """The upright box that is one unit, where its edges cut through least; None where none fits."""
    high, wide = colours.shape[:2]
    fitting = [(w, h) for w, h in _measure_boxes(*shifts) if w <= wide and h <= high and min(w, h) > 4]
    if not fitting:
        return None
    w, h = min(fitting, key=lambda size: max(size) / min(size))
    grey = colours[:, :, 0]
    edges = np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1))
    # What lies beyond the picture cuts through nothing.
    edges = np.pad(edges, ((0, 1), (0, 1)))
    rows = np.pad(edges.cumsum(axis=1), ((0, 0), (1, 0)))
    columns = np.pad(edges.cumsum(axis=0), ((1, 0), (0, 0)))
    across, down = (
        rows[:, w : wide + 1] - rows[:, : wide + 1 - w],
        columns[h : high + 1] - columns[: high + 1 - h],
    )
    cost = across[: high + 1 - h] + across[h : high + 1] + down[:, : wide + 1 - w] + down[:, w : wide + 1]
    y, x = np.unravel_index(int(cost.argmin()), cost.shape)
    return int(x), int(y), int(x) + w, int(y) + h


def _measure_boxes(one: _Peak, other: _Peak) -> Iterator[tuple[int, int]]:
    """Width and height of upright boxes that are one unit: as wide as the pattern takes to repeat on a level,
    or as high as it takes to repeat straight down."""
    unit = abs(one.x * other.y - one.y * other.x)
    steps = [(i, j) for i, j in product(range(-_MANY, _MANY + 1), repeat=2) if (i, j) != (0, 0)]
    sums = [(i * one.x + j * other.x, i * one.y + j * other.y) for i, j in steps]
    if level := [x for x, y in sums if abs(y) <= _LEVEL_PX and x > 0]:
        yield round(min(level)), round(unit / min(level))
    if upright := [y for x, y in sums if abs(x) <= _LEVEL_PX and y > 0]:
        yield round(unit / min(upright)), round(min(upright))
