"""What a reviewer is shown of items: all that stands, or in a second look only what the machine made.

A second look is blind, so that two judgements of a pair are two. Nothing that others decided is in what it is
told by: of each item what the machine made and what the reviewer decided, as if nobody else had.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from alignment.decisions.records import Decision
from alignment.review.desk import Desk
from alignment.review.index import ItemIndex, pack_queue
from alignment.review.items import Item, ItemTexts, Query, ReviewSource, make_drawn
from alignment.review.pictures import cut_page, make_crop
from alignment.review.standing import Standing
from alignment.text.trail import FIELDS, Edit


@dataclass(frozen=True, slots=True)
class Sight:
    """All that stands. Items are as in the release, their number, texts and picture too."""

    source: ReviewSource
    index: ItemIndex
    desk: Desk

    def get(self, number: int) -> Item:
        """An item; KeyError where there is none to be seen."""
        return self.index.get(number)

    def list_page(self, document_sha256: str, page: int) -> list[Item]:
        """The items of a page, from top to bottom."""
        return self.index.list_page(document_sha256, page)

    def judge(self, item: Item) -> Standing:
        """What stands for an item."""
        return self.desk.judge(item.pair_id)

    def list_lines(self, item: Item) -> list[Decision]:
        """The lines of the log on an item."""
        return self.desk.list_lines(item.pair_id)

    def read_texts(self, item: Item) -> tuple[ItemTexts, tuple[Edit, ...]]:
        """What was read for an item, and how its texts came about."""
        return self.source.read_texts(item), self.source.read_trail(item)

    def has_picture(self, item: Item) -> bool:
        """Whether there are pixels of an item besides those of its page."""
        return bool(item.image_sha256)

    def measure(self, item: Item) -> tuple[int, int]:
        """Width and height of these in pixels."""
        return item.width_px, item.height_px

    def draw(self, item: Item, small: bool) -> tuple[bytes, str] | None:
        """An item's picture and its media type, as `make_crop`."""
        return make_crop(self.source, item, small)

    def list_queue(self, query: Query) -> bytes:
        """The items that a query lets through (`pack_queue`)."""
        return self.index.list_queue(query)

    def list_entries(self, numbers: Sequence[int]) -> list[dict[str, Any]]:
        """What the queue says of items."""
        return self.index.list_entries(numbers)

    def list_changed(self, since: int) -> tuple[list[int], int]:
        """As `Desk.list_changed`."""
        return self.desk.list_changed(since)


@dataclass(frozen=True, slots=True)
class BlindSight(Sight):
    """What the machine made, and what `reviewer` decided. What others drew or cut is not there, nor is what
    they changed before the release was made if the machine's own is not at hand."""

    reviewer: str

    def get(self, number: int) -> Item:
        """See Sight."""
        if (found := self._find(self.index.get(number))) is None:
            raise KeyError(number)
        return found

    def _find(self, item: Item) -> Item | None:
        if (machine := self.source.find_machine(item)) is not None:
            return machine
        drawn = next((line for line in self.list_lines(item) if line.action == "add"), None)
        if drawn is None or self.judge(item).bbox is None:
            return None
        return replace(make_drawn(drawn.target, item, item.kind), number=item.number)

    def list_page(self, document_sha256: str, page: int) -> list[Item]:
        """See Sight."""
        found = [self._find(item) for item in self.index.list_page(document_sha256, page)]
        return sorted((i for i in found if i), key=lambda i: (i.bbox[1], i.bbox[0]) if i.bbox else (0.0, 0.0))

    def judge(self, item: Item) -> Standing:
        """See Sight."""
        return self.desk.judge(item.pair_id, self.reviewer)

    def list_lines(self, item: Item) -> list[Decision]:
        """See Sight."""
        return self.desk.list_lines(item.pair_id, self.reviewer)

    def read_texts(self, item: Item) -> tuple[ItemTexts, tuple[Edit, ...]]:
        """See Sight."""
        return self.source.read_machine(item)

    def has_picture(self, item: Item) -> bool:
        """See Sight. That the release lacks an item's pixels would tell what became of it."""
        return bool(item.image_sha256 or item.page)

    def measure(self, item: Item) -> tuple[int, int]:
        """See Sight."""
        return 0, 0

    def draw(self, item: Item, small: bool) -> tuple[bytes, str] | None:
        """See Sight. Where the release has the pixels of another box, or none, they are those of the page."""
        released = self.index.get(item.number).bbox
        is_same = released == item.bbox or (
            released and item.bbox and all(abs(a - b) < 0.1 for a, b in zip(released, item.bbox, strict=True))
        )
        if item.image_sha256 and is_same:
            return make_crop(self.source, item, small)
        return cut_page(self.source, item, small)

    def list_queue(self, query: Query) -> bytes:
        """See Sight. The sample that is open to the reviewer, by what the machine made, in an order that says
        nothing, so that it is a sample wherever one ends; what was put off comes last."""
        lines = []
        for item in self.index.list_second(self.reviewer, query.document):
            machine = self._find(item)
            if machine is not None and _lets_through(query, machine, state := self.judge(machine)):
                lines.append((state.state == "deferred", item.pair_id, item.number, state.state))
        return pack_queue((number, state) for *_, number, state in sorted(lines))

    def list_entries(self, numbers: Sequence[int]) -> list[dict[str, Any]]:
        """See Sight."""
        entries = []
        for number in numbers:
            try:
                item = self.get(number)
            except KeyError:
                continue
            standing = self.judge(item)
            texts = (*standing.fields.values(), item.title, item.caption, item.description)
            words = next((text for text in texts if text), "")
            entries.append(
                {
                    "number": number,
                    "words": " ".join(words[:80].split()),
                    "document": item.document,
                    "page": item.page,
                    "kind": standing.kind or item.kind,
                    "score": item.score,
                    "rule": item.rule,
                    "state": standing.state,
                    "who": "、".join(standing.who),
                }
            )
        return entries

    def list_changed(self, since: int) -> tuple[list[int], int]:
        """See Sight."""
        return self.desk.list_changed(since, self.reviewer)


def _lets_through(query: Query, item: Item, standing: Standing) -> bool:
    sought = (*(getattr(item, name) for name in FIELDS), item.pair_id, item.document)
    return (
        query.kind in ("", standing.kind or item.kind)
        and query.rule in ("", item.rule)
        and query.state in ("", standing.state)
        and query.score_from <= item.score <= query.score_to
        and any(query.words.lower() in text.lower() for text in sought)
    )
