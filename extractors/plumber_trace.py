"""A page's trace and text by pdfminer: one run of its operators gives both."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal

from pdfminer.pdfinterp import PDFResourceManager, PDFTextState
from pdfminer.pdftypes import PDFStream
from pdfminer.utils import mult_matrix

from extractors.geometry import area, intersection
from extractors.page_trace import (
    MAX_OPERATIONS,
    Matrix,
    PlacedImage,
    PlacedPath,
    PlacedText,
    Trace,
    cut_box,
    map_unit_square,
)
from extractors.plumber_images import bound_mask, find_mask, hash_image, is_stencil, size_of
from extractors.plumber_operators import Operators
from extractors.plumber_state import Canvas, State
from extractors.plumber_text import SetGlyph, set_string
from extractors.plumber_values import (
    IDENTITY,
    Path,
    as_box,
    as_matrix,
    as_number,
    bound,
    map_corners,
    map_path,
)
from extractors.records import Box

_TURNED: Matrix = (1.0, 0.0, 0.0, -1.0, 0.0, 1.0)
_GREYS, _COLOURS = ("DeviceGray", "CalGray", "ICCBased"), ("DeviceRGB", "CalRGB", "ICCBased")


class TooMuch(Exception):
    """The page draws more than is worth following."""


class Recorder(Canvas):
    """Notes what is drawn; boxes in points of the page as it is read."""

    def __init__(self, fonts: PDFResourceManager) -> None:
        super().__init__(fonts)
        self.ctm: Matrix = IDENTITY
        self.images: list[PlacedImage] = []
        self.streams: dict[int, PDFStream] = {}
        self.paths: list[PlacedPath] = []
        self.texts: list[PlacedText] = []
        self.glyphs: list[SetGlyph] = []
        self.order = 0
        self.operators: Operators | None = None

    def make_trace(self, error: str) -> Trace:
        """All that was noted."""
        return Trace(tuple(self.images), tuple(self.paths), tuple(self.texts), error)

    def _next(self) -> bool:
        self.order += 1
        if self.order > MAX_OPERATIONS:
            raise TooMuch(f"it draws more than {MAX_OPERATIONS} things")
        return not self.hidden

    # Text

    def set_string(self, text: PDFTextState, seq: Sequence[object], state: State) -> Box | None:
        """See `Canvas`."""
        glyphs = set_string(text, seq, self.ctm)
        printed = [g.glyph.box for g in glyphs if not g.glyph.text.isspace()]
        if not self._next():
            return None
        self.glyphs += glyphs
        if not printed:
            return None
        around = bound([p for box in printed for p in (box[:2], box[2:])])
        box = cut_box(around, state.seen[0])
        if box is not None:
            self.texts.append(PlacedText(self.order, box, text.render == 3))
        return around

    # Images

    def place_image(self, state: State, stream: PDFStream) -> None:
        """See `Canvas`."""
        if not self._next():
            return
        matrix = mult_matrix(_TURNED, self.ctm)
        box = map_unit_square(matrix)
        clip, is_exact = state.seen
        mask = find_mask(stream)
        if mask is not None:
            clip, is_exact = intersection(clip, bound_mask(mask, matrix)), False
        visible = intersection(box, clip)
        if area(visible) <= 0:
            return
        is_cut = 1 - area(visible) / max(area(box), 1e-6) > 0.01 or not is_exact
        width_px, height_px = size_of(stream)
        self.streams[self.order] = stream
        self.images.append(
            PlacedImage(
                self.order,
                matrix,
                box,
                visible,
                width_px,
                height_px,
                state.fill_alpha * state.group[0],
                is_cut,
                mask is not None or state.is_masked or state.is_blended or state.group[2],
                is_stencil(stream),
                hash_image(stream),
            )
        )

    # Paths and shadings

    def paint_path(self, state: Any, stroke: bool, fill: bool, evenodd: bool, path: Path) -> None:
        """pdfminer calls it at the end of each path that is painted."""
        points, is_rectangle = map_path(path, self.ctm)
        if not points:
            return
        shape: Literal["rectangle", "free"] = "rectangle" if is_rectangle else "free"
        box = bound(points)
        if fill and self._next() and not self._fill_with_pattern(state, box):
            is_paper = _is_white(state.ncs.name, state.ncolor)
            self._add(state, box, shape, True, is_paper, state.fill_alpha)
        if stroke and self._next():
            pen = 0.5 * state.pen * math.sqrt(abs(self.ctm[0] * self.ctm[3] - self.ctm[1] * self.ctm[2]))
            grown = (box[0] - pen, box[1] - pen, box[2] + pen, box[3] + pen)
            self._add(state, grown, shape, False, _is_white(state.scs.name, state.scolor), state.stroke_alpha)

    def shade(self, state: State) -> None:
        """See `Canvas`."""
        if self._next():
            self._add(state, state.seen[0], "shading", True, False, state.fill_alpha)

    def _add(
        self,
        state: State,
        box: Box,
        shape: Literal["rectangle", "free", "shading", "pattern"],
        is_filled: bool,
        is_paper: bool,
        alpha: float,
    ) -> None:
        seen = cut_box(box, state.seen[0])
        if seen is not None:
            self.paths.append(
                PlacedPath(self.order, seen, shape, is_filled, is_paper, state.is_masked, alpha)
            )

    def _fill_with_pattern(self, state: State, box: Box) -> bool:
        """Whether the path was filled with a pattern. A cell that is laid once is drawn as what it holds."""
        name = state.ncolor[1] if isinstance(state.ncolor, tuple) and len(state.ncolor) == 2 else state.ncolor
        if not isinstance(name, str) or self.operators is None:
            return False
        found = self.operators.find_resource("Pattern", name)
        if not isinstance(found, PDFStream):
            self._add(state, box, "shading", True, False, state.fill_alpha)
            return True
        matrix = mult_matrix(as_matrix(found.get("Matrix")), self.operators.page_ctm)
        cell = as_box(found.get("BBox"))
        if cell is None or not _is_laid_once(found, matrix, cell, box):
            self._add(state, box, "pattern", True, False, state.fill_alpha)
            return True
        inner = state.copy()
        inner.add_clip(intersection(box, bound(map_corners(cell, matrix))), True)
        self.operators.run_stream(found, matrix, inner)
        return True


def _is_laid_once(pattern: PDFStream, matrix: Matrix, cell: Box, box: Box) -> bool:
    """Whether the path lies within one cell of the pattern."""
    steps = as_number(pattern.get("XStep"), 0.0), as_number(pattern.get("YStep"), 0.0)
    across = abs(steps[0]) * math.hypot(matrix[0], matrix[1])
    down = abs(steps[1]) * math.hypot(matrix[2], matrix[3])
    around = bound(map_corners(cell, matrix))
    inside = area(intersection(around, box)) > 0.98 * area(box)
    return inside and box[2] - box[0] <= 1.01 * across and box[3] - box[1] <= 1.01 * down


def _is_white(space: str, colour: Any) -> bool:
    """Whether a colour is the paper's. In other spaces, of inks, 1 is a full ink."""
    if isinstance(colour, int | float):
        return colour > 0.98 if space in _GREYS else False
    if not isinstance(colour, tuple) or not all(isinstance(v, int | float) for v in colour):
        return False
    if len(colour) == 4:
        return bool(max(colour) < 0.02)
    return len(colour) == 3 and space in _COLOURS and bool(min(colour) > 0.98)
