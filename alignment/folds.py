"""Which sheets hold two pages, that meet at the middle: wide ones, across which no print runs and whose
folios do not count them one by one."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from alignment.numerals import NUMERAL_CHARACTERS, parse_number
from extractors.records import Page, TextLine

SPREAD_RATIO = 1.2
# A title in large letters may run over the fold of a few.
CROSSED_SHARE, CROSSED_EM = 0.25, 2.0
# A folio stands in the outer tenth of its page, alone or at an end of the running head.
MARGIN_SHARE, MAX_FOLIO_LINE = 0.1, 24
MIN_COUNTED, COUNTED_SHARE = 3, 0.4
_NUMBER = rf"(?:[0-9](?:\s?[0-9]){{0,3}}|[{NUMERAL_CHARACTERS}]{{1,5}})"
_FOLIO = re.compile(
    rf"^[^0-9]*?(?P<number>{_NUMBER})[\s\-–—·|]*$|^[\s\-–—·|]*(?P<first>{_NUMBER})[\s\u3000·|]"
)


def find_folds(pages: Sequence[Page]) -> list[float | None]:
    """For each page the x (points) at which the two pages meet that the sheet holds; None for a single page,
    which may be wide too: print then runs across the middle of many."""
    wide = [page.width > SPREAD_RATIO * page.height for page in pages]
    sizes = [(round(page.width), round(page.height)) for page in pages]
    crossed = Counter(size for page, size in zip(pages, sizes, strict=True) if _is_crossed(page))
    counts = Counter(sizes)
    single = {size for size, n in counts.items() if crossed[size] >= CROSSED_SHARE * n}
    single |= _find_counted([page for page, is_wide in zip(pages, wide, strict=True) if is_wide])
    return [
        page.width / 2 if is_wide and size not in single else None
        for page, size, is_wide in zip(pages, sizes, wide, strict=True)
    ]


def _find_counted(pages: Sequence[Page]) -> set[tuple[int, int]]:
    """The sizes of pages whose folios rise by one from each to the next; on sheets of two they rise by
    two."""
    counts = Counter((round(page.width), round(page.height)) for page in pages)
    shifts: dict[tuple[tuple[int, int], int], set[int]] = defaultdict(set)
    for page in pages:
        for shift in {number - page.number for line in page.lines if (number := _read_folio(line, page))}:
            shifts[(round(page.width), round(page.height)), shift].add(page.number)
    return {
        size
        for (size, _), numbers in shifts.items()
        if len(numbers) >= max(MIN_COUNTED, COUNTED_SHARE * counts[size])
    }


def _read_folio(line: TextLine, page: Page) -> int | None:
    """The number in a short line in the page's margin, at its end or its beginning; None without one."""
    x, y = (line.box[0] + line.box[2]) / 2 / page.width, (line.box[1] + line.box[3]) / 2 / page.height
    if len(line.text) > MAX_FOLIO_LINE or max(abs(x - 0.5), abs(y - 0.5)) < 0.5 - MARGIN_SHARE:
        return None
    found = _FOLIO.search(line.text.strip())
    return parse_number("".join((found["number"] or found["first"]).split())) if found else None


def _is_crossed(page: Page) -> bool:
    """Whether a line of text stands across the middle of a page, well on both sides of it."""
    middle = page.width / 2
    return any(
        line.direction == "horizontal"
        and line.box[0] < middle - CROSSED_EM * line.size
        and line.box[2] > middle + CROSSED_EM * line.size
        for line in page.lines
    )
