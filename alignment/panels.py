"""One caption is one figure: pictures without a caption join the captioned one beside which they stand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from alignment.layout import PageLayout
from alignment.matches import Match
from alignment.parts import count_pieces, count_places, split_lines
from alignment.regions import Block
from extractors.geometry import centre, overlap_x, overlap_y, union, width
from extractors.records import Box, Picture

# Panels of one figure stand closer to each other than to anything else: at most 3 em of 9 pt type apart.
MAX_PANEL_GAP = 27.0
# Panels of a row whose caption stands in the row's middle, or speaks of 左 and 右, may be spread out over the
# page.
MAX_ROW_GAP_SHARE = 0.2
LEVEL, SURE, GUESS = 4.0, 0.5, 0.8
# A row is centred to a twentieth of its width; rows of other numbers overlap by most of a picture.
CENTRED, STAGGERED = 0.05, 0.8

_TAKERS = ("figure", "plate", "pointer", "quoted", "label", "list")
MARKED = ("figure", "plate", "pointer", "quoted")
_PANEL_LABEL = re.compile(r"^[(（]?[a-zA-Z0-9左右上中下][)）.]?$")


def unite_panels(
    layout: PageLayout, pictures: Sequence[Picture], matches: dict[int, Match]
) -> dict[int, Match]:
    """Pictures without a caption join the captioned figure next to which they stand as a panel; those whose
    caption is a guess join one that has words for more parts than it has panels, or stands under them."""
    united = _take_rows(layout, pictures, matches)
    free = [i for i in range(len(pictures)) if i not in united and pictures[i].box not in layout.listed]
    while True:
        guessed = [i for i, match in united.items() if _is_guess(match)]
        options = [
            (gap, i, k)
            for k, match in united.items()
            if (free or guessed) and _takes_panels(match)
            for i in [*free, *(g for g in guessed if _outweighs(match, pictures[g].box))]
            if i != k and (gap := _panel_gap(layout, pictures[i].box, match)) is not None
        ]
        if not options:
            return _take_crumbs(layout, united)
        _, i, k = min(options)
        _grow(united, k, pictures, [i])
        free = [other for other in free if other != i]


def _grow(united: dict[int, Match], k: int, pictures: Sequence[Picture], added: Sequence[int]) -> None:
    """Adds pictures, by index, to the figure that has picture `k`."""
    old = united[k]
    grown = replace(
        old,
        pictures=(*old.pictures, *(pictures[i] for i in added)),
        rule=old.rule.split("+")[0] + "+panels",
    )
    for m in [*(m for m, match in united.items() if match is old), *added]:
        united[m] = grown


def _take_rows(
    layout: PageLayout, pictures: Sequence[Picture], matches: dict[int, Match]
) -> dict[int, Match]:
    """A text without a mark that stands in the middle of a row of pictures without captions, or under several
    of them, is of the row."""
    united = dict(matches)
    for k, match in matches.items():
        if _find_style(match) != "bare" or match.score < SURE or len(match.pictures) > 1:
            continue
        free = [i for i in range(len(pictures)) if i not in united]
        row = _find_row(layout, match, [(pictures[i].box, i) for i in free])
        boxes = [match.box, *(pictures[i].box for i in row)]
        if row and _stands_at_row(match, boxes):
            _grow(united, k, pictures, row)
    return united


def _find_row(layout: PageLayout, match: Match, free: Sequence[tuple[Box, int]]) -> list[int]:
    """The pictures that stand in a row with the figure: of its height, and each near the next."""
    row: list[int] = []
    around = match.box
    for box, i in sorted(free, key=lambda item: -overlap_x(item[0], match.box)):
        level = abs(box[1] - around[1]) <= LEVEL and abs(box[3] - around[3]) <= LEVEL
        between = union((box, around))
        if (
            level
            and -overlap_x(box, around) <= MAX_PANEL_GAP
            and not _has_text_between(layout, match, between)
        ):
            row.append(i)
            around = between
    return row


def _stands_at_row(match: Match, boxes: Sequence[Box]) -> bool:
    """Whether the caption, above or below, is centred on the row or reaches over several of its pictures."""
    if match.block is None or match.evidence is None or match.evidence.side not in ("below", "above"):
        return False
    if match.evidence.is_paragraph:
        return False
    box, row = match.block.box, union(boxes)
    under = [b for b in boxes if overlap_x(b, box) > 0.5 * width(b)]
    # The middle one of a row has pictures on either side.
    is_middle = row[0] < match.box[0] and match.box[2] < row[2]
    away = abs(centre(box)[0] - centre(row)[0])
    is_centred = away < CENTRED * width(row)
    return len(under) > 1 or (is_centred and (is_middle or _centres(match, row)))


def _find_style(match: Match) -> str:
    return match.block.mark.style if match.block and match.block.mark else "bare"


def _is_guess(match: Match) -> bool:
    """Whether a figure's text is its only by its place: a paragraph beside it may be the page's."""
    is_paragraph = match.evidence is not None and match.evidence.is_paragraph > 0
    is_unsure = match.score < GUESS or is_paragraph
    return _find_style(match) in ("bare", "label") and is_unsure and len(match.pictures) == 1


def _outweighs(match: Match, box: Box) -> bool:
    """Whether a figure's caption tells more of a picture than the guess that it has: it has words for more
    parts, or is marked and reaches under the picture, which is level with the figure's."""
    if _describes_more(match):
        return True
    if match.block is None or match.evidence is None or match.evidence.side not in ("below", "above"):
        return False
    is_level = abs(box[1] - match.box[1]) <= LEVEL and abs(box[3] - match.box[3]) <= LEVEL
    return is_level and _find_style(match) in MARKED and overlap_x(match.block.box, box) > 0.5 * width(box)


