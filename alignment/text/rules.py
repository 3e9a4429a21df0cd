"""The rules for Chinese print, in the order in which they are applied: pure functions that give changes.

A rule changes nothing in a text that is clean already, and nothing of what it has done. Each says for which
fields it is: title and caption stay as printed, but for what is no print at all.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from alignment.numerals import NUMERAL_CHARACTERS
from alignment.text.simplifying import find_traditional
from alignment.text.trail import FIELDS, Change, Edit, FieldName, make_changes, make_edits

_HAN = r"\u2e80-\u2fdf\u3005-\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_OPEN, _CLOSE = "（《〈「『【〔“‘", "）》〉」』】〕”’"
_STOPS = "，。；：、！？…—"
# White space that no plate's caption has between its fields: U+3000 is not among it.
_BLANK = r"[ \t\u00a0\u2000-\u200a\u202f\u205f]+"

# Soft hyphens, zero widths, marks of direction, selectors of a glyph's variant, and control characters.
UNPRINTED = (
    r"[\u00ad\u034f\u061c\u115f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    r"\U000e0000-\U000e01ef\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"
)
PRIVATE = r"[\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd]"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule by its name in the trail; `about` is one line for whoever looks at an edit."""

    name: str
    about: str
    fields: Sequence[FieldName]
    find: Callable[[str], list[Change]]


_UNPRINTED = re.compile(f"{UNPRINTED}+")
# Forms of Han that only old encodings and tables of radicals have, and that fonts give for common ones.
_RADICAL = re.compile("[\u2e80-\u2fdf\uf900-\ufaff\U0002f800-\U0002fa1f]")


def find_unprinted(text: str) -> list[Change]:
    """Characters that leave no ink, nor white between words."""
    return [(m.start(), m.end(), "") for m in _UNPRINTED.finditer(text)]


def find_radicals(text: str) -> list[Change]:
    """⼀ (U+2F00) and 金 (U+F90A), which look like 一 and 金 and are found by no search."""
    found = ((m.start(), m.end(), unicodedata.normalize("NFKC", m[0])) for m in _RADICAL.finditer(text))
    return [(start, end, word) for start, end, word in found if word != text[start:end]]


_BLANK_IN_HAN = re.compile(
    rf"(?<=[{_HAN}{_STOPS}{_OPEN}{_CLOSE}]){_BLANK}(?=[{_HAN}{_STOPS}{_OPEN}{_CLOSE}])"
)
_WORDS = re.compile(rf"[{_HAN}）》][{_HAN}）》]$"), re.compile(rf"[{_HAN}（《][{_HAN}（《]")


def find_blanks(text: str) -> list[Change]:
    """White between Han, which Chinese does not part words by."""
    return [(m.start(), m.end(), "") for m in _BLANK_IN_HAN.finditer(text)]


def find_field_blanks(text: str) -> list[Change]:
    """The same for captions, where white between words parts fields: that becomes U+3000."""
    behind, before = _WORDS
    return [
        (
            m.start(),
            m.end(),
            "\u3000" if behind.search(text, 0, m.start()) and before.match(text, m.end()) else "",
        )
        for m in _BLANK_IN_HAN.finditer(text)
    ]


_NUMBER = rf"(?:[0-9０-９]+(?:[-–—.．·][0-9０-９]+)*[a-zA-Z]?|[{NUMERAL_CHARACTERS}]+)"
_NOUN = r"(?:[彩插附线線黑]?[图圖]版?|彩版|拓片|照片|Figs?\.?|Figures?|Pl(?:ates?|s)?\.?)"
_CITED_FIGURE = re.compile(
    rf"[（(](?:[详詳可]?[参參]?[见見看]|如)?\s*{_NOUN}\s*{_NUMBER}"
    rf"(?:\s*[-–—~～、，,和及至]\s*{_NOUN}?\s*{_NUMBER})*(?:所示)?[)）]"
)
_NOTE_NUMBERS = r"[0-9０-９]{1,3}(?:\s*[-–—~～,，、]\s*[0-9０-９]{1,3})*"
_NOTE_MARK = re.compile(
    rf"(?<=[{_HAN}{_STOPS}{_CLOSE}])(?:[\[［〔]\s*{_NOTE_NUMBERS}\s*[\]］〕]|[\u2070\u00b9\u00b2\u00b3\u2074-\u2079]+)"
)
_LITERATURE = re.compile(
    r"\n(?:参考文献|參考文獻|参考资料|參考資料|参考书目|參考書目|资料来源|資料來源|引自|出处|出處|References?)[：:\s][^\n]*"
)


