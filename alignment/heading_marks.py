"""How headings of catalogue entries begin: 12　…, 35—37　…, LOT 2107, 纹样12　…, 第12号　…, 12 / …"""

from __future__ import annotations

import re

from alignment.numerals import NUMERAL_CHARACTERS, parse_number

_CJK = NUMERAL_CHARACTERS
_SPACE = r"[\s\u3000]"
_FIRST = re.compile(r"[^0-9０-９]")
# Lots of a sale count on through all of its sales; one heading may be of several pieces (35—37).
_HEADING = re.compile(
    rf"^(?P<number>[0-9０-９]{{1,3}}(?:[-–—―~～、][0-9０-９]{{1,3}})?{_SPACE}|[0-9]{{4,5}}\u3000){_SPACE}*"
    r"(?P<rest>[\u3400-\u9fff（）()·、“”《》\s\u3000]{2,30})$"
)
# 纹样12　…, 第12号　…, 12 / …
_HEADING_WORD = re.compile(
    rf"^(?:[纹紋图圖][样樣案]{_SPACE}?(?P<a>[0-9]{{1,3}})(?:{_SPACE}|[：:.])+"
    rf"|第(?P<b>[0-9]{{1,3}}|[{_CJK}]{{1,4}})[号號件组組]?{_SPACE}+"
    rf"|(?P<c>[0-9]{{1,3}}){_SPACE}*[/／|｜丨]{_SPACE}*)"
    r"(?P<rest>[\u3400-\u9fff（）()·、“”《》\s\u3000]{2,30})$"
)
# LOT 2107, 展品12: a word says what is counted.
_LOT = re.compile(
    rf"^(?:LOT|Lot|Cat\.|CAT\.|N[oO]\.|№|拍品|展品|展件|编号|編號|图录号|圖錄號){_SPACE}*[：:.]?{_SPACE}*"
    rf"(?P<number>[0-9]{{1,5}})[A-Za-z]?(?:(?:{_SPACE}|[.．:：、])+(?P<rest>[^。]*[\u3400-\u9fff][^。]*))?$",
    re.S,
)


def read_heading(text: str) -> tuple[str, int | None, str] | None:
    """(number as printed, integer, words behind it) of a text that begins as an entry's heading."""
    if found := _LOT.match(text):
        before = text[: found.start("rest")] if found["rest"] else text
        return (before.strip(), parse_number(found["number"]), found["rest"] or "")
    if found := _HEADING_WORD.match(text):
        before = text[: found.start("rest")].strip(" \u3000：:./／|｜丨")
        count = next(found[key] for key in "abc" if found[key])
        return (before, parse_number(count), found["rest"])
    if found := _HEADING.match(text):
        label = found["number"].strip()
        return (label, parse_number(_FIRST.split(label)[0]), found["rest"])
    return None
