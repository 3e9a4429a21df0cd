"""Characters of a book that no reader sees, or that only its own fonts know: found, counted and reported."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from alignment.text.rules import PRIVATE, UNPRINTED
from extractors.records import Page

_KINDS = {"unprinted": re.compile(UNPRINTED), "private": re.compile(PRIVATE)}
_SAID = {
    "unprinted": "characters that are not printed (soft hyphens, zero widths …) were left out",
    "private": "characters are for private use: only the book's own fonts say what they look like",
}


def count_odd_characters(pages: Iterable[Page]) -> dict[str, int]:
    """How many there are of each kind, on all pages, in a figure's texts or not; no kind without any."""
    counts = dict.fromkeys(_KINDS, 0)
    for page in pages:
        counts["unprinted"] += page.unprinted
        text = "".join(line.text for line in page.lines)
        for kind, pattern in _KINDS.items():
            counts[kind] += len(pattern.findall(text))
    return {kind: count for kind, count in counts.items() if count}


def describe_odd_characters(counts: Mapping[str, int]) -> list[str]:
    """A sentence a kind, for the report."""
    return [f"{count} {_SAID[kind]}" for kind, count in counts.items()]
