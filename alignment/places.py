"""Words for the place of a picture among its neighbours (左, 上图, 右下), or of the page on which it stands
(左页, 对页图), as captions say them."""

from __future__ import annotations

import re

# Corners are named by row or by column first.
CORNER = "[左右][上下]|[上下][左右]"
PLACE = f"(?:{CORNER}|[左右上中下])"
OWN_PAGE = "[本此][页頁]"
PAGE_PLACE = f"(?:[左右对對前后後上下次][页頁]|[对對]面[页頁]|[前后後]一[页頁]|{OWN_PAGE})"
_OPENING, _CLOSING = r"[(（\[［【〔]", r"[)）\]］】〕]"
_BLANK = r"[\s\u3000]"
# 左/莲花: in bars and slashes, as in a colon, the words begin. A letter-spaced title (中　国) is no place.
_PARTED = rf"{_BLANK}*[：:/／|｜丨]"
_SPACED = rf"{_BLANK}+(?=[^\s\u3000]{{2}})"

BRACKETED = rf"{_OPENING}(?P<bracketed>{PLACE})[图圖]?{_CLOSING}"
LEADING = rf"(?:{BRACKETED}[：:]?|(?P<place>{PLACE})(?:[图圖]?{_PARTED}|[图圖]{_BLANK}+|(?<![中]){_SPACED}))"
PAGE_LEADING = (
    rf"(?:{_OPENING}(?P<bracketed>{PAGE_PLACE})[图圖]?{_CLOSING}[：:]?"
    rf"|(?P<page>{PAGE_PLACE})[图圖]?(?:{_PARTED}|{_BLANK}+))"
)
# 前页图： on a line of its own, over the caption of that picture.
PAGE_WORD = rf"{PAGE_PLACE}[图圖]?{_PARTED}"
# P13 and 第13页 name a page by its number.
PAGE_NUMBER = r"(?:[PpＰ]\.?[ ]?[0-9]{1,3}(?:[-–—~～][0-9]{1,3})?|第[0-9]{1,3}[页頁])"
PAGE_NUMBER_LEADING = rf"(?P<page>{PAGE_NUMBER})(?:{_PARTED}|{_BLANK}+)"
_WORD = re.compile(f"{PLACE}[图圖]?")


def is_place(word: str) -> bool:
    """Whether a part's word is a place: 左, 上图, 右下 …"""
    return _WORD.fullmatch(word) is not None


def find_page_number(word: str) -> int | None:
    """The number of the page that a word names: 13 of P13, P13-14 or 第13页; None for other words."""
    found = re.search("[0-9]+", word) if re.fullmatch(PAGE_NUMBER, word) else None
    return int(found[0]) if found else None


def is_own_page(word: str) -> bool:
    """Whether a word for a page is that for the page on which it stands: 本页."""
    return re.match(OWN_PAGE, word) is not None


def find_page_offset(word: str) -> int:
    """−1 for the page before that on which the words stand, +1 for the page after, 0 for either."""
    return -1 if word[0] in "左前上" else 1 if word[0] in "右后後下次" else 0


def normalise_corner(word: str) -> str:
    """左上 of 上左; any other word as it is."""
    return word[1] + word[0] if len(word) == 2 and word[0] in "上下" and word[1] in "左右" else word
