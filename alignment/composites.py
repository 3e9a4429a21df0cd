"""What is drawn in pieces under one numbered caption is one figure, with the small texts that stand among
them.

A chart comes as bars, curves and legends, its axes as rules, its titles as lines of text; a plan and its
section as two drawings with a scale between. Where 图6 stands under them, all that lies between it and the
text before is what it is of. Drawings that a list at the caption counts stay apart: each is a figure.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from alignment.furniture import MIN_FIGURE_SIDE
from alignment.marks import read_mark
from alignment.parts import split_lines
from alignment.regions import Block, find_blocks
from extractors.geometry import (
    area,
    centre,
    expand,
    gap,
    height,
    overlap_share,
    overlap_x,
    overlap_y,
    union,
    width,
)
from extractors.records import Box, Page, Picture, TextLine

# A book that numbers its captions has more than one of them; one alone may be of anything.
MIN_CAPTIONS = 2
# Running text is set in the book's size and in lines that say something; labels are smaller or short.
TEXT_SIZE = {"layer": 0.95, "ocr": 0.85}
HEADING_RATIO = {"layer": 1.09, "ocr": 1.4}
MIN_TEXT, MIN_SENTENCE, MAX_LABEL, MAX_CAPTION = 14, 10, 40, 220
# Panels stand within a few lines of each other, their labels within one.
MAX_STEP_EM, LABEL_REACH_EM, RULE_REACH, RULE_EXCESS = 6.0, 1.3, 8.0, 1.3
MAX_PANEL_GAP, OFF_CENTRE, FLUSH_EM = 27.0, 0.2, 1.5
FRAME = "frame or colour field"
_SENTENCE_END = ("。", "；", "：", "！", "？", "……")
_LONE_NUMBER = re.compile(r"^[(（]?([1-9][0-9]?)[)）.．]?$")
_HAN = re.compile(r"[\u3400-\u9fff]")
_TABLE = re.compile(r"^[附续]?表\s*[0-9一二三四五六七八九十]")

Side = Literal["above", "below"]
_SIDES: tuple[Side, ...] = ("below", "above")


@dataclass(frozen=True, slots=True)
class Composed:
    """The pages with their figures put together, and by page the boxes of drawings that a list counts."""

    pages: list[Page]
    listed: Mapping[int, frozenset[Box]]


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A page with numbered captions and drawings. `stops` are boxes that no figure reaches across."""

    page: Page
    blocks: list[Block]
    captions: list[Block]
    stops: list[Box]
    pieces: list[Picture]
    labels: list[TextLine] = field(default_factory=list)


def compose_figures(
    pages: Sequence[Page],
    ornaments: Collection[tuple[int, Box]],
    *margins: Mapping[int, Collection[TextLine]],
) -> Composed:
    """Puts together what stands under numbered captions; `ornaments` are pictures (page, box) and `margins`
    the lines by page that belong to no figure."""
    body = _find_body_size(pages)
    sheets = {n: sheet for n, page in enumerate(pages) if (sheet := _open(page, ornaments, margins, body))}
    numbers = {b.mark.label for s in sheets.values() for b in s.captions if b.mark}
    if len(numbers) < MIN_CAPTIONS:
        return Composed(list(pages), {})
    side = _find_side(sheets.values())
    composed, listed = list(pages), {}
    for n, sheet in sheets.items():
        composed[n], listed[sheet.page.number] = _compose(sheet, side)
    return Composed(composed, listed)


def _find_body_size(pages: Sequence[Page]) -> float:
    """The type size (points) of most characters."""
    counts: Counter[float] = Counter()
    for page in pages:
        for line in page.lines:
            counts[round(line.size * 2) / 2] += len(line.text)
    return max(counts, key=lambda size: (counts[size], size)) if counts else 10.0


def _open(
    page: Page,
    ornaments: Collection[tuple[int, Box]],
    margins: Sequence[Mapping[int, Collection[TextLine]]],
    body_size: float,
) -> _Sheet | None:
    """The page with its parts told apart; None where there is nothing to put together."""
    pieces = [p for p in page.pictures if (page.number, p.box) not in ornaments]
    if all(p.kind == "image" for p in pieces) or not any(_begins_caption(line) for line in page.lines):
        return None
    margin = {line for lines in margins for line in lines.get(page.number, ())}
    own = replace(page, lines=tuple(line for line in page.lines if line not in margin))
    blocks = find_blocks(own, [p.box for p in pieces])
    loose = [b for b in blocks if not any(overlap_share(b.box, p.box) > 0.7 for p in pieces)]
    captions = [b for b in loose if _is_caption(b, body_size)]
    texts = [b for b in loose if b not in captions and _is_text(b, body_size)]
    tables = [d.box for d in page.dropped if d.reason == "table" and d.box]
    stops = [*(b.box for b in texts), *tables]
    taken = {id(line) for b in (*captions, *texts) for line in b.lines}
    labels = [ln for ln in own.lines if id(ln) not in taken and len(ln.text) <= MAX_LABEL]
    return _Sheet(page, blocks, captions, stops, pieces, labels)


