"""Tints under text: coloured boxes, table cells and title bands, which are ground and not picture."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.geometry import area, expand
from extractors.paper import Paper
from extractors.records import Box

Mask = NDArray[np.bool_]

# Text fills this share of a tint that was put under it; of a picture's sky that a label stands in, less.
_MIN_TEXT = 0.08
# The paper of a manuscript is a tint as well. It is written in columns, of which engines are less sure than
# of printed ones.
_PRINT = 0.95
# A printed tint is as even as the paper, shading aside: grain within 5×5 pixels against the paper's, and
# steps from pixel to pixel. Silk, plaster and old paper in a photograph are not.
_EVEN = 2.0
_MIN_EVEN = 1.2
_STEP = 4
# From CIE L*a*b* to bytes, cut off and not rounded: factor and shift of each channel.
_BYTES = ((2.55, -0.499), (1.0, 127.501), (1.0, 127.501))


def find_panels(
    paper: Paper, ink: Mask, covered: Mask, text: Sequence[Box], confidences: Sequence[float]
) -> Mask:
    """Mask of the tints under the lines `text` (pixel boxes), the lines themselves included.

    `ink` is what is not paper, `covered` the mask of all text, `confidences` (0–1) those of the lines' words.
    """
    panels = np.zeros(ink.shape, bool)
    if not text:
        return panels
    channels = cv2.split(paper.lab)
    lab8 = cv2.merge(
        [cv2.convertScaleAbs(c, alpha=a, beta=b) for c, (a, b) in zip(channels, _BYTES, strict=True)]
    )
    _wipe_print(lab8, text)
    grain = _measure_grain(channels[0], covered)
    bare = grain[~ink & ~covered]
    even = max(_MIN_EVEN, _EVEN * float(np.median(bare))) if bare.size else _MIN_EVEN
    barrier = ((grain > even) & ~covered) | ~ink
    for box in text:
        seed = _find_seed(box, barrier, covered, panels)
        if seed is None:
            continue
        tint = _flood(lab8, barrier, seed)
        x, y, w, h = cv2.boundingRect(tint.astype(np.uint8))
        within = [
            (t, sure)
            for t, sure in zip(text, confidences, strict=True)
            if x - 2 <= (t[0] + t[2]) / 2 < x + w + 2 and y - 2 <= (t[1] + t[3]) / 2 < y + h + 2
        ]
        words = sum(area(t) for t, _ in within)
        columns = [sure for t, sure in within if t[3] - t[1] > t[2] - t[0]]
        is_manuscript = bool(columns) and fmean(columns) < _PRINT
        if not is_manuscript and words >= _MIN_TEXT * tint.sum():
            panels |= tint
            panels |= paint_lines([t for t, _ in within], ink.shape)
    return panels


def _wipe_print(lab8: NDArray[np.uint8], text: Sequence[Box]) -> None:
    """Fills the print of the lines with the ground between it: a band may hold little but its line."""
    for box in text:
        x0, y0, x1, y1 = (max(0, round(v)) for v in expand(box, pad_line(box)))
        part = lab8[y0:y1, x0:x1]
        if min(part.shape[:2]) < 3:
            continue
        light = np.ascontiguousarray(part[:, :, 0])
        _, dark = cv2.threshold(light, 0, 1, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
        ink = dark if dark.mean() <= 0.5 else 1 - dark
        ink = cv2.dilate(ink, np.ones((3, 3), np.uint8))
        wiped = cv2.inpaint(np.ascontiguousarray(part), ink, 3, cv2.INPAINT_TELEA)
        lab8[y0:y1, x0:x1] = cv2.blur(wiped, (5, 5))


def _measure_grain(lightness: NDArray[np.float32], covered: Mask) -> NDArray[np.float32]:
    """Local contrast over 5×5 pixels against the local mean, text left out: a gradient has none."""
    weight = (~covered).astype(np.float32)
    share = np.maximum(cv2.blur(weight, (5, 5)), 1e-3)
    departure = (lightness - cv2.blur(lightness * weight, (5, 5)) / share) * weight
    variance = cv2.blur(departure * departure, (5, 5)) / share
    grain: NDArray[np.float32] = np.sqrt(np.maximum(variance, 0))
    return grain


def paint_lines(boxes: Sequence[Box], shape: tuple[int, ...]) -> Mask:
    """Mask of the lines' boxes, a little widened: detectors cut lines short of their print."""
    mask = np.zeros(shape, bool)
    for box in boxes:
        x0, y0, x1, y1 = expand(box, pad_line(box))
        mask[max(0, round(y0)) : round(y1), max(0, round(x0)) : round(x1)] = True
    return mask


def pad_line(box: Box) -> float:
    """How far a line's print may reach out of the box a detector gives it."""
    return 0.2 * min(box[2] - box[0], box[3] - box[1]) + 1


def _find_seed(box: Box, barrier: Mask, covered: Mask, panels: Mask) -> tuple[int, int] | None:
    """A point on even ground just outside `box`; None where most of its surroundings are not even.

    In a narrow band there is no ground above and below the line, so that at either end of it will do.
    """
    pad = pad_line(box)
    x0, y0, x1, y1 = expand(box, pad)
    side = y1 - y0 if x1 - x0 > y1 - y0 else x1 - x0
    around = expand(box, pad + 4)
    # As high as the line itself: the grain of what lies beside a band reaches into it.
    ends = (
        [(x0 - side, box[1], x0 - 2, box[3]), (x1 + 2, box[1], x1 + side, box[3])]
        if x1 - x0 > y1 - y0
        else [(box[0], y0 - side, box[2], y0 - 2), (box[0], y1 + 2, box[2], y1 + side)]
    )
    for window, least in ((around, 0.5), *((end, 0.75) for end in ends)):
        seed = _seed_in(window, barrier, covered, least)
        if seed is not None:
            return None if panels[seed[1], seed[0]] else seed
    return None


def _seed_in(window: Box, barrier: Mask, covered: Mask, least: float) -> tuple[int, int] | None:
    x0, y0 = max(0, int(window[0])), max(0, int(window[1]))
    part = (slice(y0, max(0, int(window[3])) + 1), slice(x0, max(0, int(window[2])) + 1))
    around = ~covered[part]
    free = around & ~barrier[part]
    if around.sum() < 8 or free.sum() < least * around.sum():
        return None
    ys, xs = np.nonzero(free)
    k = len(ys) // 2
    return int(xs[k]) + x0, int(ys[k]) + y0


def _flood(lab8: NDArray[np.uint8], barrier: Mask, seed: tuple[int, int]) -> Mask:
    height, width = barrier.shape
    mask = np.zeros((height + 2, width + 2), np.uint8)
    mask[1:-1, 1:-1] = barrier
    step = (_STEP, 2, 2)
    cv2.floodFill(lab8, mask, seed, 0, step, step, 4 | cv2.FLOODFILL_MASK_ONLY | (2 << 8))
    tint: Mask = mask[1:-1, 1:-1] == 2
    # The rim of a tint is blurred into what lies beside it.
    grown: Mask = cv2.dilate(tint.astype(np.uint8), np.ones((7, 7), np.uint8)).astype(bool)
    return grown
