"""A plate over two pages: its halves meet at the gutter, and share what one of them has for a caption."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from alignment.layout import PageLayout
from alignment.matches import Match

# Books are trimmed to within a millimetre; the halves are set at one height.
_AT_EDGE = 3.0
_SAME_HEIGHT = 4.0


def share_spreads(layouts: Sequence[PageLayout], matches: Sequence[list[Match]]) -> list[list[Match]]:
    """Gives the half of a plate that has no caption that of the other half, on the page before or after."""
    result = [list(page) for page in matches]
    for index in range(len(layouts) - 1):
        left, right = layouts[index], layouts[index + 1]
        if right.page.number != left.page.number + 1:
            continue
        for i, a in enumerate(result[index]):
            for j, b in enumerate(result[index + 1]):
                if _meet(a, b, left.page.width):
                    result[index][i], result[index + 1][j] = _share(a, b)
    return result


def _meet(left: Match, right: Match, width: float) -> bool:
    a, b = left.box, right.box
    return (
        a[2] >= width - _AT_EDGE
        and b[0] <= _AT_EDGE
        and abs(a[1] - b[1]) <= _SAME_HEIGHT
        and abs(a[3] - b[3]) <= _SAME_HEIGHT
    )


def _share(left: Match, right: Match) -> tuple[Match, Match]:
    if left.block is not None and right.block is None:
        return left, _take(left, right)
    if right.block is not None and left.block is None:
        return _take(right, left), right
    return left, right


def _take(giver: Match, taker: Match) -> Match:
    return replace(giver, pictures=taker.pictures, evidence=taker.evidence, rule=f"{giver.rule}+spread")
