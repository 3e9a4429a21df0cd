"""What a decision says, by action, checked: a log may come from elsewhere."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, cast

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from alignment.decisions.records import ActionName, Decision, Target
from alignment.records import Kind, Role
from alignment.text.trail import FIELDS, FieldName
from extractors.records import Box


def _check_box(box: Box) -> Box:
    if not all(map(math.isfinite, box)) or box[0] >= box[2] or box[1] >= box[3]:
        raise ValueError("a box is x0, y0, x1, y1 with x0 < x1 and y0 < y1")
    return box


def _check_text(text: str) -> str:
    if "\0" in text or any("\ud800" <= c <= "\udfff" for c in text):
        raise ValueError("a text has half a character or a zero byte")
    return text


RealBox = Annotated[Box, AfterValidator(_check_box)]
Text = Annotated[str, AfterValidator(_check_text)]


@dataclass(frozen=True, slots=True)
class Nothing:
    """accept, defer."""


@dataclass(frozen=True, slots=True)
class NewTexts:
    """edit: the new text of each field that is not None."""

    title: Text | None = None
    caption: Text | None = None
    description: Text | None = None

    def list_texts(self) -> dict[FieldName, str]:
        """The fields that are given, in the order of FIELDS."""
        return {name: text for name in FIELDS if (text := getattr(self, name)) is not None}


@dataclass(frozen=True, slots=True)
class ChosenText:
    """A region that a curator gave to a figure. `bbox` lies on the page in the file; `text` has its lines as
    they were read."""

    page: int
    bbox: RealBox
    role: Role
    text: Text


@dataclass(frozen=True, slots=True)
class ChosenTexts:
    """repair: all regions that the figure has."""

    texts: tuple[ChosenText, ...]


@dataclass(frozen=True, slots=True)
class NewBox:
    """move."""

    bbox: RealBox


@dataclass(frozen=True, slots=True)
class NewFigure:
    """add."""

    bbox: RealBox
    texts: tuple[ChosenText, ...] = ()
    kind: Kind = "figure"


@dataclass(frozen=True, slots=True)
class Detail:
    """cut, and a part of split."""

    bbox: RealBox
    words: Text = ""


@dataclass(frozen=True, slots=True)
class Parts:
    """split."""

    parts: tuple[Detail, ...]

    def __post_init__(self) -> None:
        if len(self.parts) < 2:
            raise ValueError("a split has two parts or more")


@dataclass(frozen=True, slots=True)
class Others:
    """merge; `with` of the log."""

    others: Annotated[tuple[Target, ...], Field(alias="with")]


@dataclass(frozen=True, slots=True)
class NewKind:
    """kind."""

    kind: Kind


@dataclass(frozen=True, slots=True)
class Reason:
    """reject."""

    reason: Text = ""


@dataclass(frozen=True, slots=True)
class Note:
    """note."""

    note: Text


@dataclass(frozen=True, slots=True)
class Toggle:
    """undo, redo: the decision that is taken back, or stands again."""

    of: str


Payload = (
    Nothing
    | NewTexts
    | ChosenTexts
    | NewBox
    | NewFigure
    | Detail
    | Parts
    | Others
    | NewKind
    | Reason
    | Note
    | Toggle
)
_FORMS: Mapping[ActionName, type[Payload]] = {
    "accept": Nothing,
    "edit": NewTexts,
    "repair": ChosenTexts,
    "move": NewBox,
    "add": NewFigure,
    "cut": Detail,
    "reject": Reason,
    "merge": Others,
    "split": Parts,
    "kind": NewKind,
    "defer": Nothing,
    "note": Note,
    "undo": Toggle,
    "redo": Toggle,
}


def read_payload(decision: Decision) -> Payload:
    """The payload as its record; ValueError in one line where it is none for the action."""
    try:
        read = _adapter(cast(Hashable, _FORMS[decision.action])).validate_python
        return cast(Payload, read(dict(decision.payload)))
    except ValidationError as error:
        raise ValueError(describe_fault(error)) from error


def list_overruled(decision: Decision) -> frozenset[str]:
    """Ids of the decisions that the reviewer saw and decided otherwise, or agreed to one of."""
    over = decision.payload.get("over", ())
    return frozenset(str(item) for item in over) if isinstance(over, list | tuple) else frozenset()


def is_blind(decision: Decision) -> bool:
    """Whether the reviewer saw what the machine made of the pair, and nothing that others had decided."""
    return decision.payload.get("blind") is True


def accepts_machine(decision: Decision) -> bool:
    """Whether it accepts what the machine made and not, as other acceptances do, what has come of it."""
    return decision.action == "accept" and (is_blind(decision) or decision.payload.get("machine") is True)


def describe_fault(error: ValidationError) -> str:
    """The first thing that is wrong, in one line."""
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    words = first["msg"].removeprefix("Value error, ")
    return f"{place}: {words}" if place else words


@cache
def _adapter(kind: Hashable) -> TypeAdapter[Any]:
    return TypeAdapter(cast(Any, kind))
