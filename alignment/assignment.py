"""Figures and captions of one page, as one assignment; pictures under one caption become one figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from alignment.badges import match_badges
from alignment.costs import MAX_COST, Habits, orphan_cost
from alignment.evidence import Evidence
from alignment.framed import match_framed, take_frames
from alignment.keyed_items import cut_captions
from alignment.layout import MAX_BARE_CHARACTERS, PageLayout
from alignment.least_cost import assign
from alignment.marks import Style, cites_figure, is_section
from alignment.matches import Match
from alignment.panels import unite_panels
from alignment.pools import (
    find_keyed_pools,
    find_pools,
    is_list,
    match_keyed_pools,
    match_pools,
    match_run_in,
)
from alignment.records import Candidate
from alignment.regions import Block
from alignment.weighing import Option, make_match, measure_page, record, weigh
from extractors.geometry import centre, overlap_share

NEVER = 1e6
# Texts beyond this cost are not shown to whoever debugs a book.
WORTH_A_LOOK = 2 * MAX_COST
BADGE_SCORE = 0.97
LONELY_STYLES, LONELY_SCORE = ("figure", "plate", "label", "quoted", "pointer"), 0.6
LEARNED_FROM = 0.5
MIN_NUMBERED = 3


@dataclass(frozen=True, slots=True)
class BookMatches:
    """The matches of each page, what was weighed for them, and the habits that the sure ones taught."""

    pages: list[list[Match]]
    candidates: list[Candidate]
    habits: Habits


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A page with all that does not depend on the book's habits.

    `keyed` and `listed` are what badges and lists beside as many pictures decide, by index of the picture;
    `lists` are other lists, `singles` the texts that are weighed, `measured` as evidence for the pictures
    `free`.
    """

    layout: PageLayout
    captions: list[Block]
    keyed: dict[int, Block]
    listed: dict[int, Match]
    lists: list[list[Block]]
    singles: list[Block]
    free: list[int]
    measured: list[list[Evidence]]


def match_pages(layouts: Sequence[PageLayout], body_size: float) -> BookMatches:
    """Pages are matched twice: the sure pairs of the first round teach the second."""
    numbered = _marks_captions(layouts, ("figure",))
    marked = numbered or _marks_captions(layouts, ("figure", "pointer"))
    none, habits = Habits({}, numbered, marked), Habits({}, numbered, marked)
    sheets = [_prepare(layout, body_size, numbered) for layout in layouts]
    for sheet in sheets:
        for match in _match_sheet(sheet, none)[0]:
            if match.evidence and match.score > LEARNED_FROM and len(match.pictures) == 1:
                habits.learn(match.evidence.style, match.evidence.side, match.score)
    found = [_match_sheet(sheet, habits) for sheet in sheets]
    candidates = [
        record(sheet.layout, sheet.layout.pictures[i], option, chosen=chosen.get(k) == j)
        for sheet, (_, weighed, chosen) in zip(sheets, found, strict=True)
        for k, (i, options) in enumerate(zip(sheet.free, weighed, strict=True))
        for j, option in enumerate(options)
        if option.cost <= WORTH_A_LOOK
    ]
    return BookMatches([matches for matches, _, _ in found], candidates, habits)


def _marks_captions(layouts: Sequence[PageLayout], styles: Sequence[Style]) -> bool:
    """Whether pages with pictures have captions with such a mark as a rule."""
    illustrated = [layout for layout in layouts if layout.pictures]
    numbers = {
        (b.mark.label or b.text, layout.page.number)
        for layout in illustrated
        for b in layout.with_role("caption")
        if b.mark and b.mark.style in styles
    }
    return len(numbers) >= MIN_NUMBERED and len({n for _, n in numbers}) >= 0.4 * len(illustrated)


def _prepare(layout: PageLayout, body_size: float, numbers_captions: bool) -> _Sheet:
    pictures = layout.pictures
    captions = [b for b in find_candidates(layout) if not (b.mark and b.mark.style == "page")]
    keyed, told = match_badges(layout, captions)
    taken = {id(b) for b in told}
    pools = [left for pool in find_pools(captions) if (left := [b for b in pool if id(b) not in taken])]
    captions = [b for b in captions if id(b) not in taken]
    runs = {id(cut): (b, cut) for b in captions if (cut := cut_captions(b))}
    certain = find_keyed_pools([*pools, *(cut for _, cut in runs.values())], pictures, keyed, captions)
    told = [runs[id(own.blocks)][0] for own in certain if id(own.blocks) in runs]
    captions = [b for b in captions if all(b is not block for block in told)]
    listed = match_keyed_pools(certain, pictures) or match_run_in(captions, pictures)
    # A book that numbers its captions 图1, 图2 … has other lists than lists of captions.
    free_lists = [pool for pool in pools if is_list(pool) and all(pool is not own.blocks for own in certain)]
    lists = [] if numbers_captions else free_lists
    pooled = {id(b) for pool in (*(own.blocks for own in certain), *lists) for b in pool}
    singles = [b for b in captions if id(b) not in pooled]
    free = [i for i in range(len(pictures)) if i not in keyed and i not in listed]
    measured = measure_page(layout, [pictures[i] for i in free], singles, body_size)
    return _Sheet(layout, captions, keyed, listed, lists, singles, free, measured)


