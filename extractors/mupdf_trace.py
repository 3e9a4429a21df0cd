"""A page's trace by MuPDF, which runs the page against a device of ours.

So boxes are exact where PDF operators nest: forms, clip paths, soft masks, tiling patterns and optional
content are resolved by MuPDF itself.
"""

from __future__ import annotations

from typing import Any, Literal

import pymupdf
from pymupdf import mupdf

from extractors.geometry import area, intersection
from extractors.mupdf_images import bound_mask, key_of
from extractors.page_trace import (
    MAX_OPERATIONS,
    Clip,
    PlacedImage,
    PlacedPath,
    PlacedText,
    Trace,
    cut_box,
    map_unit_square,
)
from extractors.records import Box


def trace_page(page: pymupdf.Page) -> tuple[Trace, dict[int, mupdf.FzImage]]:
    """Runs the page's contents, without annotations; also MuPDF's images, by `PlacedImage.order`.

    Never raises for a damaged page: see `Trace.error`.
    """
    rect = page.rect
    device = _Device((0.0, 0.0, float(rect.width), float(rect.height)))
    error = ""
    try:
        mupdf.fz_run_page_contents(page.this, device, mupdf.FzMatrix(), mupdf.FzCookie())
        mupdf.fz_close_device(device)
    except mupdf.FzErrorBase as stopped:
        # What came before the damage is still there to see.
        error = str(stopped).splitlines()[0]
    if device.order > MAX_OPERATIONS:
        error = f"it draws more than {MAX_OPERATIONS} things"
    trace = Trace(tuple(device.images), tuple(device.paths), tuple(device.texts), error)
    return trace, device.kept