def _begins_caption(line: TextLine) -> bool:
    mark = read_mark(line.text)
    return mark is not None and mark.style == "figure" and line.direction == "horizontal"


def _is_caption(block: Block, body_size: float) -> bool:
    """Whether a block with a figure's number is its caption: a paragraph that begins with one is none."""
    if block.mark is None or block.mark.style != "figure" or block.direction == "vertical":
        return False
    is_paragraph = len(block.lines) > 1 and block.text.endswith("。")
    return len(block.text) <= MAX_CAPTION and not (is_paragraph and _is_text(block, body_size))


def _is_text(block: Block, body_size: float) -> bool:
    """Whether a block is the book's own text rather than a label in a figure."""
    source = block.lines[0].source
    if block.direction == "vertical":
        return block.size >= TEXT_SIZE[source] * body_size and len(block.text) >= MIN_TEXT
    if _TABLE.match(block.text) or block.size >= HEADING_RATIO[source] * body_size:
        return True
    han = len(_HAN.findall(block.text))
    if block.text.endswith(_SENTENCE_END) and han >= MIN_SENTENCE:
        return True
    is_long = max(len(_HAN.findall(line.text)) for line in block.lines) >= MIN_TEXT
    return is_long and block.size >= TEXT_SIZE[source] * body_size


def _find_side(sheets: Collection[_Sheet]) -> Side:
    """Where the book sets captions, seen from their figures: by what stands nearest to them."""
    votes: Counter[Side] = Counter(["below"])
    for sheet in sheets:
        for caption in sheet.captions:
            near = [
                (gap(p.box, caption.box), side)
                for side in _SIDES
                for p in sheet.pieces
                if _stands(caption.box, side, p.box)
                and overlap_x(p.box, caption.box) > 0
                and _is_free(sheet, p.box, caption)
            ]
            if near:
                votes[min(near)[1]] += 2
    return max(votes, key=lambda side: votes[side])


def _stands(caption: Box, side: Side, box: Box) -> bool:
    """Whether a caption stands on that side of a box; labels may hang over an edge a little."""
    slack = 0.5 * (caption[3] - caption[1])
    return box[3] <= caption[1] + slack if side == "below" else box[1] >= caption[3] - slack


def _is_free(sheet: _Sheet, box: Box, caption: Block) -> bool:
    """Whether neither text nor another caption lies between a box and a caption."""
    hull = union([box, caption.box])
    others = [b.box for b in sheet.captions if b is not caption]
    return not any(
        overlap_x(stop, hull) > 2 and overlap_y(stop, hull) > 0.3 * caption.size
        for stop in (*sheet.stops, *others)
        if overlap_share(stop, box) < 0.7
    )


def _compose(sheet: _Sheet, side: Side) -> tuple[Page, frozenset[Box]]:
    page, listed = sheet.page, set()
    for caption, members in _deal(sheet, side):
        if _are_counted(sheet, caption, members):
            listed |= {p.box for p in members}
        elif not _have_words(sheet, caption, members):
            page = _unite(page, sheet, caption, members, side)
    return page, frozenset(listed)


def _deal(sheet: _Sheet, side: Side) -> list[tuple[Block, list[Picture]]]:
    """Each caption with the pieces that are nearer to it than to any other, as far as they hang together."""
    dealt: dict[int, list[Picture]] = {}
    for piece in sheet.pieces:
        near = [
            (gap(piece.box, c.box), k)
            for k, c in enumerate(sheet.captions)
            if _stands(c.box, side, piece.box) and _is_free(sheet, piece.box, c)
        ]
        beside = [gap(piece.box, c.box) for c in sheet.captions if overlap_y(piece.box, c.box) > 0]
        if near and min(near)[0] <= min(beside, default=float("inf")):
            dealt.setdefault(min(near)[1], []).append(piece)
    found = []
    for k, pieces in dealt.items():
        members = _hang_together(sheet.captions[k], pieces)
        drawn = sum(area(p.box) for p in members if p.kind != "image")
        # Photographs under one caption are panels, whatever small thing was drawn among them.
        if members and drawn >= 0.5 * sum(area(p.box) for p in members):
            found.append((sheet.captions[k], members))
    return found


