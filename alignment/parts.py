"""Parts of a figure that its caption gives words of their own: 左：…；右：…, …（上）；…（下）, (a) … (b) …,
从左至右：…、…"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TypeVar

from alignment.joining import join_lines
from alignment.list_keys import cut_at_keys, find_keys
from alignment.marks import read_mark
from alignment.places import BRACKETED, LEADING, PLACE, normalise_corner
from alignment.reading_order import order_pictures
from extractors.geometry import centre
from extractors.records import Box

T = TypeVar("T")

MIN_RUN = 3
MOST_IN_ORDER, MAX_ITEM = 6, 24
_ACROSS, _DOWN = "左中右", "上中下"
_BEGIN = r"(?:^|(?<=[：:；;。，,、\s\u3000]))"
# A title may have its parts in brackets behind it: …（左：…；右：…）.
_IN_BRACKETS = r"(?<=[（(])"
# OCR drops the blank between a number and the words behind it.
_NUMBERED = r"(?<=[0-9])|(?<=[0-9][.．])"
_LEADING = re.compile(rf"(?:{_BEGIN}|{_NUMBERED}|{_IN_BRACKETS}){LEADING}")
_TRAILING = re.compile(BRACKETED)
# Words for pictures in the order in which they hang, with nothing but commas between them.
_IN_ORDER = re.compile(
    r"[(（]?(?:[从從自由](?P<from>[左右上下])[到至往向而][左右上下]|(?<![\u3400-\u9fff])[从從自由]?(?P<begin>[左右上下])起)"
    r"[)）]?(?:依次|分[别別])*[为為是：:]+[\s\u3000]*"
)
_CLAUSE = re.compile(r"[，,。；;]")
_ITEMS = re.compile(r"[、；;，,\n]")
# A letter alone is a part's only before Chinese: in English it may be an article.
_LETTERS = re.compile(
    rf"{_BEGIN}(?:[(（](?P<a>[a-hA-H1-9])[)）][：:]?|(?P<b>[a-hA-H])(?:[)）.．、：:]|[\s\u3000]*(?=[\u3400-\u9fff《“])(?![型式])))"
)
# Pieces that belong together are one figure: pairs, couplets, hanging scrolls of a set.
_COUNTS = {"三": 3, "四": 4, "五": 5, "六": 6, "八": 8, "十": 10, "十二": 12}
_PIECES = re.compile(
    r"[一成][对對雙双]|[对對楹][联聯]|[对對]瓶|(?P<count>十二|[两兩二三四五六八十])(?:[件只隻枚幅屏]|[条條]屏)"
)
_LETTER_KEY = re.compile(r"(?:^|(?<=[；;，,、\s\u3000]))([a-z])[.．、:：][\s\u3000]*(?=[\u3400-\u9fff])")
_STRIP = " \u3000；;，,、。\n：:"


def split_parts(text: str) -> list[tuple[str, str]]:
    """The parts that a caption names, (part word, its words) in printed order.

    Empty where fewer than two parts are named, one of them has no words, or the letters do not count up.
    Parts that are told by their order alone are numbered as they stand from the left or the top.
    """
    for parts in (
        _split_before(_LEADING, text),
        _split_behind(text),
        _split_in_order(text),
        _split_before(_LETTERS, text),
    ):
        words = [word for word, _ in parts]
        if len(parts) >= 2 and len(set(words)) == len(words) and all(own for _, own in parts):
            return parts
    run = _split_run(text)
    return run if len(run) >= MIN_RUN and _begins_list(text) else []


def _split_run(text: str) -> list[tuple[str, str]]:
    """1. … 2、3. … as parts, one for each number."""
    return [
        (str(number), _close_bracket(own.strip(_STRIP)))
        for key, own in cut_at_keys(text, find_keys(text))
        for number in key.numbers
    ]


@lru_cache(maxsize=4096)
def count_places(text: str) -> int:
    """How many places (左, 右, 上, 下, corners) a caption names, with words of their own or in a sentence."""
    named = {
        normalise_corner(_word_of(m)) for pattern in (_LEADING, _TRAILING) for m in pattern.finditer(text)
    }
    return max(len(named), len(_split_in_order(text)))


def count_pieces(title: str) -> int:
    """How many pieces a title says are shown together: 2 for 花瓶（一对） and 对联, 4 for 四条屏; else 1."""
    found = _PIECES.search(title)
    if found is None:
        return 1
    return _COUNTS.get(found["count"] or "", 2)


def begins_run(line: str) -> bool:
    """Whether a line is a legend of numbered parts, 1. … 2. …, or of lettered ones, a. … b. … c. …"""
    if line[:1] == "a":
        return [found[1] for found in _LETTER_KEY.finditer(line)][:MIN_RUN] == ["a", "b", "c"]
    return len(find_keys(line)) >= 2 and _begins_list(line)


def begins_with_part(text: str) -> bool:
    """Whether a text is that of several parts from its first word on, as no paragraph is: （上）… （下）…, or
    1. … 2. … 3. … in a few words each."""
    # Asked for every text of a book: the first words tell most.
    if _LEADING.match(text) is not None:
        return len(split_parts(text)) > 1
    if not begins_run(text):
        return False
    parts = split_parts(text)
    return len(parts) >= MIN_RUN and max(len(own) for _, own in parts) <= MAX_ITEM


def split_lines(lines: Sequence[str]) -> list[tuple[str, str]]:
    """The parts that a caption of these printed lines names. A line's end may stand for the mark that parts
    them, or break a word."""
    return list(_split_lines(tuple(lines)))


@lru_cache(maxsize=4096)
def _split_lines(lines: tuple[str, ...]) -> list[tuple[str, str]]:
    """Captions are asked for their parts by several rules, and once for each picture beside them."""
    parts = split_parts(join_lines(lines))
    return parts or [(word, join_lines(own.split("\n"))) for word, own in split_parts("\n".join(lines))]


def strip_legend(text: str) -> str:
    """A caption's words without the legend of numbered parts behind them."""
    keys = find_keys(text)
    return text[: keys[0].start].rstrip(_STRIP + "（(") if len(keys) >= MIN_RUN else text


