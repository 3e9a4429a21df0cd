"""The sheet's edges on a scan: the lid, a gutter's shadow, slivers of the next page."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.paper import FloatImage

Mask = NDArray[np.bool_]

# Lightness of what a scanner sees beside the sheet, and how far in and along a side it may reach: a gutter's
# shadow, at the left or right, further than what lies beside the sheet.
_BLACK = 32.0
_DEPTH, _GUTTER_DEPTH = 0.08, 0.14
_LENGTH = 0.4
# So much of a shadow's end must be seen where a picture runs into it, behind the scanner's ground.
_SEEN = 0.2
# A strip along so much of a side is the scanner's ground or a gutter's shadow, whatever its colour.
_WHOLE = 0.95
_SLIVER_MM = 1.0
# A page that was turned has a wedge of paper's colour outside the black, so many slivers wide.
_TURNED = 4


def clear_sheet_edges(ink: Mask, lab: FloatImage, unit: float) -> Mask:
    """`ink` without what lies beside the sheet: strips along a side, and slivers that end at once.

    `lab` is the page's colour (CIE L*a*b*), `unit` pixels per millimetre.
    """
    black = lab[:, :, 0] < _BLACK
    cleared = ink.copy()
    # Each side in turn lies on the left.
    for turn, mirrored in ((False, False), (False, True), (True, False), (True, True)):
        part, dark = (cleared.T, black.T) if turn else (cleared, black)
        if mirrored:
            part, dark = part[:, ::-1], dark[:, ::-1]
        depth = _DEPTH if turn else _GUTTER_DEPTH
        _clear_left(part, dark, max(1, round(_SLIVER_MM * unit)), max(2, int(depth * part.shape[1])))
    _clear_rim(cleared, unit)
    return cleared


def _clear_rim(ink: Mask, unit: float) -> None:
    """Clears in place what touches a side and lies within the strips along the sides altogether: a sheet that
    lies askew shows a wedge of the ground on one side, and a corner of it on the next."""
    height, width = ink.shape
    # What is blurred into a picture by a hair of ink is not of it.
    side = max(3, round(_SLIVER_MM * unit) | 1)
    solid = cv2.morphologyEx(ink.astype(np.uint8), cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
    solid[[0, -1]], solid[:, [0, -1]] = ink[[0, -1]], ink[:, [0, -1]]
    count, labels = cv2.connectedComponents(solid, connectivity=4)
    sides = np.concatenate((labels[0], labels[-1], labels[:, 0], labels[:, -1]))
    if not sides.any():
        return
    is_rim = np.zeros(count, bool)
    is_rim[sides] = True
    inner = labels[
        int(_DEPTH * height) : height - int(_DEPTH * height),
        int(_GUTTER_DEPTH * width) : width - int(_GUTTER_DEPTH * width),
    ]
    is_rim[inner.ravel()] = False
    is_rim[0] = False
    if not is_rim.any():
        return
    near = cv2.dilate(is_rim[labels].astype(np.uint8), np.ones((2 * side + 1, 2 * side + 1), np.uint8))
    ink &= ~near.astype(bool)


def _clear_left(ink: Mask, black: Mask, sliver: int, limit: int) -> None:
    """Clears the left side of a view of the ink in place, to a depth of `limit` pixels at most."""
    beside = _measure_runs(black, _TURNED * sliver, limit)
    is_beside = (beside > 0).mean() >= _LENGTH
    # Where the scanner's ground shows, a gutter's shadow begins behind it.
    runs = _measure_runs(ink, _TURNED * sliver if is_beside else sliver, limit)
    if is_beside:
        _clear_runs(ink, beside, sliver)
    ends = (runs > 0) & (runs < limit)
    if (runs > 0).mean() >= _WHOLE and ends.mean() >= (_SEEN if is_beside else _LENGTH):
        # Where a picture stands at the strip, it ends as it does above and below.
        rows = np.flatnonzero(ends)
        between = np.interp(np.arange(len(runs)), rows, runs[rows])
        _clear_runs(ink, np.where(ends, runs, between).astype(int), sliver)
    ink[:, :sliver] &= ink[:, sliver : sliver + 1]


def _measure_runs(mask: Mask, outside: int, limit: int) -> NDArray[np.int_]:
    """For each row how far the mask reaches in from the left, at most `limit`; 0 where it does not begin.

    It may begin up to `outside` pixels from the side.
    """
    start = np.argmax(mask[:, : outside + 1], axis=1)
    runs = np.zeros(len(mask), int)
    for row in np.flatnonzero(mask[:, : outside + 1].any(axis=1)):
        after = ~mask[row, start[row] : limit + outside]
        runs[row] = start[row] + int(np.argmax(after)) if after.any() else limit
    return runs


def _clear_runs(ink: Mask, runs: NDArray[np.int_], sliver: int) -> None:
    for row in np.flatnonzero(runs):
        # What lies beside the sheet is blurred into it.
        ink[row, : runs[row] + sliver] = False
