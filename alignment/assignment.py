"""Figures and captions of one page, as one assignment; pictures under one caption become one figure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import linear_sum_assignment

from alignment.badges import match_badges
from alignment.evidence import MAX_COST, Evidence, Habits, cost, measure, score
from alignment.layout import MAX_BARE_CHARACTERS, PageLayout
from alignment.marks import cites_figure, is_section
from alignment.matches import Match
from alignment.panels import unite_panels
from alignment.reading_order import order_pictures
from alignment.regions import Block
from extractors.geometry import overlap_x, overlap_y, union
from extractors.records import Box, Picture

SURE_COST = 1.6
BADGE_SCORE = 0.97
MIN_NUMBERED = 3
# A list stands beside its group of pictures: from the far ones it is a picture's width away.
MAX_POOL_REACH = 200.0


def match_pages(layouts: Sequence[PageLayout], body_size: float) -> tuple[list[list[Match]], Habits]:
    """The matches of each page, pages matched twice: the sure pairs of the first round teach the second."""
    numbered = _numbers_captions(layouts)
    first = [match_page(layout, body_size, Habits({}, numbered)) for layout in layouts]
    habits = Habits({}, numbered)
    for match in (m for page in first for m in page):
        if match.evidence and match.score > 0.9 and len(match.pictures) == 1:
            habits.learn(match.evidence.style, match.evidence.side)
    return [match_page(layout, body_size, habits) for layout in layouts], habits


def _numbers_captions(layouts: Sequence[PageLayout]) -> bool:
    """Whether pages with pictures have captions with a figure's number as a rule."""
    illustrated = [layout for layout in layouts if layout.pictures]
    numbers = {
        (b.mark.label, layout.page.number)
        for layout in illustrated
        for b in layout.with_role("caption")
        if b.mark and b.mark.style == "figure"
    }
    return len(numbers) >= MIN_NUMBERED and len({n for _, n in numbers}) >= 0.4 * len(illustrated)


def match_page(layout: PageLayout, body_size: float, habits: Habits) -> list[Match]:
    """All pictures of a page as figures, in the reader's order, each with its caption or none."""
    pictures = list(layout.pictures)
    captions = find_candidates(layout)
    keyed = match_badges(layout.page, pictures, captions)
    taken = {id(b) for b in keyed.values()}
    pools = find_pools(captions)
    if habits.numbers_captions:
        # A book that numbers its captions 图1, 图2 … has other lists than lists of captions.
        pools = _find_keyed_pools(pools, pictures, captions)
    pools = [left for pool in pools if (left := [b for b in pool if id(b) not in taken])]
    captions = [b for b in captions if id(b) not in taken]
    pooled = {id(b) for pool in pools for b in pool}
    singles = [b for b in captions if id(b) not in pooled]
    free = [i for i in range(len(pictures)) if i not in keyed]
    chosen, costs = _assign(layout, [pictures[i] for i in free], singles, body_size, habits)
    matches = {
        free[i]: _match(layout, pictures[free[i]], singles[j], costs[i], j, body_size)
        for i, j in chosen.items()
    }
    for i, block in keyed.items():
        matches[i] = Match((pictures[i],), block, None, BADGE_SCORE, "caption:list:badge")
    _match_pools(pools, pictures, matches)
    united = unite_panels(layout, pictures, matches)
    rest = [
        Match((pictures[i],), None, None, 0.0, "none:no caption near")
        for i in range(len(pictures))
        if i not in united
    ]
    found = [*{id(m): m for m in united.values()}.values(), *rest]
    return sorted(found, key=lambda m: (m.box[1], m.box[0]))


def find_candidates(layout: PageLayout) -> list[Block]:
    """The blocks that may be captions: marked ones, and short ones that only their place can make one."""
    found = []
    for block, role in zip(layout.blocks, layout.roles, strict=True):
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


def find_pools(captions: Sequence[Block]) -> list[list[Block]]:
    """Lists of numbered captions that stand together beside a group of pictures, in printed order."""
    items = [
        b for b in captions if b.mark and b.mark.style in ("list", "heading") and b.mark.number is not None
    ]
    pools: list[list[Block]] = []
    for block in items:
        last = pools[-1][-1] if pools else None
        if last and _goes_on(last, block):
            pools[-1].append(block)
        else:
            pools.append([block])
    return [p for p in pools if len(p) > 1]


def _goes_on(last: Block, block: Block) -> bool:
    assert last.mark and block.mark
    in_order = (last.mark.number or 0) + 1 == block.mark.number
    near = block.box[1] - last.box[3] < 1.6 * block.size and overlap_x(last.box, block.box) > 0
    return in_order and near