def _describes_more(match: Match) -> bool:
    return match.block is not None and len(split_caption(match.block)) > len(match.pictures)


def _take_crumbs(layout: PageLayout, united: dict[int, Match]) -> dict[int, Match]:
    """Small pieces of a drawing that lie beside its larger ones are part of the figure."""
    free = list(layout.crumbs)
    found = True
    while found:
        found = False
        for crumb in free:
            takers = [
                (gap, k)
                for k, match in united.items()
                if any(p.kind == "drawing" for p in match.pictures)
                and _takes_panels(match)
                and (gap := _panel_gap(layout, crumb.box, match)) is not None
            ]
            if takers:
                old = united[min(takers)[1]]
                grown = replace(old, pictures=(*old.pictures, crumb))
                united = {k: grown if match is old else match for k, match in united.items()}
                free.remove(crumb)
                found = True
                break
    return united


def _takes_panels(match: Match) -> bool:
    if _names_more(match) or _describes_more(match):
        return True
    style = _find_style(match)
    return style in _TAKERS or (style == "bare" and len(match.pictures) > 1)


def split_caption(block: Block) -> list[tuple[str, str]]:
    """The parts that a caption names, (part word, its words) in printed order."""
    return split_lines([line.text for line in block.lines])


def _names_more(match: Match) -> bool:
    """Whether the caption names more places, or a label's title more pieces, than the figure has panels."""
    if match.block is None:
        return False
    title = match.block.mark.rest if match.block.mark and match.block.mark.style == "label" else ""
    return max(count_places(match.block.raw), count_pieces(title)) > len(match.pictures)


def _panel_gap(layout: PageLayout, box: Box, match: Match) -> float | None:
    """The gap between a picture and a figure's panels where they stand in a row or column, else None."""
    best: float | None = None
    names_more = _names_more(match)
    for panel in match.pictures:
        beside = overlap_y(box, panel.box) > 0.5 * min(box[3] - box[1], panel.box[3] - panel.box[1])
        stacked = overlap_x(box, panel.box) > 0.5 * min(width(box), width(panel.box)) or _is_staggered(
            box, match.box
        )
        between = union((box, panel.box))
        if not (beside or (stacked and not _is_parted(match, box, panel.box))):
            continue
        gap = max(0.0, -overlap_x(box, panel.box), -overlap_y(box, panel.box))
        is_told = (beside and _centres(match, box)) or names_more
        limit = MAX_ROW_GAP_SHARE * layout.page.width if is_told else MAX_PANEL_GAP
        if gap > limit or _has_text_between(layout, match, between) or not _is_of_list(match, box, panel.box):
            continue
        best = gap if best is None else min(best, gap)
    return best


def _is_parted(match: Match, box: Box, panel: Box) -> bool:
    """Whether the figure's own caption stands between two pictures, one above the other: it ends there."""
    if match.block is None or _names_more(match):
        return False
    middle = centre(match.block.box)[1]
    return min(box[3], panel[3]) <= middle <= max(box[1], panel[1])


def _is_staggered(box: Box, figure: Box) -> bool:
    """Whether a picture stands over or under the figure's rows, whose pictures it need not be flush with."""
    return overlap_x(box, figure) > STAGGERED * min(width(box), width(figure)) and overlap_y(box, figure) <= 0


def _is_of_list(match: Match, box: Box, panel: Box) -> bool:
    """An item of a list is mostly of one picture; another is its own where both are set as one."""
    if not (match.block and match.block.mark and match.block.mark.style == "list"):
        return True
    return abs(box[1] - panel[1]) <= LEVEL and abs(box[3] - panel[3]) <= LEVEL


def _centres(match: Match, box: Box) -> bool:
    """Whether the figure's caption, above or below, stands in the middle of the row that `box` completes."""
    if match.block is None or match.evidence is None or match.evidence.side not in ("below", "above"):
        return False
    middle = centre(match.block.box)[0]
    alone, together = centre(match.box)[0], centre(union([match.box, box]))[0]
    return abs(middle - together) < 0.4 * abs(middle - alone)


def _has_text_between(layout: PageLayout, match: Match, around: Box) -> bool:
    return any(
        block is not match.block
        and overlap_x(block.box, around) > 0
        and overlap_y(block.box, around) > 0.5 * block.size
        for block, role in zip(layout.blocks, layout.roles, strict=True)
        if role not in ("label", "running_head", "folio") and not _PANEL_LABEL.match(block.text)
    )
