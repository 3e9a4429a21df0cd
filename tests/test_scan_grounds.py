"""Grounds hardly darker than paper, light that falls off, the fold of a spread: what of them is a figure."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from scan_making import DPI, PAPER, Sheet, make_line_drawing, make_pattern, make_photo, to_px

from extractors.geometry import iou
from extractors.ocr import Raster
from extractors.records import Box
from extractors.segmentation import find_figures

# As near to the sheet's paper as the cream ground of a redrawn pattern is.
CREAM = (PAPER[0] - 4, PAPER[1] - 6, PAPER[2] - 11)


def draw_scattered(width: float, height: float, ground: tuple[int, ...] = CREAM) -> Raster:
    """Small flowers far apart on a pale ground, so that nothing but the ground holds them together."""
    image = Sheet(width, height, paper=ground)
    for row, y in enumerate(np.arange(20, height - 10, 44)):
        for x in np.arange(18 + 22 * (row % 2), width - 10, 52):
            image.draw.ellipse([to_px(v) for v in (x - 8, y - 8, x + 8, y + 8)], fill=(40, 90, 96))
            image.draw.ellipse([to_px(v) for v in (x - 3, y - 3, x + 3, y + 3)], fill=(190, 60, 40))
    return np.asarray(image.image, np.uint8)


def find_boxes(raster: Raster, text: list[Box] | None = None) -> list[Box]:
    """The figures' boxes in points, from top to bottom; `text` are boxes of lines in points."""
    scale = DPI / 72
    lines = [(a * scale, b * scale, c * scale, d * scale) for a, b, c, d in text or []]
    boxes = [f.box for f in find_figures(raster, DPI, lines).figures]
    return sorted(((a / scale, b / scale, c / scale, d / scale) for a, b, c, d in boxes), key=lambda b: b[1])


def shade(raster: Raster, factors: np.ndarray) -> Raster:
    """The raster with each column darkened by a factor."""
    return np.clip(raster * factors[None, :, None], 0, 255).astype(np.uint8)


def fall_off(width: int, at: int, reach: int, depth: float) -> np.ndarray:
    """Factors for `width` columns with a shadow about the column `at`, that fades over `reach` columns."""
    away = np.abs(np.arange(width) - at) / reach
    return 1.0 - depth * np.exp(-3.0 * away)


def test_a_pattern_of_scattered_motifs_is_held_together_by_its_ground() -> None:
    sheet = Sheet().paste(draw_scattered(300, 240), 60, 60)
    found = find_boxes(sheet.scan(noise=5, jpeg=72))
    assert len(found) == 1 and iou(found[0], (60, 60, 360, 300)) > 0.9


def test_a_dense_pattern_is_held_together_by_what_shows_of_its_ground() -> None:
    pattern = Sheet(300, 240, paper=CREAM)
    for y in range(24, 240, 48):
        for x in range(22, 300, 44):
            circle = [to_px(v) for v in (x - 20, y - 20, x + 20, y + 20)]
            pattern.draw.ellipse(circle, outline=(40, 90, 96), width=to_px(2))
            pattern.draw.ellipse([to_px(v) for v in (x - 12, y - 12, x + 12, y + 12)], fill=(190, 60, 40))
    sheet = Sheet().paste(np.asarray(pattern.image, np.uint8), 60, 60)
    found = find_boxes(sheet.scan(noise=5, jpeg=72))
    assert len(found) == 1 and iou(found[0], (60, 60, 360, 300)) > 0.9


def test_a_pale_pattern_and_the_pictures_close_below_it_stay_apart_in_uneven_light() -> None:
    sheet = Sheet().paste(draw_scattered(300, 240), 60, 60)
    sheet.paste(make_photo(110, 90, 1), 60, 307).paste(make_photo(140, 110, 2), 220, 307)
    raster = sheet.scan(noise=6, jpeg=72)
    found = find_boxes(shade(raster, fall_off(raster.shape[1], 0, to_px(200), 0.06)))
    assert len(found) == 3 and iou(found[0], (60, 60, 360, 300)) > 0.9


