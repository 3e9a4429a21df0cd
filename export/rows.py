"""Decided pairs with their pixels → rows, as the columns of `export.schema` name them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from alignment.records import DecidedPair, Kind, Region, ReviewStatus, Series
from extractors.records import Box, Dropped, FigureImage, Origin


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a release, pixels still on disk: `image_file` holds them, as they will be released.

    The other fields are the columns of the same name (`group_id` is made by export). The parallel lists
    `text_*` have one item for each region of `text_raw`. What an imported release does not know is None.
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
) -> list[Row]:
    """The rows of one book by page and position; `images` are parallel to `pairs` and lie in `folder`.

    A pair whose image is `Dropped` makes no row: the caller counts it among what was dropped.
    """
    rows = [
        build_row(pair, image, folder, rights)
        for pair, image in zip(pairs, images, strict=True)
        if isinstance(image, FigureImage)
    ]
    return sorted(rows, key=_place)


def build_row(pair: DecidedPair, image: FigureImage, folder: Path, rights: str) -> Row:
    """One row from a decided pair and its pixels."""
    machine = pair.machine
    return Row(
        pair_id=machine.pair_id,
        image_file=folder / image.file,
        title=pair.title,
        caption=pair.caption,
        description=pair.description,
        text_raw="\n\n".join(region.text for region in machine.texts),
        series=machine.series,
        kind=pair.kind,
        document=machine.document,
        document_sha256=machine.document_sha256,
        page=machine.page,
        page_width=machine.page_width,
        page_height=machine.page_height,
        figure_bbox=machine.figure_bbox,
        text_pages=tuple(region.page for region in machine.texts),
        text_roles=tuple(region.role for region in machine.texts),
        text_bboxes=machine.text_bboxes,
        origin=image.origin,
        dpi=image.dpi,
        ocr_confidence=mean_confidence(machine.texts),
        pair_score=machine.score if machine.texts else 0.0,
        pair_rule=machine.rule,
        entry_id=machine.entry_id,
        parent_pair_id=None,
        width=image.width_px,
        height=image.height_px,
        image_sha256=image.sha256,
        phash=image.phash,
        review_status=pair.review_status,
        reviewer=pair.reviewer,
        rights=rights,
    )


def mean_confidence(texts: Sequence[Region]) -> float | None:
    """OCR confidence (0–1) weighted by the regions' lengths; None where nothing was read by OCR."""
    read = [(t.confidence, len(t.text)) for t in texts if t.confidence is not None]
    total = sum(length for _, length in read)
    return sum(c * length for c, length in read) / total if total else None


def _place(row: Row) -> tuple[int, int, int, str]:
    x0, y0 = (row.figure_bbox or (0.0, 0.0))[:2]
    return (row.page or 0, round(y0), round(x0), row.pair_id)
