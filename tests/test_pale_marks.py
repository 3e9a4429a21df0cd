"""A watermark is no part of the figure that lies on it, and a pale part of a figure is no watermark."""

from __future__ import annotations

import numpy as np
from scan_making import PAPER, Sheet, make_line_drawing, make_pattern, to_px
from test_scan_grounds import find_boxes

from extractors.geometry import iou

PHOTO = (90.0, 80.0, 330.0, 300.0)
GROUND = (150, 116, 84)
GREY = (194, 188, 174)


def draw_words(sheet: Sheet) -> Sheet:
    """A large letter of slanted words, right and below of the photograph."""
    strokes = ((250, 420, 370, 240), (290, 460, 410, 280), (180, 330, 320, 440))
    for stroke in strokes:
        sheet.draw.line([to_px(v) for v in stroke], fill=GREY, width=to_px(14))
    return sheet


def lay_photo(sheet: Sheet) -> Sheet:
    return sheet.paste(make_pattern(PHOTO[2] - PHOTO[0], PHOTO[3] - PHOTO[1], GROUND), *PHOTO[:2])


def test_a_photograph_ends_at_its_edges_where_pale_strokes_run_out_from_under_it() -> None:
    (found,) = find_boxes(lay_photo(draw_words(Sheet())).scan(noise=3))
    assert iou(found, PHOTO) > 0.95


def test_strokes_as_pale_as_those_under_the_text_are_no_figure() -> None:
    sheet = Sheet()
    for x in (60, 140, 220):
        for stroke in ((x, 160, x + 120, 540), (x + 100, 200, x, 560)):
            sheet.draw.line([to_px(v) for v in stroke], fill=GREY, width=to_px(12))
    sheet.write_body(10, 60, 200, 300)
    lines = [(60.0, 200 + 18.7 * k, 357.0, 211 + 18.7 * k) for k in range(10)]
    assert find_boxes(sheet.scan(noise=3), lines) == []


def test_a_drawing_keeps_lines_as_pale_as_a_mark_under_the_text() -> None:
    sheet = Sheet().write_body(10, 60, 330, 300)
    for x in (60, 140, 220):
        sheet.draw.line([to_px(v) for v in (x, 320, x + 120, 560)], fill=GREY, width=to_px(12))
    sheet.write_body(10, 60, 330, 300)
    sheet.paste(make_line_drawing(200, 200), 100, 60)
    for box in ((100, 60, 340, 260), (100, 100, 340, 220)):
        sheet.draw.rectangle([to_px(v) for v in box], outline=GREY, width=3)
    lines = [(60.0, 330 + 18.7 * k, 357.0, 341 + 18.7 * k) for k in range(10)]
    (found,) = find_boxes(sheet.scan(noise=2), lines)
    assert iou(found, (100, 60, 340, 260)) > 0.9


def test_a_pale_sky_is_part_of_its_photograph() -> None:
    photo = make_pattern(240, 220, GROUND).copy()
    fade = np.linspace(0.0, 1.0, photo.shape[0] // 2)[:, None, None]
    sky = np.asarray(PAPER) - 16 * fade - 6
    photo[: len(fade)] = np.clip(sky, 0, 255).astype(np.uint8)
    (found,) = find_boxes(Sheet().paste(photo, 90, 80).scan(noise=2))
    assert iou(found, PHOTO) > 0.9


def test_medallions_in_thin_rings_keep_their_rings() -> None:
    sheet = Sheet()
    centres = [(100.0 + 44 * k, 120.0 + 44 * j) for k in range(4) for j in range(4)]
    for x, y in centres:
        sheet.draw.ellipse([to_px(v) for v in (x - 20, y - 20, x + 20, y + 20)], outline=(150, 146, 138))
        sheet.draw.rectangle([to_px(v) for v in (x - 12, y - 12, x + 12, y + 12)], fill=(40, 36, 34))
    (found,) = find_boxes(sheet.scan())
    assert iou(found, (80, 100, 252, 272)) > 0.95
