"""Texts that are set as one stack: one right under the other, flush or centred, with nothing between."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from alignment.layout import PageLayout
from alignment.regions import Block
from extractors.geometry import overlap_x, width
from extractors.records import Box

# Within a stack parts are at most so far from each other, in em of the larger type.
MAX_GAP_EM, FLUSH_EM = 1.7, 1.6
PARAGRAPHS = ("body", "collection", "note")


def list_free(layout: PageLayout, used: Collection[int]) -> Iterator[tuple[Block, str, bool]]:
    """(text, role, whether it is running text) of a page's texts that no figure has."""
    for k, (block, role) in enumerate(zip(layout.blocks, layout.roles, strict=True)):
        if role not in ("running_head", "folio", "label", "rubric", "reference") and not any(
            id(line) in used for line in block.lines
        ):
            yield block, role, k in layout.running


def goes_on(above: Block, below: Block, layout: PageLayout) -> bool:
    """Whether `below` stands right under `above`, flush with it or centred on it, and nothing between."""
    if "vertical" in (above.direction, below.direction):
        return False
    em = max(above.size, below.size)
    if not -0.5 * em <= below.box[1] - above.box[3] <= MAX_GAP_EM * em:
        return False
    if overlap_x(above.box, below.box) < 0.5 * min(width(above.box), width(below.box)):
        return False
    indent = below.lines[0].box[0] - above.box[0]
    middle = (below.box[0] + below.box[2] - above.box[0] - above.box[2]) / 2
    # A paragraph's first line is set in by two characters.
    is_flush = min(abs(indent), abs(indent - 2 * below.size), abs(middle)) <= FLUSH_EM * em
    between = (max(above.box[0], below.box[0]), above.box[3], min(above.box[2], below.box[2]), below.box[1])
    return is_flush and not any(_crosses(rule, between) for rule in layout.page.rules)


def _crosses(rule: Box, between: Box) -> bool:
    """Whether a rule parts what stands above it from what stands below; an underline does not."""
    is_level = rule[3] - rule[1] < 3 and between[1] + 2 < rule[1] < between[3]
    return is_level and overlap_x(rule, between) > 0.5 * max(1.0, between[2] - between[0])
