"""What pdfminer's operators run on: a graphic state that knows clips, and the canvas that they draw on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pdfminer.pdfdevice import PDFDevice
from pdfminer.pdffont import PDFFont
from pdfminer.pdfinterp import PDFGraphicState, PDFResourceManager, PDFTextState
from pdfminer.pdftypes import PDFStream

from extractors.geometry import intersection
from extractors.page_trace import Clip
from extractors.records import Box


class State(PDFGraphicState):
    """pdfminer's graphic state, and the clip, transparency and pen that hold.

    `mask` is the box of the soft mask; `group` is what the groups around do: fade, mask, blend.
    """

    def __init__(self, clip: Clip) -> None:
        super().__init__()
        self.clip = clip
        self.mask: Box | None = None
        self.fill_alpha = self.stroke_alpha = self.pen = 1.0
        self.is_blended = False
        self.group = (1.0, False, False)

    @property
    def seen(self) -> Clip:
        """What clip and soft mask leave."""
        if self.mask is None:
            return self.clip
        return intersection(self.clip[0], self.mask), False

    @property
    def is_masked(self) -> bool:
        """Whether a soft mask fades what is drawn."""
        return self.mask is not None or self.group[1]

    def copy(self) -> State:
        """For q, and for every string of text."""
        twin = State(self.clip)
        twin.__dict__.update(self.__dict__)
        return twin

    def enter_group(self) -> State:
        """The state in which a group begins: what holds is done to it as a whole when it is drawn."""
        inner = self.copy()
        inner.group = (self.group[0] * self.fill_alpha, self.is_masked, self.group[2] or self.is_blended)
        inner.clip, inner.mask = self.seen, None
        inner.fill_alpha, inner.stroke_alpha, inner.is_blended = 1.0, 1.0, False
        return inner

    def add_clip(self, box: Box, is_exact: bool) -> None:
        """What is drawn from here on is seen inside `box` only."""
        around, was_exact = self.clip
        self.clip = (intersection(around, box), was_exact and is_exact)


class Canvas(PDFDevice):
    """What the page is drawn on. `hidden` counts the layers around that are not shown."""

    def __init__(self, fonts: PDFResourceManager) -> None:
        super().__init__(fonts)
        self.hidden = 0

    def set_string(self, text: PDFTextState, seq: Sequence[object], state: State) -> Box | None:
        """A string of text, its pen in `text` moved on; the box of its glyphs."""
        raise NotImplementedError

    def place_image(self, state: State, stream: PDFStream) -> None:
        """An image in the unit square."""
        raise NotImplementedError

    def shade(self, state: State) -> None:
        """A shading over all that the clip leaves."""
        raise NotImplementedError


class PatientFonts(PDFResourceManager):
    """A font that pdfminer cannot read is read as one without encoding: the page has others."""

    def get_font(self, objid: object, spec: Mapping[str, object]) -> PDFFont:
        """pdfminer's font, or an empty one."""
        try:
            return super().get_font(objid, spec)
        except MemoryError:
            raise
        except Exception:
            return super().get_font(None, {})
