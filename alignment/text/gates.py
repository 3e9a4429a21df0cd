"""Gates: what a model's correction of a text must keep, whatever the model was asked or told.

Pure functions of three texts: `base`, the rules' text that was handed to the model; `refined`, what it gave
back; and `raw`, all that was read of the figure. A correction that does not pass is refused as a whole. The
prompt asks for the same things, but a prompt protects nothing: a book may print "ignore your instructions".
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Literal

from rapidfuzz.distance import Levenshtein

from alignment.numerals import NUMERAL_CHARACTERS
from alignment.text.profiles import read_dynasties, read_words

GateName = Literal["form", "length", "distance", "numbers", "caves", "dynasties", "characters"]
"""`form` is for an answer that is not of the form asked for: no text that could be looked at."""

LOOK_ALIKES = Path(__file__).with_name("look_alikes.toml")
MOST_DISTANCE = 0.15
"""Edits (Levenshtein) by the length of the longer text."""
LENGTHS = 0.85, 1.15
"""Length of the correction by that of the text."""
SUMMARY_CHARACTERS = 50
"""Chinese-CLIP reads 52 tokens of a text, two of which are not the text's."""

# Signs that a correction may set where none was read: those of Chinese print, and white.
_SIGNS = frozenset("，。、；：！？…—·《》〈〉“”‘’（）【】「」『』〔〕 \u3000\n")
_DIGITS = str.maketrans("０１２３４５６７８９．", "0123456789.")


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate by its name; `about` is one line for whoever looks at a refusal."""

    name: GateName
    about: str
    passes: Callable[[str, str, str], bool]


def find_refusal(base: str, refined: str, raw: str) -> GateName | None:
    """The first gate that `refined` does not pass; None where it passes all."""
    return next((gate.name for gate in GATES if not gate.passes(base, refined, raw)), None)


def can_change(base: str) -> bool:
    """Whether the text is long enough for a single character of it to be corrected."""
    return bool(base.strip()) and 1 / len(base) <= MOST_DISTANCE


def keeps_length(base: str, refined: str, _: str) -> bool:
    """Whether about as much text is left as there was."""
    least, most = LENGTHS
    return least * len(base) <= len(refined) <= most * len(base)


def keeps_distance(base: str, refined: str, _: str) -> bool:
    """Whether few characters are other ones."""
    return Levenshtein.normalized_distance(base, refined) <= MOST_DISTANCE


def list_numbers(text: str) -> list[str]:
    """Every number, in order: runs of digits, or of numerals of any script; 3.5 is one, 长3宽5 are two."""
    runs = groupby(text.translate(_DIGITS), key=lambda c: _is_numeral(c) or c in ".,")
    numbers = ("".join(run).strip(".,") for is_number, run in runs if is_number)
    return [number for number in numbers if number]


def _is_numeral(c: str) -> bool:
    return c.isnumeric() or c in NUMERAL_CHARACTERS


def list_caves(text: str) -> list[str]:
    """Every cave and cave site that is named, in order: 莫高窟, 第一六九窟, 6号龛, 藏经洞."""
    return _find_caves().findall(text)


def list_dynasties(text: str) -> list[str]:
    """Every dynasty and reign that is named, in order. Of one character they stand in common words too (明显,
    清晰): a correction that brings one in or takes one out is not worth the risk."""
    return _find_dynasties().findall(text)


def has_no_new_characters(base: str, refined: str, raw: str) -> bool:
    """Whether each character was read, or looks like one that the correction takes away, or is a sign."""
    new = set(refined) - set(base) - set(raw) - _SIGNS
    taken = set(Counter(base) - Counter(refined))
    return all(taken & find_look_alikes(c) for c in new)


# They follow each other as they are easily understood: a text of another length needs no further reason.
GATES = (
    Gate("length", "the text is shorter or longer by over 15 %", keeps_length),
    Gate("distance", "over 15 % of the characters are other ones", keeps_distance),
    Gate(
        "numbers", "digits and numbers are not the same", lambda a, b, _: list_numbers(a) == list_numbers(b)
    ),
    Gate("caves", "caves and sites are not the same", lambda a, b, _: list_caves(a) == list_caves(b)),
    Gate("dynasties", "dynasties are not the same", lambda a, b, _: list_dynasties(a) == list_dynasties(b)),
    Gate("characters", "a character was not read and looks like none that was", has_no_new_characters),
)


def is_fair_summary(text: str, raw: str, summary: str) -> bool:
    """Whether a summary of `text` is short, and has no character, number, cave or dynasty of its own."""
    if not summary.strip() or "\n" in summary or len(summary) > min(SUMMARY_CHARACTERS, len(text)):
        return False
    if set(summary) - set(text) - set(raw) - _SIGNS:
        return False
    listed = (list_numbers, list_caves, list_dynasties)
    return all(Counter(find(summary)) <= Counter(find(text)) for find in listed)


def find_look_alikes(character: str) -> frozenset[str]:
    """The characters that stand with this one in a group of `look_alikes.toml`."""
    return _load_look_alikes().get(character, frozenset())


def read_look_alikes() -> dict[str, list[str]]:
    """The groups of characters that look alike, by category."""
    categories = tomllib.loads(LOOK_ALIKES.read_text(encoding="utf-8"))["category"]
    return {category["name"]: category["groups"] for category in categories}


@cache
def _load_look_alikes() -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for group in (g for groups in read_look_alikes().values() for g in groups):
        for character in group:
            found.setdefault(character, set()).update(set(group) - {character})
    return {character: frozenset(others) for character, others in found.items()}


@cache
def _find_caves() -> re.Pattern[str]:
    words = read_words("mural")
    number = rf"(?:[0-9０-９]+|[{NUMERAL_CHARACTERS}]+)"
    named = _alternate([*words["site"], *words["cave_name"]])
    return re.compile(rf"第?\s?{number}\s?号?[窟洞龛]|{named}")


@cache
def _find_dynasties() -> re.Pattern[str]:
    return re.compile(_alternate(list(read_dynasties())))


def _alternate(words: list[str]) -> str:
    """A pattern for any of the words, the longest first."""
    return "|".join(map(re.escape, sorted(set(words), key=lambda w: (-len(w), w))))
