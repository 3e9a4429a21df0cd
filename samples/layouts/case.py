"""What a case of the gallery is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from samples.books import Series
from samples.truth import Row

Write = Callable[[Path, int], list[Row]]
"""Typesets a book from a seed to a path and returns its truth."""


@dataclass(frozen=True, slots=True)
class Case:
    """One layout: the series that its books belong to, and whether a scan of them is a fair question."""

    name: str
    write: Write
    series: Series = "other"
    can_be_scanned: bool = True
