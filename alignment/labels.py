"""Labels as museums set them: a title, and under it dynasty, measures, find and keeper, perhaps a paragraph.

Such a stack is one text of one figure though its lines differ in type. It is known by the lines of data
under its title, which nothing but a label has; a heading over running text has none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace

from alignment.data_lines import is_data, is_painters
from alignment.label_parts import DATA_WITHIN, FULL_SHARE, Label, make_label
from alignment.marks import is_section
from alignment.reading_order import turn_box
from alignment.records import Role
from alignment.regions import Block, turn_block
from extractors.geometry import centre, height, overlap_share, overlap_x, overlap_y, union, width
from extractors.records import Picture

MAX_TITLE = 40
# Lines of a label stand closer than the label and what follows it.
MAX_GAP_EM, MAX_BESIDE_GAP_EM, FLUSH_EM = 2.4, 4.0, 0.8
MIN_LABELS, MOST, MOST_UNDER, MIN_PARAGRAPH = 3, 0.8, 0.7, 24
# OCR measures sizes from the ink of a line.
SAME_SIZE = {"layer": 1.08, "ocr": 1.15}
_HEADS: tuple[Role, ...] = ("heading", "body", "caption")
_FOLLOWERS: tuple[Role, ...] = ("body", "collection")
_HEAD_MARKS = ("quoted", "list", "heading", "figure", "plate", "outline", "page", "bare")
_COUNTED = ("figure", "plate", "list", "heading")


_Sheet = tuple[Sequence[Block], Sequence[Role], Sequence[Picture], Collection[int]]


def find_labels(pages: Sequence[_Sheet]) -> list[tuple[Label, ...]]:
    """The labels of each page, given as blocks, their roles, pictures, and the indexes of running text.

    Text in the book's measure or in larger type that stands under a label's data is the label's if nearly all
    labels have some, or if little else in the book is set in that type: then it consists of them.
    """
    stacks = [_find_page_stacks(*page) for page in pages]
    ended = [
        [_end_before_text(page[0], stack, page[3]) for stack in found]
        for found, page in zip(stacks, pages, strict=True)
    ]
    own_types = _find_own_types(pages, stacks, ended)
    return [
        tuple(
            make_label(
                [page[0][i] for i in (whole if _find_tail(page[0], whole, short) in own_types else short)]
            )
            for whole, short in zip(found, shorter, strict=True)
        )
        for found, shorter, page in zip(stacks, ended, pages, strict=True)
    ]


def _find_own_types(
    pages: Sequence[_Sheet], stacks: Sequence[Sequence[list[int]]], ended: Sequence[Sequence[list[int]]]
) -> set[float | None]:
    """The type sizes (points) of text under labels that is theirs; None stands for no such text."""
    under: Counter[float | None] = Counter()
    labels: Counter[float | None] = Counter()
    for page, found, shorter in zip(pages, stacks, ended, strict=True):
        for whole, short in zip(found, shorter, strict=True):
            tail = _find_tail(page[0], whole, short)
            labels[tail] += 1
            under[tail] += sum(len(page[0][i].text) for i in whole[len(short) :])
    total: Counter[float | None] = Counter()
    for blocks, roles, _, _ in pages:
        for block, role in zip(blocks, roles, strict=True):
            if role == "body" and len(block.text) >= MIN_PARAGRAPH:
                total[_round_size(block)] += len(block.text)
    enough = sum(labels.values()) >= MIN_LABELS
    return {None} | {
        size
        for size, count in labels.items()
        if (enough and count >= MOST * sum(labels.values()))
        or (count >= MIN_LABELS - 1 and under[size] >= MOST_UNDER * total[size])
    }


def _find_tail(blocks: Sequence[Block], whole: Sequence[int], short: Sequence[int]) -> float | None:
    return _round_size(blocks[whole[len(short)]]) if len(whole) > len(short) else None


def _round_size(block: Block) -> float:
    return round(block.size * 2) / 2


def _find_page_stacks(
    blocks: Sequence[Block], roles: Sequence[Role], pictures: Sequence[Picture], running: Collection[int]
) -> list[list[int]]:
    stacks = _find_stacks(blocks, roles, pictures, running)
    if any(b.direction == "vertical" for b in blocks):
        # Columns run right to left: turned by a quarter, they are lines that run down.
        turned = [turn_block(b) for b in blocks]
        shown = [replace(p, box=turn_box(p.box)) for p in pictures]
        stacks += _find_stacks(turned, roles, shown, running)
    return stacks


def _find_stacks(
    blocks: Sequence[Block], roles: Sequence[Role], pictures: Sequence[Picture], running: Collection[int]
) -> list[list[int]]:
    """The indexes of the blocks of each label that is set horizontally."""
    found: list[list[int]] = []
    taken: set[int] = set()
    for index, block in enumerate(blocks):
        if index in taken or index in running or not _may_head(block, roles[index]):
            continue
        stack = [index]
        while (below := _find_below(blocks, roles, stack, pictures, taken)) is not None:
            stack.append(below)
        if len(stack) == 1 and block.mark and block.mark.style in _COUNTED:
            # One text, and a caption by its number already.
            continue
        if not _states_data(blocks, stack, running):
            continue
        found.append(stack)
        taken.update(stack)
    return found


def _states_data(blocks: Sequence[Block], stack: Sequence[int], running: Collection[int]) -> bool:
    """Whether data stand near the head of the stack. Within running text a line that measures something is
    prose, unless the text begins with its data."""
    prose = False
    lines = [(i, line) for i in stack for line in blocks[i].lines]
    for i, line in lines[1 : 1 + DATA_WITHIN]:
        if is_data(line.text) or is_painters(line.text):
            if not prose:
                return True
        elif i in running and width(line.box) > FULL_SHARE * width(blocks[i].box):
            prose = True
    return False


def _may_head(block: Block, role: Role) -> bool:
    style = block.mark.style if block.mark else "bare"
    first = block.lines[0].text.strip()
    return (
        role in _HEADS
        and style in _HEAD_MARKS
        and block.direction == "horizontal"
        and 2 <= len(first) <= MAX_TITLE
        and not first.endswith(("。", "：", ":"))
        and not _begins_paragraph(block)
        and not is_section(first)
        and (not is_data(first) or (role == "heading" and len(first.split()) > 1))
    )


def _begins_paragraph(block: Block) -> bool:
    """Whether a text's first line is prose that goes on in the next one, and no title."""
    first = block.lines[0]
    is_full = len(block.lines) > 1 and width(first.box) > FULL_SHARE * width(block.box)
    return is_full and "，" in first.text and "。" in block.text


