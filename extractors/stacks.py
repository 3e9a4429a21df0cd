"""Columns of upright glyphs that a PDF sets one below the other → vertical lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import mean

from extractors.geometry import centre, overlap_x, union
from extractors.records import TextLine

# Glyphs of a column follow within half an em; an ideographic space leaves one cell free.
_NEXT_EM = 0.6
_SPACE_EM = 1.8
# A number stands up to three cells over its words.
_BLANK_EM = 3.2
_MIN_GLYPHS = 3
# A caption may begin with a long number: 图1.12 莲.
_MIN_HAN_SHARE = 0.35
_NEXT_COLUMN_EM = 1.6
# Letters of a line touch; columns stand a third of an em apart at the least.
_ROW_EM, _LEVEL_EM = 0.3, 0.3
# A stop set behind its character is a cell further.
_STOPS, _STOPPED_EM = "，。、；：！？", 1.8


def stack_glyphs(lines: Sequence[TextLine]) -> list[TextLine]:
    """The lines, with each stack of single Han (or two-digit numbers) made one vertical line."""
    as_printed = list(lines)
    lines = [_set_in_cells(line) for line in as_printed]
    single = _drop_rows(
        sorted((line for line in lines if _is_single(line)), key=lambda ln: (ln.box[1], ln.box[0]))
    )
    stacks: list[list[TextLine]] = []
    for glyph in single:
        stack = next((s for s in reversed(stacks) if _stands_below(s[-1], glyph)), None)
        if stack is None:
            stacks.append([glyph])
        else:
            stack.append(glyph)
    columns = [stack for stack in stacks if _is_column(stack)]
    rest = [stack for stack in stacks if not any(stack is column for column in columns)]
    columns += [stack for stack in rest if any(_goes_on_from(column, stack) for column in columns)]
    rest = [stack for stack in rest if not any(stack is column for column in columns)]
    made = [_make_column(stack) for stack in columns]
    ready = [line for line in lines if line.direction == "vertical" and not _is_single(line)]
    heads = [stack for stack in rest if any(_stands_over(stack, column) for column in (*ready, *made))]
    taken = {id(glyph) for stack in (*columns, *heads) for glyph in stack}
    rest_lines = [own for own, line in zip(as_printed, lines, strict=True) if id(line) not in taken]
    return rest_lines + made + [_make_column(head) for head in heads]


def _is_single(line: TextLine) -> bool:
    text = line.text
    is_pair = len(text) == 2 and (text.isascii() or _is_stopped(line))
    return len(text) == 1 or (line.direction == "horizontal" and is_pair)


def _is_stopped(line: TextLine) -> bool:
    """Whether a line is a character with the stop of the cell below it: in a column that stands at the upper
    right of its cell, and programs without upright signs move it there, into the row of the character."""
    return (
        len(line.text) == 2 and line.text[1] in _STOPS and line.box[2] - line.box[0] < _STOPPED_EM * line.size
    )


def _set_in_cells(line: TextLine) -> TextLine:
    """The line, a stopped one with the box of the two cells that it fills in its column."""
    if line.direction != "horizontal" or not _is_stopped(line):
        return line
    x0, y0, _, y1 = line.box
    return replace(line, box=(x0, y0, x0 + line.size, y1 + line.size))


def _drop_rows(glyphs: Sequence[TextLine]) -> list[TextLine]:
    """Without glyphs that stand as close to one beside them as the letters of a line do."""
    in_row: set[int] = set()
    for k, glyph in enumerate(glyphs):
        for other in glyphs[k + 1 :]:
            if other.box[1] - glyph.box[1] > _LEVEL_EM * glyph.size:
                break
            gap = max(other.box[0] - glyph.box[2], glyph.box[0] - other.box[2])
            if gap < _ROW_EM * min(glyph.size, other.size):
                in_row |= {id(glyph), id(other)}
    return [glyph for glyph in glyphs if id(glyph) not in in_row]


def _stands_below(upper: TextLine, lower: TextLine) -> bool:
    em = min(upper.size, lower.size)
    if max(upper.size, lower.size) > 1.3 * em or overlap_x(upper.box, lower.box) <= 0:
        return False
    gap = lower.box[1] - upper.box[3]
    return abs(centre(upper.box)[0] - centre(lower.box)[0]) < 0.3 * em and -0.4 * em < gap < _SPACE_EM * em


def _is_column(stack: Sequence[TextLine]) -> bool:
    """Cells of a table stack up as well, but with room between them, and figures in them."""
    if len(stack) < _MIN_GLYPHS:
        return False
    close = [_gap_em(a, b) <= _NEXT_EM for a, b in pairwise(stack)]
    han = [any("\u3000" < c <= "\u9fff" or c > "\uff00" for c in glyph.text) for glyph in stack]
    return mean(close) >= 0.6 and mean(han) >= _MIN_HAN_SHARE


def _goes_on_from(column: Sequence[TextLine], rest: Sequence[TextLine]) -> bool:
    """Whether the few glyphs of `rest` are the end of the column's text: the next column, left of it."""
    first, other = column[0], rest[0]
    em = first.size
    return (
        abs(other.size - em) < 0.1 * em
        and abs(other.box[1] - first.box[1]) < _LEVEL_EM * em
        and 0 < first.box[0] - other.box[2] < _NEXT_COLUMN_EM * em
        and any(c > "\u2e80" for c in other.text)
    )


def _stands_over(stack: Sequence[TextLine], column: TextLine) -> bool:
    """Whether the few glyphs of `stack` stand over a column in its type, a blank between: its number."""
    em, last = column.size, stack[-1]
    return (
        all(any(c > "\u2e80" for c in glyph.text) for glyph in stack)
        and abs(last.size - em) < 0.1 * em
        and abs(centre(last.box)[0] - centre(column.box)[0]) < 0.3 * em
        and 0 <= column.box[1] - last.box[3] < _BLANK_EM * em
    )


def _gap_em(upper: TextLine, lower: TextLine) -> float:
    return (lower.box[1] - upper.box[3]) / min(upper.size, lower.size)


def _make_column(stack: Sequence[TextLine]) -> TextLine:
    text = stack[0].text
    for upper, lower in pairwise(stack):
        text += ("\u3000" if _gap_em(upper, lower) > 0.7 else "") + lower.text
    first = stack[0]
    box = union(glyph.box for glyph in stack)
    return TextLine(text, box, first.size, "vertical", first.source, first.font, first.bold)
