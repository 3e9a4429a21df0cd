"""Keys of a list set as one text: 1. 罐　2、3. 壶　4. 盆, as reports set the legends of their drawings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from alignment.numerals import CIRCLED_CHARACTERS, parse_number

MOST_SPANNED = 12
_N = r"[1-9][0-9]?"
# Joined lines have no blank between an item and the next key, which then has its dot.
_BEGIN = r"(?:^|(?<=[；;。，,、：:(（\s\u3000])|(?<=[\u3400-\u9fff）)])(?=[0-9、,，~～–—-]+[.．]))"
_KEY = re.compile(
    rf"(?:{_BEGIN}(?P<several>{_N}(?:[\s\u3000]?[、,，~～至–—-][\s\u3000]?{_N})+)(?:[.．：:][\s\u3000]*|[\s\u3000]+)"
    rf"|{_BEGIN}(?P<one>{_N})(?:(?:[.．、：:]|[—–－]{{1,2}})[\s\u3000]*|[\s\u3000]+)"
    rf"|(?:^|(?<=[\s\u3000；;。，,、：:]))[（(](?P<bracketed>{_N})[）)][\s\u3000]*"
    rf"|(?P<circled>[{CIRCLED_CHARACTERS}])[\s\u3000]*)"
    # What is counted is named: by Han, a title, or a type (A型, Ⅱ式).
    r"(?=[\u3400-\u9fff《“「]|[A-Za-zⅠ-Ⅻ]{1,4}[\u3400-\u9fff])"
)


@dataclass(frozen=True, slots=True)
class ListKey:
    """A key in a text, from `start` to where its item's words begin, with the numbers that it names."""

    numbers: tuple[int, ...]
    start: int
    end: int


def find_keys(text: str, first: int = 1) -> list[ListKey]:
    """The keys that count from `first`, each with the least number that none before it has; none where a
    number is left out. A size or a year between them is no key."""
    return list(_find_keys(text, first))


@lru_cache(maxsize=4096)
def _find_keys(text: str, first: int) -> list[ListKey]:
    kept: list[ListKey] = []
    seen: set[int] = set()
    for found in _KEY.finditer(text):
        numbers = _read_numbers(found)
        if numbers and numbers[0] == _next(seen, first) and seen.isdisjoint(numbers):
            kept.append(ListKey(numbers, found.start(), found.end()))
            seen.update(numbers)
    return kept if seen == set(range(first, first + len(seen))) else []


def _next(seen: set[int], first: int) -> int:
    return next(n for n in range(first, first + len(seen) + 1) if n not in seen)


def _read_numbers(found: re.Match[str]) -> tuple[int, ...]:
    several = found["several"]
    if several is None:
        number = parse_number(found["one"] or found["bracketed"] or found["circled"])
        return (number,) if number else ()
    parts = re.split(r"[\s\u3000]?([、,，~～至–—-])[\s\u3000]?", several)
    numbers = [int(parts[0])]
    for sign, part in zip(parts[1::2], parts[2::2], strict=True):
        numbers += range(numbers[-1] + 1, int(part)) if sign in "~～至–—-" else ()
        numbers.append(int(part))
    rises = all(a < b for a, b in pairwise(numbers)) and len(numbers) <= MOST_SPANNED
    return tuple(numbers) if rises else ()


def cut_at_keys(text: str, keys: Sequence[ListKey]) -> list[tuple[ListKey, str]]:
    """Each key with its item's words."""
    ends = [*(key.start for key in keys[1:]), len(text)] if keys else []
    return [(key, text[key.end : end]) for key, end in zip(keys, ends, strict=True)]
