"""Lists whose keys stand in a column of their own, on discs or behind a tab: 1 | words, B | words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from alignment.numerals import CIRCLED_CHARACTERS, parse_number
from extractors.geometry import centre, height, overlap_share, overlap_y, union
from extractors.records import Box, TextLine

MIN_ITEMS = 3
# A number's words stand a tab behind it, flush with those of the others.
MAX_TAB_EM, FLUSH_EM, LEVEL = 3.2, 0.5, 0.6
_NUMBER = re.compile(rf"^(?:[0-9]{{1,2}}|[{CIRCLED_CHARACTERS}]|[A-H])[.．、]?$")
# Where the blank is narrow a number and its words are a line already.
_JOINED = re.compile(r"^(?P<key>[0-9]{1,2}|[A-H])[.．、]?[\s\u3000]+\S")


def join_counted(lines: Sequence[TextLine], pictures: Sequence[Box] = ()) -> list[TextLine]:
    """The lines, each number of such a list joined with the line behind it, an ideographic space between.

    A number in one of the `pictures` is a badge, and none of a list.
    """
    numbers = [
        line
        for line in lines
        if (_NUMBER.match(line.text.strip()) or _JOINED.match(line.text.strip()))
        and not any(overlap_share(line.box, p) > 0.5 for p in pictures)
    ]
    joined = list(lines)
    for column in _find_columns(numbers):
        alone = [number for number in column if _NUMBER.match(number.text.strip())]
        words = [_find_words(number, lines) for number in alone]
        found = [own for own in words if own is not None]
        if len(found) < len(alone) or not _are_flush(found):
            continue
        for number, own in zip(alone, found, strict=True):
            whole = replace(
                own, text=f"{number.text.strip()}\u3000{own.text.strip()}", box=union((number.box, own.box))
            )
            joined = [whole if line is own else line for line in joined if line is not number]
    return joined


def _find_columns(numbers: Sequence[TextLine]) -> list[list[TextLine]]:
    """Numbers one under the other that count up by one, three or more, none on the row of another."""
    columns: list[list[TextLine]] = []
    for line in sorted(numbers, key=lambda own: own.box[1]):
        for column in columns:
            last = column[-1]
            middles = abs(centre(last.box)[0] - centre(line.box)[0])
            is_under = min(middles, abs(last.box[0] - line.box[0])) <= FLUSH_EM * line.size
            if is_under and _value(line) == _value(last) + 1 and line.box[1] >= last.box[3]:
                column.append(line)
                break
        else:
            columns.append([line])
    return [column for column in columns if len(column) >= MIN_ITEMS]


def _value(line: TextLine) -> int:
    found = _JOINED.match(line.text.strip())
    key = found["key"] if found else line.text.strip().rstrip(".．、")
    # Letters count apart from numbers.
    return parse_number(key) or 1000 + ord(key)


def _find_words(number: TextLine, lines: Sequence[TextLine]) -> TextLine | None:
    """The nearest line behind a number on its row."""
    behind = [
        line
        for line in lines
        if line is not number
        and 0 <= line.box[0] - number.box[2] <= MAX_TAB_EM * max(line.size, number.size)
        and overlap_y(line.box, number.box) >= LEVEL * min(height(line.box), height(number.box))
    ]
    return min(behind, key=lambda line: line.box[0], default=None)


def _are_flush(words: Sequence[TextLine]) -> bool:
    return all(abs(a.box[0] - b.box[0]) <= FLUSH_EM * a.size for a, b in pairwise(words))
