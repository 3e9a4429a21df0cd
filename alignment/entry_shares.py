"""What one picture of a catalogue entry gets of the entry's texts."""

from __future__ import annotations

from dataclasses import dataclass, field

from alignment.data_lines import is_collection
from alignment.entries import Entry
from alignment.entry_spans import Placed
from alignment.records import Kind
from alignment.regions import Block
from extractors.records import Picture


@dataclass(slots=True)
class Share:
    """One picture of an entry with its texts in reading order, its kind and the rule that decided.

    `margin` (nats) is by how much a photograph looks more like an object before a backdrop than the others;
    `views` are pictures of the same object beside it; `words` are this one's in a text on all pictures.
    """

    page: int
    picture: Picture
    kind: Kind
    rule: str
    score: float
    margin: float = 0.0
    views: list[Picture] = field(default_factory=list)
    texts: list[tuple[Block, str]] = field(default_factory=list)
    words: str = ""


def find_role(entry: Entry, item: Placed) -> str:
    """The role that a text of an entry plays by what it says."""
    assert item.block
    if item.block is entry.heading:
        return "title"
    if item.block.mark and item.block.mark.style == "photo":
        return "caption"
    return "collection" if is_collection(item.block.text) else "body"
