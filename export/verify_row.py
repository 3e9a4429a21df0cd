"""What must hold in one row by itself, whatever the hashes say."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import product
from typing import Any, get_args

from alignment.records import Kind, ReviewStatus, Series, make_pair_id
from alignment.text.fields import PRINTED, find_index
from alignment.text.gates import find_look_alikes
from alignment.text.profiles import FIELD_NAMES
from alignment.text.rules import find_radicals
from alignment.text.simplifying import simplify
from alignment.text.trail import make_changes
from export.schema import COLUMNS
from extractors.records import Origin

VALUES: Mapping[str, frozenset[str]] = {
    "series": frozenset(get_args(Series)),
    "kind": frozenset(get_args(Kind)),
    "origin": frozenset(get_args(Origin)),
    "review_status": frozenset(get_args(ReviewStatus)),
}
NEEDED = tuple(c.name for c in COLUMNS if not c.nullable and c.name != "image")
SHARES = ("pair_score", "kind_score", "ocr_confidence")
# A gate or a cause: a word, or the number of an HTTP status.
REFINEMENT = re.compile(r"refined|unchanged|(?:refused|failed):\w+")
_PRINTED = ("title", "caption", "description", *FIELD_NAMES)
REGIONS = ("text_pages", "text_roles", "text_bboxes")
# Boxes are measured to a hundredth of a point and stored as float32; pictures that bleed are cut at the page.
_BOX_TOLERANCE = 1.0
# float32 can carry a box over the middle between two whole points.
_HALF_TOLERANCE = 1e-3
LARGE = 1e9

Found = tuple[str, str]
"""(check, what is wrong)"""
Check = Callable[[Mapping[str, Any]], Iterator[Found]]
"""What looks at one thing of a row given without its image."""


def check_row(row: Mapping[str, Any], checks: Sequence[Check] | None = None) -> Iterator[Found]:
    """The faults of a row, given without its image; by some of the checks only, where it is known that it
    passes the others."""
    for check in ROW_CHECKS if checks is None else checks:
        yield from check(row)


def check_plain(row: Mapping[str, Any]) -> Iterator[Found]:
    """Each value by itself."""
    empty = [name for name in NEEDED if row[name] is None]
    if empty:
        yield "null", f"{', '.join(empty)} must not be null"
    for name, allowed in VALUES.items():
        if row[name] is not None and row[name] not in allowed:
            yield "value", f"{name} {row[name]!r} is none of {', '.join(sorted(allowed))}"
    for name in SHARES:
        if row[name] is not None and not 0 <= row[name] <= 1:
            yield "value", f"{name} {row[name]} is not between 0 and 1"
    if row["dpi"] is not None and not 0 < row["dpi"] < math.inf:
        yield "value", f"dpi {row['dpi']} is no resolution"
    for name in ("width", "height", "page"):
        if row[name] is not None and row[name] < 1:
            yield "value", f"{name} {row[name]} is not from 1 on"
    if row["refinement"] is not None and not REFINEMENT.fullmatch(row["refinement"]):
        yield "value", f"refinement {row['refinement']!r} is none that culti writes"


def check_boxes(row: Mapping[str, Any]) -> Iterator[Found]:
    """Boxes inside their pages, and text regions in columns of one length."""
    if row["figure_bbox"] is not None and (wrong := _measure_box(row["figure_bbox"], row)):
        yield "box", f"figure_bbox {wrong}"
    regions = [row[name] for name in REGIONS]
    known = [region for region in regions if region is not None]
    if len(known) not in (0, len(REGIONS)) or len({len(region) for region in known}) > 1:
        yield "regions", f"{', '.join(REGIONS)} are not parallel"
        return
    for number, (page, box) in enumerate(zip(regions[0] or (), regions[2] or (), strict=True)):
        # Of other pages the row does not say how large they are.
        on_this = row if page == row["page"] else {"page_width": None, "page_height": None}
        if wrong := "is null" if box is None else _measure_box(box, on_this):
            yield "box", f"text_bboxes[{number}] {wrong}"


def _measure_box(box: list[float], page: Mapping[str, Any]) -> str:
    """What is wrong with a box; empty where nothing is."""
    if len(box) == 4 and _fits(box, page["page_width"], page["page_height"]):
        return ""
    if len(box) != 4 or any(v is None or not math.isfinite(v) for v in box):
        return "is not four numbers"
    x0, y0, x1, y1 = box
    shown = f"({x0:.1f}, {y0:.1f}, {x1:.1f}, {y1:.1f})"
    if x0 >= x1 or y0 >= y1:
        return f"{shown} is empty"
    width, height = page["page_width"], page["page_height"]
    over = [-x0, -y0]
    over += [x1 - width] if width is not None else []
    over += [y1 - height] if height is not None else []
    if max(over) > _BOX_TOLERANCE:
        size = "" if width is None or height is None else f" of {width:.1f} × {height:.1f}"
        return f"{shown} is not inside its page{size}"
    return ""


def _fits(box: list[float], width: float | None, height: float | None) -> bool:
    """Whether nothing is wrong, told quickly."""
    x0, y0, x1, y1 = box
    try:
        return 0 <= x0 < x1 <= (width or LARGE) and 0 <= y0 < y1 <= (height or LARGE)
    except TypeError:
        return False


def check_identity(row: Mapping[str, Any]) -> Iterator[Found]:
    """A machine's pair is named for its document, page and box."""
    box, page, document = row["figure_bbox"], row["page"], row["document_sha256"]
    of_machine = row["review_status"] == "unreviewed" and row["origin"] not in ("imported", "drawn")
    if not of_machine or row["parent_pair_id"] or box is None or page is None or document is None:
        return
    if len(box) != 4 or any(v is None or not math.isfinite(v) for v in box):
        return
    if make_pair_id(document, page, [round(v) for v in box]) == row["pair_id"]:
        return
    choices = [_round_both_ways(v) for v in box]
    if not any(make_pair_id(document, page, whole) == row["pair_id"] for whole in product(*choices)):
        yield "identity", "pair_id is not that of its document_sha256, page and figure_bbox"