def test_light_that_falls_off_beside_a_picture_is_no_part_of_it() -> None:
    sheet = Sheet().paste(make_photo(110, 140), 40, 120).write_body(12, 40, 330, 320)
    text = [(40.0, 330 + k * 18.7, 360.0, 341 + k * 18.7) for k in range(12)]
    raster = sheet.scan(noise=3)
    # Darker behind the picture than above and below it: a page that bulges.
    light = fall_off(raster.shape[1], 0, to_px(90), 0.06)
    raster[to_px(115) : to_px(265)] = shade(raster[to_px(115) : to_px(265)], light)
    found = find_boxes(raster, text)
    assert len(found) == 1 and iou(found[0], (40, 120, 150, 260)) > 0.9


def test_shade_between_two_dark_pictures_does_not_join_them() -> None:
    dark = make_pattern(300, 200, (52, 48, 46))
    sheet = Sheet().paste(dark, 60, 60).paste(dark, 60, 300)
    raster = sheet.scan(noise=3)
    middle = (np.arange(raster.shape[0]) - to_px(280)) / to_px(60)
    raster = np.clip(raster * (1 - 0.12 * np.exp(-middle * middle))[:, None, None], 0, 255).astype(np.uint8)
    found = find_boxes(raster)
    assert len(found) == 2 and iou(found[0], (60, 60, 360, 260)) > 0.95


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_strip_along_a_whole_side_is_no_part_of_the_picture_at_it(side: str) -> None:
    sheet = Sheet().paste(make_pattern(250, 300, (52, 88, 92)), 20 if side == "left" else 150, 100)
    raster = sheet.scan(noise=3)
    at = 0 if side == "left" else raster.shape[1]
    raster = shade(raster, fall_off(raster.shape[1], at, to_px(14), 0.5))
    # The scanner's ground shows at the other sides.
    raster[: to_px(8)] = raster[-to_px(5) :] = (205, 190, 160)
    raster[:, slice(-to_px(5), None) if side == "left" else slice(0, to_px(5))] = (205, 190, 160)
    (found,) = find_boxes(raster)
    assert iou(found, (20, 100, 270, 400) if side == "left" else (150, 100, 400, 400)) > 0.9


@pytest.mark.parametrize("angle", [-1.1, 1.1])
@pytest.mark.parametrize("height", [150, 420])
def test_a_gutters_shadow_behind_the_scanners_ground_does_not_reach_for_a_picture(
    height: int, angle: float
) -> None:
    """A tall picture hides most of the shadow; what turned the scan left wedges outside the ground."""
    page = Sheet().paste(make_photo(200, height), 20, 80).scan(noise=3)
    page = shade(page, fall_off(page.shape[1], 0, to_px(30), 0.6))
    scan = cv2.copyMakeBorder(page, *[to_px(14)] * 4, cv2.BORDER_CONSTANT, value=(14, 13, 12))
    high, wide = scan.shape[:2]
    turn = cv2.getRotationMatrix2D((wide / 2, high / 2), angle, 1.0)
    (found,) = find_boxes(cv2.warpAffine(scan, turn, (wide, high), borderValue=PAPER))
    assert iou(found, (34, 94, 234, 94 + height)) > 0.9


def test_motifs_drawn_apart_are_one_drawing() -> None:
    sheet = Sheet()
    for row in range(3):
        for column in range(3):
            sheet.paste(make_line_drawing(34, 34), 100 + 43 * column, 100 + 43 * row)
    (found,) = find_boxes(sheet.scan())
    assert iou(found, (100, 100, 220, 220)) > 0.9


def test_the_next_page_that_shows_through_is_no_part_of_the_picture_on_it() -> None:
    sheet = Sheet()
    # Seen through paper a dark plate is a pale ground, and text runs over it.
    sheet.draw.rectangle([to_px(v) for v in (60, 50, 380, 420)], fill=tuple(v - 9 for v in PAPER))
    sheet.paste(make_pattern(250, 200, (150, 140, 120)), 90, 60).write_body(7, 40, 290, 330)
    text = [(40.0, 290 + k * 18.7, 370.0, 301 + k * 18.7) for k in range(7)]
    (found,) = find_boxes(sheet.scan(noise=4), text)
    assert iou(found, (90, 60, 340, 260)) > 0.9


