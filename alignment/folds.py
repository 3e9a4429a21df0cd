"""Which sheets hold two pages, that meet at the middle: wide ones, across which no print runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from extractors.records import Page

SPREAD_RATIO = 1.2
# A title in large letters may run over the fold of a few.
CROSSED_SHARE, CROSSED_EM = 0.25, 2.0


def find_folds(pages: Sequence[Page]) -> list[float | None]:
    """For each page the x (points) at which the two pages meet that the sheet holds; None for a single page,
    which may be wide too: print then runs across the middle of many."""
    wide = [page.width > SPREAD_RATIO * page.height for page in pages]
    sizes = [(round(page.width), round(page.height)) for page in pages]
    crossed = Counter(size for page, size in zip(pages, sizes, strict=True) if _is_crossed(page))
    counts = Counter(sizes)
    return [
        page.width / 2 if is_wide and crossed[size] < CROSSED_SHARE * counts[size] else None
        for page, size, is_wide in zip(pages, sizes, wide, strict=True)
    ]


def _is_crossed(page: Page) -> bool:
    """Whether a line of text stands across the middle of a page, well on both sides of it."""
    middle = page.width / 2
    return any(
        line.direction == "horizontal"
        and line.box[0] < middle - CROSSED_EM * line.size
        and line.box[2] > middle + CROSSED_EM * line.size
        for line in page.lines
    )
