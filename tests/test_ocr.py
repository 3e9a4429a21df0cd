"""The bundled engine reads what a page says; without it, one line says why."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pymupdf
import pytest
from book_making import run_culti
from PIL import Image
from rapidfuzz.distance import Levenshtein
from scan_making import Sheet, to_px

from alignment.regions import find_blocks
from extractors.columns import cut_cells
from extractors.errors import OcrError
from extractors.model_hashes import judge_model
from extractors.ocr import OcrEngine, check_engine, describe_engine, load_engine
from extractors.ocr_models import unpack_bundled_models
from extractors.reader import ReadSettings, open_document, read_pages
from extractors.records import Page
from samples.layouts.single import write_below
from samples.layouts.treatments import write_mojibake, write_wrong_layer
from samples.truth import Row


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


# A folder of the user's own models


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """The bundled models as a user would lay out others; links, so that breaking one copy breaks no other."""
    bundled = unpack_bundled_models()
    for task, folder in (("det", bundled.detection), ("rec", bundled.recognition)):
        (tmp_path / "models" / task).mkdir(parents=True)
        for file in folder.iterdir():
            (tmp_path / "models" / task / file.name).symlink_to(file)
    return tmp_path / "models"


def write_over(file: Path, content: bytes) -> None:
    file.unlink()
    file.write_bytes(content)


def test_a_folder_of_models_reads_as_the_bundled_ones(engine: OcrEngine, models: Path) -> None:
    sheet = Sheet(300, 220).write("图3 唐代联珠对鸟纹锦", 20, 20, 12).write("長二八釐米", 20, 60, 12)
    raster = sheet.write_column("第一六九窟左侧", 240, 30, 14).scan(noise=4)
    own = load_engine(str(models))
    assert own is not engine and own.read_lines(raster) == engine.read_lines(raster) != []


def test_a_folder_of_models_is_known_by_what_it_holds(models: Path, tmp_path: Path) -> None:
    copied = shutil.copytree(models, tmp_path / "copy")
    assert describe_engine(str(copied)) == describe_engine(str(models))
    write_over(models / "det" / "inference.yml", b"Global: {model_name: other}\n")
    assert describe_engine(str(copied)) != describe_engine(str(models))


@pytest.mark.parametrize("task", ["det", "rec"])
def test_a_folder_that_lacks_one_model_is_not_begun_with(models: Path, task: str) -> None:
    shutil.rmtree(models / task)
    with pytest.raises(OcrError, match=rf"models: no {task}/inference\.yml; .* holds det/ and rec/"):
        check_engine(str(models))


def halve(file: Path) -> bytes:
    content = file.read_bytes()
    return content[: len(content) // 2]


@pytest.mark.parametrize(
    ("file", "damage"),
    [
        ("det/inference.onnx", halve),
        ("rec/inference.onnx", halve),
        ("det/inference.onnx", lambda _: b""),
        ("det/inference.yml", lambda _: b"Global: [1, {"),
        ("rec/inference.yml", lambda _: b"\xff\xfe\x00"),
        ("det/inference.yml", lambda _: b"PreProcess: {}\n"),
        ("det/inference.yml", lambda _: b"Global: {}\n"),
        ("rec/inference.yml", lambda _: b""),
    ],
)
def test_a_broken_model_is_one_line(models: Path, file: str, damage: Callable[[Path], bytes]) -> None:
    write_over(models / file, damage(models / file))
    with pytest.raises(OcrError) as caught:
        load_engine(str(models))
    message = str(caught.value)
    assert "\n" not in message and str(models / file) in message and "there again" in message


def test_an_unknown_model_is_one_line(models: Path) -> None:
    text = (models / "det" / "inference.yml").read_text(encoding="utf-8")
    write_over(models / "det" / "inference.yml", text.replace("PP-OCRv6_small", "PP-OCRv99").encode())
    with pytest.raises(OcrError, match=r"models/det: PaddleOCR cannot load this model .*PP-OCRv99") as caught:
        load_engine(str(models))
    assert "\n" not in str(caught.value)


# The command on a scanned page


@pytest.fixture(scope="session")
def scanned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scanned page with a row and a caption in three columns."""
    sheet = Sheet(300, 260).write("唐代织物多用联珠团窠纹样", 20, 220, 12)
    for k, text in enumerate(("图三　联珠对鸟纹锦", "唐，青海都兰出土", "现藏于青海省博物馆")):
        sheet.write_column(text, 230 - 24 * k, 20, 14)
    path = tmp_path_factory.mktemp("scanned") / "scan.pdf"
    with pymupdf.open() as document, BytesIO() as stream:
        Image.fromarray(sheet.scan(noise=4)).save(stream, "JPEG", quality=85)
        page = document.new_page(width=300, height=260)
        page.insert_image(page.rect, stream=stream.getvalue())
        document.save(path)
    return path


def test_columns_of_a_caption_come_from_right_to_left(scanned: Path) -> None:
    (page,) = read_pages(scanned, open_document(scanned), [1], ReadSettings())
    assert page.source == "scan"
    columns = [b for b in find_blocks(page) if b.direction == "vertical"]
    texts = [line.text for block in columns for line in block.lines]
    assert len(columns) == 1
    assert texts == ["图三　联珠对鸟纹锦", "唐，青海都兰出土", "现藏于青海省博物馆"]


