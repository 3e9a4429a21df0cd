"""Numbers of lists and badges on scans: piles of digits before lines, badges at one place in each picture."""

from __future__ import annotations

import pytest
from scan_making import Sheet, make_pattern, to_px
from test_scan import engine  # noqa: F401

from extractors.badge_places import read_at_places
from extractors.line_boxes import seek_missed
from extractors.ocr import OcrEngine, OcrLine
from extractors.records import Box

FIGURES = [(40.0, 40.0, 150.0, 150.0), (160.0, 40.0, 270.0, 150.0), (280.0, 40.0, 390.0, 150.0)]


def in_px(box: Box) -> Box:
    return tuple(float(to_px(v)) for v in box)  # type: ignore[return-value]


def place(text: str, box: Box) -> OcrLine:
    x0, y0, x1, y1 = (to_px(v) for v in box)
    return OcrLine(text, (x0, y0, x1, y1), 0.98)


def draw_group(digits: str) -> Sheet:
    """Three patterns with numbers on discs at their lower left corners."""
    sheet = Sheet(430, 260)
    for (x0, y0, x1, y1), digit in zip(FIGURES, digits, strict=True):
        sheet.paste(make_pattern(x1 - x0, y1 - y0, (52, 88, 92)), x0, y0)
        x, y = x0 + 12, y1 - 12
        sheet.draw.ellipse([to_px(v) for v in (x - 8, y - 8, x + 8, y + 8)], fill=(30, 30, 32))
        sheet.write(digit, x - 2.8, y - 5.4, 10, (250, 250, 250))
    return sheet


LIST = [place(f"{k}　唐代联珠对鸟纹锦", (60, 160 + 14 * k, 180, 170 + 14 * k)) for k in (1, 2, 3)]
FOUND = [place("1", (49.2, 133, 54.8, 143)), place("3", (169.2, 133, 174.8, 143))]


def test_a_badge_is_read_where_the_other_pictures_have_theirs(engine: OcrEngine) -> None:  # noqa: F811
    raster = draw_group("132").scan(noise=3)
    (badge,) = read_at_places(raster, [in_px(f) for f in FIGURES], [*LIST, *FOUND], engine)
    assert badge.text == "2" and FIGURES[2][0] < badge.box_px[0] * 72 / 150 < FIGURES[2][0] + 24


ELSEWHERE = place("3", (230, 50, 236, 60))


@pytest.mark.parametrize("known", [FOUND, [*LIST, FOUND[0]], [*LIST, FOUND[0], ELSEWHERE]])
def test_without_a_list_and_a_common_place_no_badge_is_sought(
    engine: OcrEngine,  # noqa: F811
    known: list[OcrLine],
) -> None:
    raster = draw_group("132").scan(noise=3)
    assert read_at_places(raster, [in_px(f) for f in FIGURES], known, engine) == []


def test_a_pile_of_numbers_begins_each_of_its_lines(engine: OcrEngine) -> None:  # noqa: F811
    lines = [(60, 10 + 14 * k, 160, 20 + 14 * k) for k in range(4)]
    raster = Sheet(200, 100).scan()
    missed = seek_missed(raster, [(46.0, 10.0, 52.0, 62.0)], lines, 150, engine)
    assert sorted(box[0] for box in missed) == [46] * 4
    assert all(abs(a[1] - b[1]) <= 1 for a, b in zip(sorted(missed, key=lambda b: b[1]), lines, strict=True))


def test_a_rule_beside_lines_is_no_number(engine: OcrEngine) -> None:  # noqa: F811
    lines = [(60, 10 + 14 * k, 160, 20 + 14 * k) for k in range(4)]
    assert seek_missed(Sheet(200, 100).scan(), [(20.0, 10.0, 26.0, 62.0)], lines, 150, engine) == []


NUMERAL, ORNAMENT = (30.0, 10.0, 52.0, 20.0), (0.0, 4.0, 52.0, 26.0)


@pytest.mark.parametrize(("speck", "is_number"), [(NUMERAL, True), (ORNAMENT, False)])
def test_print_before_a_line_is_its_number_if_it_is_no_larger(
    engine: OcrEngine,  # noqa: F811
    speck: Box,
    is_number: bool,
) -> None:
    missed = seek_missed(Sheet(200, 100).scan(), [speck], [(60, 10, 160, 20)], 150, engine)
    assert bool(missed) == is_number
