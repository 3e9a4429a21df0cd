"""What alignment hands on: the machine's pairs, and the decided pairs that are released.

Boxes are in the frame of `extractors.records.Page` (points; a scan turned upright) unless they are called
`*_bbox`, which lie on the page as it is in the file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from alignment.text.composing import join_raw
from alignment.text.fields import NO_FIELDS, TextFields
from alignment.text.trail import Edit
from extractors.records import Box, Dropped

Role = Literal[
    "title",
    "caption",
    "body",
    "note",
    "collection",
    "reference",
    "heading",
    "rubric",
    "running_head",
    "folio",
    "label",
]
Kind = Literal["pattern", "textile", "cropped_pattern", "mural", "figure"]
Series = Literal["silk", "dunhuang", "other"]
ReviewStatus = Literal["unreviewed", "accepted", "edited", "added"]


@dataclass(frozen=True, slots=True)
class Region:
    """Lines that belong together, with the role they play. `text` has the lines as read, one per line."""

    page: int
    role: Role
    box: Box
    text: str
    confidence: float | None = None


def make_pair_id(document_sha256: str, page: int, whole_points: Sequence[int]) -> str:
    """16 hex digits from the document's hash, the page and the figure's box in whole points."""
    whole = ",".join(map(str, whole_points))
    return hashlib.sha256(f"{document_sha256}:{page}:{whole}".encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class MachinePair:
    """A figure with its own texts, as the machine found them; never changed by a curator.

    `box` and `parts` (the pictures it unites) are upright, `figure_bbox` lies on the page in the file.
    `score` is 0–1, 0 without text; `rule` names what decided, `none:<reason>` where a figure has no text.
    `features` are what the score was made of, by name (`alignment.confidence`). `fields` are read off its
    `texts`; `trail` leads from `text_raw` to title, caption and description (`alignment.text.trail`).
    `refinement` says what a language model did to the description, None where none was asked
    (`alignment.text.refining`), `summary` is the model's.
    """

    document: str
    document_sha256: str
    page: int
    page_width: float
    page_height: float
    page_source: Literal["born-digital", "scan"]
    skew: float
    box: Box
    figure_bbox: Box
    parts: tuple[Box, ...]
    series: Series
    kind: Kind
    title: str
    caption: str
    description: str
    texts: tuple[Region, ...]
    text_bboxes: tuple[Box, ...]
    score: float
    rule: str
    entry_id: str
    features: tuple[tuple[str, float], ...] = ()
    fields: TextFields = NO_FIELDS
    trail: tuple[Edit, ...] = ()
    refinement: str | None = None
    summary: str | None = None

    @property
    def text_raw(self) -> str:
        """What the PDF or OCR gave, region by region."""
        return join_raw([region.text for region in self.texts])

    @property
    def pair_id(self) -> str:
        """16 hex digits from document hash, page and the box in whole points: the same in every rebuild."""
        return make_pair_id(self.document_sha256, self.page, [round(v) for v in self.figure_bbox])


@dataclass(frozen=True, slots=True)
class DecidedPair:
    """A machine pair after the curators' decisions: what is released."""

    machine: MachinePair
    title: str
    caption: str
    description: str
    kind: Kind
    review_status: ReviewStatus = "unreviewed"
    reviewer: str | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A text that was weighed as the caption of a figure on its page, by `cost` in nats (lower is likelier).

    `features` are what the cost was made of, by name (`alignment.evidence.Evidence`); `chosen` says that the
    page's assignment took it, which the book's own layout may still overrule.
    """

    page: int
    figure: Box
    text: Box
    words: str
    features: tuple[tuple[str, str | float], ...]
    cost: float
    chosen: bool


@dataclass(frozen=True, slots=True)
class BookAlignment:
    """A book's pairs, all text regions with their roles (for overlays and the report), and what was dropped.

    `notes` are sentences on what the book-level pass saw and decided, for the report; `candidates` are the
    captions that were weighed for each figure, chosen or not. `odd_characters` are (kind, how many) of
    those that are not printed, and those that only the book's own fonts know.
    """

    pairs: tuple[MachinePair, ...]
    regions: tuple[Region, ...]
    dropped: tuple[Dropped, ...]
    notes: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    odd_characters: tuple[tuple[str, int], ...] = ()
