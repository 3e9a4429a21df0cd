"""What extraction hands on: pages with pictures and text lines, and figures' pixels.

All boxes are in PDF points, origin top left, of the page as it is read: rotation applied and, on a scan,
turned upright by `Page.skew` about the page's centre (`geometry.to_page_frame` gives the box on the page as
it lies in the file). Anything in pixels ends in `_px`. `page` and `number` are 1-based.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Box = tuple[float, float, float, float]
"""(x0, y0, x1, y1) in points, x0 <= x1, y0 <= y1."""

Colour = tuple[int, int, int]
"""Red, green and blue, 0–255."""

Direction = Literal["horizontal", "vertical"]
PictureKind = Literal["image", "drawing", "scan"]
Origin = Literal["embedded", "rendered", "scan", "imported", "drawn"]


@dataclass(frozen=True, slots=True)
class TextLine:
    """One printed line (or one vertical column) of text.

    `size` is the height of the em in points; `direction` is vertical for columns set from top to bottom;
    `source` tells the PDF's own text layer from OCR, and `confidence` (0–1) is set for OCR only.
    """

    text: str
    box: Box
    size: float
    direction: Direction = "horizontal"
    source: Literal["layer", "ocr"] = "layer"
    font: str = ""
    bold: bool = False
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Tones:
    """Colours of a picture: the main one, that of its edge, and the share (0–1) of the edge that has it."""

    main: Colour
    border: Colour
    plain: float


@dataclass(frozen=True, slots=True)
class Picture:
    """Something drawn on the page that may be a figure or a part of one.

    `box` is what can be seen of it (clipped by clip paths and the page). `fingerprint` is the same for the
    same pixels or drawing placed again, on this page or another: that is how repeated ornaments are known.
    An `image` is one placed raster image (tiles and strips already merged), a `drawing` a cluster of vector
    paths, a `scan` a piece of a scanned page. `coverage` is the share of the page's area (0–1). `tones` are
    measured on pages with a few pictures of a fair size. `pieces` are the images of a picture that is made of
    a few drawn one over the other, in the order in which they were drawn.
    """

    box: Box
    kind: PictureKind
    fingerprint: str
    coverage: float = 0.0
    tones: Tones | None = None
    pieces: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class Dropped:
    """Something left out, with the reason; nothing vanishes. `fingerprint` is that of a picture."""

    page: int
    what: Literal["book", "page", "picture", "line", "figure", "file"]
    reason: str
    box: Box | None = None
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One page as read. A page that could not be read has `error` set and nothing else.

    `rules` are thin straight lines (underlines, separators, table frames). `source` is `scan` where lines and
    pictures come from the page's raster by OCR and segmentation. `skew` is the angle in degrees by which the
    scan was turned (counter-clockwise positive) to make it upright, 0 for born-digital pages. `unprinted`
    counts characters of the text layer that are not printed (soft hyphens, zero widths), nor in `lines`.
    """

    document: str
    document_sha256: str
    number: int
    width: float
    height: float
    reader: str
    source: Literal["born-digital", "scan"] = "born-digital"
    skew: float = 0.0
    lines: tuple[TextLine, ...] = ()
    pictures: tuple[Picture, ...] = ()
    rules: tuple[Box, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    error: str = ""
    unprinted: int = 0


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """A PDF that can be opened: its file name, sha256 (hex) of its bytes and number of pages."""

    name: str
    sha256: str
    page_count: int


@dataclass(frozen=True, slots=True)
class Cut:
    """A request for a figure's pixels: `box` on page `page`, in the frame of `Page`, whose `skew` it repeats.

    `parts` are the boxes of the pictures that the figure unites; with a single one that fills `box`, the
    file's own pixels may be handed on as they are. `reader` is the page's: only that one is known to see it.
    """

    page: int
    box: Box
    parts: tuple[Box, ...]
    source: Literal["born-digital", "scan"]
    skew: float = 0.0
    reader: str = "pymupdf"


@dataclass(frozen=True, slots=True)
class FigureImage:
    """A figure's pixels, saved as `<sha256>.<jpg|png>` in the folder that the caller named.

    `dpi` is null for `embedded`; `phash` is ImageHash's 64-bit perceptual hash, hex.
    """

    sha256: str
    file: str
    width_px: int
    height_px: int
    origin: Origin
    dpi: float | None
    phash: str
