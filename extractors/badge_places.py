"""Number badges read at the place where the other pictures of a group have theirs.

A group of pictures that is keyed to a list has its numbers at one corner, at one distance from it. Where two
are read the others are known to be there, however busy the ground under them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from statistics import median

import numpy as np

from extractors.number_discs import list_numbered
from extractors.ocr import OcrEngine, OcrLine, PixelBox, Raster
from extractors.records import Box

# Windows about the place, in heights of the list's print; a number must read the same in two of them.
_WINDOWS = (1.2, 1.45, 1.75)
_SURE = 0.7
# Two badges stand at one place if they differ by no more than this share of the list's print.
_SLACK = 0.6
_CORNERS = ((0, 1), (2, 1), (0, 3), (2, 3))


def read_at_places(
    upright: Raster, figures: Sequence[Box], known: Sequence[OcrLine], engine: OcrEngine
) -> list[OcrLine]:
    """The badges that are not among the lines `known` yet; `figures` are pixel boxes of the RGB raster."""
    listed = list_numbered(known)
    if not listed:
        return []
    em = median(line.box_px[3] - line.box_px[1] for line in listed.values())
    badges = [line for line in known if line.text.strip() in listed]
    owners = {k: line for k, figure in enumerate(figures) for line in badges if _is_in(line.box_px, figure)}
    left = set(listed) - {line.text.strip() for line in owners.values()}
    place = _find_place([(figures[k], line.box_px) for k, line in owners.items()], _SLACK * em)
    if place is None:
        return []
    corner, dx, dy = place
    found: list[OcrLine] = []
    for k, figure in enumerate(figures):
        if k in owners:
            continue
        x, y = figure[_CORNERS[corner][0]] + dx, figure[_CORNERS[corner][1]] + dy
        line = _read_at(upright, x, y, em, engine)
        if line is not None and line.text in left:
            left.discard(line.text)
            found.append(line)
    return found


def _is_in(box: PixelBox, figure: Box) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return figure[0] < x < figure[2] and figure[1] < y < figure[3]


def _find_place(badges: Sequence[tuple[Box, PixelBox]], slack: float) -> tuple[int, float, float] | None:
    """The corner, and the way from it, that two badges at least have in common."""
    for corner, (i, j) in enumerate(_CORNERS):
        ways = [((b[0] + b[2]) / 2 - f[i], (b[1] + b[3]) / 2 - f[j]) for f, b in badges]
        for a, b in combinations(ways, 2):
            if max(abs(a[0] - b[0]), abs(a[1] - b[1])) <= slack:
                return corner, (a[0] + b[0]) / 2, (a[1] + b[1]) / 2
    return None


def _read_at(upright: Raster, x: float, y: float, em: float, engine: OcrEngine) -> OcrLine | None:
    height, width = upright.shape[:2]
    boxes = []
    for share in _WINDOWS:
        half = share * em / 2
        box = (round(x - half), round(y - half), round(x + half), round(y + half))
        if min(box[:2]) < 0 or box[2] > width or box[3] > height:
            return None
        boxes.append(box)
    readings = engine.read_strips([np.ascontiguousarray(upright[b[1] : b[3], b[0] : b[2]]) for b in boxes])
    sure = [(r.text.strip(), r.confidence, b) for r, b in zip(readings, boxes, strict=True)]
    for text, confidence, box in sorted(sure, key=lambda s: -s[1]):
        if confidence >= _SURE and sum(text == other for other, _, _ in sure) >= 2:
            return OcrLine(text, box, confidence)
    return None
