"""Suggestions of details: the repeating units of a release's patterns, in numbers and in pictures."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from export.making import read_making
from export.reading import ReleaseError
from export.release_table import read_images, read_release
from export.thumbnails import lay_on_white
from extractors.geometry import to_page_frame
from extractors.records import Box, Cut
from extractors.repeats import BoxPx, propose_unit

COLUMNS, ROWS = 5, 4
_CELL_PX, _GAP_PX, _WORDS_PX = 240, 12, 22
_INK, _VEIL = (200, 30, 32), (255, 255, 255, 130)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A unit of the pattern `pair_id`: `box` (points) on page `page` of the file `document`. `score` (0–1)
    says how alike the pattern is to itself one unit further; `shown` is the pattern with the unit on it."""

    pair_id: str
    document: str
    page: int
    box: Box
    score: float
    title: str
    shown: Image.Image


def suggest_units(root: Path, tell: Callable[[str, int, int], None]) -> list[Suggestion]:
    """A suggestion for each pattern of the release that repeats, by book, page and place; none for one of
    which a detail was cut already. ReleaseError where the release cannot be read, or does not say how its
    figures were cut."""
    table = read_release(root).rows
    is_wanted = (table["kind"] == "pattern") & ~table["pair_id"].isin(set(table["parent_pair_id"].dropna()))
    rows = {(row["shard"], row["number"]): row for row in table[is_wanted].to_dict("records")}
    if not rows:
        return []
    cuts = _read_cuts(root)
    found: list[Suggestion] = []
    for done, (place, data) in enumerate(read_images(root, rows), 1):
        cut = cuts.get(rows[place]["pair_id"])
        suggestion = _suggest(rows[place], cut, data) if cut else None
        found += [suggestion] if suggestion else []
        tell("patterns", done, len(rows))
    return sorted(found, key=lambda s: (s.document, s.page, s.box[1], s.box[0], s.pair_id))


def _read_cuts(root: Path) -> Mapping[str, Cut]:
    try:
        return {pair_id: cut for pair_id, (_, cut) in read_making(root).cuts.items()}
    except (OSError, ValueError, KeyError, TypeError) as error:
        why = "does not say how its figures were cut"
        raise ReleaseError(f"{root}: {why}; it was not built from books, or by an older version") from error


def _suggest(row: Mapping[Hashable, Any], cut: Cut, data: bytes) -> Suggestion | None:
    try:
        with Image.open(BytesIO(data)) as opened:
            picture = lay_on_white(opened)
    except OSError:
        return None
    unit = propose_unit(np.asarray(picture))
    if unit is None:
        return None
    left, top, right, bottom = cut.box
    wide, high = (right - left) / picture.width, (bottom - top) / picture.height
    x0, y0, x1, y1 = unit.box_px
    upright = (left + x0 * wide, top + y0 * high, left + x1 * wide, top + y1 * high)
    box = to_page_frame(upright, cut.skew, row["page_width"], row["page_height"])
    shown = _show(picture, unit.box_px)
    return Suggestion(row["pair_id"], row["document"], row["page"], box, unit.score, row["title"], shown)


def _show(picture: Image.Image, box: BoxPx) -> Image.Image:
    """The pattern, veiled but for the unit."""
    factor = min(1.0, _CELL_PX / max(picture.size))
    small = picture.resize([max(1, round(side * factor)) for side in picture.size], Image.Resampling.BOX)
    x0, y0, x1, y1 = (round(v * factor) for v in box)
    unit = small.crop((x0, y0, x1, y1))
    veiled = Image.alpha_composite(small.convert("RGBA"), Image.new("RGBA", small.size, _VEIL)).convert("RGB")
    veiled.paste(unit, (x0, y0))
    ImageDraw.Draw(veiled).rectangle((x0, y0, x1 - 1, y1 - 1), outline=_INK, width=2)
    return veiled


def draw_sheets(suggestions: Sequence[Suggestion]) -> list[Image.Image]:
    """Contact sheets of a book's suggestions, numbered from 1 on, with page and score of each."""
    sheets = []
    font = ImageFont.load_default(size=13)
    for first in range(0, len(suggestions), COLUMNS * ROWS):
        some = suggestions[first : first + COLUMNS * ROWS]
        columns, rows = min(COLUMNS, len(some)), -(-len(some) // COLUMNS)
        pitch = (_CELL_PX + _GAP_PX, _CELL_PX + _WORDS_PX + _GAP_PX)
        sheet = Image.new("RGB", (_GAP_PX + columns * pitch[0], _GAP_PX + rows * pitch[1]), "white")
        draw = ImageDraw.Draw(sheet)
        for n, suggestion in enumerate(some):
            x, y = _GAP_PX + n % COLUMNS * pitch[0], _GAP_PX + n // COLUMNS * pitch[1]
            sheet.paste(suggestion.shown, (x, y + _WORDS_PX))
            words = f"{first + n + 1}   page {suggestion.page}   {suggestion.score:.2f}"
            draw.text((x, y + 2), words, fill="black", font=font)
        sheets.append(sheet)
    return sheets
