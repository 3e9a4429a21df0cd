"""Rows as retrieval sees them: distinct texts, distinct images, and which belong together.

A text that stands in several rows is one text with several images, an image (by `image_sha256`) in several
rows one image with several texts: so neither counts as a wrong answer of itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

COLUMNS = ("pair_id", "description", "image_sha256")


@dataclass(slots=True)
class Numbers:
    """A number from 0 on for each thing, by first appearance."""

    known: dict[str, int] = field(default_factory=dict)

    def find(self, value: str) -> int:
        return self.known.setdefault(value, len(self.known))


@dataclass(frozen=True, slots=True)
class Link:
    """One row: its text's and its image's number."""

    text: int
    image: int
    pair_id: str


@dataclass(slots=True)
class SplitPairs:
    """One split. `texts` are texts by number, `images` the first pair_id of each image by number; both in
    the order of their first rows. `links` are its rows in order."""

    texts: dict[int, str] = field(default_factory=dict)
    images: dict[int, str] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)

    def list_images_of_texts(self) -> dict[int, list[int]]:
        """Text → its images, each once, in the order of rows."""
        found: dict[int, dict[int, None]] = {}
        for link in self.links:
            found.setdefault(link.text, {})[link.image] = None
        return {text: list(images) for text, images in found.items()}


def gather_pairs(rows: Iterable[Mapping[str, Any]], texts: Numbers, images: Numbers) -> SplitPairs:
    """The pairs of one split; `texts` and `images` number what all splits have."""
    pairs = SplitPairs()
    for row in rows:
        text, image = texts.find(row["description"]), images.find(row["image_sha256"])
        pairs.texts.setdefault(text, row["description"])
        pairs.images.setdefault(image, row["pair_id"])
        pairs.links.append(Link(text, image, row["pair_id"]))
    return pairs
