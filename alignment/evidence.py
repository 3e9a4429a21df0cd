"""What speaks for and against a text being a figure's caption: named features, one cost from all of them.

A cost is in nats: roughly the negative log-likelihood that a caption stands so. The numbers are estimates
from how books are set and the same for every book; what a book itself does (on which side its captions
stand) is learned from its sure pairs and replaces the first estimate.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from alignment.marks import Style
from alignment.regions import Block
from extractors.geometry import (
    area,
    centre,
    expand,
    height,
    intersection,
    overlap_share,
    overlap_x,
    overlap_y,
    width,
)
from extractors.records import Box

TextSide = Literal["below", "above", "left", "right", "inside"]
Place = Literal["this", "other", "unsaid"]

# Captions stand below figures in most books; the others follow at a distance.
SIDE_PRIOR: dict[TextSide, float] = {
    "below": 0.62,
    "above": 0.14,
    "left": 0.09,
    "right": 0.09,
    "inside": 0.06,
}
# How much a text needs, beside its place, to be taken for a caption.
STYLE_COST: dict[Style, float] = {
    "figure": 0.0,
    "plate": 0.0,
    "photo": 0.0,
    "pointer": 0.0,
    "quoted": 0.3,
    "list": 0.6,
    "panel": 0.3,
    "label": 0.3,
    "heading": 0.8,
    "outline": 2.0,
    "bare": 1.2,
}
GAP_COST_PER_EM = 0.32
MAX_GAP_EM, TOLD_GAP_EM = 14.0, 3.0
BLOCKED_COST = 2.5
MISALIGNED_COST = 2.2
POINTER_COST = 5.0
GUTTER_COST = 1.5
PARAGRAPH_COST = 3.0
LARGE_TYPE_COST = 1.5
# A caption is set to its figure's measure or not much beyond; a paragraph keeps to the page's.
OVERHANG, OVERHANG_COST = 1.6, 2.0
# Rows of a table are parted by rules, and what belongs together stands in one row.
RULED_OFF_COST = 4.0
# In a book that numbers its captions, a text without a number is seldom one.
UNMARKED_COST = 2.5
# Above this a pair is not believed.
MAX_COST = 6.5

# On a page without any marked caption less so: an essay between the chapters is set in its own way.
UNMARKED_PAGE_COST = 1.0
# Where figures are numbered by themselves, other numbers at a text's head are those of an enumeration.
ENUMERATION_COST = 2.0
# A text that is marked as a caption stands for a figure; one that is left over was missed.
ORPHAN_COST: dict[Style, float] = {
    "figure": 2.5,
    "plate": 2.5,
    "label": 2.5,
    "pointer": 2.5,
    "panel": 2.5,
    "list": 2.0,
    "quoted": 1.5,
}
# What a book does on the outer side of a left page it does on that of a right one; its texts without a
# number are alike, whatever they begin with.
MIRRORED_SHARE, ALIKE_SHARE = 0.5, 0.5

_UNMARKED = ("bare", "list", "heading", "outline")
_ENUMERATED = ("list", "heading", "outline")
_UNNUMBERED: tuple[Style, ...] = ("bare", "label", "quoted", "heading")
_MIRRORED: dict[TextSide, TextSide] = {"left": "right", "right": "left"}
ROW_SLACK = 2.0
_PLACES = re.compile(r"[（(][左右上下][图圖]?[)）]|(?:^|(?<=[；;。，,\s\u3000]))[左右上中下][图圖]?[：:]")
_PLACE = re.compile(r"^[\s\u3000]*[（(]?(?P<place>[左右上下])[图圖]?[)）：:]")
_OPPOSITE: dict[str, TextSide] = {"above": "below", "below": "above", "left": "right", "right": "left"}


@dataclass(frozen=True, slots=True)
class Evidence:
    """Features of one candidate. `gap_em` is white space between figure and text in em of the text;
    `misalignment` is 0 for a text centred on or flush with the figure and 1 for one that only touches its
    column; `blocked` counts pictures and texts between; `pointer_disagrees` is true where ▲ ▼ ◀ ▶ point
    away, `overhangs` for a text much wider than the figure, `ruled_off` for one in another row of a table and
    `same_row` for one in the figure's; `marked_page` says that a text of the page is marked as a caption,
    `place` whether it is said to be of the figure on the left (right …), and whether this is it.
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


@dataclass(slots=True)
class Habits:
    """Where a book's captions stand, by style of caption: pairs by side, each counted by how sure it is.

    `numbers_captions` says that its figures are captioned 图1, 图2 … throughout, `marks_captions` that they
    are captioned so or with ▲ throughout.
    """

    counts: dict[Style, dict[TextSide, float]] = field(default_factory=dict)
    numbers_captions: bool = False
    marks_captions: bool = False

    def learn(self, style: Style, side: TextSide, weight: float) -> None:
        """Counts a pair by how sure it is, 0–1."""
        sides = self.counts.setdefault(style, {})
        sides[side] = sides.get(side, 0.0) + weight

    def side_cost(self, style: Style, side: TextSide) -> float:
        """−log of the share of captions on that side, the first estimate weighing as much as three pairs."""
        counts: dict[TextSide, float] = {}
        for other, sides in self.counts.items():
            alike = other in _UNNUMBERED and style in _UNNUMBERED
            weight = 1.0 if other == style else ALIKE_SHARE if alike else 0.0
            for own, count in sides.items():
                shared = MIRRORED_SHARE * weight * count if own in _MIRRORED else 0.0
                counts[own] = counts.get(own, 0.0) + weight * count - shared
                if own in _MIRRORED:
                    counts[_MIRRORED[own]] = counts.get(_MIRRORED[own], 0.0) + shared
        share = (counts.get(side, 0.0) + 3 * SIDE_PRIOR[side]) / (sum(counts.values()) + 3)
        return -math.log(share) + math.log(SIDE_PRIOR["below"])