def _find_below(
    blocks: Sequence[Block],
    roles: Sequence[Role],
    stack: Sequence[int],
    pictures: Sequence[Picture],
    taken: Collection[int],
) -> int | None:
    """The block that goes on with the stack: right below, flush or centred with it, nothing between."""
    last, head = blocks[stack[-1]], blocks[stack[0]]
    options = [
        (block.box[1], index)
        for index, block in enumerate(blocks)
        if index not in stack
        and index not in taken
        and block.direction == "horizontal"
        and block.box[1] > centre(last.box)[1]
        and _share_column(head, last, block)
    ]
    if not options:
        return None
    index = min(options)[1]
    block = blocks[index]
    above, em = last.lines[-1], max(last.lines[-1].size, block.lines[0].size)
    is_follower = roles[index] in _FOLLOWERS and block.mark is None
    beside = [p.box for p in pictures if overlap_y(p.box, head.box) > 0.5 * height(head.box)]
    # What stands beside the label's picture too is the label's after a blank line, or more.
    is_beside = any(block.box[1] < box[3] and overlap_x(box, block.box) <= 0 for box in beside)
    is_close = block.box[1] - above.box[3] <= (MAX_BESIDE_GAP_EM if is_beside else MAX_GAP_EM) * em
    if not (is_follower and is_close and block.size <= _same(block) * head.size):
        return None
    # A label beside a picture keeps beside it; what runs under the picture is the page's text.
    if any(overlap_x(box, head.box) <= 0 < overlap_x(box, block.box) for box in beside):
        return None
    between = union((last.box, block.box))
    return None if any(overlap_share(p.box, between) > 0.1 for p in pictures) else index


def _same(block: Block) -> float:
    return SAME_SIZE[block.lines[0].source]


def _share_column(head: Block, last: Block, block: Block) -> bool:
    slack = FLUSH_EM * max(head.size, block.size)
    first = min(line.box[0] for line in last.lines)
    left = min(abs(block.box[0] - head.box[0]), abs(block.box[0] - first)) <= slack
    # Paragraphs under a label may be indented by two.
    indented = abs(block.lines[0].box[0] - 2 * block.size - head.box[0]) <= slack
    middle = abs(centre(block.box)[0] - centre(head.box)[0]) <= slack
    right = abs(block.box[2] - head.box[2]) <= slack
    return left or indented or middle or right


def _end_before_text(blocks: Sequence[Block], stack: list[int], running: Collection[int]) -> list[int]:
    """The stack without the text under the data that is larger than these, or running text at its end that is
    set otherwise: the book's own text."""
    kept: list[int] = []
    data_size = 0.0
    for k, i in enumerate(stack):
        if data_size and blocks[i].size > _same(blocks[i]) * data_size:
            break
        kept.append(i)
        if k and any(is_data(line.text) for line in blocks[i].lines):
            data_size = max(data_size, blocks[i].size)
    data = next((blocks[i] for i in stack[1:]), blocks[stack[0]])
    while len(kept) > 1 and kept[-1] in running and not _is_set_alike(blocks[kept[-1]], data):
        kept.pop()
    return kept


def _is_set_alike(block: Block, data: Block) -> bool:
    return data.size / _same(block) <= block.size <= _same(block) * data.size
