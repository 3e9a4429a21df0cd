"""Legends in rows under a figure's caption, whose items wide blanks part: 1.罐　　2.壶　　3.盆 over 4.…

OCR reads each item as a line of its own; the items of a row are joined, so that the legend is one text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from alignment.list_keys import find_keys
from alignment.marks import read_mark
from extractors.geometry import height, overlap_y, union
from extractors.records import TextLine

MAX_BLANK_EM, MAX_STEP_EM, LEVEL, MIN_ITEMS = 12.0, 1.5, 0.6, 2


def join_legend_rows(lines: Sequence[TextLine]) -> list[TextLine]:
    """The lines, with the items of each row of such a legend as one line, an ideographic space between."""
    joined = list(lines)
    for caption in lines:
        mark = read_mark(caption.text)
        if mark is None or mark.style != "figure" or not mark.rest:
            continue
        for row in _find_rows(caption, lines):
            whole = replace(
                row[0],
                text="\u3000".join(line.text.strip() for line in row),
                box=union(line.box for line in row),
                confidence=min((ln.confidence for ln in row if ln.confidence is not None), default=None),
            )
            joined = [whole if line is row[0] else line for line in joined]
            joined = [line for line in joined if all(line is not other for other in row[1:])]
    return joined


def _find_rows(caption: TextLine, lines: Sequence[TextLine]) -> list[list[TextLine]]:
    """The rows of items that count on from 1 right below a caption; none where the first has a single item,
    as in a list."""
    rows: list[list[TextLine]] = []
    number, floor = 1, caption.box[3]
    while row := _find_row(lines, number, floor, caption.size):
        rows.append(row)
        for line in row:
            number += len(_list_keys(line, number))
        floor = max(line.box[3] for line in row)
    return [row for row in rows if len(row) > 1] if rows and len(rows[0]) >= MIN_ITEMS else []


def _find_row(lines: Sequence[TextLine], number: int, floor: float, em: float) -> list[TextLine]:
    """The lines of a row that begins with an item's number within some lines of `floor`."""
    first = next(
        (
            line
            for line in lines
            if -0.5 * em <= line.box[1] - floor <= MAX_STEP_EM * em and _list_keys(line, number)
        ),
        None,
    )
    if first is None:
        return []
    level = [line for line in lines if line is first or _is_level(first, line)]
    row: list[TextLine] = []
    for line in sorted(level, key=lambda ln: ln.box[0]):
        keys = _list_keys(line, number)
        if line.box[0] < first.box[0] or not keys:
            continue
        row.append(line)
        number += len(keys)
    near = all(0 <= b.box[0] - a.box[2] <= MAX_BLANK_EM * em for a, b in pairwise(row))
    return row if near else [first]


def _list_keys(line: TextLine, number: int) -> list[int]:
    """The numbers of a line's items, which begin with this one; none where it begins otherwise."""
    keys = find_keys(line.text.strip(), number)
    return [n for key in keys for n in key.numbers] if keys and keys[0].start == 0 else []


def _is_level(one: TextLine, other: TextLine) -> bool:
    return overlap_y(one.box, other.box) >= LEVEL * min(height(one.box), height(other.box))
