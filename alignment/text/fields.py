"""Fields read off a figure's own texts where they are printed: number, dynasty, cave, keeper, size …

Values are as printed, in the book's script. A profile says which fields there are and how each is printed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields

from alignment.data_lines import is_data
from alignment.marks import Mark, read_mark
from alignment.numerals import FORMAL_CHARACTERS, NUMERAL_CHARACTERS, ROMAN_CHARACTERS, parse_number
from alignment.text.composing import Piece
from alignment.text.profiles import FieldRule, Profile
from alignment.text.rules import REFERRING, find_blanks, find_unprinted
from alignment.text.simplifying import simplify
from alignment.text.trail import Edit, make_changes


@dataclass(frozen=True, slots=True)
class TextFields:
    """What is printed of a figure besides its words; None where nothing is. An `_index` is the integer that a
    printed number or cave stands for, where it stands for one. `references` are literature and pointers to
    other figures."""

    figure_number: str | None = None
    figure_index: int | None = None
    plate_number: str | None = None
    plate_index: int | None = None
    dynasty: str | None = None
    site: str | None = None
    cave: str | None = None
    cave_index: int | None = None
    position: str | None = None
    collection: str | None = None
    technique: str | None = None
    dimensions: str | None = None
    references: tuple[str, ...] | None = None


NO_FIELDS = TextFields()
FIELD_COLUMNS = tuple(f.name for f in fields(TextFields))
"""The columns of a release that hold fields."""

PRINTED = {"figure": "figure_number", "plate": "plate_number", "cave": "cave"}
"""What has an integer beside it, and the column that has it as printed."""
# The noun before a figure's number, and what brackets both.
_LABEL = re.compile(
    rf"^[【\[(（〔［]?[^\W\d_{NUMERAL_CHARACTERS}{FORMAL_CHARACTERS}{ROMAN_CHARACTERS}]*\.?\s*"
)
_AROUND = " \u3000.．:：、，,·-—)）】]］〕"
_IN_CAVE = re.compile(rf"[0-9０-９]+|[{NUMERAL_CHARACTERS}]+")
# One reference begins with its number.
_REFERENCE_KEY = re.compile(r"\n(?=[\[［〔][0-9０-９]+[\]］〕]|[①-⑳])")


def parse_fields(
    profile: Profile, pieces: Sequence[Piece], trail: Iterable[Edit] = (), words: str = ""
) -> TextFields:
    """The fields of a figure with these regions; `trail` has what rules took out of its description, `words`
    are those that a caption of several parts has for this one."""
    texts = _list_texts(pieces, words)
    found: dict[str, str] = {}
    for rule in profile.rules:
        if rule.name not in found and (value := _find_value(rule, texts)):
            found[rule.name] = value
    indexes = {f"{name}_index": find_index(name, found.get(column)) for name, column in PRINTED.items()}
    references = _list_references(pieces, trail)
    return TextFields(**found, **indexes, references=references or None)  # type: ignore[arg-type]


def _list_texts(pieces: Sequence[Piece], words: str) -> Mapping[str, list[str]]:
    """The texts by the words with which a profile names them."""
    texts: dict[str, list[str]] = {}
    for piece in pieces:
        text = _clean(piece.text)
        texts.setdefault("number" if words and piece.role == "caption" else piece.role, []).append(text)
        if piece.role == "body" and is_data(text) and not text.endswith("。"):
            texts.setdefault("data", []).append(text)
        if piece.role == "note" and "note_head" not in texts:
            texts["note_head"] = [_clean(piece.raw.split("\n", 1)[0])]
    if words:
        texts["caption"] = [words]
    texts.setdefault("number", [*texts.get("caption", ()), *texts.get("title", ())])
    return texts


def _clean(text: str) -> str:
    for find in (find_unprinted, find_blanks):
        text = make_changes(text, find(text))
    return text


def _find_value(rule: FieldRule, texts: Mapping[str, list[str]]) -> str:
    if rule.marks:
        numbered = (*texts.get("number", ()), *texts.get("note_head", ()))
        return next((number for text in numbered if (number := _read_number(text, rule.marks))), "")
    pattern = rule.compile()
    for name in rule.roles:
        for text in texts.get(name, ()):
            # Profiles are written in simplified characters, which keep every character's place.
            if found := pattern.search(simplify(text)):
                return text[found.start("value") : found.end("value")].strip()
    return ""


def _read_number(text: str, kinds: Sequence[str]) -> str:
    """The number with which a caption begins, if it is one of these kinds."""
    mark = read_mark(text)
    if mark is None or (kind := _find_kind(mark)) not in kinds:
        return ""
    if kind == "plate" and mark.style == "plate":
        return mark.label
    return _LABEL.sub("", mark.label).strip(_AROUND)


def _find_kind(mark: Mark) -> str:
    if mark.style == "plate" or (mark.style == "figure" and "版" in mark.label):
        return "plate"
    if mark.style == "figure":
        return "plate" if mark.label.lower().startswith("pl") else "figure"
    return mark.style


def find_index(name: str, printed: str | None) -> int | None:
    """The integer that a printed number stands for; None where it is none, as 3-2 is."""
    if printed is None:
        return None
    if name != "cave":
        return parse_number(printed)
    found = _IN_CAVE.search(printed)
    return parse_number(found[0]) if found else None


def _list_references(pieces: Sequence[Piece], trail: Iterable[Edit]) -> tuple[str, ...]:
    """Literature, each item by itself, then what rules took out of the description; none twice."""
    listed: list[str] = []
    for piece in pieces:
        if piece.role == "reference":
            listed += (_clean(item) for item in _split_references(piece))
    listed += (edit.before for edit in trail if edit.rule in REFERRING)
    return tuple(dict.fromkeys(item.strip() for item in listed if item.strip()))


def _split_references(piece: Piece) -> list[str]:
    """A region of references cut before each line that begins with a number; lines joined as elsewhere."""
    parts = _REFERENCE_KEY.split(piece.raw)
    if len(parts) == 1:
        return [piece.text]
    from alignment.joining import join_lines

    return [join_lines(part.split("\n")) for part in parts]
