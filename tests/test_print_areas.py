"""Where a scanned page is searched for lines: wherever there is print, and little of the rest."""

from __future__ import annotations

import numpy as np
import pytest
from scan_making import DPI, Sheet, make_photo, to_px

from extractors.deskew import turn_upright
from extractors.geometry import overlap_share
from extractors.ocr import OcrEngine, OcrLine, PixelBox, Raster, Reading, load_engine
from extractors.print_areas import find_lines_near, find_page_lines, list_areas
from extractors.records import Box
from extractors.scan import read_scan


class CountingEngine:
    """The real engine; keeps the sizes of what it has searched for lines, as shares of the page."""

    def __init__(self, page: Raster) -> None:
        self.engine, self.whole = load_engine(), float(page.shape[0] * page.shape[1])
        self.searched: list[float] = []

    def find_lines(self, image: Raster, page_side: int = 0) -> list[PixelBox]:
        self.searched.append(image.shape[0] * image.shape[1] / self.whole)
        return self.engine.find_lines(image, page_side)

    def read_strips(self, strips: list[Raster]) -> list[Reading]:
        return self.engine.read_strips(strips)

    def read_lines(self, image: Raster) -> list[OcrLine]:
        return self.engine.read_lines(image)


@pytest.fixture(scope="module")
def engine() -> OcrEngine:
    return load_engine()


def share_seen(page: Raster) -> float:
    """The share of a page that is searched."""
    return sum(size(area.seen) for area in list_areas(page)) / (page.shape[0] * page.shape[1])


def size(box: PixelBox) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])


def as_box(box: PixelBox) -> Box:
    return float(box[0]), float(box[1]), float(box[2]), float(box[3])


def is_covered(box: PixelBox, page: Raster) -> bool:
    return any(overlap_share(as_box(box), as_box(area.own)) == 1 for area in list_areas(page))


def make_half_page() -> Sheet:
    """A heading, a few lines, and the folio at the foot of a page that is otherwise empty."""
    sheet = Sheet().write("第三章", 60, 60, 16).write_body(4, 60, 110, 200).write("12", 205, 560, 8)
    return sheet.write("一", 60, 40, 7)


@pytest.mark.parametrize("noise", [0, 6])
def test_what_is_left_out_of_a_page_is_blank(engine: OcrEngine, noise: int) -> None:
    page = make_half_page().scan(noise=noise, jpeg=70)
    whole, parts = engine.find_lines(page), find_page_lines(page, engine)
    assert len(whole) >= 6 and len(parts) >= len(whole)
    for box in whole:
        assert max(overlap_share(as_box(box), as_box(part)) for part in parts) > 0.8
    assert share_seen(page) < 0.4


def test_a_line_that_two_parts_of_a_page_show_is_found_once(engine: OcrEngine) -> None:
    sheet = Sheet().write_body(3, 50, 50, 120)
    for k in range(6):
        sheet.write_body(1, 50 + 30 * k, 160 + 62 * k, 110)
    page = sheet.scan(noise=4)
    assert len(list_areas(page)) > 1
    found = find_page_lines(page, engine)
    assert len(found) == 9
    assert all(overlap_share(as_box(a), as_box(b)) < 0.2 for a in found for b in found if a is not b)


def test_a_page_full_of_print_is_searched_whole() -> None:
    # Most of it is steps in grey, which must not pass for the paper's grain.
    page = Sheet(300, 420).write_body(36, 20, 20, 260, 7).scan(noise=3)
    height, width = page.shape[:2]
    assert is_covered((width // 10, height // 10, width * 9 // 10, height * 9 // 10), page)


def test_faint_print_is_no_grain() -> None:
    page = Sheet().write("浅灰小字说明", 200, 300, 8, (196, 190, 176)).scan(noise=3)
    assert len(list_areas(page)) == 1
    assert list_areas(Sheet().scan(noise=6, jpeg=70)) == []


def test_the_edge_of_a_page_that_was_turned_is_no_print() -> None:
    page = make_half_page().scan(noise=3)
    # Darker towards one side, as scans are: corners filled in with one colour would stand out.
    shaded = (page * np.linspace(0.8, 1.0, page.shape[1])[None, :, None]).astype(np.uint8)
    assert share_seen(turn_upright(shaded, 1.5)) < 1.05 * share_seen(turn_upright(page, 1.5))


def test_around_a_place_lines_are_found_as_on_the_page(engine: OcrEngine) -> None:
    page = make_half_page().scan(noise=3)
    line = find_page_lines(page, engine)[3]
    near = find_lines_near(page, [line], engine)
    assert max(overlap_share(as_box(line), as_box(box)) for box in near) > 0.8


def test_pictures_are_searched_for_badges_where_the_page_numbers_something() -> None:
    def search(*lines: str) -> float:
        sheet = Sheet().paste(make_photo(240, 200), 90, 60)
        for k, line in enumerate(lines):
            sheet.write(line, 90, 290 + 20 * k, 11)
        page = sheet.scan(noise=3)
        counting = CountingEngine(page)
        assert len(read_scan(page, 420, 595, DPI, counting).pictures) == 1
        return sum(counting.searched)

    plain = search("联珠对鸟纹锦", "方格兽纹锦残片")
    assert search("1.联珠对鸟纹锦", "2.方格兽纹锦残片") > plain + 0.15
    # A measure and a year number nothing.
    assert search("12.5厘米见方的残片", "1986年出土于吐鲁番") < plain + 0.05


def test_a_band_of_ornament_is_not_looked_at_again() -> None:
    sheet = Sheet().write_body(5, 60, 120, 300)
    for x in range(120, 300, 6):
        sheet.draw.ellipse([to_px(v) for v in (x, 40, x + 4, 45)], outline=(120, 60, 50), width=2)
    page = sheet.scan(noise=3)
    counting = CountingEngine(page)
    reading = read_scan(page, 420, 595, DPI, counting)
    assert len(reading.lines) >= 5
    assert len(counting.searched) == len(list_areas(page))
