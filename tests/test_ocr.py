"""The bundled engine reads what a page says; without it, one line says why."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scan_making import Sheet, to_px

from extractors.columns import cut_cells
from extractors.errors import OcrError
from extractors.ocr import OcrEngine, load_engine


@pytest.fixture(scope="session")
def engine() -> OcrEngine:
    return load_engine()


@pytest.mark.parametrize("text", ["图3 唐代联珠对鸟纹锦，私人收藏", "圖3 唐代聯珠對鳥紋錦，私人收藏"])
def test_simplified_and_traditional_lines_are_read_as_printed(engine: OcrEngine, text: str) -> None:
    lines = engine.read_lines(Sheet(300, 80).write(text, 20, 30, 12).scan(noise=4))
    assert ["".join(line.text.split()) for line in lines] == ["".join(text.split())]
    assert lines[0].confidence > 0.8
    x0, y0, x1, y1 = lines[0].box_px
    assert abs(x0 - to_px(20)) < 8 and abs(y0 - to_px(30)) < 10 and y1 - y0 < to_px(16) and x1 > to_px(150)


def test_a_column_is_read_from_top_to_bottom(engine: OcrEngine) -> None:
    text = "伎乐天西秦第一六九窟左侧"
    lines = engine.read_lines(Sheet(120, 260).write_column(text, 50, 30, 14).scan(noise=4))
    assert [(line.text, line.direction) for line in lines] == [(text, "vertical")]


def test_a_wide_gap_within_a_line_is_kept(engine: OcrEngine) -> None:
    sheet = Sheet(300, 80).write("一六", 20, 30, 14).write("伎乐天", 76, 30, 14)
    assert [line.text for line in engine.read_lines(sheet.scan())] == ["一六　伎乐天"]


def test_a_blank_page_has_no_lines(engine: OcrEngine) -> None:
    assert engine.read_lines(Sheet(100, 100).scan(noise=5)) == []
    assert engine.read_lines(np.full((3, 3, 3), 255, np.uint8)) == []


def test_a_column_is_cut_between_characters() -> None:
    ink = np.zeros((130, 30), bool)
    for top in (0, 33, 66, 99):
        ink[top : top + 12] = ink[top + 18 : top + 30] = True
    assert cut_cells(ink) == [(0, 30), (33, 63), (66, 96), (99, 129)]


@pytest.mark.parametrize("name", ["no/such/folder", ""])
def test_an_engine_that_is_not_there_is_one_line(name: str) -> None:
    with pytest.raises(OcrError) as caught:
        load_engine(name)
    assert "\n" not in str(caught.value) and "no such folder" in str(caught.value)


def test_a_folder_without_models_says_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "det").mkdir()
    with pytest.raises(OcrError, match=r"no det/inference\.yml"):
        load_engine(str(tmp_path))


def test_a_cache_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(OcrError, match="cannot unpack the OCR models") as caught:
        load_engine("bundled", blocked)
    assert "\n" not in str(caught.value)
