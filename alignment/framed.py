"""What a numbered caption says is a figure though it looks like none: tables, charts in frames or on grounds.

A reader of a page leaves out frames, grounds under words and tables. Where 图3 stands at one of them, and no
picture is its own, the caption says what the thing is; and a frame around a diagram with its labels is part
of the figure, not of the page.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from alignment.layout import PageLayout
from alignment.matches import Match
from alignment.regions import Block
from extractors.geometry import area, centre, gap, height, overlap_share, overlap_x, overlap_y, union, width
from extractors.records import Box, Picture

MAX_GAP_EM = 3.0
TABLE_SCORE = 0.8
TABLE = "table"
FRAME = "frame or colour field"
SURROUNDS = (FRAME, "ground or watermark under text", "panel under text")
# Longer text in a frame is the book's; what is larger is a page's ground.
MAX_LABEL, MAX_SHARE, MAX_SURROUND = 40, 0.6, 5.0
# Bars stand no further apart than panels do, and axes reach not much beyond them.
MIN_BARS, MAX_BAR_GAP, MAX_AXIS = 3, 27.0, 1.6
# Rules that end at the same two places are the rows of one table; two may be a frame's.
MIN_ROW_RULES, RULE_SLACK, RULE_THICKNESS = 3, 3.0, 4.0


def match_framed(layout: PageLayout, captions: Iterable[Block], pictures: Sequence[Picture]) -> list[Match]:
    """A match for each of the unused numbered captions that stands over or under a table, frame or ground
    without pictures."""
    free = [
        (d.box, d.reason)
        for d in layout.dropped
        if d.box
        and (d.reason == TABLE or (d.reason in SURROUNDS and _holds_labels(layout, d.box)))
        and not any(overlap_share(p.box, d.box) > 0.5 for p in pictures)
    ]
    found = []
    for block in captions:
        if not (block.mark and block.mark.style == "figure"):
            continue
        near = [(_gap(box, block), box, reason) for box, reason in free if _belongs(box, block)]
        if near:
            _, box, reason = min(near)
            free.remove((box, reason))
            side = "below" if block.box[1] > box[1] else "above"
            step = "table" if reason == TABLE else "frame"
            if reason == FRAME:
                box = _gather_bars(layout, box, block, [other for other, why in free if why == FRAME])
                free = [(other, why) for other, why in free if overlap_share(other, box) < 0.9]
            picture = _make_picture(layout, box)
            found.append(Match((picture,), block, None, TABLE_SCORE, f"caption:figure:{side}+{step}"))
    return found


def _gather_bars(layout: PageLayout, box: Box, caption: Block, frames: Sequence[Box]) -> Box:
    """The box around a chart of bars, each of which is a field of colour: those that stand by the first, on
    one side of the caption, and the axes and lines that they stand on. The field itself where it is alone."""
    is_above = centre(box)[1] < centre(caption.box)[1]
    around, count = box, 1
    for frame in sorted(frames, key=lambda other: gap(other, box)):
        same_side = (centre(frame)[1] < centre(caption.box)[1]) == is_above
        if same_side and gap(frame, around) <= MAX_BAR_GAP and _is_clear(layout, union((frame, around))):
            around, count = union((frame, around)), count + 1
    if count < MIN_BARS:
        return box
    while True:
        grown = union([around, *(rule for rule in layout.page.rules if _carries(rule, around))])
        if grown == around:
            return around
        around = grown


def _carries(rule: Box, around: Box) -> bool:
    """Whether a rule is an axis of what is there: it touches it, and reaches not far beyond."""
    is_short = width(rule) <= MAX_AXIS * width(around) and height(rule) <= MAX_AXIS * height(around)
    return is_short and gap(rule, around) <= RULE_THICKNESS


def _is_clear(layout: PageLayout, box: Box) -> bool:
    """Whether no text longer than a label lies in a box."""
    return not any(
        len(b.text) > MAX_LABEL and overlap_x(b.box, box) > 0 and overlap_y(b.box, box) > 0
        for b in layout.blocks
    )


def take_frames(layout: PageLayout, matches: Sequence[Match]) -> list[Match]:
    """The matches, diagrams among them with the frame in which they and their labels stand."""
    frames = [d.box for d in layout.dropped if d.box and d.reason == FRAME]
    return [_take_frame(layout, m, frames, matches) for m in matches]


def _take_frame(layout: PageLayout, match: Match, frames: Sequence[Box], matches: Sequence[Match]) -> Match:
    block = match.block
    if not frames or block is None or block.mark is None or block.mark.style != "figure":
        return match
    others = [p.box for m in matches if m is not match for p in m.pictures]
    for frame in sorted(frames, key=area):
        holds = all(overlap_share(p.box, frame) > 0.95 for p in match.pictures)
        alone = not any(overlap_share(box, frame) > 0.5 for box in others)
        framed = _is_diagram(layout, match, frame)
        tight = area(frame) <= MAX_SURROUND * area(match.box)
        if holds and alone and framed and tight and _belongs(frame, block) and _holds_labels(layout, frame):
            return replace(match, pictures=(*match.pictures, _make_picture(layout, frame)))
    return match


def _is_diagram(layout: PageLayout, match: Match, frame: Box) -> bool:
    """Whether the frame holds a drawing, or words beside the pictures; a photograph's frame is the page's."""
    if all(p.kind == "drawing" for p in match.pictures):
        return True
    pictures = [p.box for p in match.pictures]
    inside = [b.box for b in layout.blocks if overlap_share(b.box, frame) > 0.5]
    return any(all(overlap_share(box, p) < 0.5 for p in pictures) for box in inside)


def _make_picture(layout: PageLayout, box: Box) -> Picture:
    return Picture(box, "drawing", "", round(area(box) / (layout.page.width * layout.page.height), 4))


def _holds_labels(layout: PageLayout, box: Box) -> bool:
    """Whether all that is printed in a box is short, and the box no page's ground."""
    if area(box) > MAX_SHARE * layout.page.width * layout.page.height:
        return False
    inside = [b for b in layout.blocks if overlap_share(b.box, box) > 0.5]
    return all(len(b.text) <= MAX_LABEL and not (b.mark and b.mark.style == "figure") for b in inside)


