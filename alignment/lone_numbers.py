"""A caption's number, or the page that it is of, set apart from its words: on a line of its own, or a blank
before them in a column.

图版十九 stands small over the plate's title, or an em above it where captions run down the page.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from alignment.data_lines import is_data
from alignment.marks import is_section, read_mark
from alignment.numerals import NUMERAL_CHARACTERS
from alignment.places import PAGE_WORD
from alignment.records import Role
from alignment.regions import Block, make_block
from extractors.geometry import centre, overlap_x, overlap_y, union
from extractors.records import Box, Picture

MAX_GAP_EM, MAX_BLANK_EM, FLUSH_EM = 2.5, 3.2, 0.8
MAX_WORDS = 80
_WORDS: tuple[Role, ...] = ("heading", "body", "collection")
_TITLES: tuple[Role, ...] = ("heading",)
_DIGITS = re.compile(r"^[0-9]{1,5}[.．]?$")
_PAGE = re.compile(PAGE_WORD)
_HAN = re.compile(rf"^[{NUMERAL_CHARACTERS}]{{1,6}}[.．、]?$")
MAX_TITLE = 24


def join_lone_numbers(
    blocks: Sequence[Block], roles: Sequence[Role], pictures: Sequence[Picture] = ()
) -> tuple[list[Block], list[Role]]:
    """Blocks and roles, each caption that is only a number made one with the words that follow it, or that
    stand before it at the other end of its picture's measure."""
    own = [_join_own_title(block) for block in blocks]
    kept = [
        "caption" if block is not before and role == "body" else role
        for block, before, role in zip(own, blocks, roles, strict=True)
    ]
    joined, kept = _part_titles(own, kept)
    index = 0
    while index < len(joined):
        block = joined[index]
        is_entry, is_plate = _is_entry_number(block), _is_plate_number(block)
        is_page = _PAGE.fullmatch(block.text.strip()) is not None
        if not (is_entry or is_plate or is_page or (kept[index] == "caption" and _is_lone(block))):
            index += 1
            continue
        options = [
            (distance, k)
            for k, other in enumerate(joined)
            if k != index
            and kept[k] in (_TITLES if is_entry else (*_WORDS, "caption") if is_page else _WORDS)
            and not (is_plate and not _is_title(other))
            and (is_page or other.mark is None)
            and (distance := _follow(block, other)) is not None
        ]
        if not options and not is_entry and not is_plate and not is_page:
            options = _find_other_end(index, joined, kept, pictures)
        if options:
            k = min(options)[1]
            joined[index] = _join(block, joined[k])
            has_title = is_entry or (is_plate and kept[k] == "heading")
            kept[index] = "heading" if has_title else "caption"
            del joined[k], kept[k]
            index -= k < index
        index += 1
    return joined, kept


def _part_titles(blocks: Sequence[Block], roles: Sequence[Role]) -> tuple[list[Block], list[Role]]:
    """Blocks and roles, a block's first or only line made a heading where a catalogue's number in large type
    stands over it and data follow it: scans show no more of type than its size, and that not well."""
    numbers = [b for b, r in zip(blocks, roles, strict=True) if r == "heading" and _is_entry_number(b)]
    found: list[tuple[Block, Role]] = []
    for block, role in zip(blocks, roles, strict=True):
        title, rest = block.lines[:1], block.lines[1:]
        is_read = title[0].source == "ocr"
        if is_read and role in _WORDS and rest and is_data(rest[0].text):
            head = make_block(block.page, title)
            if _is_title(head) and any(_stands_over(number, head) for number in numbers):
                found += [(head, "heading"), (make_block(block.page, rest), role)]
                continue
        if is_read and role == "body" and not rest and _is_title(block):
            over = any(_stands_over(number, block) for number in numbers)
            if over and any(_stands_over(block, other) and is_data(other.text) for other in blocks):
                found.append((block, "heading"))
                continue
        found.append((block, role))
    return [b for b, _ in found], [r for _, r in found]


def _stands_over(number: Block, words: Block) -> bool:
    return number.box[3] <= centre(words.box)[1] and _follow(number, words) is not None


