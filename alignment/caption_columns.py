"""A caption set in two or three columns under a wide figure: the columns behind the first go on with it."""

from __future__ import annotations

from collections.abc import Sequence

from alignment.records import Role
from alignment.regions import Block, make_block
from extractors.geometry import overlap_x, width
from extractors.records import Picture

_ENDS = "。！？!?”」』"
# Columns of one text stand a blank or two apart and begin on one line.
MAX_GUTTER_EM, MAX_STEP_EM = 4.0, 0.6
SMALL_TYPE = 0.95
SAME_SIZE = {"layer": 1.03, "ocr": 1.2}
MAX_GAP_EM = 5.0


def join_caption_columns(
    blocks: Sequence[Block], roles: Sequence[Role], pictures: Sequence[Picture], body_size: float
) -> tuple[list[Block], list[Role]]:
    """Blocks and roles with a caption's columns made one block, in the place of the first."""
    joined, kept = list(blocks), list(roles)
    index = 0
    while index < len(joined):
        follower = _find_next_column(joined, kept, index, pictures, body_size)
        if follower is None:
            index += 1
            continue
        first, second = joined[index], joined[follower]
        joined[index] = make_block(first.page, [*first.lines, *second.lines])
        del joined[follower], kept[follower]
        index -= follower < index
    return joined, kept


def _find_next_column(
    blocks: Sequence[Block],
    roles: Sequence[Role],
    index: int,
    pictures: Sequence[Picture],
    body_size: float,
) -> int | None:
    caption = blocks[index]
    if roles[index] != "caption" or caption.direction != "horizontal" or not _is_full(caption):
        return None
    # A column may end with its sentence; then only type that is not the body's says that it goes on.
    if caption.text.rstrip()[-1:] in _ENDS and caption.size > SMALL_TYPE * body_size:
        return None
    for k, block in enumerate(blocks):
        is_text = roles[k] in ("body", "collection", "heading") and block.mark is None
        if is_text and _stands_beside(caption, block) and _under_one_figure(caption, block, pictures):
            return k
    return None


def _is_full(caption: Block) -> bool:
    """Whether the last of several lines is full."""
    right = max(line.box[2] for line in caption.lines)
    return len(caption.lines) >= 2 and caption.lines[-1].box[2] >= right - 1.5 * caption.size


def _stands_beside(caption: Block, block: Block) -> bool:
    """On one height with the caption's last column, to its right, in its type."""
    last_column = [
        line for line in caption.lines if overlap_x(line.box, caption.lines[-1].box) > 0.3 * width(line.box)
    ]
    top, right = min(line.box[1] for line in last_column), max(line.box[2] for line in last_column)
    ratio = SAME_SIZE[block.lines[0].source]
    return (
        caption.size / ratio <= block.size <= caption.size * ratio
        and abs(block.box[1] - top) <= MAX_STEP_EM * caption.size
        and 0 < block.box[0] - right <= MAX_GUTTER_EM * caption.size
    )


def _under_one_figure(caption: Block, block: Block, pictures: Sequence[Picture]) -> bool:
    slack = 1.5 * caption.size
    for picture in pictures:
        x0, y0, x1, y1 = picture.box
        spans = x0 - slack <= caption.box[0] and block.box[2] <= x1 + slack
        near = min(abs(caption.box[1] - y1), abs(y0 - caption.box[3])) <= MAX_GAP_EM * caption.size
        if spans and near:
            return True
    return False
