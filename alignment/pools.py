"""Lists of captions that stand together beside a group of pictures: 1. … 2. … 3. …, ① … ② …, 图12 … 图13 …"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from alignment.evidence import find_place
from alignment.matches import Match
from alignment.parts import begins_with_part, split_parts
from alignment.reading_order import order_pictures
from alignment.regions import Block
from extractors.geometry import overlap_x, overlap_y, union
from extractors.records import Box, Picture

# A list stands beside its group of pictures: from the far ones it is a picture's width away.
MAX_POOL_REACH = 200.0
# Pictures of one group stand closer to each other than to anything else.
MAX_GROUP_GAP = 27.0
SAME_TYPE = {"layer": 1.12, "ocr": 1.4}
SURE, UNSURE = 0.75, 0.45
LISTED = ("list", "heading")
_LAST_NUMBER = re.compile(r"[-–—－.．·](?P<number>[0-9]+)$")


@dataclass(frozen=True, slots=True)
class KeyedPool:
    """A list with the indexes of the pictures beside which it stands, as many as it has items."""

    blocks: list[Block]
    members: list[int]


def find_pools(captions: Sequence[Block]) -> list[list[Block]]:
    """Lists of numbered captions that stand together beside a group of pictures, in printed order."""
    pools: list[list[Block]] = []
    for styles in (LISTED, ("figure",)):
        items = [b for b in captions if b.mark and b.mark.style in styles and _find_serial(b) is not None]
        # A caption that says its place need not be counted.
        for block in (b for b in items if not find_place(b)):
            if pools and _goes_on(pools[-1], block):
                pools[-1].append(block)
            else:
                pools.append([block])
    return [p for p in pools if len(p) > 1]


def is_list(pool: Sequence[Block]) -> bool:
    """Whether a pool is a list by its marks (1. … 2. …), and not captions that stand one under the other."""
    return pool[0].mark is not None and pool[0].mark.style in LISTED


def _find_serial(block: Block) -> int | None:
    """The number by which a caption is counted: 12 of 图12, 3 of 图2-3."""
    if block.mark is None or block.mark.number is not None:
        return block.mark.number if block.mark else None
    found = _LAST_NUMBER.search(block.mark.label)
    return int(found["number"]) if found else None


def _goes_on(pool: Sequence[Block], block: Block) -> bool:
    """Whether a caption has the next number and stands under the last one, or heads the next column."""
    last = pool[-1]
    in_order = is_list(pool) == is_list([block]) and (_find_serial(last) or 0) + 1 == _find_serial(block)
    below = block.box[1] - last.box[3] < 1.6 * block.size and overlap_x(last.box, block.box) > 0
    is_column = len(pool) > 1 and overlap_x(pool[0].box, last.box) > 0
    aside = is_column and block.box[0] >= last.box[2] and abs(block.box[1] - pool[0].box[1]) < block.size
    return in_order and (below or aside)


def find_keyed_pools(
    pools: Sequence[list[Block]],
    pictures: Sequence[Picture],
    taken: Collection[int],
    captions: Sequence[Block],
) -> list[KeyedPool]:
    """The lists that stand beside as many pictures as they have items; `taken` are the indexes of pictures
    that have a caption already.

    A picture belongs to the nearest list, if that is near and no numbered caption of its own is nearer, and
    so do the pictures that stand close to it as panels of one group.
    """
    boxes = {i: p.box for i, p in enumerate(pictures) if i not in taken}
    pools = [pool for pool in pools if _is_set_as_caption(pool, captions)]
    if not pools or not boxes:
        return []
    around = [union(b.box for b in pool) for pool in pools]
    pooled = {id(b) for pool in pools for b in pool}
    single = [b for b in captions if id(b) not in pooled]
    if len(pools) == 1 and len(pools[0]) == len(boxes):
        # As many as all pictures: then a figure's number is of the whole, if few have one.
        single = [] if sum(_is_figure(b) for b in single) * 2 < len(boxes) else single
    rivals = _find_rivals(boxes, single)
    nearest: dict[int, int] = {}
    for i, box in boxes.items():
        distance, k = min((_distance(box, own), k) for k, own in enumerate(around))
        if distance < min(rivals.get(i, MAX_POOL_REACH), MAX_POOL_REACH):
            nearest[i] = k
    waiting = boxes.keys() - nearest.keys() - rivals.keys()
    while found := sorted((_distance(boxes[a], boxes[b]), a, b) for a in waiting for b in nearest):
        distance, i, neighbour = found[0]
        if distance > MAX_GROUP_GAP:
            break
        nearest[i] = nearest[neighbour]
        waiting.remove(i)
    keyed = [KeyedPool(pool, [i for i in nearest if nearest[i] == k]) for k, pool in enumerate(pools)]
    return [
        k
        for k in keyed
        if len(k.members) == len(k.blocks) and (not is_list(k.blocks) or _find_serial(k.blocks[0]) == 1)
    ]


def _is_set_as_caption(pool: Sequence[Block], captions: Sequence[Block]) -> bool:
    """Whether a list is in the type of the page's numbered captions, where there are any: a list in larger
    type is the text's."""
    sizes = [b.size for b in captions if b.mark and b.mark.style == "figure"]
    limit = SAME_TYPE[pool[0].lines[0].source]
    return not sizes or pool[0].size <= limit * median(sizes)


