"""The columns of a row, written down once: Arrow schema, Hugging Face features, card and Croissant follow."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pyarrow as pa

ColumnType = Literal[
    "image",
    "string",
    "int32",
    "float32",
    "list<int32>",
    "list<string>",
    "list<float32>",
    "list<list<float32>>",
]
SPLITS = ("train", "validation", "test")


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `nullable` says whether a row may have null there; `about` is for the card."""

    name: str
    type: ColumnType
    about: str
    nullable: bool = False

    @property
    def item_type(self) -> str:
        """The type inside all lists: `list<list<float32>>` → `float32`."""
        return self.type.removesuffix(">" * self.depth)[5 * self.depth :]

    @property
    def depth(self) -> int:
        """How many lists are around the value."""
        return self.type.count("list<")


_BOX = "x0, y0, x1, y1 in PDF points (1/72 inch), origin at the top left of the page as displayed"
COLUMNS = (
    Column(
        "pair_id",
        "string",
        "16 hex digits from the book's hash, the page and the box; the same in every rebuild",
    ),
    Column("image", "image", "The figure's pixels, JPEG or PNG; see `origin` and `dpi`"),
    Column("title", "string", "Title of the entry or plate as printed, without its number"),
    Column("caption", "string", "The caption as printed, with its number and in its script"),
    Column(
        "description",
        "string",
        "The text for retrieval, in simplified Chinese: body or note if there is one, else the caption "
        "without its number; empty where nothing is printed",
    ),
    Column("text_raw", "string", "What the PDF or OCR gave, before any rule; a blank line between regions"),
    Column("series", "string", "`silk`, `dunhuang` or `other`"),
    Column("kind", "string", "`pattern`, `textile`, `cropped_pattern`, `mural` or `figure`"),
    Column("document", "string", "File name of the PDF"),
    Column("document_sha256", "string", "SHA-256 of the PDF", nullable=True),
    Column("page", "int32", "Page in the PDF, from 1; a spread on one sheet is one page", nullable=True),
    Column("page_width", "float32", "Width of the page in points", nullable=True),
    Column("page_height", "float32", "Height of the page in points", nullable=True),
    Column("figure_bbox", "list<float32>", f"Where the figure stands: {_BOX}", nullable=True),
    Column("text_pages", "list<int32>", "Page of each text region", nullable=True),
    Column(
        "text_roles",
        "list<string>",
        "Role of each text region: `title`, `caption`, `body`, `note`, `collection`, …",
        nullable=True,
    ),
    Column("text_bboxes", "list<list<float32>>", "Box of each text region, as `figure_bbox`", nullable=True),
    Column(
        "origin",
        "string",
        "`embedded` (the file's own pixels), `rendered` or `scan` (at `dpi`; scans turned upright), "
        "`imported`, `drawn` (box drawn by a curator)",
    ),
    Column("dpi", "float32", "Resolution of rendered and scanned pixels", nullable=True),
    Column("ocr_confidence", "float32", "0–1, mean over the characters read by OCR", nullable=True),
    Column("pair_score", "float32", "0–1, how sure the pairing is; 0 without text", nullable=True),
    Column("pair_rule", "string", "What decided the pairing; `none:<reason>` where the figure has no text"),
    Column("kind_score", "float32", "0–1, how sure the kind is", nullable=True),
    Column(
        "kind_rule",
        "string",
        "What spoke for the kind, the strongest first: `photo-line+title-noun`; `curator` where one set it",
        nullable=True,
    ),
    Column("entry_id", "string", "The entry or plate of the book; figures of one entry share it"),
    Column(
        "parent_pair_id",
        "string",
        "Set only for a detail that the pipeline cut out of another row's image",
        nullable=True,
    ),
    Column("group_id", "string", "Rows with the same value never lie in different splits"),
    Column("width", "int32", "Width of the image in pixels"),
    Column("height", "int32", "Height of the image in pixels"),
    Column("image_sha256", "string", "SHA-256 of the image's bytes"),
    Column("phash", "string", "64-bit perceptual hash of the image, hex"),
    Column("review_status", "string", "`unreviewed`, `accepted`, `edited` or `added`"),
    Column("reviewer", "string", "Who reviewed the pair", nullable=True),
    Column("rights", "string", "What the book's owner allows"),
    Column("figure_number", "string", "The figure's number as printed: `3-2`", nullable=True),
    Column("figure_index", "int32", "The integer that it is, where it is one", nullable=True),
    Column("plate_number", "string", "The plate's number as printed: `一六`", nullable=True),
    Column("plate_index", "int32", "The integer that it is: 16", nullable=True),
    Column("dynasty", "string", "Dynasty or reign as printed", nullable=True),
    Column("site", "string", "Cave site, or where a piece was found", nullable=True),
    Column("cave", "string", "Cave as printed: `第一六九窟`", nullable=True),
    Column("cave_index", "int32", "Its number: 169", nullable=True),
    Column("position", "string", "Where in the cave: `西壁龛内`", nullable=True),
    Column("collection", "string", "Who keeps the piece, as printed", nullable=True),
    Column("technique", "string", "Weave, fabric or technique", nullable=True),
    Column("dimensions", "string", "Measures as printed", nullable=True),
    Column(
        "references",
        "list<string>",
        "Literature printed for the figure, and what the rules took out of `description`: （见图3）, [1]",
        nullable=True,
    ),
    Column(
        "refinement",
        "string",
        "What a language model did to `description`: `refined`, `unchanged`, `refused:<gate>` or "
        "`failed:<cause>`, with which the rules' text stands; null where none was asked",
        nullable=True,
    ),
    Column(
        "summary", "string", "The model's summary of `description`, if it was asked for one", nullable=True
    ),
)

