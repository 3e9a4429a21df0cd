"""A figure and the caption that was found for it on a page."""

from __future__ import annotations

from dataclasses import dataclass

from alignment.evidence import Evidence
from alignment.regions import Block
from extractors.geometry import union
from extractors.records import Box, Picture


@dataclass(frozen=True, slots=True)
class Match:
    """A figure (the pictures it unites) and its caption block, or None where it has none."""

    pictures: tuple[Picture, ...]
    block: Block | None
    evidence: Evidence | None
    score: float
    rule: str

    @property
    def box(self) -> Box:
        """The smallest box around all of the figure's pictures."""
        return union(p.box for p in self.pictures)
