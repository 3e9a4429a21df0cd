"""What a page draws, operation by operation, with the clips that hold while it is drawn.

The records are the same whichever library runs the page (`mupdf_trace`, `plumber_trace`). Text is read
elsewhere (`text_layer`); here it only leaves its boxes, and whether it is visible.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from extractors.records import Box

Matrix = tuple[float, float, float, float, float, float]

Clip = tuple[Box, bool]
"""What a clip lets through, and whether it is that box exactly (else it is some shape inside)."""

# A page that draws more is a map or a fuzzed file; what comes first shows where its drawings are.
MAX_OPERATIONS = 150_000


@dataclass(frozen=True, slots=True)
class PlacedImage:
    """One image as placed. `matrix` maps the unit square (y down) to the page; `visible` is what clips leave.

    `is_cut` says that a clip takes away some of it, `is_masked` that a soft mask or a blend mode
    changes it. `key` is the same for the same pixels. `order` counts the page's operations.
    """

    order: int
    matrix: Matrix
    box: Box
    visible: Box
    width_px: int
    height_px: int
    alpha: float
    is_cut: bool
    is_masked: bool
    is_stencil: bool
    key: str


@dataclass(frozen=True, slots=True)
class PlacedPath:
    """One path, shading or tiled pattern; `box` is its visible part.

    `shape` is `rectangle` for axis-aligned rectangles and lines. `is_paper` says that it is white,
    `is_masked` that a soft mask fades it, as shadows and glows are.
    """

    order: int
    box: Box
    shape: Literal["rectangle", "free", "shading", "pattern"]
    is_filled: bool
    is_paper: bool
    is_masked: bool
    alpha: float


@dataclass(frozen=True, slots=True)
class PlacedText:
    """The box of a run of glyphs; hidden where the render mode draws nothing."""

    order: int
    box: Box
    is_hidden: bool


@dataclass(frozen=True, slots=True)
class Trace:
    """All that a page draws, in order; `error` says why it ends early, if it does."""

    images: tuple[PlacedImage, ...]
    paths: tuple[PlacedPath, ...]
    texts: tuple[PlacedText, ...]
    error: str


def map_unit_square(m: Matrix) -> Box:
    """The box around an image placed with matrix `m`, which maps the unit square (y down) to the page."""
    xs = (m[4], m[4] + m[0], m[4] + m[2], m[4] + m[0] + m[2])
    ys = (m[5], m[5] + m[1], m[5] + m[3], m[5] + m[1] + m[3])
    return min(xs), min(ys), max(xs), max(ys)


def cut_box(box: Box, clip: Box) -> Box | None:
    """The visible part; lines have no area, so only a side that is turned inside out hides all."""
    x0, y0 = max(box[0], clip[0]), max(box[1], clip[1])
    x1, y1 = min(box[2], clip[2]), min(box[3], clip[3])
    return (x0, y0, x1, y1) if x0 <= x1 and y0 <= y1 else None