def test_a_broken_model_ends_the_command_in_one_line(models: Path, scanned: Path, tmp_path: Path) -> None:
    write_over(models / "det" / "inference.onnx", b"no model")
    done = run_culti("inspect", scanned, "--out", tmp_path / "out", "--ocr", models, timeout=60)
    assert done.returncode == 1
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("culti: ") and "det/inference.onnx" in line


def test_a_named_model_is_not_fetched_unless_the_user_allows_it(
    scanned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PADDLE_PDX_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("CULTI_DOWNLOAD", raising=False)
    done = run_culti("inspect", scanned, "--out", tmp_path / "out", "--ocr", "PP-OCRv5_server", timeout=60)
    assert done.returncode == 2
    (line,) = done.stderr.strip().splitlines()
    assert "PP-OCRv5_server_det is not here" in line and "CULTI_DOWNLOAD=1" in line
    # What was fetched before is used.
    for task in ("det", "rec"):
        (tmp_path / "cache" / "official_models" / f"PP-OCRv5_server_{task}").mkdir(parents=True)
    check_engine("PP-OCRv5_server")


def test_a_bundled_model_that_is_damaged_is_told_by_its_hash(tmp_path: Path) -> None:
    folders = unpack_bundled_models(tmp_path)
    assert judge_model(folders.detection / "inference.onnx", "PP-OCRv6_det_small.onnx") == "known"
    write_over(folders.detection / "inference.onnx", b"x")
    with pytest.raises(OcrError, match=r"inference\.onnx: damaged, its sha256 .*: delete ") as caught:
        unpack_bundled_models(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_name_without_paddlepaddle_is_one_line(
    scanned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if importlib.util.find_spec("paddle"):
        pytest.skip("paddlepaddle is installed")
    monkeypatch.setenv("CULTI_DOWNLOAD", "1")
    done = run_culti("inspect", scanned, "--out", tmp_path / "out", "--ocr", "PP-OCRv5_server", timeout=60)
    assert done.returncode == 1
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("culti: PP-OCRv5_server_det: needs paddlepaddle: pip install")


def test_a_name_without_a_network_is_one_line_within_seconds(
    scanned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # PaddleOCR fetches the files before it looks at paddlepaddle: an empty package gets it so far.
    (tmp_path / "path" / "paddle").mkdir(parents=True)
    (tmp_path / "path" / "paddle" / "__init__.py").touch()
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("CULTI_DOWNLOAD", "1")
    monkeypatch.setenv("PADDLE_PDX_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("PADDLE_PDX_DISABLE_MODEL_SOURCE_CHECK", raising=False)
    call = ("inspect", scanned, "--out", tmp_path / "out", "--ocr", "PP-OCRv5_server")
    done = run_culti(*call, timeout=60, path=tmp_path / "path")
    assert done.returncode == 1
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("culti: PP-OCRv5_server_det: ") and "needs a network" in line


# What is read, and how surely


def test_worse_print_is_read_less_surely(engine: OcrEngine) -> None:
    sheet = Sheet(260, 90).write("唐代联珠对鸟纹锦，私人收藏", 20, 20, 12)
    raster = sheet.write("青海都兰出土，北朝至唐", 20, 50, 12).scan(noise=3)
    means = []
    for blur in (1.0, 3.0, 4.0):
        lines = engine.read_lines(np.ascontiguousarray(cv2.GaussianBlur(raster, (0, 0), blur)))
        assert len(lines) == 2 and all(0 <= line.confidence <= 1 for line in lines)
        means.append(float(np.mean([line.confidence for line in lines])))
    assert means[0] > means[1] > means[2]


def read_first_page(path: Path) -> tuple[Page, str]:
    """The page and its text from top to bottom, without white."""
    (page,) = read_pages(path, open_document(path), [1], ReadSettings())
    lines = sorted(page.lines, key=lambda line: (round(line.box[1] / 4), line.box[0]))
    return page, "".join("".join(line.text.split()) for line in lines)


@pytest.mark.parametrize(
    ("write", "seed"), [(write_mojibake, 1), (write_mojibake, 2), (write_wrong_layer, 1)]
)
def test_a_text_layer_that_lies_is_known_by_what_it_holds(
    write: Callable[[Path, int], list[Row]], seed: int, tmp_path: Path
) -> None:
    """Glyphs mapped to private use or to wrong Han, and a hidden layer that another OCR got wrong."""
    write_below(tmp_path / "clean.pdf", seed)
    write(tmp_path / "book.pdf", seed)
    printed, wanted = read_first_page(tmp_path / "clean.pdf")
    page, text = read_first_page(tmp_path / "book.pdf")
    assert {line.source for line in printed.lines} == {"layer"}
    assert {line.source for line in page.lines} == {"ocr"}
    assert Levenshtein.normalized_distance(text, wanted) < 0.02
    assert any("text layer" in found.reason for found in page.dropped)
