"""Plates whose caption stands on the facing page: figures and captions left over, matched across leaves.

A leaf is a page, or one half of a sheet that holds two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import accumulate

import numpy as np

from alignment.assignment import find_candidates
from alignment.entry_headings import find_leading_titles
from alignment.layout import MAX_BARE_CHARACTERS, PageLayout
from alignment.least_cost import assign
from alignment.matches import Match
from alignment.places import find_page_number, find_page_offset
from alignment.regions import Block
from extractors.geometry import centre
from extractors.records import Box

# Facing pages follow each other in the file; what lies further apart is not seen together.
FACING_STYLES = ("plate", "figure", "quoted", "heading", "outline", "label", "page")
STRANGE_SIDE_COST = 2.0
NO_PAIR_COST, NEVER = 6.0, 1e6
# A heading without a number heads a chapter as well; plates are titled in that way throughout or not at all.
MIN_TITLED, MIN_TITLED_TEXT = 2, 20


def match_facing(layouts: Sequence[PageLayout], matches: list[list[Match]]) -> list[list[Match]]:
    """Gives figures without a caption the unused caption of the page before or after them.

    On which side captions stand (plate left, text right or the other way round) is counted over the book
    from the unambiguous pages and decides where both neighbours have a caption to spare.
    """
    leaves = _count_leaves(layouts)
    figures = [
        (p, k)
        for p, page in enumerate(matches)
        for k, m in enumerate(page)
        if m.block is None and _is_plate(layouts[p], m)
    ]
    captions = [(p, b) for p, layout in enumerate(layouts) for b in _unused(layout, matches[p])]
    shown = [leaves[p] + _find_half(layouts[p], matches[p][k].box) for p, k in figures]
    told = [leaves[p] + _find_half(layouts[p], block.box) for p, block in captions]
    plates = {
        leaf for (p, k), leaf in zip(figures, shown, strict=True) if _stands_alone(layouts[p], matches[p][k])
    }
    for p, block in _find_titled(layouts, leaves, plates, set(told)):
        captions.append((p, block))
        told.append(leaves[p] + _find_half(layouts[p], block.box))
    if not figures or not captions:
        return matches
    side = _usual_offset(shown, told)
    matrix = np.full((len(figures), len(captions)), NEVER)
    for i, p in enumerate(shown):
        rank = shown[:i].count(p)
        for j, q in enumerate(told):
            block = captions[j][1]
            if block.mark and block.mark.style == "page":
                matrix[i, j] = _weigh_page_word(block.mark.label, p - q)
            elif abs(q - p) == 1:
                strange = STRANGE_SIDE_COST if q - p != side else 0.0
                heads = STRANGE_SIDE_COST * _is_section(block)
                matrix[i, j] = 0.5 * abs(rank - told[:j].count(q)) + strange + heads
    dummy = np.full((len(figures), len(figures)), NO_PAIR_COST)
    found = [list(page) for page in matches]
    for i, j in assign(np.hstack([matrix, dummy])):
        if j < len(captions) and matrix[i, j] < NO_PAIR_COST:
            p, k = figures[i]
            sure = 0.9 if matrix[i, j] < 0.5 else 0.6
            found[p][k] = replace(
                found[p][k],
                block=captions[j][1],
                evidence=None,
                score=sure,
                rule="caption:facing-page",
                cost=float(matrix[i, j]),
            )
    return found


def _weigh_page_word(word: str, offset: int) -> float:
    """The cost of a caption that names the page of its picture, which stands `offset` leaves behind it; of
    two that say 左页 and 右页 one is of their own page."""
    said = find_page_offset(word)
    if offset == said or (not said and abs(offset) == 1):
        return 0.0
    return STRANGE_SIDE_COST if word[0] in "左右" and offset == 0 else NEVER


def _is_plate(layout: PageLayout, match: Match) -> bool:
    """A figure that may be described elsewhere: large, or alone on its leaf."""
    box = match.box
    share = (box[2] - box[0]) * (box[3] - box[1]) / (layout.page.width * layout.page.height)
    half = _find_half(layout, box)
    return share > 0.2 or sum(_find_half(layout, p.box) == half for p in layout.pictures) == 1


def _stands_alone(layout: PageLayout, match: Match) -> bool:
    """Whether a figure's leaf has no running text: a plate that faces its text is set on a leaf of its own,
    and what stands amid an article is not described by the next one."""
    half = _find_half(layout, match.box)
    said = sum(len(b.text) for b in layout.with_role("body") if _find_half(layout, b.box) == half)
    return said <= MAX_BARE_CHARACTERS


def _count_leaves(layouts: Sequence[PageLayout]) -> list[int]:
    """For each page the number of leaves before it."""
    return [0, *accumulate(map(_count_halves, layouts))][:-1]


def _count_halves(layout: PageLayout) -> int:
    return 2 if layout.fold else 1


def _find_half(layout: PageLayout, box: Box) -> int:
    """1 for what stands on the right half of a sheet of two pages, else 0."""
    fold = layout.fold
    return int(fold is not None and centre(box)[0] > fold)


def _find_titled(
    layouts: Sequence[PageLayout], leaves: Sequence[int], shown: Collection[int], told: Collection[int]
) -> list[tuple[int, Block]]:
    """(page index, heading) of leaves of text alone that face a plate and begin with a title in large type.

    `shown` are the leaves of plates, `told` those that have a caption to spare.
    """
    found = []
    for p, layout in enumerate(layouts):
        for half in range(_count_halves(layout)):
            leaf = leaves[p] + half
            title = _find_leaf_title(layout, half)
            if title and leaf not in told and {leaf - 1, leaf + 1} & set(shown):
                found.append((p, title))
    return found if len(found) >= MIN_TITLED else []


def _find_leaf_title(layout: PageLayout, half: int) -> Block | None:
    """The heading at the head of a leaf without pictures, if it is the only one and running text follows."""
    if any(_find_half(layout, p.box) == half for p in layout.pictures):
        return None
    texts = [
        (b, r)
        for b, r in zip(layout.blocks, layout.roles, strict=True)
        if r not in ("running_head", "folio") and _find_half(layout, b.box) == half
    ]
    heads = find_leading_titles(texts)
    said = sum(len(b.text) for b, r in texts if r == "body")
    return heads[0] if len(heads) == 1 and said >= MIN_TITLED_TEXT else None


def _is_section(block: Block) -> bool:
    """Whether a block may head a section as well as name a plate."""
    return block.mark is None or block.mark.style in ("heading", "outline")


def _unused(layout: PageLayout, matches: Sequence[Match]) -> list[Block]:
    used = {id(m.block) for m in matches if m.block}
    found = []
    for b in find_candidates(layout):
        style = b.mark.style if b.mark else "bare"
        half = _find_half(layout, b.box)
        lonely = not any(m.block is None and _find_half(layout, m.box) == half for m in matches)
        is_numbered = b.mark is not None and find_page_number(b.mark.label) is not None
        if id(b) not in used and style in FACING_STYLES and (lonely or style == "page") and not is_numbered:
            found.append(b)
    # A page with a long list of captions is a list of plates, or notes, not a facing page.
    return found if len(found) <= 4 else []


def _usual_offset(shown: Sequence[int], told: Sequence[int]) -> int:
    """+1 where the text mostly stands on the leaf after the plate, −1 where on the leaf before."""
    with_caption = set(told)
    votes: Counter[int] = Counter()
    for p in set(shown):
        near = [d for d in (1, -1) if p + d in with_caption]
        if len(near) == 1:
            votes[near[0]] += 1
    return 1 if votes[1] >= votes[-1] else -1
