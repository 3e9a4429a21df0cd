"""A label's lines by what they say: title, data, keeper, paragraph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from alignment.data_lines import is_collection, is_data
from alignment.marks import Mark, read_mark
from alignment.records import Role
from alignment.regions import Block, make_block
from extractors.geometry import union, width
from extractors.records import TextLine

DATA_WITHIN, MOST_DATA = 4, 8
# An indented first line is full too.
FULL_SHARE = 0.8
_TELLING = ("figure", "plate", "page")


@dataclass(frozen=True, slots=True)
class Label:
    """`whole` has all lines, and a mark of style `label` where it has no figure's number; `parts` are its
    blocks with their roles, from the title on."""

    whole: Block
    parts: tuple[tuple[Block, Role], ...]


def make_label(blocks: Sequence[Block]) -> Label:
    """The label of blocks that stand one under the other."""
    lines = [line for block in blocks for line in block.lines]
    title = _count_title_lines(lines)
    parts: list[tuple[Block, Role]] = [(make_block(blocks[0].page, lines[:title]), "title")]
    # Under the last line of data stands a paragraph, whatever its lines begin with.
    before = _count_before_prose(blocks)
    data = [k for k, line in enumerate(lines[: min(before, title + MOST_DATA)]) if is_data(line.text)]
    last = lines[max(data, default=0)]
    role: Role = "caption"
    for block in blocks:
        group: list[TextLine] = []
        is_of = role
        for line in block.lines:
            if any(line is head for head in lines[:title]):
                continue
            own: Role = "collection" if role != "body" and is_collection(line.text) else role
            # Each line of data says a thing of its own.
            if group and (own != is_of or (is_data(line.text) and own != "body")):
                parts.append((make_block(block.page, group), is_of))
                group = []
            group.append(line)
            is_of = own
            if line is last:
                role = "body"
        if group:
            parts.append((make_block(block.page, group), is_of))
    head = blocks[0].mark
    # A figure's or plate's number, or the page that it is on, says more than that a text is a label.
    titled = Mark("label", "", _find_number(head), parts[0][0].text, head.points_to if head else None)
    mark = head if head and head.style in _TELLING else titled
    whole = replace(make_block(blocks[0].page, lines), mark=mark, box=union(b.box for b in blocks))
    return Label(whole, tuple(parts))


def _count_before_prose(blocks: Sequence[Block]) -> int:
    """The lines before the first full one of a paragraph, which may measure something in any of its lines."""
    count = 0
    for block in blocks:
        is_paragraph = len(block.lines) > 1 and "。" in block.text
        for line in block.lines:
            is_full = width(line.box) > FULL_SHARE * width(block.box)
            if is_paragraph and is_full and ("，" in line.text or not is_data(line.text)):
                return count
            count += 1
    return count


def _find_number(mark: Mark | None) -> int | None:
    return mark.number if mark and mark.style in ("list", "heading") else None


def _count_title_lines(lines: Sequence[TextLine]) -> int:
    """The first line, and those before the data that are set as it is; what stands under a mere number is a
    title whatever it says."""
    count = 1
    first = read_mark(lines[0].text)
    if first is not None and first.style == "heading" and not first.rest and len(lines) > 2:
        count = 2
    while (
        count < len(lines) - 1
        and not is_data(lines[count].text)
        and abs(lines[count].size - lines[0].size) < 0.04 * lines[0].size
        and lines[count].bold == lines[0].bold
        and any(is_data(line.text) for line in lines[count + 1 : count + DATA_WITHIN])
    ):
        count += 1
    return count