def _round_both_ways(value: float) -> set[int]:
    return {round(value - _HALF_TOLERANCE), round(value), round(value + _HALF_TOLERANCE)}


def check_words(row: Mapping[str, Any]) -> Iterator[Found]:
    """What no curator and no importer has written is made of the characters that were read."""
    description, rule = row["description"] or "", row["pair_rule"] or ""
    if row["review_status"] != "unreviewed" or row["origin"] == "imported":
        return
    if description and rule.startswith("none:"):
        yield "text", f"it has a description, though pair_rule says {rule!r}"
    text_raw = row["text_raw"] or ""
    # Most are a piece of it, which is told quickly.
    others = [text for name in _PRINTED if (text := row[name]) and text not in text_raw]
    if not others:
        return
    characters = frozenset(text_raw)
    if characters.issuperset("".join(others)):
        return
    for name in _PRINTED:
        if characters.issuperset(row[name] or ""):
            continue
        left = _keep_new(set(row[name]) - characters, text_raw, characters)
        if left and name == "description" and row["refinement"] == "refined":
            read = simplify("".join(text_raw.split()))
            left = {c for c in left if find_look_alikes(c).isdisjoint(read)}
        if left:
            shown = "".join(sorted(left, key=row[name].index))[:12]
            yield "text", f"{name} has characters that text_raw has not: {shown}"


def _keep_new(new: set[str], text_raw: str, characters: frozenset[str]) -> set[str]:
    """Of characters that `text_raw` has not, the Chinese ones that do not come from there by simplifying."""
    left = {c for c in new if "\u4e00" <= c <= "\u9fff"}
    if left:
        left -= set(map(_simplify_character, characters))
    if left:
        # Some characters are simplified by the phrase that they stand in, some were radicals' forms.
        text = "".join(text_raw.split())
        text = make_changes(text, find_radicals(text))
        left -= {*text, *simplify(text)}
    return left


_simplify_character = lru_cache(maxsize=None)(simplify)


def check_indexes(row: Mapping[str, Any]) -> Iterator[Found]:
    """Integers beside the numbers as printed."""
    for name, column in PRINTED.items():
        if row[f"{name}_index"] != find_index(name, row[column]):
            yield "value", f"{name}_index {row[f'{name}_index']} is not that of {column} {row[column]!r}"


ROW_CHECKS: tuple[Check, ...] = (check_plain, check_boxes, check_identity, check_words, check_indexes)
