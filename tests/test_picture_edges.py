"""Boxes of pictures are drawn in to their edges, and no further than paper goes."""

from __future__ import annotations

import pytest
from scan_making import DPI, Sheet, make_line_drawing, make_pattern, to_px

from extractors.picture_edges import draw_in
from extractors.records import Box

EDGES = (80.0, 100.0, 320.0, 280.0)


def in_px(box: Box, rim: float = 0.0) -> Box:
    x0, y0, x1, y1 = (float(to_px(v)) for v in box)
    return x0 - rim, y0 - rim, x1 + rim, y1 + rim


@pytest.mark.parametrize("ground", [(120, 60, 50), (214, 206, 190)])
@pytest.mark.parametrize("rim", [0.0, 3.0, 9.0])
def test_a_rim_of_paper_is_left_out(ground: tuple[int, ...], rim: float) -> None:
    sheet = Sheet().paste(make_pattern(240, 180, ground), *EDGES[:2])
    found = draw_in(sheet.scan(noise=3, jpeg=75), in_px(EDGES, rim), DPI)
    assert found == pytest.approx(in_px(EDGES), abs=2)


def test_a_line_drawing_keeps_its_box() -> None:
    sheet = Sheet().paste(make_line_drawing(240, 180), *EDGES[:2])
    box = in_px(EDGES, 2)
    assert draw_in(sheet.scan(noise=3), box, DPI) == box


def test_a_fringe_is_part_of_its_carpet() -> None:
    sheet = Sheet().paste(make_pattern(240, 174, (120, 60, 50)), *EDGES[:2])
    for x in range(82, 320, 12):
        sheet.draw.line([to_px(v) for v in (x, 270, x, 279.5)], fill=(120, 60, 50), width=3)
    found = draw_in(sheet.scan(noise=3), in_px(EDGES, 2), DPI)
    assert found[3] == in_px(EDGES, 2)[3] and found[1] == pytest.approx(in_px(EDGES)[1], abs=2)


def test_a_picture_that_runs_off_the_sheet_keeps_its_side() -> None:
    sheet = Sheet().paste(make_pattern(240, 180, (120, 60, 50)), 0, 100)
    box = (0.0, float(to_px(100)), float(to_px(240)), float(to_px(280)))
    assert draw_in(sheet.scan(), box, DPI)[0] == 0