def _find_other_end(
    index: int, blocks: Sequence[Block], roles: Sequence[Role], pictures: Sequence[Picture]
) -> list[tuple[float, int]]:
    """(gap, index) of words on the number's line, under or over the same picture."""
    number = blocks[index]
    return [
        (number.box[0] - words.box[2], k)
        for k, words in enumerate(blocks)
        if roles[k] in _WORDS
        and words.mark is None
        and len(words.lines) == 1
        and words.box[2] < number.box[0]
        and abs(words.box[3] - number.box[3]) < 0.5 * number.size
        and any(_spans(p.box, words.box, number.box, number.size) for p in pictures)
    ]


def _spans(picture: Box, words: Box, number: Box, em: float) -> bool:
    flush = abs(words[0] - picture[0]) <= em and abs(number[2] - picture[2]) <= em
    return flush and min(abs(number[1] - picture[3]), abs(picture[1] - number[3])) <= MAX_GAP_EM * em


def _is_entry_number(block: Block) -> bool:
    """A catalogue's number in large type, as it stands over the entry's title, or a word with it (LOT 12)."""
    is_lot = block.mark is not None and block.mark.style == "heading" and not block.mark.rest
    is_number = is_lot or _DIGITS.match(block.text) is not None
    return len(block.lines) == 1 and block.direction == "horizontal" and is_number


def _is_plate_number(block: Block) -> bool:
    """A numeral in characters, as it stands over the title of a plate or its note."""
    return len(block.lines) == 1 and _HAN.match(block.text.strip()) is not None


def _is_title(block: Block) -> bool:
    return len(block.lines) == 1 and 2 <= len(block.text) <= MAX_TITLE and not block.text.endswith("。")


def _is_lone(block: Block) -> bool:
    return (
        len(block.lines) == 1
        and block.mark is not None
        and block.mark.style == "figure"
        and not block.mark.rest
    )


def _follow(number: Block, words: Block) -> float | None:
    """The gap (points) to words that stand where those of the number would, else None."""
    if words.direction != number.direction or len(words.text) > MAX_WORDS:
        return None
    if is_section(words.text):
        return None
    em = max(number.size, words.size)
    a, b = number.box, words.box
    if number.direction == "vertical":
        in_column = overlap_x(a, b) > 0.5 * min(number.size, words.size)
        down, across = b[1] - a[3], a[0] - b[2]
        if in_column and 0 <= down <= MAX_BLANK_EM * em:
            return down
        beside = abs(a[1] - b[1]) <= FLUSH_EM * em and 0 <= across <= MAX_GAP_EM * em
        is_words = len(number.text) <= len(words.text) or words.size > number.size
        return across if beside and is_words else None
    in_row = overlap_y(a, b) > 0.5 * min(number.size, words.size)
    across, down = b[0] - a[2], b[1] - a[3]
    if in_row and len(words.lines) <= 2 and 0 <= across <= MAX_BLANK_EM * em:
        return across
    flush = min(abs(a[0] - b[0]), abs(a[2] - b[2]), abs(centre(a)[0] - centre(b)[0])) <= FLUSH_EM * em
    return down if flush and -0.3 * em <= down <= MAX_GAP_EM * em else None


def _join_own_title(block: Block) -> Block:
    """A block whose first line is a plate's numeral alone, with that at the head of the next line."""
    if len(block.lines) < 2 or not _HAN.match(block.lines[0].text.strip()):
        return block
    head, title = (make_block(block.page, lines) for lines in (block.lines[:1], block.lines[1:]))
    is_title = _is_title(make_block(block.page, title.lines[:1])) and title.mark is None
    return _join(head, title) if is_title else block


def _join(number: Block, words: Block) -> Block:
    """The words' block with the number at its head, parted by a blank as where both are printed on a line."""
    first, head = words.lines[0], number.lines[0]
    whole = replace(
        first, text=f"{head.text.strip()}\u3000{first.text.strip()}", box=union([head.box, first.box])
    )
    block = make_block(number.page, [whole, *words.lines[1:]])
    return replace(block, mark=read_mark(whole.text), size=max(first.size, head.size))
