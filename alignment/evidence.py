"""What speaks for and against a text being a figure's caption: named features of both and of their page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from alignment.marks import Style
from alignment.parts import count_places
from alignment.places import LEADING, is_place, normalise_corner
from alignment.regions import Block
from extractors.geometry import centre, expand, gap, height, overlap_share, overlap_x, overlap_y, width
from extractors.records import Box

TextSide = Literal["below", "above", "left", "right", "inside"]
Place = Literal["this", "other", "unsaid"]

# A caption is set to its figure's measure or not much beyond; a paragraph keeps to the page's.
OVERHANG = 1.6
ROW_SLACK = 2.0
# Pictures of one group stand up to 3 em of 9 pt apart, and a text speaks of what is within some lines of it.
MAX_GROUP_GAP, SEEN_EM = 27.0, 10.0
_LEADING = re.compile(rf"[\s\u3000]*{LEADING}")
_OPPOSITE: dict[str, TextSide] = {"above": "below", "below": "above", "left": "right", "right": "left"}


@dataclass(frozen=True, slots=True)
class Evidence:
    """Features of one candidate. `gap_em` is white space between figure and text in em of the text;
    `misalignment` is 0 for a text centred on or flush with the figure and 1 for one that only touches its
    column; `blocked` counts pictures and texts between; `pointer_disagrees` is true where ▲ ▼ ◀ ▶ point
    away, and `is_pointed` where they point at the figure past no other picture, whatever text is between;
    `overhangs` is true for a text much wider than the figure, `ruled_off` for one in another row of a table
    and `same_row` for one in the figure's; `marked_page` says that a text of the page is marked as a caption,
    `place` whether it is said to be of the figure on the left (right …), and whether this is it;
    `is_diagonal` is true for a text that is neither in the figure's column nor level with it. On a sheet
    whose pictures are captioned 1., 2. … throughout `counted` is true for these, and `heads_sheet` for the
    sheet's own number.
    """

    side: TextSide
    gap_em: float
    misalignment: float
    blocked: int
    style: Style
    pointer_disagrees: bool
    crosses_gutter: bool
    is_paragraph: bool
    is_large_type: bool
    overhangs: bool
    ruled_off: bool = False
    same_row: bool = False
    marked_page: bool = True
    place: Place = "unsaid"
    is_diagonal: bool = False
    counted: bool = False
    heads_sheet: bool = False
    is_pointed: bool = False


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is the same for all figures and texts of a page: the x of the fold of a sheet of two pages, the
    book's body size in points, the rules between the rows of its tables (`row_rules`), and whether one of its
    texts is marked as a caption."""

    fold: float | None
    body_size: float
    row_rules: Sequence[Box] = ()
    marked_page: bool = True


@dataclass(frozen=True, slots=True)
class Text:
    """A text that may be a caption, with what is the same for all figures of its page: whether it is a
    paragraph, the place (左 …) that it begins with or nothing, and the boxes of the page's other texts."""

    block: Block
    is_paragraph: bool
    place: str
    others: Sequence[Box] = ()


def measure(figure: Box, text: Text, page: Surroundings, others: Sequence[Box]) -> Evidence:
    """The features of `text` as a caption of `figure`; `others` are the page's other pictures."""
    block = text.block
    box = block.box
    side = find_side(figure, box)
    em = max(6.0, min(block.size, 1.5 * page.body_size))
    return Evidence(
        side=side,
        gap_em=_gap(figure, box, side) / em,
        misalignment=_misalignment(figure, box, side),
        blocked=_count_between(figure, box, side, [*others, *text.others]),
        style=block.mark.style if block.mark else "bare",
        pointer_disagrees=_pointer_disagrees(block, side),
        crosses_gutter=page.fold is not None
        and (centre(figure)[0] < page.fold) != (centre(box)[0] < page.fold)
        and not figure[0] < page.fold < figure[2],
        is_paragraph=text.is_paragraph,
        is_large_type=block.size > 1.35 * page.body_size,
        overhangs=_overhangs(figure, block, side),
        ruled_off=any(_parts(rule, figure, box) for rule in page.row_rules),
        same_row=share_row(page.row_rules, figure, box),
        marked_page=page.marked_page,
        place=_check_place(figure, text.place, _find_group(figure, box, em, others)),
        is_diagonal=overlap_x(figure, box) <= 0 and overlap_y(figure, box) <= 0,
        is_pointed=_points_at(block, side) and not _count_between(figure, box, side, others),
    )


def _overhangs(figure: Box, block: Block, side: TextSide) -> bool:
    """Whether a text is much wider than the picture under which it stands, or a label much higher than that
    beside it, and so a column's head."""
    if side in ("above", "below"):
        return width(block.box) > OVERHANG * width(figure)
    is_label = block.mark is not None and block.mark.style == "label"
    return is_label and side in ("left", "right") and height(block.box) > OVERHANG * height(figure)


def find_place(block: Block) -> str:
    """The place that a text begins with (图1（左）…, 上图：…): 左, 右, 上, 下 or a corner (左上); empty
    without one, and for a caption with several places, which speaks of the parts of one figure."""
    if block.mark and block.mark.style == "panel":
        word = block.mark.label if is_place(block.mark.label) else ""
    else:
        found = _LEADING.match(block.mark.rest if block.mark else block.text)
        word = found["place"] or found["bracketed"] if found else ""
    return normalise_corner(word) if word and count_places(block.raw) <= 1 else ""


