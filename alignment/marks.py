"""How a caption, heading or note begins: figure numbers, plate numerals, pointers, titles in brackets.

A mark says what kind of text may start here; whether it does is decided later, with geometry.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from alignment.heading_marks import read_heading
from alignment.numerals import (
    CIRCLED_CHARACTERS,
    FORMAL_CHARACTERS,
    NUMERAL_CHARACTERS,
    ROMAN_CHARACTERS,
    parse_number,
)
from alignment.places import BRACKETED, LEADING, PAGE_LEADING, PAGE_NUMBER_LEADING, is_own_page

Style = Literal[
    "figure",
    "photo",
    "pointer",
    "quoted",
    "list",
    "plate",
    "outline",
    "heading",
    "panel",
    "page",
    "label",
    "bare",
]
Side = Literal["above", "below", "left", "right"]

_CJK = NUMERAL_CHARACTERS
# Dots that lead to a page number: a table of contents, which numbers what it does not describe.
_LEADERS = re.compile(r"[.．·・‧⋯…‥_]{4,}|(?:[.·…]\s){4,}")
_LEADERS_TO_PAGE = re.compile(
    r"[\s\u3000.．·・‧⋯…‥_]*[.．·・‧⋯…‥_]{4,}[\s\u3000.．·・‧⋯…‥_]*[（(]?[0-9０-９]*[)）]?$"
)
_SPACE = r"[\s\u3000]"
_SEPARATOR = rf"(?:{_SPACE}|[.．:：、，,·\-—)）】])"

# The noun before a number; in Latin script it needs its dot or a blank, so that words do not match.
_NOUN = (
    r"(?:[彩插附线線]?[图圖]版?|[彩黑][图圖]?版|[图圖][片示]|照片|照|拓片|[摹线線]本|"
    r"Fig(?:ure)?s?\.?|FIG(?:URE)?\.?|Plate|PLATE|Pl\.|PL\.|Photo)"
)
_ARABIC = rf"[0-9０-９]+(?:{_SPACE}?[-–—－.．·]{_SPACE}?[0-9０-９]+)*"
_NUMBER = rf"(?:{_ARABIC}|[A-Z][-.]?[0-9]+|[{_CJK}]+(?:[之\-—·][{_CJK}]+)?|"
_NUMBER += rf"[{FORMAL_CHARACTERS}]+|[{ROMAN_CHARACTERS}]+(?![A-Za-z0-9]))"
# One caption for several numbers, 图12～14 or 图3、4, has a blank before its words; a citation has none.
_MORE = rf"(?:{_SPACE}?[~～、,，至]{_SPACE}?[图圖]?{_NUMBER})+(?={_SPACE}|[：:])"
_FIGURE = re.compile(
    rf"^[【\[(（〔［]?{_NOUN}{_SPACE}*(?P<number>{_NUMBER}(?:{_MORE})?)(?P<panel>[a-zA-Z](?![a-zA-Z]))?"
    r"(?P<close>[】\])）〕］])?(?P<rest>.*)$",
    re.S,
)
# Body text that speaks of a figure goes on with a verb or a list of figures.
_CITATION = re.compile(
    rf"^{_SPACE}*(?:所示|所列|显示|顯示|表明|可见|可見|可知|中[的，,可有]|里|的|是|则|則|亦|也|[和与與及或至~～]{_SPACE}*[图圖0-9]|、{_SPACE}*[图圖]|"
    r"shows?\b|illustrates?\b|presents?\b|depicts?\b|and\b|we\b|is\b|are\b|[)）\]]*[，。,;；])"
)
# 图1，飞天伎乐 is a caption too, if no more is said.
_COMMA_BEFORE_WORDS = re.compile(rf"^[，,]{_SPACE}*[\u3400-\u9fff《“][^，。；,;]{{2,20}}$")
# The piece from which a pattern was taken is named as 图：…, 实物：…, 纹样来源：…, 所属文物：…
_SHOWN = (
    r"[\u4e00-\u9fff]{0,2}(?:[纹紋图圖花][样樣案紋纹](?:来源|來源|出处|出處|载体|載體)"
    r"|[实實]物[图圖]?|[实實]例|原[件物]|文物|藏品|出自|取自|[见見]于|[见見]於|(?:服[饰飾]|[织織]物)名[称稱])"
)
# A credit names who took the picture, in a few characters.
_CREDITED = "[图圖]片|照片"
_PHOTO = re.compile(
    rf"^(?:[图圖]{_SPACE}*[：:](?=.)|(?:{_CREDITED}){_SPACE}*[：:](?=[^。]{{5,}}$)(?!.*(?:提供|[摄攝影网網社])$)|(?:{_SHOWN}){_SPACE}*[：:\u3000](?=[^。]+$)){_SPACE}*(?P<rest>\S.*)$",
    re.S,
)
# 圖、… sets captions off from the text and counts nothing, as a pointer does.
_UNCOUNTED = re.compile(rf"^(?P<noun>[图圖])[、．.]{_SPACE}*(?P<rest>\S.*)$", re.S)
_SIGNS = "▲△▴▵▼▽▾▿◀◁◂◄▶▷▸►←→↑↓↖↗↙↘"
_POINTER = re.compile(rf"^(?P<sign>[{_SIGNS}])+{_SPACE}*(?P<rest>\S.*)$", re.S)
_POINTER_BEHIND = re.compile(rf"^(?P<rest>[^{_SIGNS}]{{2,60}}?){_SPACE}*(?P<sign>[{_SIGNS}])$", re.S)
# 上图：… beside two pictures says which of them it is of.
_PLACED = re.compile(rf"^{LEADING}{_SPACE}*(?P<rest>\S.*)$", re.S)
# 左页：… is of the picture on the facing page.
_PAGED = re.compile(rf"^{PAGE_LEADING}{_SPACE}*(?P<rest>\S.*)$", re.S)
_PAGE_NUMBERED = re.compile(rf"^{PAGE_NUMBER_LEADING}{_SPACE}*(?P<rest>\S.*)$", re.S)
_QUOTED = re.compile(r"^《[^》]{1,40}》")
_LIST = re.compile(
    rf"^(?:[(（](?P<a>[0-9０-９]{{1,3}})[)）]|(?P<b>[{CIRCLED_CHARACTERS}])|(?P<c>[0-9０-９]{{1,3}})(?:[.．、](?![0-9])|{_SPACE}+))"
    rf"{_SPACE}*(?P<rest>\S.*)$",
    re.S,
)
# A letter alone is a panel's only before Chinese: in English it may be an article. OCR drops the blank behind
# it; without one it may name a type or a part.
_PANEL = re.compile(
    rf"^(?:[(（](?P<a>[a-hA-H])[)）]|(?P<b>[a-hA-H])(?:[)）]|[.．、：:](?![A-Za-z])|{_SPACE}*(?=[\u3400-\u9fff《“])(?![型形式类類级級区區组組段点點线線面座股])))"
    rf"{_SPACE}*(?P<rest>[\u3400-\u9fff《“A-Za-z].*)$",
    re.S,
)
# 二一（上） tells which of the pictures beside it is number 21.
_PLATE = re.compile(
    rf"^(?P<number>[{_CJK}]{{1,6}})(?:{_SPACE}+|{_SPACE}*[、．.·]{_SPACE}*|(?={BRACKETED}{_SPACE}))(?P<rest>\S.*)$",
    re.S,
)
# 二〇 （左页）… is number 20, on the facing page.
_PAGED_BEHIND = re.compile(rf"^(?=[(（\[［【〔]){PAGE_LEADING}{_SPACE}*(?P<rest>\S.*)$", re.S)
_BRACKETED_PLATE = re.compile(
    rf"^[【〔](?P<number>[{_CJK}]{{1,6}}|[0-9]{{1,3}})[】〕]{_SPACE}*(?P<rest>\S.*)$", re.S
)
_SECTION = re.compile(rf"^第[{_CJK}0-9０-９]{{1,4}}[章节節编編卷部篇讲講回]")
# 经变图　五代 cites nothing: behind a numeral in characters a word goes on.
_CITED = re.compile(
    rf"[图圖]版?(?:{_SPACE}*[0-9０-９]+|[{_CJK}]+(?=$|[^\u4e00-\u9fff]|[所中与與和及即为為是至可]))"
)
# 图版二四局部 shows a piece of that plate.
_DETAIL = re.compile(r"^[（(]?(?:局部|细部|細部|放大|部分|特写|特寫)")
# A caption's number may stand behind its words: 飞天伎乐（图3）.
_NUMBERED_BEHIND = re.compile(
    rf"^(?P<words>[^。；;，,]{{2,40}})[（(\[［][图圖]版?{_SPACE}*{_NUMBER}[)）\]］]$"
)
_PLATE_BEHIND = re.compile(
    rf"^(?P<words>[^。；;，,（(\[［【]{{2,40}}?){_SPACE}*[（(\[［【]?(?:[见見])?{_NOUN}{_SPACE}*(?P<number>{_NUMBER})[)）\]］】]?$"
)

_BROKEN_PLACE = re.compile(r"[左右上中下][图圖][：:].*[\s\u3000；;，,。、][左右上中下]$", re.S)

_POINTS_TO: dict[str, Side] = {
    **dict.fromkeys("▲△▴▵↑", "above"),
    **dict.fromkeys("▼▽▾▿↓", "below"),
    **dict.fromkeys("◀◁◂◄←", "left"),
    **dict.fromkeys("▶▷▸►→", "right"),
}


@dataclass(frozen=True, slots=True)
class Mark:
    """The beginning of a caption, heading or note.

    `plate` is a Chinese numeral parted from its words by a blank; with 、 or a dot it is an `outline`
    numeral, which heads sections and notes but no caption. `panel` is the letter or place of one panel of
    a figure, `page` names the page on which its picture stands (左页：), `label` the title of a museum's
    label with all its lines (`labels.py`). `bare` is no mark at all: a text that only its place makes a
    caption.

    `label` is the number as printed (with its noun), `number` its integer where it is one, `rest` the text
    behind it; `points_to` is the side on which a pointer (▲ ▼ ◀ ▶) says that the picture stands.
    """

    style: Style
    label: str
    number: int | None
    rest: str
    points_to: Side | None = None


# Each line is asked about for every line that it may follow.
@lru_cache(4096)
def read_mark(text: str) -> Mark | None:
    """The mark with which `text` begins; None without one, and for a line of a table of contents.

    A heading may prove to be a list item by its size.
    """
    text = text.strip()
    if has_leaders(text):
        return None
    return _read_pointer(text) or _turn_page(_read_numbered(text))


def _turn_page(mark: Mark | None) -> Mark | None:
    """A number with the page of its picture behind it, as the page that the number stands behind."""
    found = _PAGED_BEHIND.match(mark.rest) if mark and mark.style in ("figure", "plate") else None
    if mark is None or found is None or is_own_page(found["bracketed"]):
        return mark
    return Mark("page", found["bracketed"], None, f"{mark.label}\u3000{found['rest']}")


def is_section(text: str) -> bool:
    """Whether a text heads a chapter or section (第三章, 第十节)."""
    return _SECTION.match(text.strip()) is not None


def breaks_place(text: str) -> bool:
    """Whether a caption that names the places of its parts breaks off within one: 上图：…，下 before 图：…"""
    return _BROKEN_PLACE.search(text) is not None


def cites_figure(text: str) -> bool:
    """Whether a text without a mark speaks of a numbered figure that stands elsewhere."""
    return _CITED.search(text) is not None and _NUMBERED_BEHIND.match(text) is None


def strip_number_behind(text: str) -> str:
    """A short text without the figure's number in brackets behind it: 飞天伎乐 of 飞天伎乐（图3）."""
    found = _NUMBERED_BEHIND.match(text)
    return found["words"].rstrip() if found else text


