"""What is drawn in pieces under one numbered caption is one figure, with the small texts that stand among
them.

A chart comes as bars, curves and legends, its axes as rules, its titles as lines of text; a plan and its
section as two drawings with a scale between. Where 图6 stands under them, all that lies between it and the
text before is what it is of. Drawings that a list at the caption counts stay apart: each is a figure.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

from alignment.composite_pages import Sheet, Side, find_text_size, is_free, list_captions, open_sheet, stands
from alignment.counted_drawings import MAX_STEP_EM, have_words, list_counted
from alignment.marks import Style
from alignment.ornaments import MIN_FIGURE_SIDE
from alignment.regions import Block
from extractors.figure_checks import TOO_SMALL
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
# Panels stand within a few lines of each other, their labels within one.
LABEL_REACH_EM, RULE_REACH, RULE_EXCESS = 1.3, 8.0, 1.3
MIN_SMALL_EM = 1.5
MAX_PANEL_GAP, OFF_CENTRE, FLUSH_EM = 27.0, 0.2, 1.5
# Of pictures with hardly a drawing among them, panels.py makes figures.
MIN_DRAWN = 0.5
FRAME = "frame or colour field"
_STYLES: tuple[Style, ...] = ("figure", "pointer")
_SIDES: tuple[Side, ...] = ("below", "above")


@dataclass(frozen=True, slots=True)
class Composed:
    """The pages with their figures put together, and by page the boxes of drawings that a list counts."""

    pages: list[Page]
    listed: Mapping[int, frozenset[Box]]


def compose_figures(
    pages: Sequence[Page],
    ornaments: Collection[tuple[int, Box]],
    *margins: Mapping[int, Collection[TextLine]],
) -> Composed:
    """Puts together what stands under numbered captions; `ornaments` are pictures (page, box) and `margins`
    the lines by page that belong to no figure."""
    body, style = find_text_size(pages), _find_style(pages)
    if style is None:
        return Composed(list(pages), {})
    found = ((n, open_sheet(page, ornaments, margins, body, style)) for n, page in enumerate(pages))
    sheets = {n: sheet for n, sheet in found if sheet is not None}
    side = _find_side(sheets.values())
    composed, listed = list(pages), {}
    for n, sheet in sheets.items():
        composed[n], listed[sheet.page.number] = _compose(sheet, side)
    return Composed(composed, listed)


def _find_style(pages: Sequence[Page]) -> Style | None:
    """How the book marks its captions: by numbers, or by signs; None where neither is a habit."""
    for style in _STYLES:
        texts = {line.text for page in pages for line in list_captions(page, style)}
        if len(texts) >= MIN_CAPTIONS:
            return style
    return None


def _find_side(sheets: Collection[Sheet]) -> Side:
    """Where the book sets captions, seen from their figures: by what stands nearest to them."""
    votes: Counter[Side] = Counter(["below"])
    for sheet in sheets:
        for caption in sheet.captions:
            near = [
                (gap(p.box, caption.box), side)
                for side in _SIDES
                for p in sheet.pieces
                if stands(caption.box, side, p.box)
                and overlap_x(p.box, caption.box) > 0
                and is_free(sheet, p.box, caption)
            ]
            if near:
                votes[min(near)[1]] += 2
    return max(votes, key=lambda side: votes[side])


def _compose(sheet: Sheet, side: Side) -> tuple[Page, frozenset[Box]]:
    page, listed = sheet.page, set()
    for caption, members, dealt in _deal(sheet, side):
        counted = _count(sheet, caption, members, dealt)
        for group in counted:
            whole = group[0] if len(group) == 1 else _make_picture(page, group, union(p.box for p in group))
            page, boxes = _replace(page, group, whole), {p.box for p in group}
            page = replace(page, dropped=tuple(d for d in page.dropped if d.box not in boxes))
            listed.add(whole.box)
        if members and not counted and not have_words(sheet, caption, members):
            page = _unite(page, sheet, caption, members, side)
    return page, frozenset(listed)


def _count(
    sheet: Sheet, caption: Block, members: Sequence[Picture], dealt: Sequence[Picture]
) -> list[list[Picture]]:
    """The pieces by the item of the caption's list that each is: of those that hang together, with what is
    too small for a figure by itself, or of all that the caption may be of, in rows far apart."""
    for pieces in filter(None, (members, dealt)):
        for small in ([], _list_small(sheet, caption, pieces)):
            if counted := list_counted(sheet, caption, [*pieces, *small]):
                return counted
    return []


def _deal(sheet: Sheet, side: Side) -> list[tuple[Block, list[Picture], list[Picture]]]:
    """Each caption with the pieces that are nearer to it than to any other: as far as they hang together, and
    all."""
    dealt: dict[int, list[Picture]] = {}
    for piece in sheet.pieces:
        near = [
            (gap(piece.box, c.box), k)
            for k, c in enumerate(sheet.captions)
            if stands(c.box, side, piece.box) and is_free(sheet, piece.box, c)
        ]
        beside = [gap(piece.box, c.box) for c in sheet.captions if overlap_y(piece.box, c.box) > 0]
        if near and min(near)[0] <= min(beside, default=float("inf")):
            dealt.setdefault(min(near)[1], []).append(piece)
    found = []
    for k, pieces in dealt.items():
        members = _hang_together(sheet.captions[k], pieces)
        told = members or pieces
        drawn = sum(area(p.box) for p in told if p.kind != "image")
        # Photographs under one caption are panels, whatever small thing was drawn among them.
        if drawn >= MIN_DRAWN * sum(area(p.box) for p in told):
            found.append((sheet.captions[k], members, pieces))
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
    if not _stands_at_one(caption.box, members, caption.size):
        return members
    first = min(members, key=lambda p: gap(p.box, caption.box))
    own, rest = [first], [p for p in members if p is not first]
    while near := [p for p in rest if any(gap(p.box, o.box) <= MAX_PANEL_GAP for o in own)]:
        own += near
        rest = [p for p in rest if all(p is not n for n in near)]
    return own


def _stands_at_one(box: Box, members: Sequence[Picture], em: float) -> bool:
    """Whether a caption stands under one column of the members, and neither amid nor flush with them all."""
    around = union(p.box for p in members)
    is_centred = abs(centre(box)[0] - centre(around)[0]) <= OFF_CENTRE * width(around)
    under = [p.box for p in members if overlap_x(p.box, box) > 0]
    is_one = bool(under) and all(overlap_x(a, b) > 0 for a, b in combinations(under, 2))
    # On a scan the pieces may be photographs, of which the first has its caption flush as well.
    is_flush = abs(box[0] - around[0]) <= FLUSH_EM * em and members[0].kind != "scan"
    return is_one and not is_centred and not is_flush


def _unite(page: Page, sheet: Sheet, caption: Block, members: Sequence[Picture], side: Side) -> Page:
    """The page with one picture for the members, the rules and frames at them and their labels."""
    frames = [d.box for d in page.dropped if d.reason == FRAME and d.box]
    around = union(p.box for p in members)
    loose = [
        box
        for box in (*page.rules, *frames)
        if stands(caption.box, side, box) and is_free(sheet, box, caption)
    ]
    lines = [ln for ln in sheet.labels if stands(caption.box, side, ln.box)]
    while True:
        grown = union(
            [
                around,
                *(b for b in loose if _is_at(b, around)),
                *(
                    ln.box
                    for ln in lines
                    if gap(ln.box, around) <= LABEL_REACH_EM * ln.size and is_free(sheet, ln.box, caption)
                ),
            ]
        )
        if grown == around:
            break
        around = grown
    is_same = len(members) == 1 and around == members[0].box
    if is_same or min(width(around), height(around)) < MIN_FIGURE_SIDE:
        return page
    dropped = tuple(d for d in page.dropped if not (d.box in frames and overlap_share(d.box, around) > 0.9))
    return replace(_replace(page, members, _make_picture(page, members, around)), dropped=dropped)


def _list_small(sheet: Sheet, caption: Block, members: Sequence[Picture]) -> list[Picture]:
    """What lies level with the members of a scan's figure and is too small for a figure by itself: a needle
    among vessels is one where a list counts it."""
    if sheet.page.source != "scan":
        return []
    around = union(p.box for p in members)
    boxes = [
        d.box
        for d in sheet.page.dropped
        if d.reason == TOO_SMALL and d.box and min(width(d.box), height(d.box)) >= MIN_SMALL_EM * caption.size
    ]
    level = [box for box in boxes if overlap_y(box, around) > 0 and gap(box, around) <= MAX_PANEL_GAP]
    return [_make_picture(sheet.page, [], box) for box in level]


def _replace(page: Page, members: Sequence[Picture], whole: Picture) -> Page:
    kept = (p for p in page.pictures if all(p is not m for m in members))
    return replace(page, pictures=(*kept, whole))


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
