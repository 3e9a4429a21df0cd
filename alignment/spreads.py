"""A plate over two pages: its halves meet at the gutter, and share what one of them has for a caption."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from alignment.layout import PageLayout, runs_vertically
from alignment.matches import Match
from alignment.page_lists import find_shift
from extractors.geometry import centre, height, overlap_share

# Books are trimmed to within a millimetre; the halves are set at one height.
INSIDE = 0.7
_AT_EDGE = 3.0
_SAME_HEIGHT = 4.0
# One half may be cut shorter, to leave room for the caption of both.
_MOST_CUT = 0.2


def share_spreads(layouts: Sequence[PageLayout], matches: Sequence[list[Match]]) -> list[list[Match]]:
    """Gives the half of a plate that has no caption that of the other half, on the page before or after."""
    result = [list(page) for page in matches]
    shift = find_shift(layouts)
    # Books set vertically are bound at the right: the page before is the right one of two.
    from_right = runs_vertically([block for layout in layouts for block in layout.blocks])
    for index in range(len(layouts) - 1):
        left, right = layouts[index], layouts[index + 1]
        if right.page.number != left.page.number + 1 or not _may_face(left.page.number, shift):
            continue
        before = [m.block for m in result[index - 1] if m.block] if index else []
        for i, a in enumerate(result[index]):
            # A plate has two halves: one that shares its caption with the page before has the other.
            if any(a.block is block for block in before):
                continue
            for j, b in enumerate(result[index + 1]):
                halves = (b, a) if from_right else (a, b)
                if not _has_own_text(right, b) and _meet(*halves, left.page.width):
                    result[index][i], result[index + 1][j] = _share(a, b)
    return result


def _may_face(number: int, shift: int | None) -> bool:
    """Whether a page may be the first of two, as pages with even numbers are where numbers are printed."""
    return shift is None or (number + shift) % 2 == 0


def _has_own_text(layout: PageLayout, match: Match) -> bool:
    """Whether a plate without a caption has one set into it, which is taken later."""
    return match.block is None and any(
        block.mark is not None and overlap_share(block.box, match.box) > INSIDE
        for block in layout.with_role("label")
    )


def _meet(left: Match, right: Match, width: float) -> bool:
    a, b = left.box, right.box
    if a[2] < width - _AT_EDGE or b[0] > _AT_EDGE:
        return False
    tops, feet = abs(a[1] - b[1]) <= _SAME_HEIGHT, abs(a[3] - b[3]) <= _SAME_HEIGHT
    return (tops and feet) or ((tops or feet) and (_makes_room(left, right) or _makes_room(right, left)))


def _makes_room(short: Match, tall: Match) -> bool:
    """Whether a half is shorter than the other by a strip in which its caption stands."""
    if short.block is None or tall.block is not None:
        return False
    middle = centre(short.block.box)[1]
    in_strip = tall.box[1] <= middle <= tall.box[3] and not short.box[1] <= middle <= short.box[3]
    return in_strip and (1 - _MOST_CUT) * height(tall.box) <= height(short.box) < height(tall.box)


def _share(left: Match, right: Match) -> tuple[Match, Match]:
    if left.block is not None and right.block is None:
        return left, _take(left, right)
    if right.block is not None and left.block is None:
        return _take(right, left), right
    return left, right


def _take(giver: Match, taker: Match) -> Match:
    return replace(giver, pictures=taker.pictures, evidence=taker.evidence, rule=f"{giver.rule}+spread")
