"""Boxes of lines as detectors give them: parts of one line joined, missed print sought at a larger scale."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from extractors.geometry import area, expand, intersection, overlap_x, overlap_y, union
from extractors.ocr import OcrEngine, PixelBox, Raster
from extractors.records import Box

# A number and its title stand an em apart. Two long parts so far apart are names of two pictures, or columns.
_JOIN_EM = 1.1
_LONG_EM, _JOIN_LONG_EM = 4.0, 0.75
# Room around missed print, in millimetres, and the number of places worth another look.
_ROOM_MM = 9.0
# From the print of 一 down to its title: half its em, a blank, and what print falls short of its own em.
_NUMBER_EM = 2.6
# As long as 图版一二 or 一百六十九.
_LONGEST_NUMBER = 5.5
_MOST_PLACES = 6


def join_parts(boxes: Sequence[PixelBox]) -> list[PixelBox]:
    """Joins boxes that stand in one row, or one column, no more than an em apart and of the same height."""
    left = sorted(boxes, key=lambda b: (b[0], b[1], b[2], b[3]))
    k = 0
    while k < len(left):
        partner = next((j for j in range(len(left)) if j != k and _are_one(left[k], left[j])), None)
        if partner is None:
            k += 1
            continue
        a, b = left[k], left[partner]
        joined = (min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3]))
        left = [box for j, box in enumerate(left) if j not in (k, partner)]
        left.insert(0, joined)
        k = 0
    return sorted(left, key=lambda b: (b[1], b[0], b[3], b[2]))


def _are_one(a: PixelBox, b: PixelBox) -> bool:
    wa, ha, wb, hb = a[2] - a[0], a[3] - a[1], b[2] - b[0], b[3] - b[1]
    fa, fb = _float_box(a), _float_box(b)
    # One of the two is a line for sure; the other may be a single character.
    lying = max(wa / ha, wb / hb) > 1.5 and min(wa / ha, wb / hb) > 0.5
    upright = max(ha / wa, hb / wb) > 1.5 and min(ha / wa, hb / wb) > 0.5
    if lying and max(ha, hb) < 1.35 * min(ha, hb):
        return overlap_y(fa, fb) > 0.75 * min(ha, hb) and -_reach(wa, wb, min(ha, hb)) < overlap_x(fa, fb)
    if upright and max(wa, wb) < 1.35 * min(wa, wb):
        return overlap_x(fa, fb) > 0.75 * min(wa, wb) and -_reach(ha, hb, min(wa, wb)) < overlap_y(fa, fb)
    return False


def _reach(length: int, other: int, em: int) -> float:
    """How far two parts of a line may stand apart, in pixels, by their lengths."""
    return em * (_JOIN_LONG_EM if min(length, other) > _LONG_EM * em else _JOIN_EM)


def seek_missed(
    upright: Raster, specks: Sequence[Box], found: Sequence[PixelBox], dpi: float, engine: OcrEngine
) -> list[PixelBox]:
    """Lines at small pieces of print (`specks`, pixel boxes) that no line in `found` explains.

    On a whole page, detectors see small type at half its size, and miss short lines that stand alone.
    """
    height, width = upright.shape[:2]
    room = _ROOM_MM * dpi / 25.4
    lone = [s for s in specks if not any(area(intersection(s, _float_box(f))) > 0.3 * area(s) for f in found)]
    places: list[Box] = []
    missed: list[PixelBox] = []
    for speck in lone:
        begun = [(own, f) for f in found if (own := _cut_to_line(speck, f)) and _stands_before(own, f)]
        for own, line in begun:
            around = union([own, _float_box(line)])
            missed.append((int(around[0]), int(around[1]), int(around[2]) + 1, int(around[3]) + 1))
        if begun:
            continue
        place = intersection(expand(speck, room), (0.0, 0.0, float(width), float(height)))
        near = [p for p in places if area(intersection(p, place)) > 0]
        places = [p for p in places if p not in near] + [union([place, *near])]
    for place in sorted(places, key=area)[:_MOST_PLACES]:
        x0, y0, x1, y1 = (int(v) for v in place)
        part = np.ascontiguousarray(upright[y0:y1, x0:x1])
        boxes = join_parts([(a + x0, b + y0, c + x0, d + y0) for a, b, c, d in engine.find_lines(part)])
        missed += [box for box in boxes if _is_whole(box, place, width, height)]
    return missed


def _cut_to_line(speck: Box, line: PixelBox) -> Box | None:
    """What of a small piece of print may belong to a line: the numbers of a list are seen as one pile.

    A pile of numbers is narrow; a drop cap is as wide as it is high.
    """
    w, h = line[2] - line[0], line[3] - line[1]
    row = expand(_float_box(line), 0.1 * min(w, h))
    wide, high = speck[2] - speck[0], speck[3] - speck[1]
    if w > 1.5 * h and high > 1.4 * h and wide < 1.5 * h:
        part = speck[0], max(speck[1], row[1]), speck[2], min(speck[3], row[3])
    elif h > 1.5 * w and wide > 1.4 * w and high < 1.5 * w:
        part = max(speck[0], row[0]), speck[1], min(speck[2], row[2]), speck[3]
    else:
        return speck
    return part if part[0] < part[2] and part[1] < part[3] else None


def _stands_before(speck: Box, line: PixelBox) -> bool:
    """Whether a small piece of print begins a line or column, as 一 and 二〇一 do, which detectors miss."""
    w, h = line[2] - line[0], line[3] - line[1]
    wide, high = speck[2] - speck[0], speck[3] - speck[1]
    if w > 1.5 * h:
        return (
            high < 1.4 * h
            and wide < _LONGEST_NUMBER * h
            and line[1] - 0.2 * h <= (speck[1] + speck[3]) / 2 <= line[3] + 0.2 * h
            and 0 <= line[0] - speck[2] + 0.3 * h <= _NUMBER_EM * h
        )
    return (
        h > 1.5 * w
        and wide < 1.4 * w
        and high < _LONGEST_NUMBER * w
        and line[0] - 0.2 * w <= (speck[0] + speck[2]) / 2 <= line[2] + 0.2 * w
        and 0 <= line[1] - speck[3] + 0.3 * w <= _NUMBER_EM * w
    )


def _is_whole(box: PixelBox, place: Box, width: int, height: int) -> bool:
    """Whether a line ends within the place that was looked at."""
    return (
        (box[0] > place[0] + 2 or place[0] <= 2)
        and (box[1] > place[1] + 2 or place[1] <= 2)
        and (box[2] < place[2] - 2 or place[2] >= width - 2)
        and (box[3] < place[3] - 2 or place[3] >= height - 2)
    )


def _float_box(box: PixelBox) -> Box:
    return float(box[0]), float(box[1]), float(box[2]), float(box[3])
