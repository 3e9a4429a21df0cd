"""What is drawn on every page and shows nothing: ornaments, vignettes, bars behind headings, watermarks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import product

from alignment.grounds import REPEATED, count_fingerprints, lift_off
from extractors.geometry import height, overlap_share, width
from extractors.records import Box, Page, Picture

# A thing on a tenth of the pages, and on three of them at least, is furniture: plates do not repeat.
REPEAT_SHARE = 0.1
MIN_REPEATS = 3
# A 1 cm figure is the smallest that a printed book can show with any use.
MIN_FIGURE_SIDE = 28.0
MIN_FIGURE_AREA_SHARE = 0.004
TOO_SMALL = "too small"
# A running vignette is no higher than a line or three.
BAND_SHARE = 0.08
# A bar under a heading is no higher than type needs; a scroll is, with words set into it or not.
BAR_RATIO, BAR_EMS, IN_BAR = 5.0, 3.0, 0.9


def lift_off_repeated(pages: Sequence[Page]) -> list[Page]:
    """The pages, their pictures without the pieces that stand on many pages."""
    needed = max(MIN_REPEATS, count_needed(len(pages)))
    repeated = {key for key, n in count_fingerprints(pages).items() if n >= needed}
    return [lift_off(page, repeated) for page in pages]


def find_ornaments(pages: Sequence[Page]) -> dict[tuple[int, Box], str]:
    """Page number and box of each picture of a book that is no figure, with the reason."""
    same_pixels = count_fingerprints(pages)
    same_place: Counter[tuple[int, ...]] = Counter()
    for page in pages:
        same_place.update({place for p in page.pictures for place in _places(p, page)})
    needed = max(MIN_REPEATS, count_needed(len(pages)))
    reasons: dict[tuple[int, Box], str] = {}
    for page in pages:
        for picture in page.pictures:
            reason = _too_small(picture, page) or _is_bar(picture, page)
            if not reason and picture.fingerprint and same_pixels[picture.fingerprint] >= needed:
                reason = REPEATED
            if not reason and max((same_place[p] for p in _places(picture, page)), default=0) >= needed:
                reason = "small ornament at the same place on many pages"
            if reason:
                reasons[(page.number, picture.box)] = reason
    return reasons


def _too_small(picture: Picture, page: Page) -> str:
    box = picture.box
    if min(width(box), height(box)) < MIN_FIGURE_SIDE:
        return TOO_SMALL
    if width(box) * height(box) < MIN_FIGURE_AREA_SHARE * page.width * page.height:
        return TOO_SMALL
    return ""


def _is_bar(picture: Picture, page: Page) -> str:
    """Why a long low picture with one row of large type in it is no figure: it is drawn for the type."""
    box = picture.box
    inside = [line for line in page.lines if overlap_share(line.box, box) > IN_BAR]
    if not inside or width(box) < BAR_RATIO * height(box):
        return ""
    rows = max(line.box[3] for line in inside) - min(line.box[1] for line in inside)
    size = max(line.size for line in inside)
    is_filled = height(box) <= BAR_EMS * size and rows <= 1.5 * size
    return "bar behind a heading" if is_filled and size > find_usual_size(page) else ""


def _places(picture: Picture, page: Page) -> list[tuple[int, ...]]:
    """Rounded boxes of a small picture or a band in the margins; a scan has no fingerprint that repeats.

    Boxes of scans vary by a point, so each side is rounded on two grids.
    """
    b = picture.box
    is_small = width(b) * height(b) < 0.02 * page.width * page.height
    is_band = height(b) < BAND_SHARE * page.height
    y = (b[1] + b[3]) / 2
    if not (is_small or is_band) or 0.15 * page.height < y < 0.85 * page.height:
        return []
    sides = ((y, 12), (width(b), 6), (height(b), 6))
    return [
        (*grid, *(round(side / step + shift / 2) for (side, step), shift in zip(sides, grid, strict=True)))
        for grid in product((0, 1), repeat=3)
    ]


def count_needed(page_count: int) -> int:
    """On how many pages of a book something stands that is printed on all of them, or on every second."""
    return max(MIN_REPEATS, round(REPEAT_SHARE * page_count)) if page_count > 3 else max(2, page_count)


def find_usual_size(page: Page) -> float:
    """The type size (points) of the page's middle character."""
    sizes = sorted((line.size, len(line.text)) for line in page.lines)
    half = sum(n for _, n in sizes) / 2
    for size, n in sizes:
        half -= n
        if half <= 0:
            return size
    return 0.0
