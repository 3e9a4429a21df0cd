"""The sheet's edges on a scan: the lid's black, slivers of the next page."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from extractors.paper import FloatImage

Mask = NDArray[np.bool_]

# Lightness of what a scanner sees beside the sheet, and how far in and along a side it may reach.
_BLACK = 32.0
_DEPTH = 0.08
_LENGTH = 0.4
_SLIVER_MM = 1.0


def clear_sheet_edges(ink: Mask, lab: FloatImage, unit: float) -> Mask:
    """`ink` without what lies beside the sheet: black along a side, and slivers that end at once.

    `lab` is the page's colour (CIE L*a*b*), `unit` pixels per millimetre.
    """
    black = lab[:, :, 0] < _BLACK
    cleared = ink.copy()
    # Each side in turn lies on the left.
    for turn, mirrored in ((False, False), (False, True), (True, False), (True, True)):
        part, dark = (cleared.T, black.T) if turn else (cleared, black)
        if mirrored:
            part, dark = part[:, ::-1], dark[:, ::-1]
        _clear_left(part, dark, max(1, round(_SLIVER_MM * unit)))
    return cleared


def _clear_left(ink: Mask, black: Mask, sliver: int) -> None:
    """Clears the left side of a view of the ink in place."""
    limit = max(2, int(_DEPTH * ink.shape[1]))
    # A turned page has a line of paper's colour outside the black.
    start = np.argmax(black[:, : sliver + 1], axis=1)
    runs = np.zeros(len(ink), int)
    for row in np.flatnonzero(black[:, : sliver + 1].any(axis=1)):
        after = ~black[row, start[row] : limit + sliver]
        runs[row] = start[row] + int(np.argmax(after)) if after.any() else 0
    if (runs > 0).mean() >= _LENGTH:
        for row in np.flatnonzero(runs):
            # The black is blurred into the sheet.
            ink[row, : runs[row] + sliver] = False
    ink[:, :sliver] &= ink[:, sliver : sliver + 1]
