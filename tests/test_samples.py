"""The sample books: what their truth says is what stands on the pages."""

from __future__ import annotations

import re
import tomllib

import numpy as np
import pymupdf
import pytest

from samples import demo
from samples.books import write_volume
from samples.captions import ALBUM_LAYOUTS
from samples.plates import MURAL_LAYOUTS, count_in_words, spell_number
from samples.scan import scan_volume
from samples.silk import SILK_LAYOUTS
from samples.typesetting import NO_END, NO_START, Style, break_lines, load_font, measure

SILK = {"seed": 5, "series": "silk", "entries": len(SILK_LAYOUTS), "layout": SILK_LAYOUTS}
MURAL = {"seed": 6, "series": "dunhuang", "entries": len(MURAL_LAYOUTS), "layout": MURAL_LAYOUTS}
ALBUM = {"seed": 7, "series": "other", "entries": len(ALBUM_LAYOUTS)}


@pytest.fixture(scope="module", params=[SILK, MURAL, ALBUM], ids=["silk", "dunhuang", "other"])
def volume(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("volume") / f"{request.param['series']}.pdf"
    return path, write_volume(path, **request.param), request.param


def figures_of(rows):
    return [row for row in rows if row["bbox"]]


def squeeze(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_same_seed_same_bytes_and_another_seed_other_books(volume, tmp_path):
    path, rows, options = volume
    again, other = tmp_path / "again.pdf", tmp_path / "other.pdf"
    same = write_volume(again, **options)
    assert again.read_bytes() == path.read_bytes()
    assert [row["texts"] for row in same] == [row["texts"] for row in rows]
    write_volume(other, **{**options, "seed": 77, "entries": 1})
    with pymupdf.open(other) as changed, pymupdf.open(path) as first:
        assert changed[4].get_text() != first[4].get_text()


def test_every_page_is_labelled_once(volume):
    path, rows, _ = volume
    with pymupdf.open(path) as document:
        pages = document.page_count
    assert [row["page"] for row in rows if row["bbox"] is None] == list(range(1, pages + 1))
    assert {row["pdf"] for row in rows} == {path.name}


def test_boxes_are_where_the_images_are_placed(volume):
    path, rows, _ = volume
    with pymupdf.open(path) as document:
        for row in figures_of(rows):
            page = document[row["page"] - 1]
            placed = [info["bbox"] for info in page.get_image_info()]
            x0, y0, x1, y1 = row["bbox"]
            assert -0.1 < x0 < x1 < page.rect.width + 0.1 and -0.1 < y0 < y1 < page.rect.height + 0.1
            if "及其细节" in "".join(row["texts"]):  # one caption for a row: the box around all of it
                inside = [box for box in placed if pymupdf.Rect(box).intersects(row["bbox"])]
                placed = [(*np.min(inside, axis=0)[:2], *np.max(inside, axis=0)[2:])]
            assert min(np.abs(np.subtract(box, row["bbox"])).max() for box in placed) < 0.2


def test_images_without_a_row_are_ornaments_only(volume):
    path, rows, _ = volume
    with pymupdf.open(path) as document:
        for page in document:
            known = [pymupdf.Rect(row["bbox"]) for row in figures_of(rows) if row["page"] == page.number + 1]
            for info in page.get_image_info():
                box = pymupdf.Rect(info["bbox"])
                assert info["height"] == 60 or any(
                    (box & figure).get_area() > 0.99 * box.get_area() for figure in known
                )


def test_every_text_stands_in_the_book(volume):
    path, rows, _ = volume
    with pymupdf.open(path) as document:
        body = squeeze("".join(page.get_text() for page in document))
        # A paragraph over two pages has running head and folio in its middle.
        inner = [pymupdf.Rect(0, 64, page.rect.width, page.rect.height - 50) for page in document]
        sheets = [squeeze(page.get_text(clip=clip)) for page, clip in zip(document, inner, strict=True)]
    joined = "".join(sheets)
    for row in figures_of(rows):
        for text in row["texts"]:
            assert squeeze(text) in body or squeeze(text) in joined


def test_texts_of_a_silk_entry_follow_its_layout(tmp_path):
    rows = figures_of(write_volume(tmp_path / "own.pdf", seed=3, series="silk", entries=1, layout="own"))
    pattern = next(row for row in rows if row["texts"] and row["texts"][0].startswith("1  "))
    textile = next(row for row in rows if row["texts"] and row["texts"][0].startswith("图："))
    assert len(pattern["texts"]) > 1
    assert not set(pattern["texts"]) & set(textile["texts"])
    shared = figures_of(
        write_volume(tmp_path / "shared.pdf", seed=3, series="silk", entries=1, layout="shared")
    )
    pattern = next(row for row in shared if row["texts"] and row["texts"][0].startswith("1  "))
    textile = next(row for row in shared if row["texts"] and row["texts"][0].startswith("图："))
    assert set(pattern["texts"][1:]) == set(textile["texts"][2:])


def test_a_plate_over_two_pages_is_two_figures_with_the_same_texts(tmp_path):
    rows = write_volume(tmp_path / "d.pdf", seed=2, series="dunhuang", entries=1, layout="double")
    left, right = figures_of(rows)
    assert right["page"] == left["page"] + 1
    assert left["texts"] == right["texts"]
    assert left["texts"][0].startswith("一　")


def test_the_font_is_a_small_subset(volume):
    path, _, _ = volume
    with pymupdf.open(path) as document:
        fonts = {font[0]: font for page in document for font in page.get_fonts()}
        assert all("+" in font[3] for font in fonts.values())
        size = sum(len(document.extract_font(xref)[3]) for xref in fonts)
    assert size < len(load_font().buffer) / 5


def test_a_scan_has_pixels_only_and_its_boxes_hold_the_figures(tmp_path):
    born, out = tmp_path / "born.pdf", tmp_path / "scan.pdf"
    truth = write_volume(born, seed=4, series="silk", entries=2, layout="single", front_matter=False)
    rows = scan_volume(born, out, seed=9, truth=truth, pages=[2], dpi=100)
    again = tmp_path / "again" / "scan.pdf"
    scan_volume(born, again, seed=9, truth=truth, pages=[2], dpi=100)
    assert again.read_bytes() == out.read_bytes()
    (figure,) = figures_of(rows)
    assert figure["page"] == 1
    with pymupdf.open(out) as document:
        (page,) = document
        assert not page.get_text().strip() and not page.get_drawings()
        assert len(page.get_image_info()) == 1
        pixmap = page.get_pixmap(dpi=72)
        image = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.width, 3).astype(float)
    ink = np.abs(image - np.median(image, axis=(0, 1))).max(axis=2) > 40
    ink[:, :20] = ink[:, -20:] = False
    # Lines of text are thin; the pattern is the long run of rows dense with ink.
    runs = np.split(dense := np.flatnonzero(ink.mean(axis=1) > 0.3), np.flatnonzero(np.diff(dense) > 1) + 1)
    tall = max(runs, key=len)
    columns = np.flatnonzero(ink[tall].mean(axis=0) > 0.3)
    found = (columns[0], tall[0], columns[-1], tall[-1])
    assert np.abs(np.subtract(found, figure["bbox"])).max() < 16


def test_a_turned_scan_moves_its_boxes(tmp_path):
    born = tmp_path / "born.pdf"
    truth = write_volume(born, seed=4, series="dunhuang", entries=1, layout="foot", front_matter=False)
    (before,) = figures_of(truth)
    (after,) = figures_of(scan_volume(born, tmp_path / "s.pdf", seed=1, truth=truth, pages=[1], dpi=60))
    assert after["texts"] == before["texts"]
    assert 0.5 < np.abs(np.subtract(after["bbox"], before["bbox"])).max() < 20


def test_lines_keep_the_rules_of_punctuation():
    style = Style(10, indent=2, align="justify")
    text = "窠内饰（瓶花），四瓣各填《小朵花》一朵，四角饰“石榴”；其余皆素。图1-2与Fig. 3同。" * 3
    for width in range(60, 400, 7):
        lines = break_lines(text, width, style)
        joined = "".join("".join(line.tokens) for line in lines)
        assert squeeze(joined) == squeeze(text)
        for line in lines:
            assert (
                line.offset + measure("".join(line.tokens), 10) + line.gap * (len(line.tokens) - 1)
                < width + 0.1
            )
        assert not any(line.tokens[0][0] in NO_START for line in lines[1:])
        assert not any(line.tokens[-1][-1] in NO_END for line in lines[:-1])


def test_chinese_numerals():
    assert [spell_number(n) for n in (1, 10, 16, 203)] == ["一", "一〇", "一六", "二〇三"]
    assert [count_in_words(n) for n in (1, 10, 16, 20, 31)] == ["一", "十", "十六", "二十", "三十一"]


def test_demo_volumes_add_up(monkeypatch, tmp_path):
    """The demo in small: every kind of volume, with truth and sources beside."""
    small = tuple(
        demo.Volume(v.file, v.title, v.series, v.entries if v.scanned else 2, v.layout, v.scanned)
        for v in demo.VOLUMES
    )
    monkeypatch.setattr(demo, "VOLUMES", small)
    sources = demo.write_demo(tmp_path / "books", seed=1)
    books = tomllib.loads(sources.read_text(encoding="utf-8"))["book"]
    assert [book["file"] for book in books] == [v.file for v in demo.VOLUMES]
    assert all((sources.parent / book["file"]).is_file() and book["rights"] for book in books)
    scanned = sum(pymupdf.open(sources.parent / v.file).page_count for v in demo.VOLUMES if v.scanned)
    assert 4 <= scanned <= 8
    for part in ("born-digital", "scanned"):
        assert (sources.parent / "truth" / part / "gt.json").is_file()
