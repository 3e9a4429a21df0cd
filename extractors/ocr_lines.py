"""Boxes of lines and columns → read lines: strips for the recogniser, columns set as rows, wide gaps kept."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.columns import set_as_row
from extractors.lone_signs import has_colours, is_sign, restore_rings
from extractors.ocr import OcrLine, PixelBox, Raster, Reading

if TYPE_CHECKING:
    from extractors.ocr import OcrEngine

# A box this much taller than wide holds a column: two characters one under the other are 2 em high.
COLUMN_RATIO = 1.6
# A gap counts as a space from here (em): letters' side bearings reach 0.3 em each, an ideographic space is 1.
SPACE_EM = 0.8
# Below this confidence a column is also read turned by 90 degrees (Latin on a spine or a plate).
UNSURE = 0.8
MIN_CONFIDENCE = 0.5
_PRINT_CONFIDENCE, _SURE_OF_LATIN = 0.65, 0.8

# Numbers one under the other, as a detector sees those of a list; columns are not set in such digits.
_PILE = re.compile(r"[0-9\s\u3000.．、]+")
# A character fills its square; a detector's margin and a stroke that is cut off make a little more of it.
_LONGEST_EM = 2.6
# Strokes, whose boxes are as long as they are.
_FLAT = set("一丨|｜Il1/—–-_…·.")

_INK_LEFT = set("，。、；：！？,.;:!?）》」』】〕”’)]")
_INK_RIGHT = set("（《「『【〔“‘([")


def read_boxes(image: Raster, boxes: Sequence[PixelBox], engine: OcrEngine) -> list[OcrLine]:
    """Reads the lines and columns in `boxes` of an upright image; what holds no text is left out.

    A wide gap within a line, which recognisers drop, comes back as an ideographic space.
    """
    lines = [read_box(image, box, engine) for box in boxes]
    return [line for line in lines if line is not None]


def read_box(image: Raster, box: PixelBox, engine: OcrEngine) -> OcrLine | None:
    """Reads one line or column; None where there is no text to be sure of."""
    strip = image[box[1] : box[3], box[0] : box[2]]
    height, width = strip.shape[:2]
    if height >= COLUMN_RATIO * width:
        line = _read_column(strip, box, engine)
        is_line = line is not None and _fits(line.text, height / width) and not _is_pile(line)
        return line if is_line else None
    reading = engine.read_strips([strip])[0]
    if not reading.text.strip() or reading.confidence < MIN_CONFIDENCE:
        return None
    ink = find_ink(strip)
    text = restore_spaces(strip, reading, ink)
    return OcrLine(text, _trim(ink, box), reading.confidence) if _fits(text, width / height) else None


def _is_pile(line: OcrLine) -> bool:
    return line.direction == "vertical" and _PILE.fullmatch(line.text) is not None


def _fits(text: str, ems: float) -> bool:
    """Whether a single character can fill a box so many ems long: engines call a robe or a vase O or 8."""
    return len(text.strip()) > 1 or text.strip() in _FLAT or ems <= _LONGEST_EM


def _read_column(strip: Raster, box: PixelBox, engine: OcrEngine) -> OcrLine | None:
    ink = find_ink(strip)
    rows = set_as_row(strip, ink)
    readings = engine.read_strips(rows)
    text = "".join(restore_spaces(r, reading) for r, reading in zip(rows, readings, strict=True))
    weights = [max(1, len(r.text)) for r in readings]
    confidence = float(np.average([r.confidence for r in readings], weights=weights)) if readings else 0.0
    if confidence < UNSURE or not text.strip():
        turned = [np.ascontiguousarray(np.rot90(strip, k)) for k in (1, 3)]
        best = max(zip(turned, engine.read_strips(turned), strict=True), key=lambda t: t[1].confidence)
        if best[1].confidence > confidence:
            text, confidence = restore_spaces(*best), best[1].confidence
    if not text.strip() or confidence < MIN_CONFIDENCE:
        return None
    return OcrLine(text, _trim(ink, box), confidence, "vertical" if len(text.strip()) > 1 else "horizontal")


def is_print(line: OcrLine) -> bool:
    """Whether a line is text for sure: readings of ornament are unsure, or say one thing over and over."""
    text = [c for c in line.text if not c.isspace()]
    most = max((text.count(c) for c in set(text)), default=0)
    # What engines invent on ornament is digits and letters, 38:8839, hardly ever Han.
    is_han = any("\u3400" <= c <= "\u9fff" for c in text)
    least = _PRINT_CONFIDENCE if is_han else _SURE_OF_LATIN
    return line.confidence >= least and not (len(text) >= 4 and most > 0.5 * len(text))


def is_ornament(image: Raster, line: OcrLine) -> bool:
    """Whether a line is one sign in several colours: recognisers are sure that a rosette is 米."""
    x0, y0, x1, y1 = line.box_px
    strip = image[y0:y1, x0:x1]
    return is_sign(line.text.strip()) and has_colours(strip, find_ink(strip))


def find_ink(strip: Raster) -> NDArray[np.bool_]:
    """Mask (height, width) of the print in a strip: the smaller of the two classes that Otsu tells apart."""
    grey = cv2.cvtColor(np.ascontiguousarray(strip), cv2.COLOR_RGB2GRAY)
    threshold, _ = cv2.threshold(grey, 0, 255, cv2.THRESH_OTSU)
    dark = grey <= threshold
    ink: NDArray[np.bool_] = dark if 2 * np.count_nonzero(dark) <= dark.size else ~dark
    return ink


def restore_spaces(strip: Raster, reading: Reading, ink: NDArray[np.bool_] | None = None) -> str:
    """The reading's text with an ideographic space where the print leaves a gap of about an em or more.

    A 〇 that was taken for such a gap is set in. `ink` is the strip's print, where that is known.
    """
    if len(reading.centres) != len(reading.text) or len(reading.text) < 2:
        return reading.text.strip()
    ink = find_ink(strip) if ink is None else ink
    em = _measure_em(ink)
    reading = restore_rings(reading, ink, em)
    text, centres = reading.text, reading.centres
    columns = np.flatnonzero(ink.sum(axis=0) > 0)
    out = list(text)
    for left, right in pairwise(columns):
        if right - left < SPACE_EM * em:
            continue
        middle = (left + right) / 2 / strip.shape[1]
        k = sum(c < middle for c in centres)
        if not 0 < k < len(text):
            continue
        slack = 0.5 * em * ((text[k - 1] in _INK_LEFT) + (text[k] in _INK_RIGHT))
        if right - left - slack < SPACE_EM * em:
            continue
        if text[k - 1] == " ":
            out[k - 1] = "　"
        elif text[k] == " ":
            out[k] = "　"
        else:
            out[k] = "　" + out[k]
    return "".join(out).strip()


def _measure_em(ink: NDArray[np.bool_]) -> float:
    rows = np.flatnonzero(ink.mean(axis=1) > 0.01)
    height = rows[-1] - rows[0] + 1 if rows.size else ink.shape[0]
    # A line of 一 or of dashes is flat; the detector's box still tells the em.
    return float(max(height, 0.6 * ink.shape[0]))


def _trim(ink: NDArray[np.bool_], box: PixelBox) -> PixelBox:
    """The box drawn in to the print; the detector leaves a margin around it."""
    rows, columns = np.flatnonzero(ink.mean(axis=1) > 0.01), np.flatnonzero(ink.mean(axis=0) > 0.02)
    if not rows.size or not columns.size:
        return box
    x0, y0 = box[0] + int(columns[0]), box[1] + int(rows[0])
    return x0, y0, box[0] + int(columns[-1]) + 1, box[1] + int(rows[-1]) + 1
