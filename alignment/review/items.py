"""What the review page shows, and what it wants of whoever has the release: `ReviewSource`.

An **item** is a row of the release, or a figure that a reviewer drew, by its number in the index (from 1).
Boxes are on the page as it is in the file, in points, as everywhere in a release.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from alignment.decisions.records import Target
from alignment.text.trail import Edit
from extractors.records import Box

ItemState = Literal["open", "accepted", "changed", "rejected", "deferred", "conflict"]
STATES: tuple[ItemState, ...] = ("open", "accepted", "changed", "rejected", "deferred", "conflict")


@dataclass(frozen=True, slots=True)
class RegionMatter:
    """A text region of a page: its role, box and the lines as read."""

    page: int
    role: str
    bbox: Box
    text: str


@dataclass(frozen=True, slots=True)
class ItemTexts:
    """The texts of an item as read: all in one, and region by region."""

    raw: str = ""
    regions: tuple[RegionMatter, ...] = ()


@dataclass(frozen=True, slots=True)
class CandidateMatter:
    """A text that was weighed for a figure, by `cost` in nats (lower is likelier)."""

    bbox: Box
    cost: float
    chosen: bool


@dataclass(frozen=True, slots=True)
class Item:
    """A row as the machine made it, or as far as the release tells.

    `page` is 0 and `bbox` None for a row of an import, which stands on no page. `shard` (its path in the
    release) and `row` say where its pixels are, `edits` the first and the number of its lines in the trail;
    `risk` (0-1) orders the queue and `stratum` is the part of it in which errors are counted.
    """

    pair_id: str
    document: str
    document_sha256: str
    page: int
    page_size: tuple[float, float]
    bbox: Box | None
    kind: str
    title: str
    caption: str
    description: str
    score: float
    rule: str
    entry_id: str
    phash: str
    image_sha256: str
    width_px: int
    height_px: int
    origin: str
    ocr_confidence: float | None
    review_status: str
    reviewer: str
    risk: float
    stratum: str
    shard: str = ""
    row: int = 0
    edits: tuple[int, int] = (0, 0)
    number: int = 0


@dataclass(frozen=True, slots=True)
class Query:
    """What the queue shows; an empty field does not narrow. `words` are sought in title, caption and text."""

    document: str = ""
    kind: str = ""
    rule: str = ""
    state: str = ""
    words: str = ""
    score_from: float = 0.0
    score_to: float = 1.0


@dataclass(frozen=True, slots=True)
class PageMatter:
    """What the store knows of a page beside its figures: all text regions, and for each figure (by pair_id)
    the texts that were weighed, likeliest first."""

    regions: tuple[RegionMatter, ...] = ()
    candidates: Mapping[str, tuple[CandidateMatter, ...]] = field(default_factory=dict)


class ReviewSource(Protocol):
    """A release with what is known of its books. All calls may come from several threads."""

    @property
    def name(self) -> str:
        """Name and version of the release."""

    def read_texts(self, item: Item) -> ItemTexts:
        """What was read for the item; empty for one that the release lacks."""

    def read_trail(self, item: Item) -> tuple[Edit, ...]:
        """From `text_raw` to the released texts; empty where no rule touched them."""

    def read_image(self, item: Item) -> bytes:
        """The released pixels, JPEG or PNG; empty where the release lacks them."""

    def draw_page(self, document_sha256: str, page: int, large: bool = False) -> bytes | None:
        """The page as JPEG, as it fits a window or to zoom into; None where its PDF is not at hand."""

    def read_page(self, document_sha256: str, page: int) -> PageMatter:
        """Regions and candidates of a page; empty where the store has no such book."""

    def find_machine(self, item: Item) -> Item | None:
        """The item as the machine made it, also where the release has it as a reviewer decided; None where
        that is not at hand, or a reviewer made it."""

    def read_machine(self, item: Item) -> tuple[ItemTexts, tuple[Edit, ...]]:
        """`read_texts` and `read_trail` of the item as the machine made it; empty where `find_machine` has
        none."""

    def cache(self, name: str) -> bytes | None:
        """A picture made smaller before, by name."""

    def keep(self, name: str, data: bytes) -> None:
        """Keeps a picture for `cache`."""


def is_sampled(pair_id: str) -> bool:
    """Whether a second reviewer is to look at a pair: one in twenty, the same ones whoever asks, for the last
    digits of a pair_id are those of a hash."""
    return pair_id[-2:] < "0d"


def make_drawn(target: Target, near: Item | None, kind: str) -> Item:
    """An item without text or pixels of its own."""
    return Item(
        pair_id=target.pair_id,
        document=target.document,
        document_sha256=target.document_sha256,
        page=target.page,
        page_size=near.page_size if near else (595.0, 842.0),
        bbox=target.bbox,
        kind=kind,
        title="",
        caption="",
        description=target.text,
        score=0.0,
        rule="review",
        entry_id=near.entry_id if near else "",
        phash=target.phash,
        image_sha256="",
        width_px=0,
        height_px=0,
        origin="drawn",
        ocr_confidence=None,
        review_status="added",
        reviewer="",
        risk=0.0,
        stratum="",
    )