_ARROW_ITEMS: Mapping[str, Any] = {
    "string": pa.string(),
    "int32": pa.int32(),
    "float32": pa.float32(),
    "image": pa.struct([pa.field("bytes", pa.binary()), pa.field("path", pa.string())]),
}


def arrow_type(column: Column) -> pa.DataType:
    """The Arrow type of a column."""
    found = _ARROW_ITEMS[column.item_type]
    for _ in range(column.depth):
        found = pa.list_(found)
    return found


def hugging_face_feature(column: Column) -> dict[str, str] | list[Any]:
    """The feature as JSON. Lists are bare, which datasets 3 and 5 both read (`"_type": "List"` is for ≥4)."""
    if column.type == "image":
        return {"_type": "Image"}
    feature: dict[str, str] | list[Any] = {"dtype": column.item_type, "_type": "Value"}
    for _ in range(column.depth):
        feature = [feature]
    return feature


def card_feature(column: Column) -> dict[str, Any]:
    """The feature as in a card's YAML; `sequence` is the word that datasets 3 and 5 both know."""
    inner: Any = column.item_type
    for _ in range(column.depth - 1):
        inner = {"sequence": inner}
    return {"name": column.name, "sequence" if column.depth else "dtype": inner}


def arrow_schema() -> pa.Schema:
    """The Arrow schema with the Hugging Face features in its metadata.

    Every field may be null for Arrow, so that built and imported releases have one schema; `Column.nullable`
    is checked when a release is written.
    """
    return _make_schema(COLUMNS)


def light_schema() -> pa.Schema:
    """The Arrow schema without the image."""
    return _make_schema([c for c in COLUMNS if c.type != "image"])


def _make_schema(columns: Sequence[Column]) -> pa.Schema:
    features = {c.name: hugging_face_feature(c) for c in columns}
    metadata = {"huggingface": json.dumps({"info": {"features": features}}, separators=(",", ":"))}
    return pa.schema([pa.field(c.name, arrow_type(c)) for c in columns], metadata=metadata)
