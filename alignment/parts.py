"""Parts of a figure that its caption gives words of their own: 左：…；右：…, …（上）；…（下）, (a) … (b) …"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar

from alignment.joining import join_lines
from alignment.marks import read_mark
from alignment.reading_order import order_pictures
from extractors.geometry import centre
from extractors.records import Box

T = TypeVar("T")

MIN_RUN = 3
_ACROSS, _DOWN = "左中右", "上中下"
_BEGIN = r"(?:^|(?<=[：:；;。，,、\s\u3000]))"
# OCR drops the blank between a number and the words behind it.
_NUMBERED = r"(?<=[0-9])|(?<=[0-9][.．])"
_LEADING = re.compile(
    rf"(?:{_BEGIN}|{_NUMBERED})(?:[(（](?P<a>[左右上中下])[图圖]?[)）][：:]?|(?P<b>[左右上中下])[图圖]?[：:])"
)
_TRAILING = re.compile(r"[(（](?P<a>[左右上中下])[图圖]?[)）]")
# A letter alone is a part's only before Chinese: in English it may be an article.
_LETTERS = re.compile(
    rf"{_BEGIN}(?:[(（](?P<a>[a-hA-H1-9])[)）][：:]?|(?P<b>[a-hA-H])(?:[)）.．、：:]|[\s\u3000]*(?=[\u3400-\u9fff《“])))"
)
# Figures in a run: 1 … 2 … 3 …; a size or a year is no number of a part.
_RUN = re.compile(
    r"(?:^|(?<=[；;。，,\s\u3000]))(?P<a>[1-9])(?P<b>)(?:[.．、]|[\s\u3000]+)(?=[\u3400-\u9fff《“])"
)
_STRIP = " \u3000；;，,、。\n：:"


def split_parts(text: str) -> list[tuple[str, str]]:
    """The parts that a caption names, (part word, its words) in printed order.

    Empty where fewer than two parts are named, one of them has no words, or the letters do not count up.
    """
    for parts in (_split_before(_LEADING, text), _split_behind(text), _split_before(_LETTERS, text)):
        words = [word for word, _ in parts]
        if len(parts) >= 2 and len(set(words)) == len(words) and all(own for _, own in parts):
            return parts
    run = _split_before(_RUN, text)
    return run if len(run) >= MIN_RUN and run[0][0] == "1" and read_list(text) else []


def read_list(text: str) -> bool:
    """Whether a text begins as a list does."""
    mark = read_mark(text)
    return mark is not None and mark.style in ("list", "heading") and mark.number == 1


def begins_with_part(text: str) -> bool:
    """Whether a text is that of several parts from its first word on: （上）… （下）…, as no paragraph is."""
    return _LEADING.match(text) is not None and len(split_parts(text)) > 1


def split_lines(lines: Sequence[str]) -> list[tuple[str, str]]:
    """The parts that a caption of these printed lines names. A line's end may stand for the mark that parts
    them, or break a word."""
    parts = split_parts(join_lines(lines))
    return parts or [(word, join_lines(own.split("\n"))) for word, own in split_parts("\n".join(lines))]


def _split_before(pattern: re.Pattern[str], text: str) -> list[tuple[str, str]]:
    found = list(pattern.finditer(text))
    if pattern in (_LETTERS, _RUN):
        found = _keep_counting(found)
    if not found:
        return []
    ends = [*(m.start() for m in found[1:]), len(text)]
    return [(m["a"] or m["b"], text[m.end() : end].strip(_STRIP)) for m, end in zip(found, ends, strict=True)]


def _keep_counting(found: Sequence[re.Match[str]]) -> list[re.Match[str]]:
    """The letters that go a, b, c … from the first; what lies between is text."""
    kept: list[re.Match[str]] = []
    for m in found:
        word = m["a"] or m["b"]
        expected = chr(ord(kept[-1]["a"] or kept[-1]["b"]) + 1) if kept else word
        if (kept and word == expected) or (not kept and word in "aA1"):
            kept.append(m)
    return kept


def _split_behind(text: str) -> list[tuple[str, str]]:
    """Words before their place: …（左）；…（右）, with nothing behind the last."""
    found = list(_TRAILING.finditer(text))
    if len(found) < 2 or text[found[-1].end() :].strip(_STRIP):
        return []
    # 花（左）与鸟（右） is one sentence on both.
    if any(text[m.end()] not in _STRIP for m in found[:-1]):
        return []
    mark = read_mark(text)
    first = len(text) - len(mark.rest) if mark and text.endswith(mark.rest) else 0
    starts = [first, *(m.end() for m in found[:-1])]
    return [(m["a"], text[start : m.start()].strip(_STRIP)) for m, start in zip(found, starts, strict=True)]


def order_parts(items: Sequence[tuple[Box, T]], words: Sequence[str]) -> list[T] | None:
    """`items` in the order of the part words: places by where they stand, letters in reading order.

    None where the words are places that a row or column of so many does not have.
    """
    for places, axis in ((_ACROSS, 0), (_DOWN, 1)):
        if all(word in places for word in words):
            ranks = sorted(range(len(words)), key=lambda k: places.index(words[k]))
            standing = [item for _, item in sorted(items, key=lambda it: centre(it[0])[axis])]
            ordered: list[T | None] = [None] * len(words)
            for item, k in zip(standing, ranks, strict=True):
                ordered[k] = item
            return [item for item in ordered if item is not None]
    if any(word in _ACROSS + _DOWN for word in words):
        return None
    return order_pictures(items)
