"""A figure's texts → title, caption, description: numbers, keys and asides off."""

from __future__ import annotations

import re

from alignment.caption_lines import SOURCE
from alignment.data_lines import is_data
from alignment.marks import read_mark, strip_number_behind
from alignment.numerals import NUMERAL_CHARACTERS, parse_number
from alignment.parts import strip_legend

_ASIDE = re.compile(r"[（(〔［\[【].*?[)）〕］\]】]")
_CLAUSE_END = re.compile(r"[，。；;,．]|(?<=[\u4e00-\u9fff])\.(?:\s|$)")
# Where the caption begins anew in English.
_ENGLISH = re.compile(
    r"(?<=[\u3400-\u9fff》）)])[\s\u3000]*(?:Fig(?:ure)?s?|FIG|Plate|Pl|Photo)\.?[\s\u3000]*[0-9IVX]"
)
_CAVE = re.compile(rf"[\u4e00-\u9fff]{{0,6}}第?[0-9{NUMERAL_CHARACTERS}]+[号號]?[窟墓龛龕]")
# At the head of a title it is no reference.
_BRACKETED_NUMBER = re.compile(r"^[\[［][0-9]{1,3}[\]］][\s\u3000]*")
_FIELD = re.compile(r"[\s\u3000]{1,}")
# On a record card the name is one of the fields.
_NAME_FIELD = re.compile(
    r"(?:^|[\s\u3000])[\u4e00-\u9fff]{0,3}(?:名称|名稱|题名|題名|品名)[：:]\s*(?P<name>[^\s\u3000]+)"
)
MAX_TITLE, MIN_FIELD = 40, 3


def strip_number(text: str) -> str:
    """A caption or heading without its mark: number, 图：, pointer."""
    mark = read_mark(text)
    if parse_number(text) is not None:
        return ""
    if mark is None or mark.style in ("quoted", "bare"):
        return strip_number_behind(_BRACKETED_NUMBER.sub("", text))
    return mark.rest


def strip_asides(title: str) -> str:
    """A title without what stands in brackets: 说法图 of 说法图（局部）."""
    return _ASIDE.sub("", title).strip()


def find_title(text: str) -> str:
    """The title in a caption: for a plate its first field, else the first clause; without the number."""
    if named := _NAME_FIELD.search(text):
        return named["name"]
    mark = read_mark(text)
    rest = strip_number(text)
    if mark and mark.style == "page":
        return find_title(rest)
    if mark and mark.style in ("plate", "outline"):
        return _FIELD.split(rest, maxsplit=1)[0]
    if mark and mark.style == "photo":
        return rest
    if mark and mark.style == "heading":
        return _cut_data(rest)
    if mark and mark.style == "quoted":
        return rest if len(rest) <= MAX_TITLE else rest[: rest.index("》") + 1]
    return _first_clause(rest)


def _first_clause(text: str) -> str:
    english = _ENGLISH.search(text)
    text = text[: english.start()] if english else text
    source = SOURCE.search(text, 1)
    text = text[: source.start()].rstrip() if source else text
    text = strip_legend(text) or text
    found = _CLAUSE_END.search(text)
    clause = text[: found.start()] if found else text
    # A bracket or title mark that the cut would leave open keeps the text whole.
    if clause.count("《") != clause.count("》") or clause.count("（") != clause.count("）"):
        clause = text
    title = clause.strip()
    first = _FIELD.split(title, maxsplit=1)[0]
    # Behind the title of a caption that goes on in sentences stands the first of these.
    if "。" in text and len(first) >= MIN_FIELD and not is_data(first):
        return first
    return _cut_data(title)


def _cut_data(clause: str) -> str:
    """The fields before the first that says where the piece is or was found, its date or its size."""
    fields = list(re.finditer(r"[^\s\u3000]+", clause))
    for field in fields[1:]:
        if is_data(field[0]) or _CAVE.match(field[0]):
            return clause[: field.start()].rstrip()
    return clause


def join_paragraphs(paragraphs: list[str]) -> str:
    """Paragraphs as one text, each on its line."""
    return "\n".join(p.strip() for p in paragraphs if p.strip())
