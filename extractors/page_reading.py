"""One page by any backend: from its text layer and operators where they say what is seen, else by OCR."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from extractors.backend import OpenDocument, OpenPage
from extractors.drawings import find_drawings
from extractors.errors import OcrError, OverLimit
from extractors.geometry import area, gap, overlap_share, scale, union
from extractors.legibility import share_illegible
from extractors.ocr import load_engine
from extractors.page_trace import Trace
from extractors.picture_tones import add_tones
from extractors.pictures import FULL_PAGE_SHARE, LeftOut, PlacedPicture, sort_images
from extractors.raster import limit_dpi
from extractors.records import Box, DocumentInfo, Dropped, Page, Picture, TextLine
from extractors.scan import ScanReading, read_scan, read_text
from extractors.scanned_book import is_scanned
from extractors.text_layer import LayerReading, read_layer

# With more than a tenth of its letters lost, a text layer loses captions too.
_ILLEGIBLE_SHARE = 0.1
# A caption stands within two lines of its picture.
_AT_IMAGE_EM = 2.0
# What a scanning program stamps on a page, and no more.
_STAMP_CHARACTERS = 40
# OCR sees signs in ornament; two characters that it is sure of are the shortest caption.
_CAPTION_CHARACTERS, _SURE = 2, 0.85
_SCAN_PIXELS = 16_000_000
# A2 in points. Larger pages come from programs that take a pixel for a point.
_LARGEST_PRINT = 1700.0
_A4_HEIGHT = 842.0
_MIN_PATHS = 20
# Lines of print as images: as high as a line of notes or of a heading, and several on a page.
_MIN_STRIPS, _STRIP_HEIGHTS, _STRIP_RATIO = 3, (6.0, 36.0), 3.0
_MANY_PIECES = 24
# An image that takes up so much of a drawing is the figure, and the drawing its surround.
_MAIN_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class _Sight:
    """A page on the way to its record."""

    document: OpenDocument
    page: OpenPage
    number: int
    width: float
    height: float
    trace: Trace
    layer: LayerReading
    ocr: str
    dpi: float


def read_page(
    document: OpenDocument, info: DocumentInfo, number: int, ocr: str, scan_dpi: int, megapixels: float
) -> Page:
    """Page `number` (1-based). A damaged page comes back with `error`; OcrError is passed on, and OverLimit
    where an image has more than `megapixels`."""
    blank = Page(info.name, info.sha256, number, 0.0, 0.0, document.reader)
    try:
        page = document.load(number)
        width, height = page.width, page.height
        if not (1 <= width <= 1e5 and 1 <= height <= 1e5):
            return replace(blank, error=f"its size makes no sense ({width:.0f} × {height:.0f} pt)")
        trace = page.trace()
        _refuse_huge_images(trace, megapixels)
        layer = read_layer(page, trace)
        sight = _Sight(document, page, number, width, height, trace, layer, ocr, scan_dpi)
        return _read(sight, replace(blank, width=width, height=height))
    except (OcrError, OverLimit, MemoryError):
        # Not the page's fault: another build may do better.
        raise
    except Exception as error:
        first = (str(error).splitlines() or [""])[0][:160]
        return replace(blank, error=f"cannot be read ({type(error).__name__}: {first})")


def _refuse_huge_images(trace: Trace, megapixels: float) -> None:
    largest = max((i.width_px * i.height_px for i in trace.images), default=0) / 1e6
    if largest > megapixels:
        raise OverLimit(f"has an image of {largest:,.0f} megapixels ([limits] megapixels is {megapixels:,g})")


def _read(sight: _Sight, blank: Page) -> Page:
    scan = _try_as_scan(sight)
    if scan is not None:
        return _make_scan_page(sight, blank, scan)
    lines, unread = _choose_lines(sight)
    pictures, rules, dropped = _find_pictures(sight, (*lines, *unread))
    noted = [Dropped(sight.number, "picture", d.reason, d.box, d.fingerprint) for d in dropped]
    noted += [Dropped(sight.number, "line", "slanted text (watermark)", s.box) for s in sight.layer.slanted]
    if unread:
        around = union(line.box for line in unread)
        noted.append(Dropped(sight.number, "line", "text layer without usable Unicode, read by OCR", around))
    if sight.trace.error:
        noted.append(Dropped(sight.number, "page", f"the rest of the page is damaged: {sight.trace.error}"))
    return replace(
        blank,
        lines=tuple(lines),
        pictures=tuple(pictures),
        rules=tuple(rules),
        dropped=tuple(noted),
        unprinted=sight.layer.unprinted,
    )


# Scans


def _try_as_scan(sight: _Sight) -> ScanReading | None:
    """The page read from its raster, if that is where its text is; None for a born-digital page."""
    printed = _count_characters((*sight.layer.lines, *sight.layer.illegible))
    images = sight.trace.images
    if not images or printed > _STAMP_CHARACTERS:
        return None
    covered = _cover(images=[i.visible for i in images], width=sight.width, height=sight.height)
    if printed > 0 and covered < FULL_PAGE_SHARE:
        return None
    dpi = limit_dpi(sight.width, sight.height, sight.dpi, _SCAN_PIXELS)
    raster = sight.page.draw(dpi)
    if raster[::8, ::8].std() < 1.0:
        return None
    scan = read_scan(raster, sight.width, sight.height, _nominal_dpi(sight, dpi), load_engine(sight.ocr))
    read = _count_characters([line for line in scan.lines if (line.confidence or 0) > _SURE])
    if read >= max(_CAPTION_CHARACTERS, 2 * printed):
        return scan
    # A plate without a word on it is its image, whose own pixels are better than a drawing of them; but where
    # all the book is a scan, the image is of a sheet.
    on_sheet = not printed and scan.pictures and all(p.coverage < FULL_PAGE_SHARE for p in scan.pictures)
    return scan if on_sheet and not scan.lines and is_scanned(sight.document) else None


def _nominal_dpi(sight: _Sight, dpi: float) -> float:
    """Pixels an inch of paper: sizes of print are judged by it."""
    longest = max(sight.width, sight.height)
    return dpi if longest <= _LARGEST_PRINT else dpi * longest / _A4_HEIGHT


def _make_scan_page(sight: _Sight, blank: Page, scan: ScanReading) -> Page:
    dropped = [replace(d, page=sight.number) for d in scan.dropped]
    if sight.layer.hidden:
        around = union(line.box for line in sight.layer.hidden)
        dropped.append(Dropped(sight.number, "line", "hidden text layer, read anew by OCR", around))
    return replace(
        blank,
        source="scan",
        skew=scan.skew,
        lines=scan.lines,
        pictures=scan.pictures,
        rules=scan.rules,
        dropped=tuple(dropped),
    )


def _cover(images: Sequence[Box], width: float, height: float) -> float:
    """Share of the page under the boxes, 0–1, on a raster of 100 × 100 cells."""
    cells = np.zeros((100, 100), bool)
    for x0, y0, x1, y1 in images:
        columns = slice(int(100 * max(0, x0) / width), int(np.ceil(100 * x1 / width)))
        rows = slice(int(100 * max(0, y0) / height), int(np.ceil(100 * y1 / height)))
        cells[rows, columns] = True
    return float(cells.mean())


def _count_characters(lines: Sequence[TextLine]) -> int:
    return sum(len("".join(line.text.split())) for line in lines)


# Born-digital pages


def _choose_lines(sight: _Sight) -> tuple[tuple[TextLine, ...], tuple[TextLine, ...]]:
    """The page's lines, and those of its layer that had to be read by OCR."""
    layer = sight.layer
    texts = [line.text for line in (*layer.lines, *layer.illegible)]
    is_outlined = not texts and not sight.trace.images and len(sight.trace.paths) >= _MIN_PATHS
    is_in_strips = _count_characters(layer.lines) <= _STAMP_CHARACTERS and _has_text_strips(
        sight.trace, layer
    )
    is_legible = share_illegible(texts) <= _ILLEGIBLE_SHARE and not _loses_caption(sight)
    if is_legible and not is_outlined and not is_in_strips:
        return layer.lines, ()
    dpi = limit_dpi(sight.width, sight.height, sight.dpi, _SCAN_PIXELS)
    masks = [
        i.visible
        for i in sight.trace.images
        if not _lies_under_text(i.visible, layer) and not (is_in_strips and _is_text_strip(i.visible))
    ]
    masks_px = [scale(box, dpi / 72) for box in masks]
    raster = sight.page.draw(dpi)
    read = read_text(raster, masks_px, sight.width, sight.height, dpi, load_engine(sight.ocr))
    kept = [line for line in layer.lines if not line.text.isspace()]
    new = [line for line in read if not any(overlap_share(line.box, k.box) > 0.5 for k in kept)]
    return (*kept, *new), layer.illegible


