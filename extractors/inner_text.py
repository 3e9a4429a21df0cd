"""Text set into pictures: number badges and captions at the rim.

All else that is read there is ornament or inscription.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from extractors.geometry import overlap_share, overlap_x
from extractors.line_boxes import join_parts
from extractors.number_discs import CIRCLED
from extractors.ocr import OcrEngine, OcrLine, PixelBox, Raster
from extractors.ocr_lines import COLUMN_RATIO, read_box
from extractors.records import Box

# A figure's own pixels are searched anew, at their own size, unless it takes up so much of the page.
_MOST_OF_PAGE = 0.9
# Share of a line that lies in the figure it stands in.
_WITHIN = 0.9
# A caption set into a picture stands at its rim, within this share of its sides.
_RIM = 0.16
# Engines are sure of print, and less so of what they make of ornament.
_SURE = 0.85
_SURE_OF_BADGE = 0.7
_MAX_READ = 30

# Engines drop the blank behind an item's number; within a line a sign or a blank tells it from a measure.
_ITEM = re.compile(
    rf"(?:^[(（]?|(?<=[\s；;，,。、])[(（]?(?=[{CIRCLED}]|[0-9]+[\s.．、)）]))"
    rf"([{CIRCLED}]|[1-9][0-9]?)(?![.．]?[0-9%％])(?=.)"
)
_NUMBER = r"[0-9]{1,3}|[一二三四五六七八九十百〇○]{1,5}"
_BADGE = re.compile(rf"^[(（\[【]?(?:[1-9][0-9]?|[a-hA-H]|[{CIRCLED}])[)）\]】.]?$")
_CAPTION = re.compile(
    rf"^(?:[【(（]?[彩插附]?[图圖]\s*[版片]?\s*(?:{_NUMBER}|[：:])|Fig|Plate|[▲△▼▽◀◁▶▷]|《.+》"
    rf"|(?:{_NUMBER})[\s.、．]+[\u3400-\u9fff]{{2}}|[左右上下中][图圖]?[：:])"
)


def read_inner_lines(
    upright: Raster,
    figures: Sequence[Box],
    read: Mapping[PixelBox, OcrLine | None],
    done: Sequence[OcrLine],
    engine: OcrEngine,
) -> list[OcrLine]:
    """The badges and captions within `figures` (pixel boxes) that are not among the lines `done` yet.

    `read` are the lines sought on the whole page and what they say, as far as that is known. Captions are as
    large as other print, and are among them. Badges are smaller, and seeking them at their own size takes as
    long as the page did: it is done where the page has numbers that badges may stand for.
    """
    settled = [_float_box(line.box_px) for line in done]
    is_numbered = len(_list_numbers(done)) >= 2
    kept: list[OcrLine] = []
    for figure in figures:
        closely = not read or (is_numbered and not _is_page(figure, upright))
        boxes = [
            box
            for box in (_seek(upright, figure, engine) if closely else _list_within(read, figure))
            if _is_badge_shaped(box, figure) or _is_at_rim(box, figure)
        ]
        wanted = [b for b in boxes if all(overlap_share(s, _float_box(b)) < 0.5 for s in settled)][:_MAX_READ]
        lines = [
            _read_badge(upright, box, engine)
            if is_numbered and _is_badge_shaped(box, figure)
            else read[box]
            if box in read
            else read_box(upright, box, engine)
            for box in wanted
        ]
        kept += _keep([line for line in lines if line is not None])
    return kept


def _list_numbers(lines: Iterable[OcrLine]) -> set[str]:
    """The numbers of list items, at the beginning of lines and within."""
    return {found[1] for line in lines for found in _ITEM.finditer(line.text.strip())}


def _is_page(figure: Box, upright: Raster) -> bool:
    """Whether a figure's own size is that of the page."""
    height, width = upright.shape[:2]
    return bool(max((figure[2] - figure[0]) / width, (figure[3] - figure[1]) / height) > _MOST_OF_PAGE)


def _list_within(read: Iterable[PixelBox], figure: Box) -> list[PixelBox]:
    return [box for box in read if overlap_share(_float_box(box), figure) > _WITHIN]


def _seek(upright: Raster, figure: Box, engine: OcrEngine) -> list[PixelBox]:
    x0, y0, x1, y1 = (max(0, round(v)) for v in figure)
    part = np.ascontiguousarray(upright[y0:y1, x0:x1])
    return [(a + x0, b + y0, c + x0, d + y0) for a, b, c, d in join_parts(engine.find_lines(part))]


def _read_badge(upright: Raster, box: PixelBox, engine: OcrEngine) -> OcrLine | None:
    """Reads a box with and without its rim: the disc that a number stands on confuses engines."""
    w, h = box[2] - box[0], box[3] - box[1]
    lines = [
        read_box(upright, (box[0] + dx, box[1] + dy, box[2] - dx, box[3] - dy), engine)
        for dx, dy in ((0, 0), (w // 7, h // 7), (w // 5, h // 5))
    ]
    return max((line for line in lines if line is not None), key=lambda line: line.confidence, default=None)


def _is_badge_shaped(box: PixelBox, figure: Box) -> bool:
    w, h = box[2] - box[0], box[3] - box[1]
    shorter = min(figure[2] - figure[0], figure[3] - figure[1])
    return w <= 2.2 * h and h <= COLUMN_RATIO * w and max(w, h) <= 0.15 * shorter


def _is_at_rim(box: PixelBox, figure: Box) -> bool:
    rim_x, rim_y = _RIM * (figure[2] - figure[0]), _RIM * (figure[3] - figure[1])
    if box[3] - box[1] >= COLUMN_RATIO * (box[2] - box[0]):
        return box[2] <= figure[0] + rim_x or box[0] >= figure[2] - rim_x
    return box[3] <= figure[1] + rim_y or box[1] >= figure[3] - rim_y


def _keep(lines: Sequence[OcrLine]) -> list[OcrLine]:
    """Badges, captions, and the lines that go on under a caption."""
    kept: list[OcrLine] = []
    for line in sorted(lines, key=lambda line: (line.box_px[1], line.box_px[0])):
        text = line.text.strip()
        is_badge = _BADGE.match(text) is not None
        if line.confidence < (_SURE_OF_BADGE if is_badge else _SURE):
            continue
        if is_badge or _CAPTION.match(text) or any(_goes_on(line, k) for k in kept):
            kept.append(line)
    return kept


def _goes_on(line: OcrLine, above: OcrLine) -> bool:
    """Whether `line` stands right under `above`, in type of the same size."""
    if _BADGE.match(above.text.strip()) or "vertical" in (line.direction, above.direction):
        return False
    a, b = _float_box(line.box_px), _float_box(above.box_px)
    em, em_above = a[3] - a[1], b[3] - b[1]
    return (
        abs(em - em_above) < 0.3 * em_above
        and -0.3 * em < a[1] - b[3] < 1.0 * em
        and overlap_x(a, b) > 0.5 * min(a[2] - a[0], b[2] - b[0])
    )


def _float_box(box: PixelBox) -> Box:
    return float(box[0]), float(box[1]), float(box[2]), float(box[3])