def _is_figure(block: Block) -> bool:
    return block.mark is not None and block.mark.style == "figure"


def _find_rivals(boxes: Mapping[int, Box], captions: Sequence[Block]) -> dict[int, float]:
    """For pictures at which a numbered caption stands the distance to it."""
    rivals: dict[int, float] = {}
    for block in captions:
        if _is_figure(block):
            distance, i = min((_distance(box, block.box), i) for i, box in boxes.items())
            rivals[i] = min(distance, rivals.get(i, distance))
    return rivals


def match_keyed_pools(pools: Sequence[KeyedPool], pictures: Sequence[Picture]) -> dict[int, Match]:
    """Picture index → match: the items go to the list's own pictures, both in their order."""
    matches: dict[int, Match] = {}
    for pool in pools:
        chosen = order_pictures([(pictures[i].box, i) for i in pool.members])
        for block, i in zip(pool.blocks, chosen, strict=True):
            matches[i] = Match((pictures[i],), block, None, SURE, "caption:list:order")
    return matches


def match_run_in(captions: Sequence[Block], pictures: Sequence[Picture]) -> dict[int, Match]:
    """Picture index → match: a list set as one text that names as many parts as the page has pictures, and is
    the only one that does, is that of all of them."""
    lists = [b for b in captions if begins_with_part(b.text) and b.mark and b.mark.style == "list"]
    if len(lists) != 1 or len(split_parts(lists[0].text)) != len(pictures):
        return {}
    match = Match(tuple(pictures), lists[0], None, SURE, "caption:list:order")
    return dict.fromkeys(range(len(pictures)), match)


def match_pools(
    pools: Sequence[Sequence[Block]], pictures: Sequence[Picture], taken: Collection[int]
) -> dict[int, Match]:
    """Picture index → match: a list's items go to the nearest pictures left over, both in their order.

    `taken` are the indexes of pictures that have a caption already.
    """
    matches: dict[int, Match] = {}
    for pool in pools:
        free = [i for i in range(len(pictures)) if i not in matches and i not in taken]
        around = union(b.box for b in pool)
        free.sort(key=lambda i: _distance(pictures[i].box, around))
        chosen = order_pictures([(pictures[i].box, i) for i in free[: len(pool)]])
        complete = len(free) == len(pool)
        for block, i in zip(pool, chosen, strict=False):
            rule = "caption:list:order" if complete else "caption:list:part"
            matches[i] = Match((pictures[i],), block, None, SURE if complete else UNSURE, rule)
    return matches


def _distance(a: Box, b: Box) -> float:
    return max(0.0, -overlap_x(a, b)) + max(0.0, -overlap_y(a, b))
