"""Profiles: what the books of a series print with a figure, and how, as data (`profiles/*.toml`).

A curator's own file has the same form. It may begin from another (`extends = "mural"`): word lists and fields
of the same name then replace those of the other, and all others stay.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from alignment.numerals import NUMERAL_CHARACTERS
from extractors.errors import CultiError

_FOLDER = Path(__file__).with_name("profiles")
DYNASTIES = _FOLDER / "dynasties.toml"
BUILT_IN = ("silk", "mural", "general")
# Of a series, and of names that sources files had before there were profiles.
_OF_SERIES = {"silk": "silk", "dunhuang": "mural", "other": "general"}
KINDS = ("", "pattern", "textile", "cropped_pattern", "mural")
WORDED_KINDS = ("pattern", "textile", "cropped_pattern", "mural", "figure")
FIELD_NAMES = (
    "figure_number",
    "plate_number",
    "dynasty",
    "site",
    "cave",
    "position",
    "collection",
    "technique",
    "dimensions",
)
ROLES = ("title", "caption", "collection", "data", "body", "note", "note_head")
MARKS = ("figure", "plate", "heading", "list")
_KEYS = {"about", "extends", "kind", "words", "field", "leave_out", "kinds"}
_WORD = re.compile(r"\{([a-z_]+)\}")


class ProfileError(CultiError):
    """A profile cannot be had, or is not as profiles are."""


@dataclass(frozen=True, slots=True)
class FieldRule:
    """How one field is printed: by the mark with which a caption begins, or by a pattern whose group `value`
    is sought in the texts of some roles, in simplified characters."""

    name: str
    roles: tuple[str, ...] = ()
    pattern: str = ""
    marks: tuple[str, ...] = ()

    def compile(self) -> re.Pattern[str]:
        """The pattern."""
        return _compile(self.pattern)


@dataclass(frozen=True, slots=True)
class Profile:
    """What a series' books print: `kind` is that of all figures, where the series has but one; of the rules
    of one field the first that finds something counts. `kinds` are words that speak for a kind, where a
    figure's title or caption has them (with `$` behind: where they end it)."""

    name: str
    about: str
    kind: str
    rules: tuple[FieldRule, ...]
    kinds: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def label(self) -> str:
        """The name, and for a curator's own a digest of what it says: two that are called alike differ."""
        if self in map(find_profile, BUILT_IN):
            return self.name
        return f"{self.name} {hashlib.sha256(repr(self).encode()).hexdigest()[:12]}"


@cache
def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def find_profile(series: str) -> Profile:
    """The profile of a series, or the one of that name. ProfileError where there is none."""
    name = _OF_SERIES.get(series, series)
    if name not in BUILT_IN:
        raise ProfileError(f"no profile {series!r}; there are {', '.join(BUILT_IN)}, or give a .toml file")
    return load_profile(_FOLDER / f"{name}.toml")


def choose_profile(named: str, folder: Path) -> Profile:
    """The profile of a name, or of a file by its path from `folder`. ProfileError where there is none."""
    return load_profile(folder / named) if named.lower().endswith(".toml") else find_profile(named)


@cache
def load_profile(path: Path) -> Profile:
    """A profile from its file. ProfileError in one line that names the file and the key."""
    raw = _read(path, ())
    words = {"number": rf"(?:[0-9０-９]+|[{NUMERAL_CHARACTERS}]+)", **_read_dynasties()}
    words |= {name: _alternate(listed) for name, listed in raw.get("words", {}).items()}
    left_out = set(raw.get("leave_out", ()))
    rules = tuple(
        _make_rule(path, entry, words) for entry in raw.get("field", ()) if entry.get("name") not in left_out
    )
    kinds = tuple((kind, tuple(listed)) for kind, listed in sorted(raw.get("kinds", {}).items()))
    return Profile(path.stem, str(raw.get("about", "")), str(raw.get("kind", "")), rules, kinds)


