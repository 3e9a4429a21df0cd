"""A second look at a scanned page: lines that a figure's edge cuts, and print that no line explains."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import median

import cv2
import numpy as np

from extractors.figure_checks import TOO_SMALL
from extractors.geometry import area, intersection, overlap_share
from extractors.line_boxes import seek_missed
from extractors.ocr import OcrEngine, OcrLine, PixelBox, Raster
from extractors.ocr_lines import is_print, read_box, read_boxes
from extractors.print_areas import find_lines_near
from extractors.records import Box
from extractors.segmentation import Segmentation

# An ornament set as a line: at most so much higher than the page's lines, and so many times longer than high.
_ROW, _BAND = 1.3, 4.0


def mask_boxes(image: Raster, boxes: Sequence[Box]) -> Raster:
    """A copy with the boxes (pixels) painted over in the page's colour: OCR reads text into ornament."""
    masked = image.copy()
    step = max(1, min(image.shape[:2]) // 200)
    colour = [int(v) for v in np.percentile(image[::step, ::step], 75, axis=(0, 1))]
    for x0, y0, x1, y1 in boxes:
        part = max(0, int(x0)), max(0, int(y0)), round(x1) - 1, round(y1) - 1
        if part[0] <= part[2] and part[1] <= part[3]:
            cv2.rectangle(masked, part[:2], part[2:], colour, cv2.FILLED)
    return masked


def leave_figures(
    upright: Raster, read: Mapping[PixelBox, OcrLine | None], figures: Sequence[Box], engine: OcrEngine
) -> list[OcrLine]:
    """The lines outside all figures; where one runs over a figure's edge, lines are sought without it."""
    shares = {box: _share_in(box, figures) for box, line in read.items() if line is not None}
    outside = [line for box, line in read.items() if line is not None and shares[box] < 0.1]
    if all(share < 0.1 or share > 0.9 for share in shares.values()):
        return outside
    masked = mask_boxes(upright, figures)
    cut = [box for box, share in shares.items() if 0.1 <= share <= 0.9]
    again = [
        box
        for box in find_lines_near(masked, cut, engine)
        if any(area(intersection(_as_box(box), _as_box(c))) for c in cut)
    ]
    kept = {line.box_px for line in outside}
    anew = [box for box in again if _share_in(box, figures) < 0.5 and not _is_among(box, kept, 0.5)]
    return outside + read_boxes(masked, anew, engine)


def look_again(
    masked: Raster,
    segmentation: Segmentation,
    read: Mapping[PixelBox, OcrLine | None],
    lines: list[OcrLine],
    dpi: float,
    engine: OcrEngine,
) -> list[OcrLine]:
    """`lines` with those at print that no line explains; a longer reading takes the place of its part.

    `masked` is the page without its figures, `read` what the first look saw on it.
    """
    ornaments = _list_ornaments(read)
    specks = [
        found.box
        for found in segmentation.dropped
        if found.reason == TOO_SMALL and all(overlap_share(found.box, o) < 0.5 for o in ornaments)
    ]
    for box in seek_missed(masked, specks, [line.box_px for line in lines], dpi, engine):
        line = read_box(masked, box, engine)
        if line is None or not is_print(line):
            continue
        shares = [overlap_share(_as_box(k.box_px), _as_box(line.box_px)) for k in lines]
        parts = [k for k, share in zip(lines, shares, strict=True) if share > 0.8]
        is_longer = count_characters(line) > sum(count_characters(k) for k in parts)
        is_cut = any(0.2 < share <= 0.8 for share in shares)
        if is_longer and not is_cut and (parts or not _is_among(box, [k.box_px for k in lines], 0.5)):
            lines = [k for k in lines if k not in parts] + [line]
    return lines


def count_characters(line: OcrLine) -> int:
    """The characters of a line, blanks left out."""
    return sum(not c.isspace() for c in line.text)


def _list_ornaments(read: Mapping[PixelBox, OcrLine | None]) -> list[Box]:
    """Bands no higher than the page's lines that say nothing: seen whole, where two rows would be higher."""
    heights = [box[3] - box[1] for box, line in read.items() if line is not None and is_print(line)]
    highest = _ROW * median(heights) if heights else 0.0
    return [
        _as_box(box)
        for box, line in read.items()
        if (line is None or not is_print(line)) and box[3] - box[1] <= min(highest, (box[2] - box[0]) / _BAND)
    ]


def _is_among(box: PixelBox, kept: Iterable[PixelBox], share: float) -> bool:
    return any(overlap_share(_as_box(box), _as_box(other)) > share for other in kept)


def _share_in(box: PixelBox, figures: Sequence[Box]) -> float:
    flat = _as_box(box)
    return max((area(intersection(flat, figure)) / max(1.0, area(flat)) for figure in figures), default=0.0)


def _as_box(box: PixelBox) -> Box:
    return float(box[0]), float(box[1]), float(box[2]), float(box[3])
