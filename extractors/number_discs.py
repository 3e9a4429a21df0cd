"""Numbers on discs: before the captions of a list, and in the pictures that they belong to.

Detectors take such a disc for an ornament and leave it out of the line, and recognisers drop it. It is found
by its shape, and its number is read without its rim.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from statistics import median
from unicodedata import numeric

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.ocr import OcrEngine, OcrLine, PixelBox, Raster
from extractors.ocr_lines import is_print
from extractors.records import Box

# A disc before a line is about as high as its print, and stands within two ems of it.
_LOW, _HIGH, _REACH = 0.75, 1.8, 2.4
# The hull of a disc fills its circle; that of a square or a character does not.
_ROUND, _LONG = 0.85, 1.2
_RIMS = (0.1, 0.15)
_SURE = 0.85
# A disc is of one tone, and its number of another (levels of grey); digits reach into the rim.
_EVEN, _CONTRAST, _ODD = 25.0, 45.0, 0.3
# Numbers set into pictures stand near a corner, within this share of the sides.
_CORNER = 0.25
_MOST_CIRCLES = 12
# Discs in pictures are of the size of those before captions; beside a plain list, up to thrice its print.
_AS_DISCS, _TO_PRINT = (0.76, 1.5), (0.9, 2.8)
CIRCLED = "①-⑳❶-❿➊-➓"
_ITEM = re.compile(rf"([{CIRCLED}])|[(（]?([1-9][0-9]?)(?![0-9%％])")
_NUMBER = re.compile(r"[1-9][0-9]?|[a-hA-H]")

Grey = NDArray[np.uint8]


def mark_lines(
    upright: Raster, read: Mapping[PixelBox, OcrLine | None], engine: OcrEngine
) -> tuple[dict[PixelBox, OcrLine | None], tuple[int, ...]]:
    """`read` with the numbers that stand on discs before its lines, and the heights of these discs in pixels.

    `1 caption` takes the place of `caption`, its box with the disc.
    """
    grey = cv2.cvtColor(np.ascontiguousarray(upright), cv2.COLOR_RGB2GRAY)
    marked: dict[PixelBox, OcrLine | None] = {}
    heights: list[int] = []
    for box, line in read.items():
        disc = _find_disc(grey, line) if line is not None and _may_have_disc(line) else None
        number = _read_number(upright, disc, engine) if disc is not None else ""
        if line is None or disc is None or not number or _begins_with(line.text, number):
            marked[box] = line
            continue
        heights.append(disc[3] - disc[1])
        around = _unite(line.box_px, disc)
        marked[_unite(box, disc)] = replace(line, text=f"{number} {line.text}", box_px=around)
    return marked, tuple(heights)


def seek_discs(
    upright: Raster,
    figures: Sequence[Box],
    heights: Sequence[int],
    known: Iterable[OcrLine],
    engine: OcrEngine,
) -> list[OcrLine]:
    """The numbers on discs in the corners of `figures` (pixel boxes), where the page's captions are numbered.

    `heights` are those of the captions' discs, `known` the lines read so far: a numbered list among them lets
    its numbers be sought.
    """
    known = tuple(known)
    listed = list_numbered(known)
    if not heights and not listed:
        return []
    print_heights = [line.box_px[3] - line.box_px[1] for line in listed.values()]
    size, span = median(heights or print_heights), _AS_DISCS if heights else _TO_PRINT
    low, high = size * span[0], size * span[1]
    done = [((b[0] + b[2]) / 2, (b[1] + b[3]) / 2) for b in (line.box_px for line in known)]
    found: list[OcrLine] = []
    grey = cv2.cvtColor(np.ascontiguousarray(upright), cv2.COLOR_RGB2GRAY)
    for figure in figures:
        for disc in _list_circles(grey, figure, low, high):
            if any(disc[0] < x < disc[2] and disc[1] < y < disc[3] for x, y in done):
                break
            number = _read_number(upright, disc, engine)
            if number and (heights or number in listed):
                found.append(OcrLine(number, disc, _SURE))
                break
    return found


def list_numbered(known: Sequence[OcrLine]) -> dict[str, OcrLine]:
    """The lines of a list numbered from 1 on, by number; empty where fewer than two follow each other."""
    found: dict[str, OcrLine] = {}
    for line in known:
        text = line.text.strip()
        if len(text) >= 2 and (m := _ITEM.match(text)):
            found[str(int(numeric(m[1]))) if m[1] else m[2]] = line
    listed: dict[str, OcrLine] = {}
    while (number := str(len(listed) + 1)) in found:
        listed[number] = found[number]
    return listed if len(listed) >= 2 else {}


def _may_have_disc(line: OcrLine) -> bool:
    return line.direction == "horizontal" and len(line.text.strip()) >= 2 and is_print(line)


def _begins_with(text: str, number: str) -> bool:
    """Whether the recogniser has read the disc as well."""
    return re.match(rf"[(（]?(?:{number}(?![0-9%％])|[{CIRCLED}])", text.strip()) is not None


def _find_disc(grey: Grey, line: OcrLine) -> PixelBox | None:
    """The disc before a line, or at its beginning."""
    x0, y0, x1, y1 = line.box_px
    height = y1 - y0
    left, top = max(0, round(x0 - _REACH * height)), max(0, y0 - height // 2)
    window = grey[top : y1 + height // 2, left : min(x1, x0 + round(1.5 * height))]
    if min(window.shape) < 8:
        return None
    discs = [
        (left + x, top + y, left + x + w, top + y + h)
        for x, y, w, h in _list_blobs(window)
        if _LOW * height < h < _HIGH * height and abs(2 * (top + y) + h - y0 - y1) < 0.6 * height
    ]
    return max(discs, default=None)


def _list_blobs(window: Grey) -> list[tuple[int, int, int, int]]:
    """Round blobs, dark or light, that lie wholly in the window: (x, y, w, h)."""
    blobs = []
    height, width = window.shape
    for tone in (window, 255 - window):
        _, dark = cv2.threshold(tone, 0, 255, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
        contours, _ = cv2.findContours(dark, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        for contour in contours:
            x, y, w, h = cv2.boundingRect(contour)
            if x == 0 or y == 0 or x + w == width or y + h == height or max(w, h) > _LONG * min(w, h):
                continue
            _, radius = cv2.minEnclosingCircle(contour)
            if cv2.contourArea(cv2.convexHull(contour)) >= _ROUND * np.pi * radius * radius:
                blobs.append((x, y, w, h))
    return blobs


def _list_circles(grey: Grey, figure: Box, low: float, high: float) -> list[PixelBox]:
    """Discs of `low` to `high` pixels across in the corners of a figure, the most even first."""
    x0, y0, x1, y1 = (max(0, round(v)) for v in figure)
    part = grey[y0:y1, x0:x1]
    if min(part.shape) < 2.5 * high:
        return []
    circles = cv2.HoughCircles(
        cv2.GaussianBlur(part, (3, 3), 0),
        cv2.HOUGH_GRADIENT,
        dp=1,
        minDist=0.5 * low,
        param1=120,
        param2=12,
        minRadius=round(0.5 * low),
        maxRadius=round(0.5 * high),
    )
    height, width = part.shape
    near = []
    for cx, cy, radius in circles[0] if circles is not None else ():
        across, down = min(cx, width - cx) / width, min(cy, height - cy) / height
        box = (round(cx - radius), round(cy - radius), round(cx + radius), round(cy + radius))
        if max(across, down) > _CORNER or min(box[:2]) < 0 or box[2] > width or box[3] > height:
            continue
        odd = _measure_disc(part[box[1] : box[3], box[0] : box[2]])
        if odd is not None:
            near.append((odd, (x0 + box[0], y0 + box[1], x0 + box[2], y0 + box[3])))
    return [box for _, box in sorted(near)[:_MOST_CIRCLES]]


def _measure_disc(part: Grey) -> float | None:
    """The share of a disc's rim that is not of its tone; None where it is no disc with a number."""
    side = min(part.shape)
    ys, xs = np.mgrid[: part.shape[0], : part.shape[1]]
    away = np.hypot(xs - (part.shape[1] - 1) / 2, ys - (part.shape[0] - 1) / 2) / (side / 2)
    rim, core = part[(away > 0.66) & (away < 0.88)], part[away < 0.6]
    if rim.size < 8:
        return None
    tone = float(np.median(rim))
    odd = float((np.abs(rim - tone) > _EVEN).mean())
    contrast = float(np.abs(core - tone).max())
    return odd if odd < _ODD and contrast > _CONTRAST else None


def _read_number(upright: Raster, disc: PixelBox, engine: OcrEngine) -> str:
    """The number on a disc, where it reads the same with more and with less of the rim; else nothing."""
    x0, y0, x1, y1 = disc
    strips = []
    for share in _RIMS:
        dx, dy = round(share * (x1 - x0)), round(share * (y1 - y0))
        strips.append(np.ascontiguousarray(upright[y0 + dy : y1 - dy, x0 + dx : x1 - dx]))
    readings = engine.read_strips(strips)
    texts = {reading.text.strip() for reading in readings}
    sure = min(reading.confidence for reading in readings) >= _SURE
    text = texts.pop()
    return text if sure and not texts and _NUMBER.fullmatch(text) else ""


def _unite(box: PixelBox, other: PixelBox) -> PixelBox:
    return min(box[0], other[0]), min(box[1], other[1]), max(box[2], other[2]), max(box[3], other[3])
