"""The edges of pictures to the pixel: figures are found at low resolution, their boxes hold a rim of paper.

A side is drawn in to where most of it steps up from the paper outside. Drawings, and objects without a
straight edge, keep their boxes.
"""

from __future__ import annotations

import cv2
import numpy as np

from extractors.ocr import Raster
from extractors.records import Box

# How far in an edge is sought, and the strip of paper outside of the box (from, to) that it is compared with.
_REACH_MM, _PAPER_MM = 2.0, (0.4, 1.2)
# Grey levels: the least step from paper to a picture, and how much the strip may vary along the side.
_STEP, _EVEN = 8.0, 12.0
# An edge is blurred over so many pixels, and past it where it has this share of the colour behind it.
_BLUR, _PAST = 4, 0.8
# JPEG sends so much of a step out into the paper.
_RINGING = 0.3
# Corners of a page that is a little askew, or of a worn picture, are left out.
_CORNER = 0.08
# Pixels along a side over which its paper is measured, and how many of them tell of a row.
_WINDOW, _ENOUGH = 41, 400


def draw_in(image: Raster, box: Box, dpi: float) -> Box:
    """`box` (pixels) of a picture on an upright RGB page without the rim of paper within it."""
    x0, y0, x1, y1 = (round(v) for v in box)
    turned = np.swapaxes(image, 0, 1)
    top = _seek_edge(image, y0, 1, x0, x1, dpi)
    bottom = _seek_edge(image, y1 - 1, -1, x0, x1, dpi)
    left = _seek_edge(turned, x0, 1, y0, y1, dpi)
    right = _seek_edge(turned, x1 - 1, -1, y0, y1, dpi)
    return box[0] + left, box[1] + top, box[2] - right, box[3] - bottom


def _seek_edge(image: Raster, side: int, inwards: int, start: int, end: int, dpi: float) -> int:
    """How many rows of the box from its row `side` on are paper; 0 where no straight edge ends them."""
    unit = dpi / 25.4
    corner = round(_CORNER * (end - start))
    across = slice(max(0, start + corner), max(0, end - corner))
    near, far = (side - inwards * round(mm * unit) for mm in _PAPER_MM)
    low, high = min(near, far), max(near, far) + 1
    inside = side + inwards * np.arange(round(_REACH_MM * unit) + _BLUR)
    if low < 0 or high > len(image) or inside.min() < 0 or inside.max() >= len(image):
        return 0
    strip = image[low:high, across].astype(np.float32).mean(axis=0, keepdims=True)
    if strip.shape[1] < _WINDOW:
        return 0
    # Light falls off along a side, so each place has a paper of its own.
    paper = cv2.blur(strip, (_WINDOW, 1))
    if np.percentile(np.abs(strip - paper), 90) > _EVEN:
        return 0
    some = strip.shape[1] // _ENOUGH + 1
    rows = image[inside.min() : inside.max() + 1, across][::inwards, ::some]
    apart = np.abs(rows.astype(np.float32) - paper[:, ::some]).max(axis=2)
    # Three in four of a row's pixels are farther from paper.
    profile = np.percentile(apart, 25, axis=1)
    for k in range(len(profile) - _BLUR):
        if profile[k] >= max(_STEP, _PAST * profile[k : k + _BLUR].max()):
            # A fringe beyond a straight edge is part of the picture.
            bare = apart[: max(0, k - _BLUR)]
            return k if not bare.size or np.percentile(bare, 95) <= max(_EVEN, _RINGING * profile[k]) else 0
    return 0