def strip_leaders(text: str) -> str:
    """A line of a table of contents without the dots and the number of the page."""
    return _LEADERS_TO_PAGE.sub("", text.strip())


def read_number_behind(text: str) -> tuple[int, str] | None:
    """The plate's number and the words of a heading that has the number behind these: 飞天（图版三）."""
    found = _PLATE_BEHIND.match(text.strip())
    number = parse_number(found["number"]) if found else None
    return (number, found["words"].strip()) if found and number is not None else None


def is_detail(mark: Mark) -> bool:
    """Whether a caption names a piece of the numbered plate, and not the plate itself."""
    return mark.style == "figure" and _DETAIL.match(mark.rest) is not None


def find_named(mark: Mark | None) -> Mark | None:
    """The mark that names the figure: behind the word for a page (左页：图版三 …), else the mark itself."""
    if mark is None or mark.style != "page":
        return mark
    return read_mark(mark.rest) or mark


def has_leaders(text: str) -> bool:
    """Whether dots in the text lead to a page number."""
    return _LEADERS.search(text) is not None


def read_pointer_behind(text: str) -> Mark | None:
    """The pointer with which a text ends (…三足炉。▶), which belongs to all of it; None without one."""
    text = text.strip()
    found = _POINTER_BEHIND.match(text)
    if found is None or has_leaders(text):
        return None
    return Mark("pointer", found["sign"], None, found["rest"], _POINTS_TO.get(found["sign"]))


