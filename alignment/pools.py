"""Lists of captions that stand together beside a group of pictures: 1. … 2. … 3. … or ① … ② …"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import inf

from alignment.matches import Match
from alignment.reading_order import order_pictures
from alignment.regions import Block
from extractors.geometry import gap, overlap_x, overlap_y, union
from extractors.records import Box, Picture

# A list stands beside its group of pictures: from the far ones it is a picture's width away.
MAX_POOL_REACH = 200.0
# The gutter within a group of pictures, in points.
MAX_GUTTER = 20.0


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


def find_keyed_pools(
    pools: Sequence[list[Block]], pictures: Sequence[Picture], captions: Sequence[Block]
) -> list[list[Block]]:
    """The lists that stand beside as many pictures as they have items.

    A picture belongs to the nearest list, if that is near and no numbered caption is nearer. A group of
    pictures is as near as the nearest of them.
    """
    if not pools:
        return []
    around = [union(b.box for b in pool) for pool in pools]
    numbered = [b.box for b in captions if b.mark and b.mark.style == "figure"]
    counts = [0] * len(pools)
    groups = _group([p.box for p in pictures])
    for picture, group in zip(pictures, groups, strict=True):
        distance, nearest = min((_distance(picture.box, box), k) for k, box in enumerate(around))
        rival = min((_distance(picture.box, box) for box in numbered), default=inf)
        reach = min(_distance(box, around[nearest]) for box in group)
        counts[nearest] += distance < rival and reach < MAX_POOL_REACH
    return [
        pool
        for pool, count in zip(pools, counts, strict=True)
        if count == len(pool) and pool[0].mark and pool[0].mark.number == 1
    ]


def _group(boxes: Sequence[Box]) -> list[list[Box]]:
    """For each box those that stand with it in one group, a gutter apart."""
    groups: list[list[Box]] = []
    for box in boxes:
        near = [g for g in groups if any(gap(box, other) < MAX_GUTTER for other in g)]
        groups = [g for g in groups if all(g is not n for n in near)]
        groups.append([box, *(other for g in near for other in g)])
    return [next(g for g in groups if box in g) for box in boxes]


def match_pools(
    pools: Sequence[Sequence[Block]], pictures: Sequence[Picture], taken: Collection[int], *, keyed: bool
) -> dict[int, Match]:
    """Picture index → match: a list's items go to the nearest pictures left over, both in their order.

    `taken` are the indexes of pictures that have a caption already; `keyed` lists are those that stand
    beside as many pictures as they have items.
    """
    matches: dict[int, Match] = {}
    for pool in pools:
        free = [i for i in range(len(pictures)) if i not in matches and i not in taken]
        around = union(b.box for b in pool)
        free.sort(key=lambda i: _distance(pictures[i].box, around))
        chosen = order_pictures([(pictures[i].box, i) for i in free[: len(pool)]])
        complete = keyed or len(free) == len(pool)
        for block, i in zip(pool, chosen, strict=False):
            rule = "caption:list:order" if complete else "caption:list:part"
            matches[i] = Match((pictures[i],), block, None, 0.75 if complete else 0.45, rule)
    return matches


def _distance(a: Box, b: Box) -> float:
    return max(0.0, -overlap_x(a, b)) + max(0.0, -overlap_y(a, b))
