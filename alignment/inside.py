"""Captions set into their picture: where nothing is printed at it, a line or two at its rim are its own.

A map or diagram has words all over; a photograph has one text, small, along an edge. What OCR reads on a
picture may be ornament, but not a caption's mark.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from alignment.costs import STYLE_COST, Habits
from alignment.layout import MAX_BARE_CHARACTERS, PageLayout
from alignment.matches import Match
from alignment.regions import Block, make_block
from extractors.geometry import height, overlap_share, width
from extractors.records import Box

# The rim is a fifth of the picture's height or width.
RIM, MAX_LINES, MAX_GAP_EM, MIN_CHARACTERS = 0.2, 4, 1.5, 3
LARGE_TYPE = 1.35
SCORE, MARKED_SCORE = 0.4, 0.8
MARKED = ("figure", "pointer", "plate", "quoted")
# 一 is a numeral in print and a stroke on a picture.
READ_MARKS, SURE_READ = ("figure", "pointer", "quoted"), 0.85


def match_inside(
    layout: PageLayout,
    matches: Sequence[Match],
    habits: Habits,
    body_size: float,
    *,
    only_marked: bool = False,
) -> list[Match]:
    """The matches, pictures without a caption with the text that is set into them; in a book that marks its
    captions, or if `only_marked`, a text without a mark is none."""
    is_bare_told = not (habits.marks_captions or only_marked)
    return [
        _take_inner(layout, m, habits, body_size, is_bare_told) if m.block is None else m for m in matches
    ]


def _take_inner(
    layout: PageLayout, match: Match, habits: Habits, body_size: float, is_bare_told: bool
) -> Match:
    inside = [b for b in layout.with_role("label") if overlap_share(b.box, match.box) > 0.7]
    lines = [line for block in inside for line in block.lines]
    if any(p.kind == "drawing" for p in match.pictures) or not _is_one_text(inside):
        return match
    block = make_block(inside[0].page, lines)
    if not _is_printed(block):
        return match
    fits = MIN_CHARACTERS <= sum(c.isalpha() for c in block.text) <= MAX_BARE_CHARACTERS
    if not fits or block.size > LARGE_TYPE * body_size or not _stands_at_rim(block.box, match.box):
        return match
    style = block.mark.style if block.mark and block.mark.style in MARKED else "bare"
    if style == "bare" and not is_bare_told:
        return match
    cost = STYLE_COST[style] + habits.side_cost(style, "inside")
    score = SCORE if style == "bare" else MARKED_SCORE
    return replace(match, block=block, score=score, rule=f"caption:{style}:inside", cost=cost)


def _is_printed(block: Block) -> bool:
    """Whether a text is one of the page: of its text layer, or read for sure with a caption's mark."""
    if all(line.source == "layer" for line in block.lines):
        return True
    is_sure = all((line.confidence or 0.0) >= SURE_READ for line in block.lines)
    return is_sure and block.mark is not None and block.mark.style in READ_MARKS


def _is_one_text(blocks: Sequence[Block]) -> bool:
    """Whether all that stands in a picture are a few lines, one right under the other."""
    lines = [line for block in blocks for line in block.lines]
    if not 0 < len(lines) <= MAX_LINES:
        return False
    ordered = sorted(lines, key=lambda line: line.box[1])
    near = all(b.box[1] - a.box[3] <= MAX_GAP_EM * a.size for a, b in pairwise(ordered))
    return near and len({b.direction for b in blocks}) == 1


def _stands_at_rim(text: Box, picture: Box) -> bool:
    high, wide = RIM * height(picture), RIM * width(picture)
    return (
        text[1] >= picture[3] - high
        or text[3] <= picture[1] + high
        or text[0] >= picture[2] - wide
        or text[2] <= picture[0] + wide
    )
