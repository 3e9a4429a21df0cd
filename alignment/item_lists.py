"""Lists whose items count up: 1.罐　2.壶, 1、2.罐；3～5.钉, ①罐②壶."""

from __future__ import annotations

import re

from alignment.numerals import CIRCLED_CHARACTERS, parse_number

_BRACKETED = re.compile(r"[(（](?![0-9]{1,2}[)）])[^)）]*[)）]")
_NUMBER = rf"(?:(?<![0-9A-Za-z:：.．])[1-9][0-9]?(?![0-9])|[{CIRCLED_CHARACTERS}])"
# 1、2.陶罐 and 3～5.铁钉 count for two and three.
_ITEM = re.compile(
    rf"(?P<first>{_NUMBER})(?P<more>(?:[、,，~～\-—–]\s?{_NUMBER})*)[)）]?[.．、:：—–－\s\u3000]*(?=[\u3400-\u9fff《“])"
)


def count_list(text: str) -> int:
    """How far the numbered items of a text count up from 1; 0 without such a list."""
    numbers: set[int] = set()
    for item in _ITEM.finditer(_BRACKETED.sub("", text)):
        found = [parse_number(n) or 0 for n in re.findall(_NUMBER, item["first"] + item["more"])]
        spans = re.search(r"[~～\-—–]", item["more"]) is not None
        numbers |= set(range(found[0], found[-1] + 1)) if spans else set(found)
    count = 0
    while count + 1 in numbers:
        count += 1
    return count