def find_row_rules(rules: Sequence[Box]) -> list[Box]:
    """The rules above, between and below the rows of ruled tables."""
    lying = [r for r in rules if r[3] - r[1] <= RULE_THICKNESS < width(r)]
    return [r for r in lying if sum(_end_alike(r, other) for other in lying) >= MIN_ROW_RULES]


def find_picture_rows(layout: PageLayout) -> list[Box]:
    """Lines between the rows of tables without rules there, one for each of the pictures that stand one under
    the other: half-way between them, and so above the first; and the table's bottom."""
    found: list[Box] = []
    for table in (d.box for d in layout.dropped if d.box and d.reason == TABLE):
        boxes = (p.box for p in layout.pictures if overlap_share(p.box, table) > 0.9)
        inside = sorted(boxes, key=lambda box: box[1])
        if len(inside) >= 2 and all(_stand_in_column(a, b) for a, b in pairwise(inside)):
            # Over the first row may stand the names of the columns.
            above = (inside[1][1] - inside[0][3]) / 2
            between = [(a[3] + b[1]) / 2 for a, b in pairwise(inside)]
            tops = [max(table[1], inside[0][1] - above), *between, table[3]]
            found += [(table[0], y, table[2], y) for y in tops]
    return found


def _stand_in_column(upper: Box, lower: Box) -> bool:
    shared = overlap_x(upper, lower)
    return upper[3] <= lower[1] and shared > 0.5 * min(width(upper), width(lower))


def _end_alike(a: Box, b: Box) -> bool:
    return abs(a[0] - b[0]) <= RULE_SLACK and abs(a[2] - b[2]) <= RULE_SLACK


def _belongs(table: Box, block: Block) -> bool:
    shared = overlap_x(table, block.box)
    return _gap(table, block) < MAX_GAP_EM * block.size and shared > 0.8 * min(width(table), width(block.box))


def _gap(table: Box, block: Block) -> float:
    return max(block.box[1] - table[3], table[1] - block.box[3], 0.0)
