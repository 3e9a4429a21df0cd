"""What all conversions share: what they count, how they tell of it, and which rows they take."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from export.reading import LIGHT, StoredRelease

Tell = Callable[[str, int, int], None]
"""Called with (step, done, total)."""

LEFT_OUT = "rows without text left out"
REENCODED = "images written anew as PNG"


@dataclass(slots=True)
class Tally:
    """Counts by what is counted, in the order of counting; `notes` are sentences for the user."""

    counts: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)


Writer = Callable[[StoredRelease, Path, Tally, Tell], None]
"""Writes a release into an empty folder."""


def read_pairs(
    release: StoredRelease, split: str, tally: Tally | None, tell: Tell, columns: Sequence[str] = LIGHT
) -> Iterator[dict[str, Any]]:
    """The rows of a split that have text, their description without blanks around it. Those without are
    counted in `tally`; a conversion that goes through the rows again gives None the second time."""
    total = release.count_rows(split)
    step = f"{split}: {'images' if 'image' in columns else 'texts'}"
    for done, row in enumerate(release.read_rows(split, columns), 1):
        tell(step, done, total)
        row["description"] = row["description"].strip()
        if row["description"]:
            if tally is not None:
                tally.counts["rows"] += 1
            yield row
        elif tally is not None:
            tally.counts[LEFT_OUT] += 1


def format_json(value: Mapping[str, Any]) -> str:
    """One line of JSON; ValueError for NaN."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False) + "\n"
