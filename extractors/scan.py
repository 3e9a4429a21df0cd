"""A scanned page → its lines and pictures, upright and in points."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from extractors.badge_places import read_at_places
from extractors.deskew import estimate_skew, turn_upright
from extractors.geometry import area, intersection, overlap_share
from extractors.inner_text import read_inner_lines
from extractors.line_boxes import join_parts
from extractors.number_discs import mark_lines, seek_discs
from extractors.ocr import OcrEngine, OcrLine, PixelBox, Raster
from extractors.ocr_lines import is_ornament, is_print, read_box
from extractors.parted_numbers import join_numbers
from extractors.picture_edges import draw_in
from extractors.print_areas import find_page_lines
from extractors.records import Box, Dropped, Picture, TextLine
from extractors.second_look import count_characters, leave_figures, look_again, mask_boxes
from extractors.segmentation import Segmentation, find_figures
from extractors.tones import measure_tones

# The print of a line of Han characters is this share of its em.
_INK_EM = 0.92
_SURE = 0.85
# No type is larger than this share of the page's shorter side.
_LARGEST = 0.2
# Regions smaller than this (points) are specks, not worth a record of being dropped.
_SPECK = 12.0


@dataclass(frozen=True, slots=True)
class ScanReading:
    """What a scanned page holds; boxes in points in the upright frame (see `records.Page`).

    `dropped` has page 0: the caller knows the page's number.
    """

    lines: tuple[TextLine, ...]
    pictures: tuple[Picture, ...]
    rules: tuple[Box, ...]
    skew: float
    dropped: tuple[Dropped, ...]


def read_scan(
    image: Raster, page_width: float, page_height: float, dpi: float, engine: OcrEngine
) -> ScanReading:
    """Reads a page's RGB raster: turns it upright, finds its figures, masks them and reads what is left.

    Of what stands in the figures only badges and captions are read. A page on which the first look reads no
    word comes back without lines: it is a plate, and looking closer at ornament would take most of the time.
    `page_width` and `page_height` are in points. Engine errors are passed on.
    """
    skew = estimate_skew(image, dpi)
    upright = turn_upright(image, skew)
    found = join_parts(find_page_lines(upright, engine))
    read = {box: read_box(upright, box, engine) for box in found if not _is_picture_sized(box, upright)}
    sx, sy = page_width / image.shape[1], page_height / image.shape[0]
    if not _has_words(read.values()):
        plates = [figure.box for figure in find_figures(upright, dpi, []).figures]
        pictures = tuple(_as_picture(upright, draw_in(upright, box, dpi), sx, sy) for box in plates)
        return ScanReading((), pictures, (), skew, ())
    read, discs = mark_lines(upright, read, engine)
    printed = [(_as_box(box), line.confidence) for box, line in read.items() if line and is_print(line)]
    segmentation = find_figures(upright, dpi, [box for box, _ in printed], [sure for _, sure in printed])
    figures = [figure.box for figure in segmentation.figures]
    lines = leave_figures(upright, read, figures, engine)
    lines = look_again(mask_boxes(upright, figures), segmentation, read, lines, dpi, engine)
    lines = [line for line in lines if not is_ornament(upright, line)]
    lines += read_inner_lines(upright, figures, read, join_numbers(lines), engine)
    lines = join_numbers(lines + seek_discs(upright, figures, discs, lines, engine))
    lines += read_at_places(upright, figures, lines, engine)
    return ScanReading(
        lines=tuple(_as_text_line(line, sx, sy) for line in lines),
        pictures=tuple(_as_picture(upright, draw_in(upright, box, dpi), sx, sy) for box in figures),
        rules=tuple(_to_points(rule, sx, sy) for rule in segmentation.rules),
        skew=skew,
        dropped=tuple(_list_dropped(segmentation, lines, sx, sy)),
    )


def _is_picture_sized(box: PixelBox, image: Raster) -> bool:
    """Whether a box is as high and as wide as a picture: engines read some as one large character."""
    return min(box[2] - box[0], box[3] - box[1]) > _LARGEST * float(min(image.shape[:2]))


def _has_words(read: Iterable[OcrLine | None]) -> bool:
    """Whether two characters were read for sure; OCR sees single signs in ornament."""
    return sum(count_characters(line) for line in read if line is not None and line.confidence > _SURE) >= 2


def read_text(
    image: Raster,
    masks_px: Sequence[Box],
    page_width: float,
    page_height: float,
    dpi: float,
    engine: OcrEngine,
) -> tuple[TextLine, ...]:
    """Reads the lines of an upright RGB raster outside the boxes `masks_px` (pixels): pictures already known.

    Of what stands in the pictures only badges and captions are read.
    `dpi` is taken for the sake of one signature with `read_scan`; boxes of the result are in points.
    """
    masked = mask_boxes(image, masks_px)
    found = {box: read_box(masked, box, engine) for box in join_parts(engine.find_lines(masked))}
    read, discs = mark_lines(masked, found, engine)
    lines = [line for line in read.values() if line is not None]
    pictures = _clip(masks_px, image)
    lines += read_inner_lines(image, pictures, {}, join_numbers(lines), engine)
    lines = join_numbers(lines + seek_discs(image, pictures, discs, lines, engine))
    lines += read_at_places(image, pictures, lines, engine)
    sx, sy = page_width / image.shape[1], page_height / image.shape[0]
    return tuple(_as_text_line(line, sx, sy) for line in lines)


def _clip(boxes: Sequence[Box], image: Raster) -> list[Box]:
    """The boxes' parts on the image, those of a badge's size and larger."""
    height, width = image.shape[:2]
    clipped = [intersection(box, (0.0, 0.0, float(width), float(height))) for box in boxes]
    return [b for b in clipped if min(b[2] - b[0], b[3] - b[1]) >= 16]


def _as_box(box: PixelBox) -> Box:
    return float(box[0]), float(box[1]), float(box[2]), float(box[3])


def _to_points(box: Box, sx: float, sy: float) -> Box:
    return round(box[0] * sx, 2), round(box[1] * sy, 2), round(box[2] * sx, 2), round(box[3] * sy, 2)


def _as_text_line(line: OcrLine, sx: float, sy: float) -> TextLine:
    box = _to_points(_as_box(line.box_px), sx, sy)
    across = box[2] - box[0] if line.direction == "vertical" else box[3] - box[1]
    return TextLine(
        text=line.text,
        box=box,
        size=round(across / _INK_EM, 2),
        direction=line.direction,
        source="ocr",
        confidence=round(line.confidence, 4),
    )


def _as_picture(upright: Raster, box: Box, sx: float, sy: float) -> Picture:
    points = _to_points(box, sx, sy)
    page = upright.shape[0] * sy * upright.shape[1] * sx
    coverage = round(area(points) / page, 4)
    return Picture(points, "scan", _fingerprint(upright, box), coverage, measure_tones(upright, box))


def _fingerprint(upright: Raster, box: Box) -> str:
    """64-bit perceptual hash: a scan never repeats pixel by pixel."""
    x0, y0, x1, y1 = (round(v) for v in box)
    part = np.ascontiguousarray(upright[max(0, y0) : y1, max(0, x0) : x1])
    grey = cv2.resize(cv2.cvtColor(part, cv2.COLOR_RGB2GRAY), (32, 32), interpolation=cv2.INTER_AREA)
    low = cv2.dct(grey.astype(np.float32))[:8, :8].ravel()
    bits = low > np.median(low[1:])
    return "scan:" + "".join(f"{b:02x}" for b in np.packbits(bits))


def _list_dropped(
    segmentation: Segmentation, lines: Sequence[OcrLine], sx: float, sy: float
) -> list[Dropped]:
    dropped = []
    for found in segmentation.dropped:
        if any(overlap_share(found.box, _as_box(line.box_px)) > 0.5 for line in lines):
            continue
        box = _to_points(found.box, sx, sy)
        if max(box[2] - box[0], box[3] - box[1]) >= _SPECK:
            dropped.append(Dropped(0, "picture", found.reason, box))
    return dropped