def _read_pointer(text: str) -> Mark | None:
    if found := _PHOTO.match(text):
        return Mark("photo", text[: found.start("rest")].strip(), None, found["rest"])
    if found := _UNCOUNTED.match(text):
        return Mark("pointer", found["noun"], None, found["rest"])
    if found := _PAGED.match(text):
        word = found["page"] or found["bracketed"]
        return Mark("pointer" if is_own_page(word) else "page", word, None, found["rest"])
    if found := _PAGE_NUMBERED.match(text):
        return Mark("page", found["page"], None, found["rest"])
    if found := _PLACED.match(text):
        return Mark("panel", found["place"] or found["bracketed"], None, found["rest"])
    if found := _POINTER.match(text):
        inner = _read_numbered(found["rest"])
        side = _POINTS_TO.get(found["sign"])
        if (paged := _PAGED.match(found["rest"])) and not is_own_page(paged["page"] or paged["bracketed"]):
            return Mark("page", paged["page"] or paged["bracketed"], None, paged["rest"])
        if inner:
            return Mark(inner.style, inner.label, inner.number, inner.rest, side)
        return Mark("pointer", found["sign"], None, found["rest"], side)
    return read_pointer_behind(text)


def _read_numbered(text: str) -> Mark | None:
    if (found := _FIGURE.match(text)) and _is_caption_tail(found):
        label = text[: found.start("rest")]
        number = parse_number(found["number"])
        return Mark("figure", label.strip(), number, found["rest"].lstrip(" \u3000\t\n.．:：、，,·-—"))
    if _QUOTED.match(text):
        return Mark("quoted", "", None, text)
    if heading := read_heading(text):
        return Mark("heading", *heading)
    if found := _LIST.match(text):
        label = found["a"] or found["b"] or found["c"]
        return Mark("list", label, parse_number(label), found["rest"])
    if found := _PANEL.match(text):
        return Mark("panel", found["a"] or found["b"], None, found["rest"])
    if found := _PLATE.match(text):
        number = parse_number(found["number"])
        if number is not None:
            is_outline = text[found.end("number")] in "、．.·"
            return Mark("outline" if is_outline else "plate", found["number"], number, found["rest"])
    if (found := _BRACKETED_PLATE.match(text)) and (number := parse_number(found["number"])) is not None:
        return Mark("plate", found["number"], number, found["rest"])
    return None


def _is_caption_tail(found: re.Match[str]) -> bool:
    rest = found["rest"]
    if _CITATION.match(rest) and not _COMMA_BEFORE_WORDS.match(rest):
        return False
    # 图一 needs a break before its words: 图三角形 is no figure three. Digits need none, nor does （图一）.
    needs_break = not any(c.isdigit() for c in found["number"]) and not found["close"]
    return bool(not rest or not needs_break or re.match(_SEPARATOR, rest) or _DETAIL.match(rest))
