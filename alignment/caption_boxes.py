"""Captions in boxes of their own over a picture's edge or within it, as popular books and magazines set them.

A field of colour that lies on a picture and holds a few lines of type is there for these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from alignment.layout import PageLayout
from alignment.matches import Match
from alignment.regions import make_block
from extractors.geometry import area, overlap_share
from extractors.records import Box, TextLine

FIELDS = ("frame or colour field", "panel under text", "ground or watermark under text")
# A caption is a few lines, and its box a small part of the picture, on which it lies for a good part.
MAX_LINES, MIN_CHARACTERS, MAX_CHARACTERS = 8, 4, 140
MAX_SHARE, MIN_OVER, INSIDE = 0.3, 0.35, 0.8
SCORE, RULE = 0.7, "caption:{}:inside+box"


def match_caption_boxes(layout: PageLayout, matches: Sequence[Match]) -> list[Match]:
    """The matches, a picture without a caption with the one box of type that lies on it; so is one whose
    caption is a line of what the box holds."""
    found = list(matches)
    boxes = [(box, lines) for box in _list_fields(layout) if (lines := _read_box(layout, box))]
    for k, match in enumerate(found):
        own = [(box, lines) for box, lines in boxes if _lies_on(box, match.box)]
        if len(own) != 1 or any(p.kind == "drawing" for p in match.pictures):
            continue
        lines = own[0][1]
        inside = {id(line) for line in lines}
        if match.block is not None and not all(id(line) in inside for line in match.block.lines):
            continue
        block = make_block(layout.page.number, lines)
        style = block.mark.style if block.mark else "bare"
        found[k] = replace(match, block=block, evidence=None, score=SCORE, rule=RULE.format(style))
    return found


def _list_fields(layout: PageLayout) -> list[Box]:
    return [d.box for d in layout.dropped if d.box and d.reason in FIELDS]


def _lies_on(box: Box, picture: Box) -> bool:
    return overlap_share(box, picture) >= MIN_OVER and area(box) <= MAX_SHARE * area(picture)


def _read_box(layout: PageLayout, box: Box) -> list[TextLine]:
    """The lines that a box holds, where they are as few as those of a caption."""
    lines = [line for line in layout.page.lines if overlap_share(line.box, box) >= INSIDE]
    lines.sort(key=lambda line: (line.box[1], line.box[0]))
    characters = sum(len(line.text) for line in lines)
    is_caption = len(lines) <= MAX_LINES and MIN_CHARACTERS <= characters <= MAX_CHARACTERS
    return lines if is_caption and all(line.direction == "horizontal" for line in lines) else []