def _assign(
    layout: PageLayout,
    pictures: Sequence[Picture],
    captions: Sequence[Block],
    body_size: float,
    habits: Habits,
) -> tuple[dict[int, int], dict[int, list[float]]]:
    """Picture index → caption index by least total cost, and each picture's costs of all captions."""
    if not pictures or not captions:
        return {}, {i: [] for i in range(len(pictures))}
    matrix = np.full((len(pictures), len(captions)), np.inf)
    for i, picture in enumerate(pictures):
        for j, block in enumerate(captions):
            matrix[i, j] = cost(_measure(layout, picture.box, block, body_size), habits)
    # A dummy column per picture stands for «no caption»: a pair costlier than MAX_COST is not made.
    dummy = np.full((len(pictures), len(pictures)), MAX_COST)
    rows, columns = linear_sum_assignment(np.hstack([np.minimum(matrix, 1e6), dummy]))
    chosen = {int(i): int(j) for i, j in zip(rows, columns, strict=True) if j < len(captions)}
    return chosen, {i: [float(c) for c in matrix[i]] for i in range(len(pictures))}


def _measure(layout: PageLayout, box: Box, block: Block, body_size: float) -> Evidence:
    page = layout.page
    others = [p.box for p in layout.pictures if p.box != box]
    texts = [
        b.box
        for b, role in zip(layout.blocks, layout.roles, strict=True)
        if b is not block and role not in ("label", "running_head", "folio")
    ]
    gutter = page.width / 2 if page.width > 1.2 * page.height else None
    return measure(
        box,
        block,
        others=others,
        texts=texts,
        gutter=gutter,
        body_size=body_size,
        is_paragraph=block.mark is None and _stands_in_column(layout, block),
    )


def _stands_in_column(layout: PageLayout, block: Block) -> bool:
    """Whether the block goes on above or below with text of its own size and measure."""
    for other, role in zip(layout.blocks, layout.roles, strict=True):
        if other is block or role != "body" or other.direction != block.direction:
            continue
        similar = abs(other.size - block.size) < 0.06 * block.size
        near = min(abs(other.box[1] - block.box[3]), abs(block.box[1] - other.box[3])) < 1.8 * block.size
        flush = abs(other.box[0] - block.box[0]) < 3 * block.size
        if similar and near and flush and len(other.text) > 40:
            return True
    return False


def _match(
    layout: PageLayout, picture: Picture, block: Block, costs: Sequence[float], chosen: int, body_size: float
) -> Match:
    evidence = _measure(layout, picture.box, block, body_size)
    runner_up = min((c for j, c in enumerate(costs) if j != chosen), default=MAX_COST * 2)
    rule = f"caption:{evidence.style}:{evidence.side}"
    best = costs[chosen]
    margin = max(0.0, runner_up - best)
    return Match((picture,), block, evidence, score(best, best + margin), rule, best, margin)


def _find_keyed_pools(
    pools: Sequence[list[Block]], pictures: Sequence[Picture], captions: Sequence[Block]
) -> list[list[Block]]:
    """The lists that stand beside as many pictures as they have items.

    A picture belongs to the nearest list, if that is near and no numbered caption is nearer.
    """
    if not pools:
        return []
    around = [union(b.box for b in pool) for pool in pools]
    numbered = [b.box for b in captions if b.mark and b.mark.style == "figure"]
    counts = [0] * len(pools)
    for picture in pictures:
        distance, nearest = min((_distance(picture.box, box), k) for k, box in enumerate(around))
        rival = min((_distance(picture.box, box) for box in numbered), default=MAX_POOL_REACH)
        counts[nearest] += distance < min(rival, MAX_POOL_REACH)
    return [
        pool
        for pool, count in zip(pools, counts, strict=True)
        if count == len(pool) and pool[0].mark and pool[0].mark.number == 1
    ]


def _match_pools(
    pools: Sequence[Sequence[Block]], pictures: Sequence[Picture], matches: dict[int, Match]
) -> None:
    """A pooled list's items go to the pictures left over, both in their order, where their numbers agree."""
    for pool in pools:
        free = [i for i in range(len(pictures)) if i not in matches]
        around = union(b.box for b in pool)
        free.sort(key=lambda i: _distance(pictures[i].box, around))
        chosen = order_pictures([(pictures[i].box, i) for i in free[: len(pool)]])
        complete = len(free) == len(pool)
        for block, i in zip(pool, chosen, strict=False):
            rule = "caption:list:order" if complete else "caption:list:part"
            matches[i] = Match((pictures[i],), block, None, 0.75 if complete else 0.45, rule)


def _distance(a: Box, b: Box) -> float:
    return max(0.0, -overlap_x(a, b)) + max(0.0, -overlap_y(a, b))
