"""The trail of a figure's title, caption and description: which regions, how joined, what the rules did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from alignment.text.rules import apply_rules
from alignment.text.trail import (
    FIELDS,
    Change,
    Edit,
    FieldName,
    Step,
    find_changes,
    make_changes,
    make_edits,
)

REGION_BREAK = "\n\n"
_HEADS = ("title", "caption", "collection")
# A field break parts what stands on lines of its own, as a plate's caption parts its fields.
_FIELD_BREAK = "\u3000"
# What makes the composed field of the joined one: a number, a pointer, a note's key, what is behind a title.
_CUT: Mapping[FieldName, str] = {"title": "title", "caption": "own_words", "description": "number_or_key"}


@dataclass(frozen=True, slots=True)
class Piece:
    """A region of a figure: `raw` has its lines as they were read, `text` is them joined to running text."""

    role: str
    raw: str
    text: str


@dataclass(frozen=True, slots=True)
class Composed:
    """A figure's released texts, and the trail of all three."""

    title: str
    caption: str
    description: str
    trail: tuple[Edit, ...]


def join_raw(raws: Sequence[str]) -> str:
    """`text_raw` of a pair with these regions."""
    return REGION_BREAK.join(raws)


def finish_fields(pieces: Sequence[Piece], title: str, caption: str, description: str) -> Composed:
    """The fields as composed by pairing, with the rules applied and their trails from `text_raw` on.

    `pieces` are all regions of the pair in the order of `text_raw`.
    """
    trail: list[Edit] = []
    done: dict[FieldName, str] = {}
    for field, composed in zip(FIELDS, (title, caption, description), strict=True):
        edits, text = _compose(field, pieces, composed)
        final, more = apply_rules(field, text)
        trail += (*edits, *more)
        done[field] = final
    return Composed(done["title"], done["caption"], done["description"], tuple(trail))


def _compose(field: FieldName, pieces: Sequence[Piece], composed: str) -> tuple[list[Edit], str]:
    chosen = _choose(field, pieces, composed)
    edits: list[Edit] = []
    text = join_raw([piece.raw for piece in pieces])
    steps: tuple[tuple[Step, str, list[Change]], ...] = (
        ("regions", "other_regions", _leave_out(pieces, chosen)),
        ("joined", "", _join([pieces[k] for k in chosen], field)),
    )
    for step, rule, changes in steps:
        for made in make_edits(field, step, rule, text, changes):
            edits.append(made if rule else _name_join(made))
        text = make_changes(text, changes)
    edits += make_edits(field, "rules", _CUT[field], text, find_changes(text, composed))
    return edits, composed


def _choose(field: FieldName, pieces: Sequence[Piece], composed: str) -> list[int]:
    """The regions that a field is made of, in their order; of a title the first that has it."""
    if not composed:
        return []
    wanted: tuple[str, ...] = _HEADS
    if field == "description" and any(p.role in ("body", "note") for p in pieces):
        wanted = ("body", "note")
    chosen = [k for k, piece in enumerate(pieces) if piece.role in wanted]
    whole = [k for k in chosen if composed in pieces[k].text]
    if field == "title":
        notes = [k for k, piece in enumerate(pieces) if composed in piece.text and piece.role == "note"]
        return whole[:1] or notes[:1] or chosen
    if whole and (field == "caption" or wanted is _HEADS):
        return whole[:1]
    held = "".join(pieces[k].text for k in chosen)
    if set(composed) <= {*held, _FIELD_BREAK, "\n", " ", "："}:
        return chosen
    return [k for k, piece in enumerate(pieces) if piece.role != "reference"]


def _leave_out(pieces: Sequence[Piece], chosen: Sequence[int]) -> list[Change]:
    """Changes of `text_raw` that leave the chosen regions."""
    changes: list[Change] = []
    start = 0
    is_first = True
    cut: int | None = None
    for k, piece in enumerate(pieces):
        end = start + len(piece.raw)
        if k in chosen:
            if cut is not None:
                changes.append((cut, start, "" if is_first else REGION_BREAK))
            cut, is_first = None, False
        elif cut is None:
            cut = 0 if k == 0 else start - len(REGION_BREAK)
        start = end + len(REGION_BREAK)
    if cut is not None:
        changes.append((cut, start - len(REGION_BREAK), ""))
    return changes


def _join(pieces: Sequence[Piece], field: FieldName) -> list[Change]:
    """Changes that make running text of lines, and one text of regions."""
    changes: list[Change] = []
    start = 0
    for k, piece in enumerate(pieces):
        if k:
            changes.append((start, start + len(REGION_BREAK), _find_break(pieces[k - 1], piece, field)))
            start += len(REGION_BREAK)
        changes += [(start + a, start + b, word) for a, b, word in find_changes(piece.raw, piece.text)]
        start += len(piece.raw)
    return changes


def _find_break(above: Piece, piece: Piece, field: FieldName) -> str:
    """What stands between two regions: paragraphs are on lines of their own, but a note runs on."""
    if field != "description" or piece.role in _HEADS:
        return _FIELD_BREAK
    return "" if above.role == piece.role == "note" else "\n"


def _name_join(edit: Edit) -> Edit:
    """The edit with the name of what it joins."""
    if edit.before == REGION_BREAK:
        rule = "region_break"
    elif "\n" in edit.before:
        rule = "field_break" if edit.after == _FIELD_BREAK else "line_break"
        rule = "hyphen" if edit.before.strip() == "-" else rule
    else:
        rule = "blanks"
    return Edit(edit.field, edit.step, rule, edit.start, edit.before, edit.after)
