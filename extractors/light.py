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

# A step of print (CIE Lab) over so many pixels; light changes by a fraction of it.
_STEP, _ACROSS = 1.3, 4
# Pixels: narrower gaps in an outline let nothing through, and the scale at which light changes.
_GAP, _SCALE = 9, 31
# Light and shade beyond this (CIE Lab) are a fold's or a lid's, which are found by where they lie.
_MOST = 12.0


def follow_light(excess: FloatImage, even: Mask, paper: Mask) -> FloatImage:
    """How far the paper's colour departs from a first estimate (shape (height, width, 3), CIE Lab).

    `excess` is the page's departure from that estimate, `even` where it has no structure, `paper` where it is
    paper for sure. Beside the sheet's paper the departure fades out.
    """
    smooth = cv2.blur(excess, (5, 5))
    step = np.maximum(_measure_step(smooth), _measure_step(smooth.transpose(1, 0, 2)).T)
    strength = np.sqrt(np.square(smooth).sum(axis=2))
    free = even & (step < _STEP) & (strength < _MOST)
    free = cv2.morphologyEx(free.astype(np.uint8), cv2.MORPH_OPEN, np.ones((_GAP, _GAP), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(free, connectivity=4)
    sure = np.bincount(labels[paper], minlength=len(stats))
    sure[0] = 0
    if not sure.any():
        return np.zeros_like(excess)
    sheet = (labels == int(sure.argmax())).astype(np.float32)
    weight = cv2.blur(sheet, (_SCALE, _SCALE))
    total = cv2.blur(excess * sheet[:, :, None], (_SCALE, _SCALE))
    mean: FloatImage = total / np.maximum(weight, 0.05)[:, :, None]
    return mean


def _measure_step(smooth: FloatImage) -> FloatImage:
    """How much the colour changes about each pixel from row to row; nothing at the first and last rows."""
    step = np.zeros(smooth.shape[:2], np.float32)
    apart = smooth[2 * _ACROSS :] - smooth[: -2 * _ACROSS]
    step[_ACROSS:-_ACROSS] = np.sqrt(np.square(apart).sum(axis=2))
    return step