def _close_bracket(text: str) -> str:
    """Words without the bracket behind them that was opened before the first part."""
    return text[:-1] if text.endswith(("）", ")")) and not re.search("[（(]", text) else text


def _begins_list(text: str) -> bool:
    mark = read_mark(text)
    if mark and mark.style in ("figure", "plate"):
        # A legend behind the title of all.
        return True
    keys = find_keys(text)
    return bool(keys) and keys[0].start == 0


def _split_before(pattern: re.Pattern[str], text: str) -> list[tuple[str, str]]:
    found = list(pattern.finditer(text))
    if pattern is _LETTERS:
        found = _keep_counting(found)
    if not found:
        return []
    ends = [*(m.start() for m in found[1:]), len(text)]
    own = [text[m.end() : end].strip(_STRIP) for m, end in zip(found, ends, strict=True)]
    return [(_word_of(m), _close_bracket(words)) for m, words in zip(found, own, strict=True)]


def _keep_counting(found: Sequence[re.Match[str]]) -> list[re.Match[str]]:
    """The letters that go a, b, c … from the first; what lies between is text."""
    kept: list[re.Match[str]] = []
    for m in found:
        word = _word_of(m)
        expected = chr(ord(_word_of(kept[-1])) + 1) if kept else word
        if (kept and word == expected) or (not kept and word in "aA"):
            kept.append(m)
    return kept


def _word_of(found: re.Match[str]) -> str:
    """The part word, in whichever of the pattern's groups it stands."""
    return next(word for word in found.groups() if word)


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
    return [
        (_word_of(m), text[start : m.start()].strip(_STRIP)) for m, start in zip(found, starts, strict=True)
    ]


def _split_in_order(text: str) -> list[tuple[str, str]]:
    """Words in the order in which the pictures stand: 从左至右：…、…、…"""
    found = _IN_ORDER.search(text)
    if not found:
        return []
    rest = text[found.end() :]
    # Names set off by 、 end where the sentence goes on about all of them.
    names = _CLAUSE.split(rest, maxsplit=1)[0]
    items = [item.strip(_STRIP) for item in _ITEMS.split(names if "、" in names else rest)]
    if not 2 <= len(items) <= MOST_IN_ORDER or max(map(len, items)) > MAX_ITEM:
        return []
    if (found["from"] or found["begin"]) in "右下":
        items.reverse()
    return [(str(k), item) for k, item in enumerate(items, 1)]


def order_parts(items: Sequence[tuple[Box, T]], words: Sequence[str]) -> list[T] | None:
    """`items` in the order of the part words: places by where they stand, letters in reading order.

    None where the words are places that a row or column of so many does not have.
    """
    words = [normalise_corner(word) for word in words]
    for places, axis in ((_ACROSS, 0), (_DOWN, 1)):
        if all(word in places for word in words):
            ranks = sorted(range(len(words)), key=lambda k: places.index(words[k]))
            standing = [item for _, item in sorted(items, key=lambda it: centre(it[0])[axis])]
            ordered: list[T | None] = [None] * len(words)
            for item, k in zip(standing, ranks, strict=True):
                ordered[k] = item
            return [item for item in ordered if item is not None]
    if any(re.fullmatch(PLACE, word) for word in words):
        return _order_corners(items, words)
    return order_pictures(items)


def _order_corners(items: Sequence[tuple[Box, T]], words: Sequence[str]) -> list[T] | None:
    """`items` at the corners that the words name (左上, 右上 …); None where one of them holds none or two."""
    xs, ys = ([centre(box)[axis] for box, _ in items] for axis in (0, 1))
    across, down = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
    at = {
        ("右" if x > across else "左") + ("下" if y > down else "上"): item
        for x, y, (_, item) in zip(xs, ys, items, strict=True)
    }
    return [at[word] for word in words] if len(at) == len(items) and at.keys() == set(words) else None