def _match_sheet(sheet: _Sheet, habits: Habits) -> tuple[list[Match], list[list[Option]], dict[int, int]]:
    """All pictures of a page as figures, in the reader's order, each with its caption or none; what was
    weighed for those that are free, and which of it was chosen."""
    layout, pictures = sheet.layout, sheet.layout.pictures
    weighed = weigh(sheet.measured, sheet.singles, habits)
    chosen = _assign(weighed, habits)
    matches = {sheet.free[k]: make_match(pictures[sheet.free[k]], weighed[k], j) for k, j in chosen.items()}
    for i, block in sheet.keyed.items():
        matches[i] = Match((pictures[i],), block, None, BADGE_SCORE, "caption:list:badge")
    matches |= sheet.listed
    matches |= match_pools(sheet.lists, pictures, matches)
    united = unite_panels(layout, pictures, matches)
    rest = [
        Match((pictures[i],), None, None, 0.0, "none:no caption near")
        for i in range(len(pictures))
        if i not in united
    ]
    found = [*{id(m): m for m in united.values()}.values(), *rest]
    used = {id(m.block) for m in found if m.block}
    framed = match_framed(layout, [b for b in sheet.captions if id(b) not in used], pictures)
    used |= {id(m.block) for m in framed}
    found = _pair_last(layout, found, [b for b in sheet.captions if id(b) not in used])
    found = [*take_frames(layout, found), *framed]
    return sorted(found, key=lambda m: (m.box[1], m.box[0])), weighed, chosen


def _pair_last(layout: PageLayout, found: list[Match], unused: Sequence[Block]) -> list[Match]:
    """A figure and a marked text that are alone left over on a page belong together, however far apart."""
    free = [m for m in found if m.block is None]
    marked = [b for b in unused if b.mark and b.mark.style in LONELY_STYLES]
    if len(free) != 1 or len(marked) != 1 or not marked[0].mark:
        return found
    fold = layout.fold
    if fold is not None and (centre(free[0].box)[0] < fold) != (centre(marked[0].box)[0] < fold):
        return found
    rule = f"caption:{marked[0].mark.style}:alone"
    own = replace(free[0], block=marked[0], score=LONELY_SCORE, rule=rule, cost=MAX_COST)
    return [own if m is free[0] else m for m in found]


def find_candidates(layout: PageLayout) -> list[Block]:
    """The texts that may be captions: museum labels, marked ones, and short ones that only their place can
    make one."""
    found = [label.whole for label in layout.labels]
    tables = [
        d.box
        for d in layout.dropped
        if d.box
        and d.reason == "table"
        and not any(overlap_share(p.box, d.box) > 0.5 for p in layout.pictures)
    ]
    found = [b for b in found if not any(overlap_share(b.lines[0].box, table) > 0.9 for table in tables)]
    labelled = {line for label in layout.labels for line in label.whole.lines}
    for index, (block, role) in enumerate(zip(layout.blocks, layout.roles, strict=True)):
        if block.lines[0] in labelled or (index in layout.running and role == "caption"):
            continue
        if role == "caption" or (role in ("body", "heading") and _may_be_bare(block)):
            found.append(block)
    return found


def _may_be_bare(block: Block) -> bool:
    """Whether a text without a mark may be a caption by what it says: not a section's head, no reference."""
    if block.mark is None and (is_section(block.text) or cites_figure(block.text)):
        return False
    return (
        len(block.lines) <= 3
        and len(block.text) <= MAX_BARE_CHARACTERS
        and sum(c.isalpha() for c in block.text) > 1
        and not block.text.endswith(("：", ":"))
    )


def _assign(weighed: Sequence[Sequence[Option]], habits: Habits) -> dict[int, int]:
    """Picture index → caption index by least total cost, that of marked captions left over included."""
    if not weighed or not weighed[0]:
        return {}
    matrix = np.array([[option.cost for option in options] for options in weighed])
    believed = matrix <= MAX_COST
    orphans = [max(orphan_cost(o.evidence, habits) for o in column) for column in zip(*weighed, strict=True)]
    matrix = np.where(believed, matrix - orphans, NEVER)
    # A dummy column per picture stands for «no caption»: a pair costlier than MAX_COST is not made.
    dummy = np.full((len(weighed), len(weighed)), MAX_COST)
    found = assign(np.hstack([matrix, dummy]))
    return {i: j for i, j in found if j < matrix.shape[1] and believed[i, j]}