def _hang_together(caption: Block, pieces: Sequence[Picture]) -> list[Picture]:
    """The pieces that follow each other up from the caption; where it stands under some of those in a row
    alone, these."""
    ordered = sorted(pieces, key=lambda p: -overlap_y(p.box, caption.box))
    members: list[Picture] = []
    reached = caption.box
    for piece in ordered:
        if -overlap_y(piece.box, reached) <= MAX_STEP_EM * caption.size:
            members.append(piece)
            reached = union([reached, piece.box])
    if len(members) < 2:
        return members
    around = union(p.box for p in members)
    is_centred = abs(centre(caption.box)[0] - centre(around)[0]) <= OFF_CENTRE * width(around)
    is_flush = abs(caption.box[0] - around[0]) <= FLUSH_EM * caption.size
    if is_centred or is_flush:
        return members
    first = min(members, key=lambda p: gap(p.box, caption.box))
    own, rest = [first], [p for p in members if p is not first]
    while near := [p for p in rest if any(gap(p.box, o.box) <= MAX_PANEL_GAP for o in own)]:
        own += near
        rest = [p for p in rest if all(p is not n for n in near)]
    return own


def _are_counted(sheet: _Sheet, caption: Block, members: Sequence[Picture]) -> bool:
    """Whether a list at the caption has an item for each of the drawings, whose numbers stand outside them;
    the numbers of a plan's legend stand within."""
    items = _count_items(sheet, caption)
    if len(members) < 2 or items < 2:
        return False
    numbers = [
        line
        for line in sheet.labels
        if _LONE_NUMBER.match(line.text.strip())
        and any(gap(line.box, p.box) <= MAX_STEP_EM * caption.size for p in members)
    ]
    outside = [ln for ln in numbers if all(overlap_share(ln.box, p.box) < 0.5 for p in members)]
    if numbers and 2 * len(outside) < len(numbers):
        return False
    return len(members) == items or len({ln.text for ln in outside}) == items


def _count_items(sheet: _Sheet, caption: Block) -> int:
    """How many items the list has that the caption holds or that stands at it."""
    near = [caption]
    for block in sorted(sheet.blocks, key=lambda b: b.box[1]):
        if 0 <= block.box[1] - near[-1].box[3] <= 2 * caption.size and overlap_x(block.box, near[-1].box) > 0:
            near.append(block)
    lines = [line.text for block in near for line in block.lines]
    marks = [m for b in near[1:] if (m := read_mark(b.text)) and m.style in ("list", "heading")]
    return max(len(split_lines(lines)), len(split_lines(lines[1:])), len(marks))


def _have_words(sheet: _Sheet, caption: Block, members: Sequence[Picture]) -> bool:
    """Whether panels have words of their own: lettered lines among them, or parts in the caption."""
    around = union(p.box for p in members)
    lettered = [
        line
        for line in sheet.labels
        if gap(line.box, around) <= MAX_STEP_EM * caption.size
        and (mark := read_mark(line.text))
        and mark.style in ("panel", "list")
        and len(_HAN.findall(mark.rest)) >= 2
    ]
    is_parted = len(members) > 1 and len(split_lines([ln.text for ln in caption.lines])) == len(members)
    return len(lettered) > 1 or is_parted


def _unite(page: Page, sheet: _Sheet, caption: Block, members: Sequence[Picture], side: Side) -> Page:
    """The page with one picture for the members, the rules and frames at them and their labels."""
    frames = [d.box for d in page.dropped if d.reason == FRAME and d.box]
    around = union(p.box for p in members)
    loose = [
        box
        for box in (*page.rules, *frames)
        if _stands(caption.box, side, box) and _is_free(sheet, box, caption)
    ]
    lines = [ln for ln in sheet.labels if _stands(caption.box, side, ln.box)]
    while True:
        grown = union(
            [
                around,
                *(b for b in loose if _is_at(b, around)),
                *(
                    ln.box
                    for ln in lines
                    if gap(ln.box, around) <= LABEL_REACH_EM * ln.size and _is_free(sheet, ln.box, caption)
                ),
            ]
        )
        if grown == around:
            break
        around = grown
    is_same = len(members) == 1 and around == members[0].box
    if is_same or min(width(around), height(around)) < MIN_FIGURE_SIDE:
        return page
    whole = _make_picture(page, members, around)
    kept = tuple(p for p in page.pictures if all(p is not m for m in members))
    dropped = tuple(d for d in page.dropped if not (d.box in frames and overlap_share(d.box, around) > 0.9))
    return replace(page, pictures=(*kept, whole), dropped=dropped)


def _is_at(box: Box, around: Box) -> bool:
    """Whether a rule or frame belongs to a figure: it touches it, and does not reach far beyond."""
    reach = expand(around, RULE_REACH)
    if overlap_x(box, reach) < 0 or overlap_y(box, reach) < 0:
        return False
    return width(box) <= RULE_EXCESS * width(around) and height(box) <= RULE_EXCESS * height(around)


def _make_picture(page: Page, members: Sequence[Picture], box: Box) -> Picture:
    kind: Literal["drawing", "scan"] = "scan" if page.source == "scan" else "drawing"
    share = round(min(1.0, area(box) / (page.width * page.height)), 4)
    print_of = hashlib.sha256("".join(p.fingerprint for p in members).encode()).hexdigest()[:32]
    return Picture(box, kind, print_of if kind == "drawing" else "", share)
