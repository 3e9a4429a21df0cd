"""Decided pairs with their pixels → rows, as the columns of `export.schema` name them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from alignment.records import DecidedPair, Kind, Region, ReviewStatus, Series
from alignment.text.fields import FIELD_COLUMNS
from alignment.text.trail import Edit
from extractors.records import Box, Cut, Dropped, FigureImage, Origin


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a release, pixels still on disk: `image_file` holds them, as they will be released.

    The other fields are the columns of the same name (`group_id` is made by export). The parallel lists
    `text_*` have one item for each region of `text_raw`. What an imported release does not know is None.
    Numbers are as float32 holds them, so a row that is read again from a release is the same. `cut` is how
    the pixels were had from the book, `trail` how the texts came of `text_raw` (`export.text_trail`).
    """

    pair_id: str
    image_file: Path
    title: str
    caption: str
    description: str
    text_raw: str
    series: Series
    kind: Kind
    document: str
    document_sha256: str | None
    page: int | None
    page_width: float | None
    page_height: float | None
    figure_bbox: Box | None
    text_pages: tuple[int, ...] | None
    text_roles: tuple[str, ...] | None
    text_bboxes: tuple[Box, ...] | None
    origin: Origin
    dpi: float | None
    ocr_confidence: float | None
    pair_score: float | None
    pair_rule: str
    entry_id: str
    parent_pair_id: str | None
    width: int
    height: int
    image_sha256: str
    phash: str
    review_status: ReviewStatus
    reviewer: str | None
    rights: str
    figure_number: str | None = None
    figure_index: int | None = None
    plate_number: str | None = None
    plate_index: int | None = None
    dynasty: str | None = None
    site: str | None = None
    cave: str | None = None
    cave_index: int | None = None
    position: str | None = None
    collection: str | None = None
    technique: str | None = None
    dimensions: str | None = None
    references: tuple[str, ...] | None = None
    refinement: str | None = None
    summary: str | None = None
    kind_score: float | None = None
    kind_rule: str | None = None
    cut: Cut | None = None
    trail: tuple[Edit, ...] = ()

    @property
    def has_text(self) -> bool:
        """Whether the row can be used for retrieval."""
        return bool(self.description.strip())

    def describe_image(self) -> str:
        """Which file of what, for a line of trouble."""
        if self.origin == "imported":
            return f"{self.document}: the image {self.image_file.name}"
        where = f"{self.document}, page {self.page}"
        return f"{where}: the figure's image {self.image_file.name} in the work directory"


def build_rows(
    pairs: Sequence[DecidedPair],
    images: Sequence[FigureImage | Dropped],
    folder: Path,
    rights: str,
    cuts: Sequence[Cut] = (),
) -> list[Row]:
    """The rows of one book by page and position; `images` and, where known, `cuts` are parallel to `pairs`;
    the images lie in `folder`.

    A pair whose image is `Dropped` makes no row: the caller counts it among what was dropped.
    """
    known: Sequence[Cut | None] = cuts or [None] * len(pairs)
    rows = [
        build_row(pair, image, folder, rights, cut)
        for pair, image, cut in zip(pairs, images, known, strict=True)
        if isinstance(image, FigureImage)
    ]
    return sorted(rows, key=_place)


def build_row(
    pair: DecidedPair, image: FigureImage, folder: Path, rights: str, cut: Cut | None = None
) -> Row:
    """One row from a decided pair and its pixels."""
    machine = pair.machine
    return Row(
        pair_id=pair.pair_id,
        image_file=folder / image.file,
        title=pair.title,
        caption=pair.caption,
        description=pair.description,
        text_raw=pair.text_raw,
        series=machine.series,
        kind=pair.kind,
        document=machine.document,
        document_sha256=machine.document_sha256,
        page=machine.page,
        page_width=to_single(machine.page_width),
        page_height=to_single(machine.page_height),
        figure_bbox=_to_singles(pair.figure_bbox),
        text_pages=tuple(region.page for region in pair.texts),
        text_roles=tuple(region.role for region in pair.texts),
        text_bboxes=tuple(map(_to_singles, pair.text_bboxes)),
        origin=image.origin,
        dpi=None if image.dpi is None else to_single(image.dpi),
        ocr_confidence=mean_confidence(pair.texts),
        pair_score=to_single(pair.score),
        pair_rule=pair.rule,
        entry_id=machine.entry_id,
        parent_pair_id=pair.parent_pair_id,
        width=image.width_px,
        height=image.height_px,
        image_sha256=image.sha256,
        phash=image.phash,
        review_status=pair.review_status,
        reviewer=pair.reviewer,
        rights=rights,
        **{name: getattr(pair.fields, name) for name in FIELD_COLUMNS},
        refinement=pair.refinement,
        summary=pair.summary,
        kind_score=to_single(pair.kind_score),
        kind_rule=pair.kind_rule,
        cut=cut,
        trail=pair.trail,
    )


def to_single(value: float) -> float:
    """The number as float32 holds it."""
    return float(np.float32(value))


def _to_singles(box: Box) -> Box:
    x0, y0, x1, y1 = map(to_single, box)
    return (x0, y0, x1, y1)


def mean_confidence(texts: Sequence[Region]) -> float | None:
    """OCR confidence (0–1) weighted by the regions' lengths; None where nothing was read by OCR."""
    read = [(t.confidence, len(t.text)) for t in texts if t.confidence is not None]
    total = sum(length for _, length in read)
    return to_single(sum(c * length for c, length in read) / total) if total else None


def _place(row: Row) -> tuple[int, int, int, str]:
    x0, y0 = (row.figure_bbox or (0.0, 0.0))[:2]
    return (row.page or 0, round(y0), round(x0), row.pair_id)
