"""Plates whose caption stands on the facing page: figures and captions left over, matched across pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.optimize import linear_sum_assignment

from alignment.assignment import find_candidates
from alignment.layout import PageLayout
from alignment.matches import Match
from alignment.regions import Block

# Facing pages follow each other in the file; what lies further apart is not seen together.
FACING_STYLES = ("plate", "figure", "quoted", "heading", "outline")
STRANGE_SIDE_COST = 2.0
NO_PAIR_COST = 6.0


def match_facing(layouts: Sequence[PageLayout], matches: list[list[Match]]) -> list[list[Match]]:
    """Gives figures without a caption the unused caption of the page before or after them.

    On which side captions stand (plate left, text right or the other way round) is counted over the book
    from the unambiguous pages and decides where both neighbours have a caption to spare.
    """
    figures = [
        (p, k)
        for p, page in enumerate(matches)
        for k, m in enumerate(page)
        if m.block is None and _is_plate(layouts[p], m)
    ]
    captions = [(p, b) for p, layout in enumerate(layouts) for b in _unused(layout, matches[p])]
    if not figures or not captions:
        return matches
    side = _usual_offset(figures, captions)
    matrix = np.full((len(figures), len(captions)), 1e6)
    for i, (p, k) in enumerate(figures):
        rank = [f for f in figures if f[0] == p].index((p, k))
        for j, (q, block) in enumerate(captions):
            if abs(q - p) == 1:
                place = [c for c in captions if c[0] == q].index((q, block))
                matrix[i, j] = 0.5 * abs(rank - place) + (STRANGE_SIDE_COST if q - p != side else 0.0)
    dummy = np.full((len(figures), len(figures)), NO_PAIR_COST)
    rows, columns = linear_sum_assignment(np.hstack([matrix, dummy]))
    found = [list(page) for page in matches]
    for i, j in zip(rows.tolist(), columns.tolist(), strict=True):
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


def _is_plate(layout: PageLayout, match: Match) -> bool:
    """A figure that may be described elsewhere: large, or alone on its page."""
    box = match.box
    share = (box[2] - box[0]) * (box[3] - box[1]) / (layout.page.width * layout.page.height)
    return share > 0.2 or len(layout.pictures) == 1


def _unused(layout: PageLayout, matches: Sequence[Match]) -> list[Block]:
    used = {id(m.block) for m in matches if m.block}
    found = []
    for b in find_candidates(layout):
        style = b.mark.style if b.mark else "bare"
        lonely = not any(m.block is None for m in matches)
        if id(b) not in used and style in FACING_STYLES and lonely:
            found.append(b)
    # A page with a long list of captions is a list of plates, or notes, not a facing page.
    return found if len(found) <= 4 else []


def _usual_offset(figures: Sequence[tuple[int, int]], captions: Sequence[tuple[int, Block]]) -> int:
    """+1 where the text mostly stands on the page after the plate, −1 where on the page before."""
    with_caption = {q for q, _ in captions}
    votes: Counter[int] = Counter()
    for p in {p for p, _ in figures}:
        near = [d for d in (1, -1) if p + d in with_caption]
        if len(near) == 1:
            votes[near[0]] += 1
    return 1 if votes[1] >= votes[-1] else -1
