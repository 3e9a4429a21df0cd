"""Rubrics: words that come again at each entry of a book and head what is under them (实物, 细节, LOT)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from alignment.regions import Block
from extractors.geometry import overlap_x, overlap_y
from extractors.records import Box, Picture

MAX_EMS, MIN_PAGES, MOST = 8.0, 3, 0.8
MAX_GAP_EM, MAX_ASIDE_EM = 2.5, 8.0

Sheet = tuple[Sequence[Block], Sequence[Picture]]


def find_rubrics(pages: Sequence[Sheet]) -> list[frozenset[int]]:
    """For each page, given as its blocks and pictures, the indexes of the blocks that are rubrics."""
    places: dict[tuple[str, int], list[tuple[int, int]]] = defaultdict(list)
    for p, (blocks, _) in enumerate(pages):
        for i, block in enumerate(blocks):
            if _may_be_rubric(block):
                places["".join(block.text.split()), round(block.size)].append((p, i))
    found: list[set[int]] = [set() for _ in pages]
    for own in places.values():
        heading = sum(_heads(pages[p][0][i], pages[p]) for p, i in own)
        if len({p for p, _ in own}) >= MIN_PAGES and heading >= MOST * len(own):
            for p, i in own:
                found[p].add(i)
    return [frozenset(indexes) for indexes in found]


def _may_be_rubric(block: Block) -> bool:
    if len(block.lines) > 1 or block.mark is not None or block.direction == "vertical":
        return False
    ems = sum(0.45 if c < "\u2e80" else 1.0 for c in block.text if c.isalpha())
    return 0.5 < ems <= MAX_EMS and not any(c.isdigit() for c in block.text)


def _heads(block: Block, page: Sheet) -> bool:
    """Whether something stands right under the block, nearer than what is above it, or text goes on behind
    it: words under a picture are its caption, however often they come."""
    blocks, pictures = page
    em = block.size
    texts = [b.box for b in blocks if b is not block]
    boxes = [*texts, *(p.box for p in pictures)]
    if any(_goes_on_behind(block.box, box, em) for box in texts):
        return True
    column = [box for box in boxes if overlap_x(block.box, box) > 0]
    below = min((box[1] - block.box[3] for box in column if box[1] >= block.box[3] - 0.3 * em), default=None)
    above = min((block.box[1] - box[3] for box in column if box[3] <= block.box[1] + 0.3 * em), default=None)
    return below is not None and below <= MAX_GAP_EM * em and (above is None or below < above)


def _goes_on_behind(box: Box, other: Box, em: float) -> bool:
    is_level = overlap_y(box, other) > 0.5 * em and abs(other[1] - box[1]) <= em
    return is_level and 0 < other[0] - box[2] <= MAX_ASIDE_EM * em
