"""A scanned page → its lines and pictures, upright and in points."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from extractors.badge_places import read_at_places
from extractors.deskew import estimate_skew, turn_upright
from extractors.figure_checks import TOO_SMALL
from extractors.geometry import area, intersection, overlap_share
from extractors.inner_text import read_inner_lines
from extractors.line_boxes import join_parts, seek_missed
from extractors.number_discs import mark_lines, seek_discs
from extractors.ocr import OcrEngine, OcrLine, PixelBox, Raster
from extractors.ocr_lines import is_print, read_box, read_boxes
from extractors.parted_numbers import join_numbers
from extractors.picture_edges import draw_in
from extractors.print_areas import find_lines_near, find_page_lines
from extractors.records import Box, Dropped, Picture, TextLine
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
    word comes back empty: it is a plate, and looking closer at ornament would take most of the time.
    `page_width` and `page_height` are in points. Engine errors are passed on.
    """
    skew = estimate_skew(image, dpi)
    upright = turn_upright(image, skew)
    found = join_parts(find_page_lines(upright, skew, engine))
    read = {box: read_box(upright, box, engine) for box in found if not _is_picture_sized(box, upright)}
    if not _has_words(read.values()):
        return ScanReading((), (), (), skew, ())
    read, discs = mark_lines(upright, read, engine)
    printed = [(_as_box(box), line.confidence) for box, line in read.items() if line and is_print(line)]
    segmentation = find_figures(upright, dpi, [box for box, _ in printed], [sure for _, sure in printed])
    figures = [figure.box for figure in segmentation.figures]
    lines = _leave_figures(upright, read, figures, engine)
    lines = _look_again(mask_boxes(upright, figures), segmentation, lines, dpi, engine)
    lines += read_inner_lines(upright, figures, read, join_numbers(lines), engine)
    lines = join_numbers(lines + seek_discs(upright, figures, discs, lines, engine))
    lines += read_at_places(upright, figures, lines, engine)
    sx, sy = page_width / image.shape[1], page_height / image.shape[0]
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
    return sum(_count(line) for line in read if line is not None and line.confidence > _SURE) >= 2


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


def mask_boxes(image: Raster, boxes: Sequence[Box]) -> Raster:
    """A copy with the boxes (pixels) painted over in the page's colour: OCR reads text into ornament."""
    masked = image.copy()
    step = max(1, min(image.shape[:2]) // 200)
    colour = np.percentile(image[::step, ::step], 75, axis=(0, 1)).astype(np.uint8)
    for x0, y0, x1, y1 in boxes:
        masked[max(0, int(y0)) : max(0, round(y1)), max(0, int(x0)) : max(0, round(x1))] = colour
    return masked


def _leave_figures(
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


def _look_again(
    masked: Raster, segmentation: Segmentation, lines: list[OcrLine], dpi: float, engine: OcrEngine
) -> list[OcrLine]:
    """`lines` with those at print that no line explains; a longer reading takes the place of its part."""
    specks = [found.box for found in segmentation.dropped if found.reason == TOO_SMALL]
    for box in seek_missed(masked, specks, [line.box_px for line in lines], dpi, engine):
        line = read_box(masked, box, engine)
        if line is None or not is_print(line):
            continue
        shares = [overlap_share(_as_box(k.box_px), _as_box(line.box_px)) for k in lines]
        parts = [k for k, share in zip(lines, shares, strict=True) if share > 0.8]
        is_longer = _count(line) > sum(_count(k) for k in parts)
        is_cut = any(0.2 < share <= 0.8 for share in shares)
        if is_longer and not is_cut and (parts or not _is_among(box, [k.box_px for k in lines], 0.5)):
            lines = [k for k in lines if k not in parts] + [line]
    return lines


def _count(line: OcrLine) -> int:
    return sum(not c.isspace() for c in line.text)


def _is_among(box: PixelBox, kept: Iterable[PixelBox], share: float) -> bool:
    return any(overlap_share(_as_box(box), _as_box(other)) > share for other in kept)


def _share_in(box: PixelBox, figures: Sequence[Box]) -> float:
    flat = _as_box(box)
    return max((area(intersection(flat, figure)) / max(1.0, area(flat)) for figure in figures), default=0.0)


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