def find_side(figure: Box, text: Box) -> TextSide:
    """On which side of the figure the text stands."""
    if overlap_share(text, figure) > 0.6:
        return "inside"
    shared_x = overlap_x(figure, text) / max(1.0, min(width(figure), width(text)))
    shared_y = overlap_y(figure, text) / max(1.0, min(figure[3] - figure[1], text[3] - text[1]))
    if shared_x >= shared_y:
        return "below" if centre(text)[1] > centre(figure)[1] else "above"
    return "right" if centre(text)[0] > centre(figure)[0] else "left"


def _gap(figure: Box, text: Box, side: TextSide) -> float:
    gaps = {
        "below": text[1] - figure[3],
        "above": figure[1] - text[3],
        "right": text[0] - figure[2],
        "left": figure[0] - text[2],
        "inside": 0.0,
    }
    return max(0.0, gaps[side])


def _misalignment(figure: Box, text: Box, side: TextSide) -> float:
    if side == "inside":
        return 0.0
    axis = 0 if side in ("below", "above") else 1
    f0, f1, t0, t1 = figure[axis], figure[axis + 2], text[axis], text[axis + 2]
    offsets = (abs((f0 + f1) / 2 - (t0 + t1) / 2), abs(f0 - t0), abs(f1 - t1))
    size = max(1.0, min(f1 - f0, t1 - t0) if axis == 0 else f1 - f0)
    outside = max(0.0, -(min(f1, t1) - max(f0, t0))) / max(20.0, f1 - f0)
    return min(1.0, min(offsets) / size) + min(2.0, 2 * outside)


def _count_between(figure: Box, text: Box, side: TextSide, others: Sequence[Box]) -> int:
    if side == "inside":
        return 0
    if side in ("below", "above"):
        x0, x1 = max(figure[0], text[0]), min(figure[2], text[2])
        if x1 <= x0:
            x0, x1 = min(figure[2], text[2]), max(figure[0], text[0])
        lane = (x0, figure[3], x1, text[1]) if side == "below" else (x0, text[3], x1, figure[1])
    else:
        y0, y1 = max(figure[1], text[1]), min(figure[3], text[3])
        if y1 <= y0:
            y0, y1 = min(figure[3], text[3]), max(figure[1], text[1])
        lane = (figure[2], y0, text[0], y1) if side == "right" else (text[2], y0, figure[0], y1)
    if lane[2] <= lane[0] or lane[3] <= lane[1]:
        return 0
    axis = 0 if side in ("below", "above") else 1
    # A thing is between when it covers a good part of the lane's cross-section.
    return sum(1 for o in others if _crosses(lane, o, axis))


def _crosses(lane: Box, other: Box, axis: int) -> bool:
    shrunk = expand(other, -0.5)
    common = overlap_x(lane, shrunk), overlap_y(lane, shrunk)
    return min(common) > 0 and common[axis] > 0.25 * (lane[axis + 2] - lane[axis])


def _parts(rule: Box, figure: Box, text: Box) -> bool:
    """Whether a lying rule over both of them stands between a figure and a text."""
    y = (rule[1] + rule[3]) / 2
    spans = rule[0] <= min(figure[0], text[0]) and rule[2] >= max(figure[2], text[2])
    return spans and (centre(text)[1] < y < centre(figure)[1] or centre(figure)[1] < y < centre(text)[1])


def share_row(rules: Sequence[Box], figure: Box, text: Box) -> bool:
    """Whether rules over and under both of them part them from the rest, and none parts them."""
    return (
        any(r[0] <= min(figure[0], text[0]) and r[2] >= max(figure[2], text[2]) for r in rules)
        and any(r[3] <= min(figure[1], text[1]) + ROW_SLACK for r in rules)
        and any(r[1] >= max(figure[3], text[3]) - ROW_SLACK for r in rules)
        and not any(_parts(r, figure, text) for r in rules)
    )


def _find_group(figure: Box, text: Box, em: float, others: Sequence[Box]) -> list[Box]:
    """The pictures among which a text may name a figure's place: beside the figure, or near the text."""
    return [b for b in others if gap(figure, b) <= MAX_GROUP_GAP or gap(text, b) <= SEEN_EM * em]


def _check_place(figure: Box, word: str, others: Sequence[Box]) -> Place:
    """Whether this picture has the place `word` in its row or column, or another one; of a corner both."""
    said = {_check_side(figure, side, others) for side in word if side != "中"}
    return "other" if "other" in said else "this" if "this" in said else "unsaid"


def _check_side(figure: Box, word: str, others: Sequence[Box]) -> Place:
    axis = 0 if word in "左右" else 1
    has_other = False
    for other in others:
        in_row = overlap_y(figure, other) > 0.5 * min(height(figure), height(other))
        in_column = overlap_x(figure, other) > 0.5 * min(width(figure), width(other))
        if (in_row if axis == 0 else in_column) and not (in_row and in_column):
            if (centre(other)[axis] < centre(figure)[axis]) == (word in "左上"):
                return "other"
            has_other = True
    return "this" if has_other else "unsaid"


def _points_at(block: Block, side: TextSide) -> bool:
    points_to = block.mark.points_to if block.mark else None
    return points_to is not None and _OPPOSITE[points_to] == side


def _pointer_disagrees(block: Block, side: TextSide) -> bool:
    points_to = block.mark.points_to if block.mark else None
    return points_to is not None and side != "inside" and _OPPOSITE[points_to] != side
