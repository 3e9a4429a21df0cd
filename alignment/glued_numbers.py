"""Plates' numerals that stand right before their titles, a thin space between: 二七供养人行列, 二八伎乐.

A title may begin with a numeral of its own (三兔, 九色鹿): captions are those that count on through the book.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from alignment.numerals import NUMERAL_CHARACTERS, parse_number
from extractors.records import Page, TextLine

# A few of them may count on by chance, and of the lines that begin with a numeral most are captions then.
MIN_RUN, MOST = 5, 0.6
MAX_NUMERAL, MAX_LINE = 4, 48
_GLUED = re.compile(rf"^[{NUMERAL_CHARACTERS}]{{1,{MAX_NUMERAL}}}[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class _Reading:
    """A line of a page whose first `length` characters are read as a number."""

    page: int
    line: TextLine
    length: int


def part_glued(pages: Sequence[Page]) -> list[Page]:
    """The pages, with an ideographic space behind the numerals of captions that count through the book."""
    readings = _list_readings(pages)
    run = _find_longest_run(readings)
    lines = {id(r.line) for options in readings.values() for r in options}
    chosen = _choose(run, readings)
    if len(chosen) < max(MIN_RUN, MOST * len(lines)):
        return list(pages)
    lengths = {id(r.line): r.length for r in chosen}
    return [_part(page, lengths) for page in pages]


def _list_readings(pages: Sequence[Page]) -> dict[int, list[_Reading]]:
    """What short lines may begin with, by number: 三七五 may be 3, 37 or 375."""
    found: defaultdict[int, list[_Reading]] = defaultdict(list)
    for place, page in enumerate(pages):
        if not page.pictures:
            continue
        for line in page.lines:
            text = line.text.strip()
            if len(text) > MAX_LINE or text.endswith("。") or not _GLUED.match(text):
                continue
            for length in range(1, MAX_NUMERAL + 1):
                head, rest = text[:length], text[length : length + 1]
                number = parse_number(head) if all(c in NUMERAL_CHARACTERS for c in head) else None
                if number and "\u3400" <= rest <= "\u9fff":
                    found[number].append(_Reading(place, line, length))
    return found


def _find_longest_run(readings: dict[int, list[_Reading]]) -> range:
    """The longest run of numbers that are all read somewhere."""
    best = range(0)
    for first in sorted(readings):
        if first - 1 in readings:
            continue
        last = first
        while last + 1 in readings:
            last += 1
        if last + 1 - first > len(best):
            best = range(first, last + 1)
    return best


def _choose(run: range, readings: dict[int, list[_Reading]]) -> list[_Reading]:
    """One line for each number of a run, none twice and none on a page before the last one's."""
    chosen: list[_Reading] = []
    taken: set[int] = set()
    for number in run:
        place = chosen[-1].page if chosen else 0
        options = [r for r in readings[number] if r.page >= place and id(r.line) not in taken]
        if options:
            chosen.append(min(options, key=lambda r: (r.page, -r.length)))
            taken.add(id(chosen[-1].line))
    return chosen


def _part(page: Page, lengths: dict[int, int]) -> Page:
    lines = tuple(
        replace(line, text=f"{line.text.strip()[:length]}\u3000{line.text.strip()[length:]}")
        if (length := lengths.get(id(line)))
        else line
        for line in page.lines
    )
    return replace(page, lines=lines)