def measure(
    figure: Box,
    block: Block,
    *,
    others: Sequence[Box],
    texts: Sequence[Box],
    gutter: float | None,
    body_size: float,
    is_paragraph: bool,
    row_rules: Sequence[Box] = (),
    marked_page: bool = True,
) -> Evidence:
    """The features of `block` as a caption of `figure`. `others` are the page's other pictures, `texts` its
    other blocks, `gutter` the x of the middle of a two-page spread on one sheet, `row_rules` the rules
    between the rows of its tables."""
    side = find_side(figure, block.box)
    em = max(6.0, min(block.size, 1.5 * body_size))
    return Evidence(
        side=side,
        gap_em=_gap(figure, block.box, side) / em,
        misalignment=_misalignment(figure, block.box, side),
        blocked=_count_between(figure, block.box, side, [*others, *texts]),
        style=block.mark.style if block.mark else "bare",
        pointer_disagrees=_pointer_disagrees(block, side),
        crosses_gutter=gutter is not None
        and (centre(figure)[0] < gutter) != (centre(block.box)[0] < gutter)
        and not figure[0] < gutter < figure[2],
        is_paragraph=is_paragraph,
        is_large_type=block.size > 1.35 * body_size,
        overhangs=side in ("above", "below") and width(block.box) > OVERHANG * width(figure),
        ruled_off=any(_parts(rule, figure, block.box) for rule in row_rules),
        same_row=_share_row(row_rules, figure, block.box),
        marked_page=marked_page,
        place=_check_place(figure, block, others),
    )


def cost(evidence: Evidence, habits: Habits) -> float:
    """Nats; lower is likelier."""
    total = STYLE_COST[evidence.style] + habits.side_cost(evidence.style, evidence.side)
    # A table's columns are as wide as their words, and a place that is said need not be shown.
    is_told = evidence.place == "this" or evidence.same_row
    total += GAP_COST_PER_EM * min(evidence.gap_em, TOLD_GAP_EM if is_told else MAX_GAP_EM * 2)
    if evidence.place != "this":
        total += MISALIGNED_COST * evidence.misalignment
        total += BLOCKED_COST * min(evidence.blocked, 3)
    if evidence.style in _UNMARKED and habits.marks_captions and not evidence.same_row:
        total += UNMARKED_COST if evidence.marked_page else UNMARKED_PAGE_COST
        total += ENUMERATION_COST * (habits.numbers_captions and evidence.style in _ENUMERATED)
    total += POINTER_COST * (evidence.pointer_disagrees or evidence.place == "other")
    total += GUTTER_COST * evidence.crosses_gutter
    total += RULED_OFF_COST * evidence.ruled_off
    total += PARAGRAPH_COST * evidence.is_paragraph
    total += OVERHANG_COST * (evidence.overhangs and evidence.style == "bare")
    return total + LARGE_TYPE_COST * evidence.is_large_type


def orphan_cost(style: Style, habits: Habits) -> float:
    """Nats for leaving a text so marked without a figure; a book with marks of its own has other lists."""
    return 0.0 if style in _UNMARKED and habits.marks_captions else ORPHAN_COST.get(style, 0.0)


def score(best: float, runner_up: float) -> float:
    """0–1 from the cost of the chosen text and of the next best one for the same figure."""
    margin = min(runner_up - best, 6.0)
    return 1 / (1 + math.exp(0.9 * best - 2.6 - 0.45 * margin))


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
    # A thing is between when it covers a good part of the lane's cross-section.
    return sum(1 for o in others if _crosses(lane, o, side))


def _crosses(lane: Box, other: Box, side: TextSide) -> bool:
    common = intersection(lane, expand(other, -0.5))
    if area(common) <= 0:
        return False
    axis = 0 if side in ("below", "above") else 1
    return common[axis + 2] - common[axis] > 0.25 * (lane[axis + 2] - lane[axis])


def _parts(rule: Box, figure: Box, text: Box) -> bool:
    """Whether a lying rule over both of them stands between a figure and a text."""
    y = (rule[1] + rule[3]) / 2
    spans = rule[0] <= min(figure[0], text[0]) and rule[2] >= max(figure[2], text[2])
    return spans and (centre(text)[1] < y < centre(figure)[1] or centre(figure)[1] < y < centre(text)[1])


def _share_row(rules: Sequence[Box], figure: Box, text: Box) -> bool:
    """Whether rules over and under both of them part them from the rest, and none parts them."""
    over = any(r[0] <= min(figure[0], text[0]) and r[2] >= max(figure[2], text[2]) for r in rules)
    above = any(r[3] <= min(figure[1], text[1]) + ROW_SLACK for r in rules)
    below = any(r[1] >= max(figure[3], text[3]) - ROW_SLACK for r in rules)
    return over and above and below and not any(_parts(r, figure, text) for r in rules)


def _check_place(figure: Box, block: Block, others: Sequence[Box]) -> Place:
    """Whether a text begins with a place (图1（左）…, 上图：…) that this picture has in its row or column, or
    another one."""
    is_placed = block.mark is not None and block.mark.style == "panel"
    found = _PLACE.match(block.mark.rest if block.mark and not is_placed else block.text)
    # A caption with several places speaks of the parts of one figure.
    if not found or len(_PLACES.findall(block.text)) > 1:
        return "unsaid"
    word = found["place"]
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


def _pointer_disagrees(block: Block, side: TextSide) -> bool:
    points_to = block.mark.points_to if block.mark else None
    return points_to is not None and side != "inside" and _OPPOSITE[points_to] != side