class _Device(mupdf.FzDevice2):  # type: ignore[misc]
    """MuPDF calls these methods; `ctx` is its context. Boxes of clips form a stack."""

    def __init__(self, page_box: Box) -> None:
        super().__init__()
        self.kept: dict[int, mupdf.FzImage] = {}
        for name in _CALLS:
            getattr(self, f"use_virtual_{name}")()
        self.images: list[PlacedImage] = []
        self.paths: list[PlacedPath] = []
        self.texts: list[PlacedText] = []
        self.clips: list[Clip] = [(page_box, True)]
        self.masked = [False]
        self.groups = [(1.0, False)]
        self.hidden = 0
        self.order = 0

    @property
    def is_full(self) -> bool:
        return self.order >= MAX_OPERATIONS

    def _next(self) -> bool:
        """Whether the operation counts: not inside a mask's or a pattern's own content."""
        self.order += 1
        return not self.hidden and not self.is_full

    # Groups: what is drawn in one is faded or blended with it

    def begin_group(
        self, _ctx: Any, _area: Any, _cs: Any, _isolated: Any, _knockout: Any, blend: int, alpha: float
    ) -> None:
        faded, blended = self.groups[-1]
        self.groups.append((faded * alpha, blended or blend != mupdf.FZ_BLEND_NORMAL))

    def end_group(self, _ctx: Any) -> None:
        if len(self.groups) > 1:
            self.groups.pop()

    # Images

    def fill_image(self, _ctx: Any, image: Any, ctm: Any, alpha: float, _cp: Any) -> None:
        if self._next():
            self._place(image, ctm, alpha, False)

    def fill_image_mask(
        self, _ctx: Any, image: Any, ctm: Any, space: Any, colour: Any, alpha: float, _cp: Any
    ) -> None:
        if self._next():
            self._place(image, ctm, alpha, True)

    def _place(self, image: Any, ctm: Any, alpha: float, is_stencil: bool) -> None:
        matrix = (ctm.a, ctm.b, ctm.c, ctm.d, ctm.e, ctm.f)
        box = map_unit_square(matrix)
        clip, is_exact = self.clips[-1]
        visible = intersection(box, clip)
        if area(visible) <= 0:
            return
        lost = 1 - area(visible) / max(area(box), 1e-6)
        is_cut = lost > 0.01 or not is_exact
        w, h = int(image.w), int(image.h)
        held = mupdf.FzImage(mupdf.ll_fz_keep_image(image))
        self.kept[self.order] = held
        key = key_of(held)
        faded, blended = self.groups[-1]
        alpha, is_masked = alpha * faded, self.masked[-1] or blended
        self.images.append(
            PlacedImage(self.order, matrix, box, visible, w, h, alpha, is_cut, is_masked, is_stencil, key)
        )

    # Paths and shadings

    def fill_path(
        self, _ctx: Any, path: Any, _eo: int, ctm: Any, space: Any, colour: Any, alpha: float, _cp: Any
    ) -> None:
        if self._next():
            self._add_path(path, None, ctm, True, _is_white(space, colour), alpha)

    def stroke_path(
        self, _ctx: Any, path: Any, stroke: Any, ctm: Any, space: Any, colour: Any, alpha: float, _cp: Any
    ) -> None:
        if self._next():
            self._add_path(path, stroke, ctm, False, _is_white(space, colour), alpha)

    def _add_path(
        self, path: Any, stroke: Any, ctm: Any, is_filled: bool, is_paper: bool, alpha: float
    ) -> None:
        rect = mupdf.ll_fz_bound_path(path, None, ctm)
        # MuPDF's own bound of a stroke allows for the longest mitre that there could be.
        pen = 0.0 if stroke is None else 0.5 * stroke.linewidth * mupdf.ll_fz_matrix_expansion(ctm)
        box = cut_box((rect.x0 - pen, rect.y0 - pen, rect.x1 + pen, rect.y1 + pen), self.clips[-1][0])
        if box is not None:
            shape: Literal["rectangle", "free"] = (
                "rectangle" if mupdf.ll_fz_path_is_rect(path, ctm) else "free"
            )
            self.paths.append(PlacedPath(self.order, box, shape, is_filled, is_paper, self.masked[-1], alpha))

    def fill_shade(self, _ctx: Any, shade: Any, ctm: Any, alpha: float, _cp: Any) -> None:
        if self._next():
            r = mupdf.ll_fz_bound_shade(shade, ctm)
            box = cut_box((r.x0, r.y0, r.x1, r.y1), self.clips[-1][0])
            if box is not None:
                self.paths.append(PlacedPath(self.order, box, "shading", True, False, self.masked[-1], alpha))

    def begin_tile(
        self, _ctx: Any, tile_area: Any, _view: Any, _xstep: float, _ystep: float, ctm: Any, *_: Any
    ) -> int:
        if self._next():
            r = mupdf.ll_fz_transform_rect(tile_area, ctm)
            box = cut_box((r.x0, r.y0, r.x1, r.y1), self.clips[-1][0])
            if box is not None:
                self.paths.append(PlacedPath(self.order, box, "pattern", True, False, self.masked[-1], 1.0))
        self.hidden += 1
        return 0

    def end_tile(self, _ctx: Any) -> None:
        self.hidden -= 1

    # Text

    def fill_text(self, _ctx: Any, text: Any, ctm: Any, *_: Any) -> None:
        self._add_text(text, None, ctm, False)

    def stroke_text(self, _ctx: Any, text: Any, stroke: Any, ctm: Any, *_: Any) -> None:
        self._add_text(text, stroke, ctm, False)

    def ignore_text(self, _ctx: Any, text: Any, ctm: Any) -> None:
        self._add_text(text, None, ctm, True)

    def _add_text(self, text: Any, stroke: Any, ctm: Any, is_hidden: bool) -> None:
        if self._next():
            r = mupdf.ll_fz_bound_text(text, stroke, ctm)
            box = cut_box((r.x0, r.y0, r.x1, r.y1), self.clips[-1][0])
            if box is not None:
                self.texts.append(PlacedText(self.order, box, is_hidden))

    # Clips and masks

    def clip_path(self, _ctx: Any, path: Any, _eo: int, ctm: Any, _scissor: Any) -> None:
        r = mupdf.ll_fz_bound_path(path, None, ctm)
        self._push((r.x0, r.y0, r.x1, r.y1), bool(mupdf.ll_fz_path_is_rect(path, ctm)))

    def clip_stroke_path(self, _ctx: Any, path: Any, stroke: Any, ctm: Any, _scissor: Any) -> None:
        r = mupdf.ll_fz_bound_path(path, stroke, ctm)
        self._push((r.x0, r.y0, r.x1, r.y1), False)

    def clip_text(self, _ctx: Any, text: Any, ctm: Any, _scissor: Any) -> None:
        r = mupdf.ll_fz_bound_text(text, None, ctm)
        self._push((r.x0, r.y0, r.x1, r.y1), False)

    def clip_stroke_text(self, _ctx: Any, text: Any, stroke: Any, ctm: Any, _scissor: Any) -> None:
        r = mupdf.ll_fz_bound_text(text, stroke, ctm)
        self._push((r.x0, r.y0, r.x1, r.y1), False)

    def clip_image_mask(self, _ctx: Any, image: Any, ctm: Any, _scissor: Any) -> None:
        matrix = (ctm.a, ctm.b, ctm.c, ctm.d, ctm.e, ctm.f)
        held = mupdf.FzImage(mupdf.ll_fz_keep_image(image))
        self._push(bound_mask(held, matrix), False, True)

    def begin_mask(self, _ctx: Any, mask_area: Any, *_: Any) -> None:
        self._push((mask_area.x0, mask_area.y0, mask_area.x1, mask_area.y1), False, True)
        self.hidden += 1

    def end_mask(self, _ctx: Any, *_: Any) -> None:
        self.hidden -= 1

    def pop_clip(self, _ctx: Any) -> None:
        if len(self.clips) > 1:
            self.clips.pop()
            self.masked.pop()

    def _push(self, box: Box, is_exact: bool, is_mask: bool = False) -> None:
        around, was_exact = self.clips[-1]
        self.clips.append((intersection(around, box), was_exact and is_exact))
        self.masked.append(self.masked[-1] or is_mask)


_CALLS = tuple(
    name
    for name in vars(_Device)
    if not name.startswith("_") and hasattr(mupdf.FzDevice2, f"use_virtual_{name}")
)


def _is_white(space: Any, colour: Any) -> bool:
    if space is None:
        return False
    count = mupdf.ll_fz_colorspace_n(space)
    values = (mupdf.floats_getitem(colour, i) for i in range(count))
    if count == 4:
        return all(value < 0.02 for value in values)
    return count in (1, 3) and all(value > 0.98 for value in values)
