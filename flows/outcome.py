"""What a build did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from export.info import BookReport, DroppedItem
from flows.crew import Tally
from flows.deciding import Deciding
from flows.refining import RefineTally

if TYPE_CHECKING:
    from export.release import Written


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a build did. `written` is None where no page could be read, and then no release was touched;
    `refined` is None where no model was asked for, `trouble` one line on what else failed, `published` where
    on S3 the release is, if it was to be there; `redone` says why what was done was not taken from the
    store."""

    books: tuple[BookReport, ...]
    dropped: tuple[DroppedItem, ...]
    written: Written | None
    tally: Tally
    deciding: Deciding
    refined: RefineTally | None = None
    trouble: str = ""
    published: str = ""
    redone: tuple[str, ...] = ()
