"""Light and shade on a sheet: what passes into the paper without a step is paper in another light.

A sheet that bulges, near a fold or between dark pictures, is lit unevenly, and no simple surface follows it.
Print, however pale, begins with a step.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

FloatImage = NDArray[np.float32]
Mask = NDArray[np.bool_]

# A step of print (CIE Lab) over so many pixels (of half a millimetre); light changes by a fraction of it.
_STEP, _ACROSS = 1.3, 2
# Pixels: narrower gaps in an outline let nothing through, and the scale at which light changes.
_GAP, _SCALE = 5, 15
# Rows that are measured at a time.
_BAND = 64
# Light and shade beyond this (CIE Lab) are a fold's or a lid's, which are found by where they lie.
_MOST = 12.0
# Share of a page's width that a gutter's shadow may reach over.
_EDGE_BAND = 0.14
# Share of a scan's height that may be the bed over or under the sheet, and what is lighter than any bed.
_BED, _LIT = 0.12, 0.6
# A sheet so much wider than high shows two pages with a fold between them.
_SPREAD = 1.2


def measure_strength(departure: FloatImage) -> FloatImage:
    """How far each pixel departs, all channels together: (height, width, 3) → (height, width)."""
    strength = np.empty(departure.shape[:2], np.float32)
    # In bands that a processor's cache holds: what is as large as a page is got from the system each time.
    for top in range(0, len(departure), _BAND):
        part = departure[top : top + _BAND]
        squares = cv2.transform(cv2.multiply(part, part), np.ones((1, 3), np.float32))
        np.sqrt(squares, out=strength[top : top + _BAND])
    return strength


def follow_light(excess: FloatImage, even: Mask, paper: Mask) -> FloatImage:
    """How far the paper's colour departs from a first estimate (shape (height, width, 3), CIE Lab).

    `excess` is the page's departure from that estimate, `even` where it has no structure, `paper` where it is
    paper for sure. Beside the sheet's paper the departure fades out. Pixels are of about 50 dpi.
    """
    smooth = cv2.blur(excess, (3, 3))
    step = _measure_step(smooth)
    strength = measure_strength(smooth)
    free = even & (step < _STEP) & (strength < _MOST)
    free = cv2.morphologyEx(free.astype(np.uint8), cv2.MORPH_OPEN, np.ones((_GAP, _GAP), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(free, connectivity=4)
    sure = np.bincount(labels[paper], minlength=len(stats))
    sure[0] = 0
    if not sure.any():
        return np.zeros_like(excess)
    sheet = (labels == int(sure.argmax())).astype(np.uint8)
    weight = cv2.blur(sheet.astype(np.float32), (_SCALE, _SCALE))
    total = cv2.blur(cv2.copyTo(excess, sheet), (_SCALE, _SCALE))
    mean: FloatImage = total / np.maximum(weight, 0.05)[:, :, None]
    return mean


def _measure_step(smooth: FloatImage) -> FloatImage:
    """How much the colour changes about each pixel from row to row or column to column, whichever is more.

    From row to row nothing changes at the first and last rows, nor from column to column at the sides.
    """
    step = np.zeros(smooth.shape[:2], np.float32)
    step[_ACROSS:-_ACROSS] = measure_strength(smooth[2 * _ACROSS :] - smooth[: -2 * _ACROSS])
    inner = step[:, _ACROSS:-_ACROSS]
    np.maximum(inner, measure_strength(smooth[:, 2 * _ACROSS :] - smooth[:, : -2 * _ACROSS]), out=inner)
    return step


def shade_edges(lab: FloatImage, ground: FloatImage, fold: int | None) -> FloatImage:
    """Darkens the ground towards a side, or the fold of a spread, where the scan has a gutter's shadow.

    A shadow runs from top to bottom, so it is measured where a page has neither text nor picture: in the
    margins at its head and foot, and counts as far as both have it; an ornament stands in one of them.
    """
    height, width = lab.shape[:2]
    band, strip = max(8, int(width * _EDGE_BAND)), max(4, int(height * 0.05))
    shaded = ground.copy()
    ratio = lab[:, :, 0] / np.maximum(ground[:, :, 0], 1.0)
    first, last = _find_sheet(ratio)
    head, foot = (
        np.median(ratio[first : first + strip], axis=0),
        np.median(ratio[last - strip : last], axis=0),
    )
    starts = [(0, 0, 1), (width - 1, width - 1, -1)]
    if fold is not None:
        # A page is set straight by its text, and its fold then leans a little.
        near = slice(fold - int(0.03 * width), fold + int(0.03 * width))
        top, bottom = near.start + int(np.argmin(head[near])), near.start + int(np.argmin(foot[near]))
        starts += [(top, bottom, -1), (top, bottom, 1)]
    for top, bottom, inwards in starts:
        steps = inwards * np.arange(band)
        a, b = head[top + steps], foot[bottom + steps]
        if np.abs(a - b).max() > 0.2:
            continue
        # From the inside outwards a shadow only gets darker.
        profile = np.minimum.accumulate(np.minimum(np.maximum(a, b), 1.0)[::-1])[::-1]
        if profile[-1] < 0.97 or profile[0] < 0.15:
            continue
        lowest, highest = min(top, bottom), max(top, bottom)
        reach = slice(max(0, lowest - band), highest + band + 1)
        edge = np.linspace(top, bottom, height)[:, None]
        away = inwards * (np.arange(width)[None, reach] - edge)
        shade = np.where((away > -0.5) & (away < band), np.interp(away, np.arange(band), profile), 1.0)
        part = shaded[:, reach]
        light = part[:, :, 0] * shade.astype(np.float32)
        # Less light takes from a and b what it takes from L + 16, their roots being of one kind.
        part[:, :, 1:] *= ((light + 16) / (part[:, :, 0] + 16))[:, :, None]
        part[:, :, 0] = light
    return shaded


def _find_sheet(ratio: FloatImage) -> tuple[int, int]:
    """The first row of a sheet and that behind its last: what lies above and below may be the scanner's dark
    bed. `ratio` is the page's lightness by that of its paper."""
    most = int(_BED * len(ratio))
    lit = np.median(ratio[:, ::8], axis=1) > _LIT
    first = int(np.argmax(lit[:most])) if lit[:most].any() else 0
    last = int(np.argmax(lit[::-1][:most])) if lit[::-1][:most].any() else 0
    return first, len(ratio) - last


def find_fold(lab: FloatImage) -> int | None:
    """The column of the fold of a spread: the darkest in the middle of a wide sheet, at its head and foot."""
    height, width = lab.shape[:2]
    if width < _SPREAD * height:
        return None
    strip, middle = max(4, int(height * 0.05)), slice(int(0.45 * width), int(0.55 * width))
    lightness = lab[:, :, 0]
    first, last = _find_sheet(lightness / max(1.0, float(np.median(lightness[::8, ::8]))))
    rows = np.concatenate((lightness[first : first + strip, middle], lightness[last - strip : last, middle]))
    return middle.start + int(np.argmin(np.median(rows, axis=0)))