def _read(path: Path, below: tuple[Path, ...]) -> dict[str, Any]:
    """The file's tables over those that it extends."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ProfileError(f"{path}: cannot be read ({error.strerror})") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ProfileError(f"{path}: not valid TOML: {error}") from error
    if unknown := raw.keys() - _KEYS:
        raise ProfileError(f"{path}: unknown key {min(unknown)!r}; allowed are {', '.join(sorted(_KEYS))}")
    if raw.get("kind", "") not in KINDS:
        raise ProfileError(f"{path}: 'kind': one of {', '.join(KINDS[1:])}, not {raw['kind']!r}")
    _check_tables(path, raw)
    if not (base := raw.get("extends")):
        return raw
    source = _FOLDER / f"{base}.toml" if base in BUILT_IN else path.parent / str(base)
    if source in (path, *below):
        raise ProfileError(f"{path}: 'extends': leads back to {source.name}")
    under = _read(source, (*below, path))
    own = {entry.get("name") for entry in raw.get("field", ())}
    return {
        **under,
        **raw,
        "words": {**under.get("words", {}), **raw.get("words", {})},
        "kinds": {**under.get("kinds", {}), **raw.get("kinds", {})},
        "field": [*raw.get("field", ()), *(e for e in under.get("field", ()) if e.get("name") not in own)],
        "leave_out": [*under.get("leave_out", ()), *raw.get("leave_out", ())],
    }


def _check_tables(path: Path, raw: Mapping[str, Any]) -> None:
    for table in ("words", "kinds"):
        for name, listed in raw.get(table, {}).items():
            if not (isinstance(listed, list) and listed and all(isinstance(w, str) and w for w in listed)):
                raise ProfileError(f"{path}: {table}.{name}: a list of words is wanted")
    if unknown := raw.get("kinds", {}).keys() - {*WORDED_KINDS}:
        allowed = ", ".join(WORDED_KINDS)
        raise ProfileError(f"{path}: [kinds] has the kind {min(unknown)!r}; allowed are {allowed}")
    for entry in raw.get("field", ()):
        if entry.get("name") not in FIELD_NAMES:
            told = f"{entry.get('name')!r}; allowed are {', '.join(FIELD_NAMES)}"
            raise ProfileError(f"{path}: [[field]] has the name {told}")


def _make_rule(path: Path, entry: Mapping[str, Any], words: Mapping[str, str]) -> FieldRule:
    where = f"{path}: field {entry['name']!r}"
    roles, marks = tuple(entry.get("from", ())), tuple(entry.get("marks", ()))
    for given, allowed, key in ((roles, ROLES, "from"), (marks, MARKS, "marks")):
        if wrong := next((word for word in given if word not in allowed), None):
            raise ProfileError(f"{where}: {key!r} has {wrong!r}; allowed are {', '.join(allowed)}")
    if marks:
        return FieldRule(entry["name"], marks=marks)
    pattern = str(entry.get("pattern", ""))
    if missing := next((w for w in _WORD.findall(pattern) if w not in words), None):
        raise ProfileError(f"{where}: 'pattern' names the words {{{missing}}}, which are not listed")
    pattern = _WORD.sub(lambda found: words[found[1]], pattern)
    try:
        has_value = "value" in _compile(pattern).groupindex
    except re.error as error:
        raise ProfileError(f"{where}: 'pattern' is no regular expression ({error})") from error
    if not has_value or not roles:
        raise ProfileError(f"{where}: 'marks', or 'from' and a 'pattern' with (?P<value>…), are wanted")
    return FieldRule(entry["name"], roles, pattern)


def _alternate(words: list[str]) -> str:
    """A pattern for any of the words, the longest first."""
    return f"(?:{'|'.join(map(re.escape, sorted(words, key=lambda w: (-len(w), w))))})"


@cache
def read_words(name: str) -> Mapping[str, tuple[str, ...]]:
    """The word lists of one of the project's own profiles, by the list's name."""
    return {key: tuple(listed) for key, listed in _read(_FOLDER / f"{name}.toml", ())["words"].items()}


@cache
def read_dynasties() -> Mapping[str, str]:
    """Simplified names of dynasties, and of reigns, → the dynasty in English, for charts and tables."""
    raw = tomllib.loads(DYNASTIES.read_text(encoding="utf-8"))
    found = {word: english for english, listed in raw["dynasty"].items() for word in listed}
    return found | {word: english for english, listed in raw["reign"].items() for word in listed}


def name_dynasty(printed: str) -> str:
    """The dynasty in English that a printed one begins with (清乾隆 → Qing); "other" for one not listed."""
    names = read_dynasties()
    longest = max(map(len, names))
    lengths = range(min(longest, len(printed)), 0, -1)
    return next((names[printed[:n]] for n in lengths if printed[:n] in names), "other")


def _read_dynasties() -> dict[str, str]:
    raw = tomllib.loads(DYNASTIES.read_text(encoding="utf-8"))
    words = {key: [w for listed in raw[key].values() for w in listed] for key in ("dynasty", "reign")}
    return {key: _alternate(listed) for key, listed in words.items()}
