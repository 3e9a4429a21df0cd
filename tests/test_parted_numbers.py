"""Numbers that a wide blank parts from their titles; single characters that detectors see in pictures."""

from __future__ import annotations

import numpy as np
import pytest

from extractors.ocr import OcrLine, PixelBox, Raster, Reading
from extractors.ocr_lines import is_print, read_box
from extractors.parted_numbers import join_numbers


def line(text: str, box: PixelBox, direction: str = "horizontal") -> OcrLine:
    return OcrLine(text, box, 0.9, direction)  # type: ignore[arg-type]


COLUMN = line("香色地莲瓣团窠", (86, 114, 95, 190), "vertical")
ROW = line("香色地莲瓣团窠", (60, 10, 130, 20))


@pytest.mark.parametrize(
    ("number", "title"),
    [
        (line("图版一", (87, 72, 95, 97), "vertical"), COLUMN),
        (line("一", (87, 96, 95, 98)), COLUMN),
        (line("图1-2", (10, 10, 40, 20)), ROW),
        (line("二〇", (20, 10, 40, 20)), ROW),
        (line("3", (40, 10, 45, 20)), ROW),
        (line("（c）", (34, 10, 50, 20)), ROW),
    ],
)
def test_a_number_joins_the_title_behind_it(number: OcrLine, title: OcrLine) -> None:
    (joined,) = join_numbers([number, title])
    assert joined.text == f"{number.text}　{title.text}" and joined.direction == title.direction
    assert joined.box_px[:2] == (
        min(number.box_px[0], title.box_px[0]),
        min(number.box_px[1], title.box_px[1]),
    )


@pytest.mark.parametrize(
    "other",
    [
        line("2018", (30, 10, 50, 20)),
        line("图案", (30, 10, 50, 20)),
        line("图1", (10, 40, 30, 50)),
        line("图1", (-30, 10, -10, 20)),
        line("图版一", (30, 8, 55, 30)),
    ],
)
def test_other_lines_stay_apart(other: OcrLine) -> None:
    assert join_numbers([other, ROW]) == [other, ROW]


class OneCharacter:
    """An engine that reads O, and is sure of it."""

    def find_lines(self, image: Raster) -> list[PixelBox]:
        return []

    def read_strips(self, strips: list[Raster]) -> list[Reading]:
        return [Reading("O", 0.95) for _ in strips]

    def read_lines(self, image: Raster) -> list[OcrLine]:
        return []


@pytest.mark.parametrize(("box", "is_read"), [((10, 10, 50, 160), False), ((10, 10, 50, 60), True)])
def test_a_character_does_not_fill_a_long_box(box: PixelBox, is_read: bool) -> None:
    image = np.full((200, 100, 3), 240, np.uint8)
    image[box[1] + 4 : box[3] - 4, box[0] + 14 : box[2] - 14] = 30
    assert (read_box(image, box, OneCharacter()) is not None) == is_read


def test_numbers_one_under_the_other_are_no_column() -> None:
    class Digits(OneCharacter):
        def read_strips(self, strips: list[Raster]) -> list[Reading]:
            return [Reading("1 2", 0.95) for _ in strips]

    image = np.full((200, 100, 3), 240, np.uint8)
    image[14:34, 20:36] = image[60:80, 20:36] = 30
    assert read_box(image, (18, 10, 38, 84), Digits()) is None
    assert join_numbers([line("1", (0, 0, 8, 10)), line("12　3", (20, 0, 60, 10))])[0].text == "1"


@pytest.mark.parametrize(
    ("text", "confidence", "told"),
    [("38:8839", 0.7, False), ("Fig. 3 Silk", 0.9, True), ("联珠纹锦", 0.7, True), ("88888", 0.95, False)],
)
def test_digits_read_in_ornament_are_no_print(text: str, confidence: float, told: bool) -> None:
    assert is_print(OcrLine(text, (0, 0, 50, 10), confidence)) == told
