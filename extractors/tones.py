"""A picture's colours in short: the main one, and what runs along its edge."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.geometry import height, width
from extractors.ocr import Raster
from extractors.records import Box, Colour, Tones

# A strip of a twentieth of the shorter side is all ground where an object has room around it.
_STRIP_SHARE = 0.05
# Studio light falls off and paper has grain; a motif differs by more.
_TOLERANCE = 22
_MIN_SIDE = 8
# Pixels that tell a picture's main colour.
_ENOUGH = 100_000


def can_measure(box: Box) -> bool:
    """Whether a part `box` (pixels) of an image may be large enough to have tones."""
    # A pixel at each edge is left out, and rounding gives no more than one.
    return min(width(box), height(box)) > _MIN_SIDE


def measure_tones(image: Raster, box: Box) -> Tones | None:
    """Tones of the part `box` (pixels) of an RGB image; None where it is too small to tell."""
    x0, y0, x1, y1 = (round(v) for v in box)
    part = image[max(0, y0 + 1) : max(0, y1 - 1), max(0, x0 + 1) : max(0, x1 - 1)]
    if min(part.shape[:2]) < _MIN_SIDE:
        return None
    strip = max(2, round(_STRIP_SHARE * min(part.shape[:2])))
    sides = [
        np.ascontiguousarray(s) for s in (part[:strip], part[-strip:], part[:, :strip], part[:, -strip:])
    ]
    counts = np.array([_count_values(side) for side in sides])
    *middles, border = _find_medians(np.concatenate([counts, counts.sum(axis=0, keepdims=True)]))
    plain = sum(_share_near(side, middle) for side, middle in zip(sides, middles, strict=True)) / len(sides)
    some = 1 + int((part.shape[0] * part.shape[1] / _ENOUGH) ** 0.5)
    main = _find_main(np.ascontiguousarray(part[::some, ::some]))
    return Tones(main=main, border=_cut(border), plain=round(plain, 2))


def _share_near(pixels: Raster, middle: NDArray[np.float64]) -> float:
    low, high = np.ceil(middle - _TOLERANCE), np.floor(middle + _TOLERANCE)
    return float(cv2.countNonZero(cv2.inRange(pixels, low, high)) / (pixels.shape[0] * pixels.shape[1]))


def _find_main(pixels: Raster) -> Colour:
    """The middle of the fullest of 8 × 8 × 8 cells of the RGB cube."""
    cells = cv2.calcHist([pixels], [0, 1, 2], None, [8, 8, 8], [0, 256] * 3)
    low = 32.0 * np.array(np.unravel_index(cells.argmax(), cells.shape))
    return _cut(_find_medians(_count_values(pixels, cv2.inRange(pixels, low, low + 31))))


def _count_values(pixels: Raster, mask: NDArray[np.uint8] | None = None) -> NDArray[np.float64]:
    """How often each of 0–255 stands in each of the channels, shape (3, 256)."""
    counts = [cv2.calcHist([pixels], [channel], mask, [256], [0, 256]).ravel() for channel in range(3)]
    return np.array(counts, np.float64)


def _find_medians(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """The medians of what was counted along the last axis, as np.median has them; counting is many times
    faster than sorting."""
    sums = counts.cumsum(axis=-1)
    total = sums[..., -1:]
    low = (sums < (total + 1) // 2).sum(axis=-1)
    high = (sums < total // 2 + 1).sum(axis=-1)
    medians: NDArray[np.float64] = (low + high) / 2
    return medians


def _cut(colour: NDArray[np.float64]) -> Colour:
    red, green, blue = (int(v) for v in colour)
    return red, green, blue
