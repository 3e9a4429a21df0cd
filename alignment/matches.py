"""A figure and the caption that was found for it on a page."""

from __future__ import annotations

from dataclasses import dataclass

from alignment.evidence import Evidence
from alignment.regions import Block
from extractors.geometry import union
from extractors.records import Box, Picture


@dataclass(frozen=True, slots=True)
class Match:
    """A figure (the pictures it unites) and its caption block, or None where it has none.

    `cost` (nats) is that of the caption, `margin` how much more the next best one would cost; `score` (0–1)
    is made of both and orders matches while a book is being aligned.
    """

    pictures: tuple[Picture, ...]
    block: Block | None
    evidence: Evidence | None
    score: float
    rule: str
    cost: float = 0.0
    margin: float = 0.0

    @property
    def box(self) -> Box:
        """The smallest box around all of the figure's pictures."""
        return union(p.box for p in self.pictures)
