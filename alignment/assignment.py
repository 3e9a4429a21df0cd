"""Figures and captions of one page, as one assignment; pictures under one caption become one figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from scipy.optimize import linear_sum_assignment

from alignment.badges import match_badges
from alignment.evidence import MAX_COST, Evidence, Habits, cost, measure, orphan_cost, score
from alignment.framed import find_row_rules, match_framed, take_frames
from alignment.layout import MAX_BARE_CHARACTERS, PageLayout
from alignment.marks import Style, cites_figure, is_section
from alignment.matches import Match
from alignment.panels import unite_panels
from alignment.pools import find_keyed_pools, find_pools, match_keyed_pools, match_pools
from alignment.records import Candidate
from alignment.regions import Block
from extractors.geometry import centre
from extractors.records import Box, Picture

NEVER = 1e6
# Texts beyond this cost are not shown to whoever debugs a book.
WORTH_A_LOOK = 2 * MAX_COST
BADGE_SCORE = 0.97
MARKED_STYLES = ("figure", "pointer", "plate", "photo")
LONELY_STYLES, LONELY_SCORE = ("figure", "plate", "label", "quoted", "pointer"), 0.6
LEARNED_FROM = 0.5
MIN_NUMBERED = 3


@dataclass(frozen=True, slots=True)
class BookMatches:
    """The matches of each page, what was weighed for them, and the habits that the sure ones taught."""

    pages: list[list[Match]]
    candidates: list[Candidate]
    habits: Habits


def match_pages(layouts: Sequence[PageLayout], body_size: float) -> BookMatches:
    """Pages are matched twice: the sure pairs of the first round teach the second."""
    numbered = _marks_captions(layouts, ("figure",))
    marked = numbered or _marks_captions(layouts, ("figure", "pointer"))
    habits = Habits({}, numbered, marked)
    for layout in layouts:
        for match in match_page(layout, body_size, Habits({}, numbered, marked))[0]:
            if match.evidence and match.score > LEARNED_FROM and len(match.pictures) == 1:
                habits.learn(match.evidence.style, match.evidence.side, match.score)
    found = [match_page(layout, body_size, habits) for layout in layouts]
    return BookMatches([m for m, _ in found], [c for _, weighed in found for c in weighed], habits)


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


def match_page(layout: PageLayout, body_size: float, habits: Habits) -> tuple[list[Match], list[Candidate]]:
    """All pictures of a page as figures, in the reader's order, each with its caption or none; and what was
    weighed for them."""
    pictures = list(layout.pictures)
    captions = find_candidates(layout)
    keyed = match_badges(layout.page, pictures, captions)
    taken = {id(b) for b in keyed.values()}
    pools = [left for pool in find_pools(captions) if (left := [b for b in pool if id(b) not in taken])]
    captions = [b for b in captions if id(b) not in taken]
    certain = find_keyed_pools(pools, pictures, keyed, captions)
    listed = match_keyed_pools(certain, pictures)
    # A book that numbers its captions 图1, 图2 … has other lists than lists of captions.
    free_lists = [pool for pool in pools if all(pool is not own.blocks for own in certain)]
    others = [] if habits.numbers_captions else free_lists
    pooled = {id(b) for pool in (*(own.blocks for own in certain), *others) for b in pool}
    singles = [b for b in captions if id(b) not in pooled]
    free = [i for i in range(len(pictures)) if i not in keyed and i not in listed]
    weighed = _weigh(layout, [pictures[i] for i in free], singles, body_size, habits)
    chosen = _assign(weighed, habits)
    matches = {free[i]: _match(pictures[free[i]], weighed[i], j) for i, j in chosen.items()}
    for i, block in keyed.items():
        matches[i] = Match((pictures[i],), block, None, BADGE_SCORE, "caption:list:badge")
    matches |= listed
    matches |= match_pools(others, pictures, matches)
    united = unite_panels(layout, pictures, matches)
    rest = [
        Match((pictures[i],), None, None, 0.0, "none:no caption near")
        for i in range(len(pictures))
        if i not in united
    ]
    found = [*{id(m): m for m in united.values()}.values(), *rest]
    used = {id(m.block) for m in found if m.block}
    framed = match_framed(layout, [b for b in captions if id(b) not in used], pictures)
    used |= {id(m.block) for m in framed}
    found = _pair_last(layout, found, [b for b in captions if id(b) not in used])
    found = [*take_frames(layout, found), *framed]
    candidates = [
        _record(layout, pictures[free[i]], option, chosen=chosen.get(i) == j)
        for i, options in enumerate(weighed)
        for j, option in enumerate(options)
        if option.cost <= WORTH_A_LOOK
    ]
    return sorted(found, key=lambda m: (m.box[1], m.box[0])), candidates


def _pair_last(layout: PageLayout, found: list[Match], unused: Sequence[Block]) -> list[Match]:
    """A figure and a marked text that are alone left over on a page belong together, however far apart."""
    free = [m for m in found if m.block is None]
    marked = [b for b in unused if b.mark and b.mark.style in LONELY_STYLES]
    if len(free) != 1 or len(marked) != 1 or not marked[0].mark:
        return found
    gutter = _find_gutter(layout)
    if gutter and (centre(free[0].box)[0] < gutter) != (centre(marked[0].box)[0] < gutter):
        return found
    rule = f"caption:{marked[0].mark.style}:alone"
    own = replace(free[0], block=marked[0], score=LONELY_SCORE, rule=rule, cost=MAX_COST)
    return [own if m is free[0] else m for m in found]


def find_candidates(layout: PageLayout) -> list[Block]:
    """The texts that may be captions: museum labels, marked ones, and short ones that only their place can
    make one."""
    found = [label.whole for label in layout.labels]
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


@dataclass(frozen=True, slots=True)
class _Option:
    """A text as the caption of one picture, with what speaks for and against it."""

    block: Block
    evidence: Evidence
    cost: float


def _weigh(
    layout: PageLayout,
    pictures: Sequence[Picture],
    captions: Sequence[Block],
    body_size: float,
    habits: Habits,
) -> list[list[_Option]]:
    """For each picture each of the captions, in order."""
    weighed = []
    rules = find_row_rules(layout.page.rules)
    for picture in pictures:
        evidences = [_measure(layout, picture.box, block, body_size, rules) for block in captions]
        weighed.append([_Option(b, e, cost(e, habits)) for b, e in zip(captions, evidences, strict=True)])
    return weighed


def _assign(weighed: Sequence[Sequence[_Option]], habits: Habits) -> dict[int, int]:
    """Picture index → caption index by least total cost, that of marked captions left over included."""
    if not weighed or not weighed[0]:
        return {}
    matrix = np.array([[option.cost for option in options] for options in weighed])
    believed = matrix <= MAX_COST
    matrix = np.where(believed, matrix - [orphan_cost(o.evidence.style, habits) for o in weighed[0]], NEVER)
    # A dummy column per picture stands for «no caption»: a pair costlier than MAX_COST is not made.
    dummy = np.full((len(weighed), len(weighed)), MAX_COST)
    rows, columns = linear_sum_assignment(np.hstack([matrix, dummy]))
    found = zip(rows.tolist(), columns.tolist(), strict=True)
    return {i: j for i, j in found if j < matrix.shape[1] and believed[i, j]}


def _record(layout: PageLayout, picture: Picture, option: _Option, *, chosen: bool) -> Candidate:
    features = {f.name: getattr(option.evidence, f.name) for f in fields(option.evidence)}
    return Candidate(
        layout.page.number,
        picture.box,
        option.block.box,
        option.block.text,
        tuple((k, v if isinstance(v, str) else round(float(v), 3)) for k, v in features.items()),
        round(option.cost, 3),
        chosen,
    )


def _measure(
    layout: PageLayout, box: Box, block: Block, body_size: float, row_rules: Sequence[Box]
) -> Evidence:
    others = [p.box for p in layout.pictures if p.box != box]
    own = frozenset(block.lines)
    texts = [
        b.box
        for b, role in zip(layout.blocks, layout.roles, strict=True)
        if b is not block and b.lines[0] not in own and role not in ("label", "running_head", "folio")
    ]
    return measure(
        box,
        block,
        others=others,
        texts=texts,
        gutter=_find_gutter(layout),
        body_size=body_size,
        is_paragraph=_is_running(layout, block) or (block.mark is None and _stands_in_column(layout, block)),
        row_rules=row_rules,
        marked_page=any(b.mark and b.mark.style in MARKED_STYLES for b in layout.with_role("caption")),
    )


def _find_gutter(layout: PageLayout) -> float | None:
    """The x of the fold of a sheet that holds two pages."""
    page = layout.page
    return page.width / 2 if page.width > 1.2 * page.height else None


def _is_running(layout: PageLayout, block: Block) -> bool:
    return any(layout.blocks[i] is block for i in layout.running)


def _stands_in_column(layout: PageLayout, block: Block) -> bool:
    """Whether the block goes on above or below with text of its size."""
    for other, role in zip(layout.blocks, layout.roles, strict=True):
        if other is block or role != "body" or other.direction != block.direction:
            continue
        similar = abs(other.size - block.size) < 0.06 * block.size
        near = min(abs(other.box[1] - block.box[3]), abs(block.box[1] - other.box[3])) < 1.8 * block.size
        flush = abs(other.box[0] - block.box[0]) < 3 * block.size
        if similar and near and flush and len(other.text) > 40:
            return True
    return False


def _match(picture: Picture, options: Sequence[_Option], chosen: int) -> Match:
    own = options[chosen]
    runner_up = min((o.cost for j, o in enumerate(options) if j != chosen), default=MAX_COST * 2)
    margin = max(0.0, runner_up - own.cost)
    rule = f"caption:{own.evidence.style}:{own.evidence.side}"
    sure = score(own.cost, own.cost + margin)
    return Match((picture,), own.block, own.evidence, sure, rule, own.cost, margin)
