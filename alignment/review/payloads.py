"""What a browser may send as a decision: checked piece by piece, so that the log holds nothing else."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, get_args

from alignment.decisions.records import Target
from alignment.records import Kind, Role
from alignment.review.items import Item
from alignment.text.trail import FIELDS
from extractors.records import Box

KINDS: tuple[str, ...] = get_args(Kind)
_ROLES: tuple[str, ...] = get_args(Role)
_MAX_TEXT, _MAX_WORDS = 50_000, 2_000
_MAX_PARTS = 60
# Smaller is a slip of the hand.
_LEAST_POINTS = 2.0
_HEX = re.compile(r"[0-9a-f]{32}\Z")


class PayloadError(ValueError):
    """What was sent is no decision; one line that says why."""


def check_id(value: object) -> str:
    """A decision's id, made by the page so that a line sent twice is one."""
    if not isinstance(value, str) or not _HEX.match(value):
        raise PayloadError("id: 32 hex digits are wanted")
    return value


def check_name(value: object) -> str:
    """A reviewer's name: one line, at most 60 characters."""
    name = " ".join(_text(value, "name", 60).split())
    if not name or not name.isprintable():
        raise PayloadError("name: a name is wanted")
    return name


_Find = Callable[[object], Target]


def check_payload(action: str, raw: object, item: Item, find_target: _Find) -> dict[str, Any]:
    """The payload of an action on `item`, with nothing in it but what the action has.

    `find_target` makes the target of another item by the number that the page knows it by. PayloadError.
    """
    given = raw if isinstance(raw, dict) else {}
    if action == "merge":
        return {"with": _others(given, item, find_target)}
    if action not in _CHECKS:
        raise PayloadError(f"{action[:20]}: no such action")
    return _CHECKS[action](given, item.page_size if item.page else (0.0, 0.0))


_Size = tuple[float, float]
_Given = Mapping[str, Any]


def _check_edit(given: _Given, _: _Size) -> dict[str, Any]:
    fields = {str(name): _text(given[name], name, _MAX_TEXT) for name in FIELDS if name in given}
    if not fields:
        raise PayloadError("edit: no text is given")
    return fields


def _check_add(given: _Given, size: _Size) -> dict[str, Any]:
    texts, kind = _texts(given.get("texts", [])), _kind(given.get("kind", "figure"))
    return {"bbox": _box(given.get("bbox"), size), "texts": texts, "kind": kind}


def _check_detail(given: _Given, size: _Size) -> dict[str, Any]:
    words = _text(given.get("words", ""), "words", _MAX_WORDS)
    return {"bbox": _box(given.get("bbox"), size)} | ({"words": words} if words else {})


def _check_cut(given: _Given, size: _Size) -> dict[str, Any]:
    return {"words": "", **_check_detail(given, size)}


def _check_reject(given: _Given, _: _Size) -> dict[str, Any]:
    reason = _text(given.get("reason", ""), "reason", _MAX_WORDS)
    return {"reason": reason} if reason else {}


def _check_split(given: _Given, size: _Size) -> dict[str, Any]:
    listed = _list(given.get("parts"), "parts")
    parts = [_check_detail(part if isinstance(part, dict) else {}, size) for part in listed]
    if len(parts) < 2:
        raise PayloadError("split: two parts or more are wanted")
    return {"parts": parts}


_CHECKS: Mapping[str, Callable[[_Given, _Size], dict[str, Any]]] = {
    "accept": lambda given, _: {"machine": True} if given.get("machine") is True else {},
    "edit": _check_edit,
    "repair": lambda given, _: {"texts": _texts(given.get("texts"))},
    "move": lambda given, size: {"bbox": _box(given.get("bbox"), size)},
    "add": _check_add,
    "cut": _check_cut,
    "reject": _check_reject,
    "split": _check_split,
    "kind": lambda given, _: {"kind": _kind(given.get("kind"))},
    "defer": lambda *_: {},
    "note": lambda given, _: {"note": _text(given.get("note"), "note", _MAX_WORDS)},
}


def _others(given: _Given, item: Item, find_target: _Find) -> list[dict[str, Any]]:
    others = [find_target(number) for number in _list(given.get("with"), "with")]
    if not others or any(t.pair_id == item.pair_id for t in others):
        raise PayloadError("merge: another figure is wanted")
    if any(t.document_sha256 != item.document_sha256 for t in others):
        raise PayloadError("merge: the figures are of two books")
    return [_write_target(t) for t in others]


def _write_target(target: Target) -> dict[str, Any]:
    return {name: getattr(target, name) for name in Target.__slots__} | {"bbox": list(target.bbox)}


def _texts(raw: object) -> list[dict[str, Any]]:
    found = []
    for given in _list(raw, "texts"):
        if not isinstance(given, Mapping) or given.get("role") not in _ROLES:
            raise PayloadError("texts: a region has page, bbox, role and text")
        page = given.get("page")
        if not isinstance(page, int) or isinstance(page, bool) or not 1 <= page <= 100_000:
            raise PayloadError("texts: no such page")
        box = list(_numbers(given.get("bbox")))
        text = _text(given.get("text"), "text", _MAX_TEXT)
        found.append({"page": page, "bbox": box, "role": given["role"], "text": text})
    return found


def _box(raw: object, size: tuple[float, float]) -> list[float]:
    """A box on the page, to a tenth of a point; what lies beyond the page is cut off."""
    if not size[0]:
        raise PayloadError("bbox: this figure stands on no page")
    x0, y0, x1, y1 = _numbers(raw)
    box = [max(0.0, x0), max(0.0, y0), min(size[0], x1), min(size[1], y1)]
    if box[2] - box[0] < _LEAST_POINTS or box[3] - box[1] < _LEAST_POINTS:
        raise PayloadError("bbox: too small, or beyond the page")
    return [round(v, 1) for v in box]


def _numbers(raw: object) -> Box:
    if not isinstance(raw, Sequence) or isinstance(raw, str) or len(raw) != 4:
        raise PayloadError("bbox: four numbers are wanted")
    x0, y0, x1, y1 = (v if isinstance(v, (int, float)) and not isinstance(v, bool) else math.nan for v in raw)
    if not all(math.isfinite(v) and abs(v) < 1e6 for v in (x0, y0, x1, y1)):
        raise PayloadError("bbox: four numbers are wanted")
    return float(x0), float(y0), float(x1), float(y1)


def _kind(raw: object) -> str:
    if raw not in KINDS:
        raise PayloadError(f"kind: one of {', '.join(KINDS)} is wanted")
    return str(raw)


def _list(raw: object, name: str) -> list[object]:
    if not isinstance(raw, list) or len(raw) > _MAX_PARTS:
        raise PayloadError(f"{name}: a list of at most {_MAX_PARTS} is wanted")
    return raw


def _text(raw: object, name: str, most: int) -> str:
    if not isinstance(raw, str) or len(raw) > most:
        raise PayloadError(f"{name}: a text of at most {most} characters is wanted")
    # Half a character, as JSON may hold it, is nothing that a file can hold; a zero byte is in no print.
    return raw.encode("utf-8", "replace").decode().replace("\0", "")