def find_cited_figures(text: str) -> list[Change]:
    """（见图3）: a pointer to where something else stands in the book."""
    return [(m.start(), m.end(), "") for m in _CITED_FIGURE.finditer(text) if m.start()]


def find_note_marks(text: str) -> list[Change]:
    """[1] and ¹ behind words: the number of a note or of a reference."""
    return [(m.start(), m.end(), "") for m in _NOTE_MARK.finditer(text)]


def find_literature(text: str) -> list[Change]:
    """Paragraphs that name literature and say so (参考文献：…), behind the text itself."""
    return [(m.start(), m.end(), "") for m in _LITERATURE.finditer(text) if text[: m.start()].strip()]


_BRACKETS = re.compile(
    rf"(?:^|(?<=[\n\u3000)(（{_HAN}{_STOPS}{_CLOSE}]))\((?P<inner>[^()（）\n]*[{_HAN}][^()（）\n]*)\)"
)
_WIDE = {",": "，", ";": "；", ":": "：", "!": "！", "?": "？"}
_NARROW_MARK = re.compile(rf"(?<=[{_HAN}{_CLOSE}])[,;:!?](?=[{_HAN}{_OPEN}]|\n|$)")


def find_narrow_brackets(text: str) -> list[Change]:
    """Brackets of half width around Han, in a Chinese text."""
    return sorted(
        change
        for m in _BRACKETS.finditer(text)
        for change in ((m.start("inner") - 1, m.start("inner"), "（"), (m.end() - 1, m.end(), "）"))
    )


def find_narrow_marks(text: str) -> list[Change]:
    """Commas and the like of half width between Han. NFKC would turn things the other way round."""
    return [(m.start(), m.end(), _WIDE[m[0]]) for m in _NARROW_MARK.finditer(text)]


_CAPTIONS: tuple[FieldName, ...] = ("title", "caption")
_TEXT: tuple[FieldName, ...] = ("description",)
RULES = (
    Rule("unprinted", "soft hyphens, zero widths and control characters out", FIELDS, find_unprinted),
    Rule("radicals", "radicals and compatibility forms to the Han they stand for", FIELDS, find_radicals),
    Rule("field_blanks", "white between Han out, U+3000 between fields", _CAPTIONS, find_field_blanks),
    Rule("blanks", "white between Han out", _TEXT, find_blanks),
    Rule("cited_figures", "（见图3） out, into `references`", _TEXT, find_cited_figures),
    Rule("note_marks", "[1] and ¹ out, into `references`", _TEXT, find_note_marks),
    Rule("literature", "a paragraph of literature out, into `references`", _TEXT, find_literature),
    Rule("brackets", "brackets around Han to full width", _TEXT, find_narrow_brackets),
    Rule("marks", "punctuation between Han to full width", _TEXT, find_narrow_marks),
    Rule("simplified", "traditional characters to simplified ones, but for terms", _TEXT, find_traditional),
)
REFERRING = frozenset({"cited_figures", "note_marks", "literature"})
"""The rules that take out what goes into the field `references`."""


def apply_rules(field: FieldName, text: str) -> tuple[str, list[Edit]]:
    """The text after all rules that are for `field`, and their edits."""
    edits: list[Edit] = []
    for rule in RULES:
        if field in rule.fields and (changes := rule.find(text)):
            edits += make_edits(field, "rules", rule.name, text, changes)
            text = make_changes(text, changes)
    return text, edits
