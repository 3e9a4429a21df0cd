"""Signs alone: rosettes that are read as characters, 〇 that is read as a blank, bars that join numbers."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from scan_making import DPI, PAPER, Sheet, make_line_drawing, make_photo, to_px

from extractors.geometry import iou
from extractors.lone_signs import has_colours, is_sign, restore_rings
from extractors.ocr import Raster, Reading
from extractors.ocr_lines import find_ink, restore_spaces
from extractors.segmentation import find_figures

RED, BLUE, GOLD = (170, 40, 40), (40, 70, 150), (200, 150, 60)


def make_rosette(colours: tuple[tuple[int, int, int], ...]) -> Raster:
    """Eight petals on paper, 60 pixels across, coloured in turn."""
    strip = np.full((60, 60, 3), PAPER, np.uint8)
    for k in range(8):
        angle = k * np.pi / 4
        centre = (round(30 + 16 * np.cos(angle)), round(30 + 16 * np.sin(angle)))
        cv2.ellipse(strip, centre, (10, 4), 45 * k, 0, 360, colours[k % len(colours)], -1)
    return strip


def test_type_has_one_colour_and_a_rosette_several() -> None:
    rosette = make_rosette((RED, BLUE, GOLD))
    assert has_colours(rosette, find_ink(rosette))
    for colour in ((40, 36, 34), RED, BLUE):
        seal = make_rosette((colour,))
        assert not has_colours(seal, find_ink(seal))


def test_numbers_and_words_are_no_lone_signs() -> None:
    assert is_sign("米")
    assert not any(map(is_sign, ("一", "3", "米色", "a", "")))


def make_strip(text: str) -> Raster:
    """One line of type as a scan shows it, drawn in as a detector would."""
    raster = Sheet(420, 60).write(text, 20, 20, 16).scan(noise=3, jpeg=80)
    return raster[to_px(18) : to_px(38), to_px(18) : to_px(22 + 16 * len(text))]


def read_as(text: str, shown: str) -> Reading:
    """A reading that has the characters of `shown` but for those that are `-` in `text`."""
    side = 16 * len(shown) + 4
    centres = [(10 + 16 * k) / side for k in range(len(shown))]
    kept = [(c, x) for c, x in zip(text, centres, strict=True) if c != "-"]
    return Reading("".join(c for c, _ in kept), 0.97, tuple(x for _, x in kept))


@pytest.mark.parametrize(
    ("shown", "read", "said"),
    [
        ("二〇　藥師佛", "二- 藥師佛", "二〇　藥師佛"),
        ("一〇〇　藥師佛", "一-- 藥師佛", "一〇〇　藥師佛"),
        # A blank behind a numeral is a blank, and what else was dropped there is not known.
        ("二　　藥師佛", "二- 藥師佛", "二　藥師佛"),
        ("二米　藥師佛", "二- 藥師佛", "二　藥師佛"),
        # Behind a word a ring may be a bullet.
        ("菩〇　藥師佛", "菩- 藥師佛", "菩　藥師佛"),
    ],
)
def test_a_ring_behind_a_numeral_is_restored(shown: str, read: str, said: str) -> None:
    assert restore_spaces(make_strip(shown), read_as(read, shown)) == said


def test_a_reading_without_places_is_left_alone() -> None:
    reading = Reading("二藥師佛", 0.9)
    assert restore_rings(reading, np.ones((10, 40), bool), 10.0) is reading


@pytest.mark.parametrize("skew", [0.0, 0.5])
def test_a_bar_before_a_heading_is_a_rule_and_its_number_stays_alone(skew: float) -> None:
    sheet = Sheet().write("1", 76, 60, 17, fill=RED).write("联珠对鸟纹", 100, 60, 17)
    sheet.write_body(12, 60, 300, 300)
    sheet.draw.rectangle([to_px(v) for v in (62, 55, 67, 86)], fill=RED)
    text = [tuple(float(to_px(v)) for v in (100, 60, 186, 78))]
    found = find_figures(sheet.scan(skew, noise=3, jpeg=80), DPI, text)  # type: ignore[arg-type]
    heights = [f.box[3] - f.box[1] for f in found.dropped if f.box[2] < to_px(100) and f.box[3] < to_px(90)]
    assert heights and max(heights) < to_px(20)
    assert any(rule[2] < to_px(75) and rule[3] - rule[1] > to_px(25) for rule in found.rules)


def test_a_ruled_frame_on_each_page_of_a_spread_is_no_figure() -> None:
    sheet = Sheet(840, 595)
    for left in (50, 460):
        sheet.draw.rectangle([to_px(v) for v in (left, 45, left + 330, 550)], outline=(40, 36, 34), width=2)
    sheet.write_column("圖二山中採桑之景", 350, 70).paste(make_photo(250, 380), 80, 75)
    sheet.write_column("圖一採桑女執鉤之狀", 650, 250).paste(make_line_drawing(110, 180), 500, 260)
    text = [tuple(float(to_px(v)) for v in box) for box in ((350, 70, 361, 164), (650, 250, 661, 356))]
    found = find_figures(sheet.scan(noise=3, jpeg=80), DPI, text)  # type: ignore[arg-type]
    boxes = [tuple(v * 72 / DPI for v in f.box) for f in found.figures]
    assert len(boxes) == 2
    for box, true in zip(sorted(boxes), ((80, 75, 330, 455), (500, 260, 610, 440)), strict=True):
        assert iou(box, true) > 0.75  # type: ignore[arg-type]
