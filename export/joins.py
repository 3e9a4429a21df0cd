"""Which rows belong together by what is printed: entry, plate number, the same bytes, the same text."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from alignment.data_lines import is_collection
from alignment.marks import read_mark
from export.rows import Row

Reason = Literal["entry", "plate", "bytes", "text", "image"]
REASONS: tuple[Reason, ...] = ("entry", "plate", "bytes", "text", "image")

# Han characters that a text must have for its like to be no chance: 折枝牡丹 stands on many pages.
_LEAST_HAN = 8
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_UNHEARD = re.compile(r"[\W_]+")
_PLATE_NOUN = re.compile(r"版|Plate|PLATE|Pl\.")


@dataclass(frozen=True, slots=True)
class Item:
    """What grouping and splitting need of a row. `number` is its place among the rows; `text` is equal where
    the texts are, and empty where there is none to go by."""

    pair_id: str
    number: int
    series: str
    kind: str
    document: str
    entry: str
    plate: str
    text: str
    image_sha256: str
    phash: str
    image_file: Path


@dataclass(frozen=True, slots=True)
class Link:
    """Two rows, by pair_id, that may not lie in different splits."""

    one: str
    other: str
    reason: Reason


def make_item(row: Row, number: int) -> Item:
    """The row without its texts and places; keys are empty where there is nothing to go by."""
    book = row.document_sha256 or row.document
    plate = find_plate(row.caption)
    return Item(
        pair_id=row.pair_id,
        number=number,
        series=row.series,
        kind=row.kind,
        document=book,
        entry=row.entry_id or "",
        plate=f"{book}:{plate}" if plate is not None and row.page is not None else "",
        text=hashlib.sha256(text.encode()).hexdigest() if (text := fold_text(row.description)) else "",
        image_sha256=row.image_sha256,
        phash=row.phash,
        image_file=row.image_file,
    )


def find_plate(caption: str) -> int | None:
    """The plate's number in a caption: 一六　伎乐天…, 图版16. Figures (图3) count anew in every chapter."""
    mark = read_mark(caption.split("\n", 1)[0]) if caption else None
    if mark is None or (mark.style == "figure" and not _PLATE_NOUN.search(mark.label)):
        return None
    return mark.number if mark.style in ("plate", "figure") else None


def fold_text(text: str) -> str:
    """The characters of a text that are no punctuation; empty for one that is too short to mean one thing,
    or only says where things are kept."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines or all(is_collection(line) for line in lines):
        return ""
    folded = _UNHEARD.sub("", text)
    return folded if len(_HAN.findall(folded)) >= _LEAST_HAN else ""


def link_printed(items: Iterable[Item]) -> Iterator[Link]:
    """Each item with the first that has the same entry, plate, bytes or text; first by pair_id."""
    ordered = sorted(items, key=lambda item: item.pair_id)
    keys: Sequence[tuple[Reason, list[str]]] = (
        ("entry", [i.entry for i in ordered]),
        ("plate", [i.plate for i in ordered]),
        ("bytes", [i.image_sha256 for i in ordered]),
        ("text", [i.text for i in ordered]),
    )
    for reason, values in keys:
        seen: defaultdict[str, list[str]] = defaultdict(list)
        for item, value in zip(ordered, values, strict=True):
            if value:
                seen[value].append(item.pair_id)
        for first, *others in seen.values():
            yield from (Link(first, other, reason) for other in others)
