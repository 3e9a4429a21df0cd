"""A page's operators by pdfminer, with what pdfminer leaves out: clips, transparency, optional content.

pdfminer follows paths, colours, matrices and text, and knows neither W, gs and sh nor the boxes of forms; a
form begins with a fresh state there. Here all of it is state that q and Q keep.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from pdfminer.pdfcolor import PREDEFINED_COLORSPACE
from pdfminer.pdfexceptions import PDFException
from pdfminer.pdffont import PDFFont
from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager
from pdfminer.pdftypes import PDFStream, dict_value, resolve1
from pdfminer.psparser import literal_name
from pdfminer.utils import mult_matrix

from extractors.page_trace import Matrix
from extractors.plumber_layers import Layers
from extractors.plumber_state import Canvas, State
from extractors.plumber_values import (
    IDENTITY,
    as_box,
    as_matrix,
    as_number,
    bound,
    is_straight,
    map_corners,
    map_path,
)
from extractors.records import Box

# Where forms nest deeper, a fuzzed file is at work.
_MAX_DEPTH = 12


class Operators(PDFPageInterpreter):
    """Runs a content stream on a Canvas."""

    device: Canvas
    graphicstate: State

    def __init__(self, fonts: PDFResourceManager, canvas: Canvas, layers: Layers, depth: int = 0) -> None:
        super().__init__(fonts, canvas)
        self.layers = layers
        self.depth = depth
        self.first_state: State | None = None
        self.page_ctm: Matrix = IDENTITY

    def dup(self) -> Self:
        """For forms: pdfminer calls it."""
        twin = type(self)(self.rsrcmgr, self.device, self.layers, self.depth + 1)
        twin.page_ctm = self.page_ctm
        return twin

    def run_page(
        self, resources: dict[object, object], contents: Sequence[object], ctm: Matrix, page: Box
    ) -> None:
        """Runs a page's contents. Raises whatever pdfminer raises on damage."""
        self.first_state, self.page_ctm = State((page, True)), ctm
        self.render_contents(resources, contents, ctm=ctm)

    def init_resources(self, resources: dict[object, object]) -> None:
        """pdfminer's, one resource at a time: a damaged one is left out, and the others are had."""
        fonts: dict[object, PDFFont] = {}
        objects: dict[Any, Any] = {}
        spaces = PREDEFINED_COLORSPACE.copy()
        for kind in ("Font", "ColorSpace", "XObject"):
            for name, value in dict_value(resources.get(kind) or {}).items():
                try:
                    super().init_resources({kind: {name: value}})
                except (PDFException, LookupError, TypeError, ValueError, AttributeError, AssertionError):
                    continue
                fonts |= self.fontmap
                objects |= self.xobjmap
                spaces |= self.csmap
        self.resources, self.fontmap, self.xobjmap, self.csmap = resources, fonts, objects, spaces

    def init_state(self, ctm: Matrix) -> None:
        """A form goes on with the state of what it is drawn from."""
        super().init_state(ctm)
        if self.first_state is not None:
            self.graphicstate = self.first_state.copy()
        self.tags: list[bool] = []
        self.text_clip: list[Box] = []

    def find_resource(self, kind: str, name: object) -> Any:
        """A named resource, or None."""
        named = dict_value(self.resources.get(kind) or {})
        return resolve1(named.get(name if isinstance(name, str) else literal_name(name)))

    # Clips

    def do_W(self) -> None:  # noqa: N802
        """Clips by the path, which is complete when W comes."""
        points, is_rectangle = map_path(self.curpath, self.ctm)
        if points:
            self.graphicstate.add_clip(bound(points), is_rectangle)

    def do_W_a(self) -> None:  # noqa: N802
        """Likewise by the even-odd rule."""
        self.do_W()

    def do_BT(self) -> None:  # noqa: N802
        """Begins text."""
        super().do_BT()
        self.text_clip = []

    def do_ET(self) -> None:  # noqa: N802
        """Text set as a clip holds from its end on."""
        if self.text_clip:
            x0, y0, x1, y1 = zip(*self.text_clip, strict=True)
            self.graphicstate.add_clip((min(x0), min(y0), max(x1), max(y1)), False)
        self.text_clip = []

    def do_TJ(self, seq: Any) -> None:  # noqa: N802
        """Shows text; in render modes from 4 on it also becomes a clip."""
        if self.textstate.font is None:
            return
        box = self.device.set_string(self.textstate, seq, self.graphicstate)
        if box is not None and self.textstate.render >= 4:
            self.text_clip.append(box)

    # State

    def do_w(self, linewidth: Any) -> None:
        """Keeps the pen as it is given: its scale is that of the matrix when it draws."""
        if isinstance(linewidth, int | float):
            self.graphicstate.pen = float(linewidth)

    def do_gs(self, name: Any) -> None:
        """Opacity, blend mode and soft mask."""
        found = self.find_resource("ExtGState", name)
        if not isinstance(found, dict):
            return
        state = self.graphicstate
        state.fill_alpha = as_number(found.get("ca"), state.fill_alpha)
        state.stroke_alpha = as_number(found.get("CA"), state.stroke_alpha)
        if isinstance(width := resolve1(found.get("LW")), int | float):
            state.pen = float(width)
        if "BM" in found:
            mode = resolve1(found["BM"])
            mode = resolve1(mode[0]) if isinstance(mode, list) and mode else mode
            state.is_blended = literal_name(mode) not in ("Normal", "Compatible")
        if "SMask" in found:
            self._set_mask(resolve1(found["SMask"]))

    def _set_mask(self, mask: Any) -> None:
        form = resolve1(mask.get("G")) if isinstance(mask, dict) else None
        if not isinstance(form, PDFStream):
            self.graphicstate.mask = None
            return
        box = as_box(form.get("BBox"))
        matrix = mult_matrix(as_matrix(form.get("Matrix")), self.ctm)
        self.graphicstate.mask = bound(map_corners(box, matrix)) if box else self.graphicstate.clip[0]

    # Optional content

    def do_BMC(self, tag: Any) -> None:  # noqa: N802
        """Marked content, which may not be shown."""
        self._begin_tag(False)

    def do_BDC(self, tag: Any, props: Any) -> None:  # noqa: N802
        """Marked content, which may not be shown."""
        is_layer = literal_name(tag) == "OC"
        raw = (
            dict_value(self.resources.get("Properties") or {}).get(literal_name(props)) if is_layer else None
        )
        self._begin_tag(raw is not None and self.layers.is_off(raw))

    def do_EMC(self) -> None:  # noqa: N802
        """The end of marked content."""
        if self.tags and self.tags.pop():
            self.device.hidden -= 1

    def _begin_tag(self, is_off: bool) -> None:
        self.tags.append(is_off)
        self.device.hidden += is_off

    # Objects

    def do_sh(self, name: Any) -> None:
        """A shading."""
        self.device.shade(self.graphicstate)

    def do_EI(self, obj: Any) -> None:  # noqa: N802
        """An image that lies in the contents."""
        if isinstance(obj, PDFStream) and "W" in obj and "H" in obj:
            self.device.place_image(self.graphicstate, obj)

    def do_Do(self, xobjid_arg: Any) -> None:  # noqa: N802
        """An image or a form."""
        found = resolve1(self.xobjmap.get(literal_name(xobjid_arg)))
        if not isinstance(found, PDFStream) or ("OC" in found and self.layers.is_off(found["OC"])):
            return
        kind = literal_name(found.get("Subtype"))
        if kind == "Image":
            self.device.place_image(self.graphicstate, found)
        elif kind == "Form" and self.depth < _MAX_DEPTH:
            self._run_form(found)

    def _run_form(self, form: PDFStream) -> None:
        matrix = mult_matrix(as_matrix(form.get("Matrix")), self.ctm)
        state = self.graphicstate.copy()
        if "Group" in form:
            state = state.enter_group()
        if (box := as_box(form.get("BBox"))) is not None:
            points = map_corners(box, matrix)
            state.add_clip(bound(points), is_straight(matrix))
        self.run_stream(form, matrix, state)

    def run_stream(self, stream: PDFStream, matrix: Matrix, state: State) -> None:
        """Runs a form or a pattern's cell; the Canvas has the matrix of here again afterwards."""
        inner = self.dup()
        inner.parent_stream_ids |= self.parent_stream_ids | self.stream_ids
        inner.first_state = state
        own = resolve1(stream.get("Resources"))
        inner.render_contents(own if isinstance(own, dict) else self.resources, [stream], ctm=matrix)
        # A form may end within marked content of its own.
        self.device.hidden -= sum(inner.tags)
        self.device.set_ctm(self.ctm)
