"""Traditional → simplified characters by OpenCC (t2s), but for the terms that `protected_terms.toml` settles.

A text that is simplified already stays as it is: OpenCC would make 干元 of the reign 乾元 there too.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from itertools import zip_longest
from pathlib import Path

from alignment.text.trail import Change

TERMS = Path(__file__).with_name("protected_terms.toml")


def simplify(text: str) -> str:
    """The text in simplified characters; as long as it was. Everything that is not traditional stays."""
    traditional = _load_converter()[1]
    # OpenCC looks up every run of characters of a text, and most books are simplified already.
    if traditional.isdisjoint(text):
        return text
    pattern, terms = _load_terms()
    done: list[str] = []
    last = 0
    for found in pattern.finditer(text):
        done += (_convert(text[last : found.start()]), terms[found[0]])
        last = found.end()
    return "".join((*done, _convert(text[last:])))


def find_traditional(text: str) -> list[Change]:
    """What `simplify` changes: runs of characters that have another form."""
    simplified = simplify(text)
    changes: list[Change] = []
    for n, (old, new) in enumerate(zip(text, simplified, strict=True)):
        if old == new:
            continue
        if changes and changes[-1][1] == n:
            start, _, word = changes.pop()
            changes.append((start, n + 1, word + new))
        else:
            changes.append((n, n + 1, new))
    return changes


def _convert(text: str) -> str:
    """OpenCC's form of a text. A few of its words lead to characters that it would change again."""
    convert, traditional = _load_converter()
    while not traditional.isdisjoint(text):
        converted = convert(text)
        if converted == text:
            break
        text = converted
    return text


@cache
def _load_converter() -> tuple[Callable[[str], str], frozenset[str]]:
    """OpenCC, and the characters that it changes and that no simplified text has.

    Of those that it changes a few are written in simplified texts too (乾, 徵, 後 …: they are in GB 2312), so
    they alone do not say that a text is traditional.
    """
    from opencc import OpenCC

    converter = OpenCC("t2s")
    words = [pair for _, _, entries in converter.dict_cache.values() for pair in entries.items()]
    changed = {a for old, new in words for a, b in zip_longest(old, new) if len(old) != len(new) or a != b}
    return converter.convert, frozenset(c for c in changed - {None} if not _is_in_gb2312(c))


def _is_in_gb2312(c: str) -> bool:
    try:
        c.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def read_terms() -> dict[str, dict[str, str]]:
    """The protected terms by category: each form in which one is printed → its form in simplified texts."""
    categories = tomllib.loads(TERMS.read_text(encoding="utf-8"))["category"]
    found: dict[str, dict[str, str]] = {}
    for category in categories:
        forms = found.setdefault(category["name"], {})
        for line in category["terms"]:
            simplified, *printed = line.split()
            forms |= dict.fromkeys((simplified, *printed), simplified)
    return found


@cache
def _load_terms() -> tuple[re.Pattern[str], Mapping[str, str]]:
    """What finds any form of a term, the longest first, and the forms' simplified form."""
    terms = {form: term for forms in read_terms().values() for form, term in forms.items()}
    longest = sorted(terms, key=lambda form: (-len(form), form))
    return re.compile("|".join(map(re.escape, longest))), terms