def _loses_caption(sight: _Sight) -> bool:
    """Whether a line that cannot be read stands right at an image, as captions do."""
    return any(
        gap(line.box, image.visible) < _AT_IMAGE_EM * line.size
        for line in sight.layer.illegible
        for image in sight.trace.images
    )


def _has_text_strips(trace: Trace, layer: LayerReading) -> bool:
    """Whether lines of text are set as images, one each: several long and low ones that no text lies on."""
    strips = [i for i in trace.images if _is_text_strip(i.visible)]
    return sum(not _lies_under_text(i.visible, layer) for i in strips) >= _MIN_STRIPS


def _is_text_strip(box: Box) -> bool:
    low, long = box[3] - box[1], box[2] - box[0]
    return _STRIP_HEIGHTS[0] <= low <= _STRIP_HEIGHTS[1] and long > _STRIP_RATIO * low


def _lies_under_text(box: Box, layer: LayerReading) -> bool:
    return any(overlap_share(line.box, box) > 0.5 for line in (*layer.lines, *layer.illegible))


def _find_pictures(
    sight: _Sight, lines: Sequence[TextLine]
) -> tuple[list[Picture], list[Box], list[LeftOut]]:
    """Pictures, rules, and what was left out with its reason."""
    page_area = sight.width * sight.height
    found = sort_images(sight.trace.images, lines, (0.0, 0.0, sight.width, sight.height), sight.page.draw)
    images = [p.box for p in found.pictures]
    drawn = find_drawings(sight.trace.paths, lines, sight.width, sight.height, images)
    pictures = [_make_picture(p) for p in found.pictures]
    drawn_around: list[LeftOut] = []
    for drawing in drawn.drawings:
        # Arrows and frames drawn over an image are part of it; images set into a drawing are part of that.
        if any(overlap_share(drawing.box, p.box) > 0.5 for p in pictures if p.kind == "image"):
            continue
        inner = [p for p in pictures if overlap_share(p.box, drawing.box) > 0.6]
        if any(area(p.box) > _MAIN_SHARE * area(drawing.box) for p in inner if p.kind == "image"):
            drawn_around.append(LeftOut(drawing.box, "panel around a picture"))
            continue
        pictures = [p for p in pictures if all(p is not i for i in inner)]
        box = union([drawing.box, *(p.box for p in inner)])
        pictures.append(Picture(_round(box), "drawing", drawing.fingerprint, 0.0))
    covered = add_tones(sight.page, [_measure_coverage(p, page_area) for p in pictures])
    return (
        covered,
        [_round(r) for r in (*found.rules, *drawn.rules)],
        [*found.dropped, *(LeftOut(box, reason) for box, reason in drawn.dropped), *drawn_around],
    )


def _make_picture(placed: PlacedPicture) -> Picture:
    laid = placed.pieces if len(placed.pieces) <= _MANY_PIECES else ()
    pieces = tuple(_make_picture(piece) for piece in laid)
    return Picture(_round(placed.box), "image", placed.fingerprint, 0.0, None, pieces)


def _measure_coverage(picture: Picture, page_area: float) -> Picture:
    share = round(min(1.0, area(picture.box) / page_area), 4)
    pieces = tuple(_measure_coverage(piece, page_area) for piece in picture.pieces)
    return replace(picture, coverage=share, pieces=pieces)


def _round(box: Box) -> Box:
    return round(box[0], 2), round(box[1], 2), round(box[2], 2), round(box[3], 2)
