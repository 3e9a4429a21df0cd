"""Things in a row with a name under each: a flute is a figure where the horn beside it is one.

What is small or thin is mostly no figure. Cut-outs that a book shows in rows are of all sizes, and their
names, set on one line, say which of them are meant.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from extractors.geometry import area, height, width
from extractors.names import find_name
from extractors.records import Box, Dropped, Page, Picture, TextLine

# As a reader and furniture.py say it.
TOO_SMALL = "too small"
# Three millimetres, and a centimetre: a line or a speck has no name.
MIN_SHORT, MIN_LONG = 8.0, 28.0
LEVEL_EM, SAME_SIZE = 0.5, 1.25
# Names without a figure of usual size among them: so many small things, or none.
MIN_ALONE = 3


def find_named(page: Page, small: Sequence[Picture]) -> list[Picture]:
    """Those of the page's `small` pictures, and of what its reader left out as too small, that have a name
    under them on one line with the names of other figures."""
    left_out = [_make_picture(page, d) for d in page.dropped if d.box and d.reason.startswith(TOO_SMALL)]
    doubtful = [p for p in (*small, *left_out) if _has_size(p.box)]
    if not doubtful:
        return []
    known = {p.box for p in small}
    sure = [p for p in page.pictures if p.box not in known]
    named = [(p, name) for p in doubtful if (name := find_name(p.box, page.lines))]
    others = [name for p in sure if (name := find_name(p.box, page.lines))]
    found = []
    for picture, name in named:
        level = [other for _, other in named if other is not name and _are_level(other, name)]
        is_row = any(_are_level(other, name) for other in others)
        if is_row or len({id(other) for other in level}) + 1 >= MIN_ALONE:
            found.append((picture, name))
    # Two things over one name are pieces of one, or one of them is dirt.
    counts = [sum(other is name for _, other in found) for _, name in found]
    names = {id(name) for name in others}
    return [
        picture
        for (picture, name), count in zip(found, counts, strict=True)
        if count == 1 and id(name) not in names
    ]


def take_named(page: Page, named: Collection[Picture]) -> Page:
    """The page with these pictures, whatever the reader thought of them."""
    boxes = {p.box for p in named}
    known = {p.box for p in page.pictures}
    pictures = (*page.pictures, *(p for p in named if p.box not in known))
    return replace(page, pictures=pictures, dropped=tuple(d for d in page.dropped if d.box not in boxes))


def _has_size(box: Box) -> bool:
    short, long = sorted((width(box), height(box)))
    return short >= MIN_SHORT and long >= MIN_LONG


def _are_level(a: TextLine, b: TextLine) -> bool:
    small, large = sorted((a.size, b.size))
    return a is not b and large <= SAME_SIZE * small and abs(a.box[3] - b.box[3]) <= LEVEL_EM * small


def _make_picture(page: Page, left_out: Dropped) -> Picture:
    box = left_out.box or (0.0, 0.0, 0.0, 0.0)
    share = round(area(box) / (page.width * page.height), 4)
    return Picture(box, "scan" if page.source == "scan" else "drawing", left_out.fingerprint, share)