def test_a_wide_shadow_along_a_side_is_no_figure() -> None:
    sheet = Sheet().write_body(24, 50, 60, 300)
    text = [(50.0, 60 + k * 18.7, 350.0, 71 + k * 18.7) for k in range(24)]
    raster = sheet.scan(noise=3)
    away = np.arange(raster.shape[1])[::-1] / to_px(55)
    light = np.where(away < 1, 0.45 + 0.42 * away, 1.0)
    assert find_boxes(shade(raster, light), text) == []


def test_a_page_of_a_spread_may_be_printed_on_dark() -> None:
    """The other page is light; between them both go into the fold."""
    sheet = Sheet(840, 560)
    sheet.draw.rectangle([to_px(v) for v in (0, 0, 420, 560)], fill=(34, 36, 44))
    sheet.paste(make_pattern(200, 240, (150, 116, 84)), 60, 60)
    sheet.paste(make_pattern(200, 240, (52, 88, 92)), 500, 60)
    text = []
    for k in range(5):
        for x, fill in ((60, (230, 228, 220)), (500, (40, 36, 34))):
            sheet.write("北齐范粹墓出土河南博物院藏", x, 330 + 18.7 * k, 11, fill)
            text.append((float(x), 330 + 18.7 * k, x + 143.0, 341 + 18.7 * k))
    raster = sheet.scan(noise=3)
    raster = shade(raster, fall_off(raster.shape[1], raster.shape[1] // 2, to_px(40), 0.5))
    left, right = sorted(find_boxes(raster, text))
    assert iou(left, (60, 60, 260, 300)) > 0.9 and iou(right, (500, 60, 700, 300)) > 0.9


def test_the_fold_of_a_spread_does_not_reach_for_the_picture_beside_it() -> None:
    sheet = Sheet(840, 560).paste(make_pattern(300, 420, (52, 88, 92)), 445, 60).write_body(14, 60, 80, 320)
    text = [(60.0, 80 + k * 18.7, 380.0, 91 + k * 18.7) for k in range(14)]
    raster = sheet.scan(noise=4)
    raster = shade(raster, fall_off(raster.shape[1], raster.shape[1] // 2, to_px(70), 0.4))
    # Set straight by its text, the sheet has a fold that leans.
    high, wide = raster.shape[:2]
    lean = np.array([[1, 0.012, -0.006 * high], [0, 1, 0]], np.float64)
    leaning = cv2.warpAffine(raster, lean, (wide, high), borderMode=cv2.BORDER_REPLICATE)
    found = find_boxes(np.ascontiguousarray(leaning, np.uint8), text)
    assert len(found) == 1 and iou(found[0], (445, 60, 745, 480)) > 0.9


def test_the_shadow_in_the_fold_of_a_spread_on_dark_ground_is_no_figure() -> None:
    """It ends at the sheet's head and foot, not at the scan's, and is the same from one to the other."""
    sheet = Sheet(842, 595).paste(make_photo(300, 400), 50, 90)
    raster = shade(sheet.scan(noise=3, jpeg=85), fall_off(to_px(842), to_px(421), to_px(90), 0.75))
    edge = to_px(22)
    raster[:edge], raster[-edge:] = 18, 18
    found = find_boxes(raster)
    assert len(found) == 1 and iou(found[0], (50, 90, 350, 490)) > 0.9


@pytest.mark.parametrize("bed", [0, 36], ids=["no bed", "a bed above and below"])
def test_a_picture_on_silk_does_not_join_the_shadow_in_the_fold(bed: int) -> None:
    """Its ground is of the paper's kind, and the shadow reaches far into the page."""
    silk = make_pattern(300, 380, (176, 158, 122))
    sheet = Sheet(842, 595, paper=(232, 222, 198)).paste(silk, 480, 100).paste(make_photo(280, 380), 70, 100)
    raster = shade(sheet.scan(noise=4, jpeg=80), fall_off(to_px(842), to_px(421), to_px(110), 0.6))
    if edge := to_px(bed):
        raster[:edge], raster[-edge:] = 24, 24
    found = sorted(find_boxes(raster))
    assert len(found) == 2
    assert iou(found[0], (70, 100, 350, 480)) > 0.9 and iou(found[1], (480, 100, 780, 480)) > 0.9
