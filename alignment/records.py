"""What alignment hands on: the machine's pairs, and the decided pairs that are released.

Boxes are in the frame of `extractors.records.Page` (points; a scan turned upright) unless they are called
`*_bbox`, which lie on the page as it is in the file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
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
BY_CURATOR = "curator"
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
    `kind_score` (0–1) is how sure the kind is, `kind_rule` names what spoke for it (`alignment.kinds`).
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
    kind_score: float = 0.0
    kind_rule: str = ""

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
    """A pair after the curators' decisions: what is released.

    `machine` stays as the machine made it; of a figure that a curator drew it is a pair without texts, of
    which only the first box counts (`start_pair`). All other fields are what is released: as the machine's
    own where nobody decided otherwise (`release_as_is`). Boxes are as in MachinePair. `trail` leads from
    `text_raw` to the texts, a curator's edits by step `review` with the reviewer's name as rule. A detail cut
    from another figure names it by `parent_pair_id`. `refinement` and `summary` are the machine's as long as
    the texts are. `marks` say what the curator should know, such as
    "rebased" where a decision was made on other output of the machine.
    """

    machine: MachinePair
    title: str
    caption: str
    description: str
    kind: Kind
    box: Box
    figure_bbox: Box
    parts: tuple[Box, ...]
    texts: tuple[Region, ...]
    text_bboxes: tuple[Box, ...]
    score: float
    rule: str
    fields: TextFields = NO_FIELDS
    trail: tuple[Edit, ...] = ()
    parent_pair_id: str | None = None
    review_status: ReviewStatus = "unreviewed"
    reviewer: str | None = None
    marks: tuple[str, ...] = ()
    refinement: str | None = None
    summary: str | None = None

    @property
    def pair_id(self) -> str:
        """That of the machine's pair, or of a drawn figure's first box: decisions never change it."""
        return self.machine.pair_id

    @property
    def text_raw(self) -> str:
        """What the PDF or OCR gave, region by region."""
        return join_raw([region.text for region in self.texts])

    @property
    def kind_score(self) -> float:
        """How sure the kind is (0–1); a curator's is."""
        return self.machine.kind_score if self.kind == self.machine.kind else 1.0

    @property
    def kind_rule(self) -> str:
        """What spoke for the kind."""
        return self.machine.kind_rule if self.kind == self.machine.kind else BY_CURATOR


def release_as_is(machine: MachinePair) -> DecidedPair:
    """The machine's pair as nobody changed it."""
    return DecidedPair(
        machine=machine,
        title=machine.title,
        caption=machine.caption,
        description=machine.description,
        kind=machine.kind,
        box=machine.box,
        figure_bbox=machine.figure_bbox,
        parts=machine.parts,
        texts=machine.texts,
        text_bboxes=machine.text_bboxes,
        score=machine.score,
        rule=machine.rule,
        fields=machine.fields,
        trail=machine.trail,
        refinement=machine.refinement,
        summary=machine.summary,
    )


def start_pair(like: MachinePair, box: Box, figure_bbox: Box, kind: Kind, rule: str) -> MachinePair:
    """What a figure drawn by a curator begins with: the page, book and entry of `like`, and no text."""
    return replace(
        like,
        box=box,
        figure_bbox=figure_bbox,
        parts=(box,),
        kind=kind,
        title="",
        caption="",
        description="",
        texts=(),
        text_bboxes=(),
        score=0.0,
        rule=rule,
        features=(),
        fields=NO_FIELDS,
        trail=(),
        refinement=None,
        summary=None,
        kind_score=like.kind_score if kind == like.kind else 1.0,
        kind_rule=like.kind_rule if kind == like.kind else BY_CURATOR,
    )


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
