"""Lone signs that recognisers get wrong: ornaments read as a character, 〇 read as nothing."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.ocr import Raster, Reading

Mask = NDArray[np.bool_]

NUMERALS = "一二三四五六七八九十百〇○"
# The colours of one print lie on a line from that of its paper; so far (as a share of its length) they part
# from it by blur and noise.
_OFF_LINE = 0.09
# A 〇 (em): its width, how near to the characters beside it, and the hollow within.
_RING, _APART, _HOLLOW = (0.45, 1.1), 0.6, 0.3


def is_sign(text: str) -> bool:
    """Whether a text is one Han character, numerals aside: these stand on discs, and so in two colours."""
    return len(text) == 1 and "\u3400" <= text <= "\u9fff" and text not in NUMERALS


def has_colours(strip: Raster, ink: Mask) -> bool:
    """Whether the print (mask `ink`) on an RGB strip is in several colours, as no type is."""
    if not ink.any() or ink.all():
        return False
    lab = cv2.cvtColor(np.ascontiguousarray(strip), cv2.COLOR_RGB2LAB).astype(np.float32)
    lab[:, :, 0] /= 2.55
    lab = cv2.GaussianBlur(lab, (5, 5), 0)
    apart = lab[ink] - np.median(lab[~ink], axis=0)
    along, off, *_ = np.linalg.svd(apart, compute_uv=False)
    return bool(off > _OFF_LINE * along)


def restore_rings(reading: Reading, ink: Mask, em: float) -> Reading:
    """The reading with each 〇 behind a Han numeral for which recognisers saw a blank: 二〇　藥師佛.

    `ink` is the mask (height, width) of the strip that was read, `em` its type's size in pixels.
    """
    text, centres = reading.text, reading.centres
    if len(centres) != len(text) or not any(c in NUMERALS for c in text[:-1]):
        return reading
    runs = _list_runs(np.asarray(ink.any(axis=0)))
    signs: list[tuple[float, str]] = []
    shown = [(c * ink.shape[1], sign) for c, sign in zip(centres, text, strict=True)]
    printed = [k for k, (_, sign) in enumerate(shown) if not sign.isspace()]
    for k, after in pairwise(printed):
        if shown[k][1] in NUMERALS:
            low, high = shown[k][0] + _APART * em, shown[after][0] - _APART * em
            inner = [(a, b) for a, b in runs if low < (a + b) / 2 < high]
            signs += [((a + b) / 2, "〇") for a, b in inner if _is_ring(ink[:, a:b], em)]
    if not signs:
        return reading
    signs = sorted(signs + shown, key=lambda s: s[0])
    return Reading(
        "".join(sign for _, sign in signs),
        reading.confidence,
        tuple(x / ink.shape[1] for x, _ in signs),
    )


def _list_runs(inked: NDArray[np.bool_]) -> Sequence[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.pad(inked.astype(np.int8), 1)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _is_ring(ink: Mask, em: float) -> bool:
    """Whether print is a ring about as wide as high: hollow, and closed to all sides of its middle."""
    rows = np.flatnonzero(ink.any(axis=1))
    if not rows.size:
        return False
    ring = ink[rows[0] : rows[-1] + 1]
    high, wide = ring.shape
    if not all(_RING[0] * em <= side <= _RING[1] * em for side in (high, wide)):
        return False
    y, x = round(_HOLLOW * high), round(_HOLLOW * wide)
    middle = ring[y : high - y, x : wide - x]
    across, down = ring[:, x : wide - x], ring[y : high - y].T
    sides = across[:y], across[high - y :], down[:x], down[wide - x :]
    return not middle.any() and all(side.size and bool(side.any(axis=0).mean() > 0.8) for side in sides)
