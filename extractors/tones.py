"""A picture's colours in short: the main one, and what runs along its edge."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from extractors.ocr import Raster
from extractors.records import Box, Colour, Tones

# A strip of a twentieth of the shorter side is all ground where an object has room around it.
_STRIP_SHARE = 0.05
# Studio light falls off and paper has grain; a motif differs by more.
_TOLERANCE = 22
_MIN_SIDE = 12


def measure_tones(image: Raster, box: Box) -> Tones | None:
    """Tones of the part `box` (pixels) of an RGB image; None where it is too small to tell."""
    x0, y0, x1, y1 = (round(v) for v in box)
    part = image[max(0, y0 + 1) : max(0, y1 - 1), max(0, x0 + 1) : max(0, x1 - 1)].astype(np.int16)
    if min(part.shape[:2]) < _MIN_SIDE:
        return None
    strip = max(2, round(_STRIP_SHARE * min(part.shape[:2])))
    sides = [s.reshape(-1, 3) for s in (part[:strip], part[-strip:], part[:, :strip], part[:, -strip:])]
    plain = float(np.mean([_share_of_median(side) for side in sides]))
    return Tones(
        main=_find_main(part.reshape(-1, 3)), border=_median(np.concatenate(sides)), plain=round(plain, 2)
    )


def _share_of_median(pixels: NDArray[np.int16]) -> float:
    return float((np.abs(pixels - np.median(pixels, axis=0)).max(axis=1) <= _TOLERANCE).mean())


def _find_main(pixels: NDArray[np.int16]) -> Colour:
    """The middle of the fullest of 8 × 8 × 8 cells of the RGB cube."""
    cells = pixels // 32
    index = cells[:, 0] * 64 + cells[:, 1] * 8 + cells[:, 2]
    return _median(pixels[index == np.bincount(index).argmax()])


def _median(pixels: NDArray[np.int16]) -> Colour:
    red, green, blue = (int(v) for v in np.median(pixels, axis=0))
    return red, green, blue
