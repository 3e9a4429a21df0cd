"""Numbers of plates, figures and panels that a wide blank parts from their titles, joined to one line again.

Between 图版一 and its title stands a blank of an em, and a character such as 一 leaves more of its square
white, and lists and panels set their numbers apart: detectors end the line there. Only a number is joined so
far, for two texts may stand as near.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from extractors.geometry import overlap_x, overlap_y
from extractors.ocr import OcrLine, PixelBox
from extractors.records import Box

_HAN = "〇○零一二三四五六七八九十百廿卅"
_NOUN = r"[彩插附]?[图圖]\s*[版片]?\s*"
_NUMBER = re.compile(
    rf"[【\[(（〔]?(?:{_NOUN}(?:[0-9]+(?:[-–—.．·][0-9]+)*|[{_HAN}]+)|[{_HAN}]{{1,5}}|[1-9][0-9]?)[】\])）〕]?"
    r"|[(（][a-hA-H][)）]"
)
# In ems of the title: how far it may stand from its number, and how much of the number lies on its line.
_REACH, _ON_LINE = 2.4, 0.6
_SAME_SIZE = 1.35


def join_numbers(lines: Sequence[OcrLine]) -> list[OcrLine]:
    """`lines` (boxes in pixels) with each number that stands alone before the title on its row or column."""
    left = list(lines)
    for number in lines:
        if not _NUMBER.fullmatch(number.text.strip()):
            continue
        after = [
            (distance, title.box_px, k)
            for k, title in enumerate(left)
            if title is not number and (distance := _measure_blank(number, title)) is not None
        ]
        if after:
            k = min(after)[2]
            left[k] = _join(number, left[k])
            left = [line for line in left if line is not number]
    return left


def _measure_blank(number: OcrLine, title: OcrLine) -> float | None:
    """The blank between a number and its title in pixels; None where they are not on one row or column."""
    words = sum(c.isalpha() for c in title.text)
    if words < 2 or _NUMBER.fullmatch(title.text.strip()):
        return None
    a, b = _float_box(number.box_px), _float_box(title.box_px)
    if title.direction == "vertical":
        a, b = _turn(a), _turn(b)
    em, high = b[3] - b[1], a[3] - a[1]
    # One numeral alone is as high as it is wide, or flat.
    along = number.direction == title.direction or len(number.text.strip()) == 1
    if not along or b[2] - b[0] < 1.5 * em or high > _SAME_SIZE * em:
        return None
    if len(number.text.strip()) > 1 and em > _SAME_SIZE * high:
        return None
    blank = b[0] - a[2]
    on_line = overlap_y(a, b) > _ON_LINE * min(em, high)
    return blank if on_line and -0.3 * em < blank < _REACH * em and overlap_x(a, b) < 0.5 * em else None


def _join(number: OcrLine, title: OcrLine) -> OcrLine:
    a, b = number.box_px, title.box_px
    lengths = len(number.text.strip()), len(title.text.strip())
    sure = (lengths[0] * number.confidence + lengths[1] * title.confidence) / sum(lengths)
    box = min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])
    return replace(
        title, text=f"{number.text.strip()}\u3000{title.text.strip()}", box_px=box, confidence=sure
    )


def _turn(box: Box) -> Box:
    return box[1], box[0], box[3], box[2]


def _float_box(box: PixelBox) -> Box:
    return float(box[0]), float(box[1]), float(box[2]), float(box[3])
