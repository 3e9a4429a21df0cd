"""Trail and fields in a release: written, verified, carried; and profiles in a sources file."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pymupdf
import pytest
from book_making import run_culti, write_book
from forging import copy_release, forge_manifest
from page_making import make_page, picture, text_line
from release_making import SOURCE, make_build, make_info, make_rows, read_all, with_true_phash

from alignment.layout import find_layouts
from alignment.pairing import align_book
from alignment.text.trail import FIELDS, apply_edits, select, undo_edits
from export.counts import tabulate_stored
from export.plots import draw_plots
from export.release import write_release
from export.text_trail import SCHEMA, TRAIL, read_trail
from export.verify import verify_release
from extractors.reader import ReadSettings, open_document, read_pages
from flows.building import make_request
from flows.calls import read_call
from flows.configuration import ConfigurationError


def change_trail(release: Path, edit) -> None:
    """Writes the trail anew, its hash in the manifest too."""
    lines = edit(pq.read_table(release / TRAIL).to_pylist())
    pq.write_table(pa.Table.from_pylist(lines, schema=SCHEMA), release / TRAIL)
    forge_manifest(release)


def list_faults(release: Path) -> list[str]:
    return verify_release(release, fast=True).faults.lines()


def test_every_text_of_a_build_follows_from_raw_and_raw_from_it(built: Path) -> None:
    trails = dict(read_trail(built / "release"))
    rows = read_all(built / "release")
    assert rows and set(trails) == {row["pair_id"] for row in rows if row["text_raw"]}
    for row in rows:
        for field in FIELDS:
            edits = select(trails.get(row["pair_id"], ()), field)
            assert apply_edits(row["text_raw"], edits) == row[field]
            assert undo_edits(row[field], edits) == row["text_raw"]
    assert [row["figure_number"] for row in rows] == [str(row["figure_index"]) for row in rows]


def test_trail_stands_in_the_order_of_the_rows_and_has_the_same_bytes_again(tmp_path: Path) -> None:
    rows = with_true_phash(make_rows(tmp_path / "f", count=16))
    for name in "ab":
        write_release(tmp_path / name, rows, make_info(SOURCE), make_build(SOURCE))
    assert (tmp_path / "a" / TRAIL).read_bytes() == (tmp_path / "b" / TRAIL).read_bytes()
    order = [f"data/{s}-00000-of-00001.parquet" for s in ("train", "validation", "test")]
    stored = [r["pair_id"] for path in order for r in pq.read_table(tmp_path / "a" / path).to_pylist()]
    told = [pair_id for pair_id, _ in read_trail(tmp_path / "a")]
    assert told == [pair_id for pair_id in stored if pair_id in set(told)] and len(told) == 14
    (first, edits) = next(read_trail(tmp_path / "a"))
    lines = pq.read_table(tmp_path / "a" / TRAIL).to_pylist()
    assert lines[0]["pair_id"] == first and lines[0]["end"] == edits[0].start + len(edits[0].before)


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda lines: lines[1:], "does not f"),
        (lambda lines: [{**lines[0], "after": "龙"}, *lines[1:]], "does not f"),
        (lambda lines: [{**lines[0], "start": 999}, *lines[1:]], "does not fit its text_raw"),
        (lambda lines: [*lines, {**lines[0], "pair_id": "0" * 16}], "has edits of 0000000000000000"),
        (lambda lines: lines[::-1], "does not f"),
    ],
)
def test_a_trail_that_leads_elsewhere_is_found(release: Path, tmp_path: Path, edit, words: str) -> None:
    copy = copy_release(release, tmp_path / "r")
    change_trail(copy, edit)
    found = [line for line in list_faults(copy) if TRAIL in line]
    assert found and words in found[0], list_faults(copy)


def test_a_release_of_books_without_its_trail_is_not_whole(release: Path, tmp_path: Path) -> None:
    copy = copy_release(release, tmp_path / "r")
    (copy / TRAIL).unlink()
    forge_manifest(copy)
    assert any("does not follow from text_raw" in line for line in list_faults(copy))
    copy = copy_release(release, tmp_path / "broken")
    (copy / TRAIL).write_bytes(b"no parquet")
    forge_manifest(copy)
    assert any(line.startswith(f"{TRAIL}: cannot be read") for line in list_faults(copy))


def test_an_index_that_is_not_its_number_is_found(tmp_path: Path) -> None:
    rows = with_true_phash(make_rows(tmp_path / "f", count=4))
    wrong = replace(rows[0], cave="第2窟", cave_index=3)
    write_release(tmp_path / "r", [wrong, *rows[1:]], make_info(SOURCE), make_build(SOURCE))
    assert any("cave_index 3 is not that of cave '第2窟'" in line for line in list_faults(tmp_path / "r"))


PROFILE = """
extends = "general"
[[field]]
name = "technique"
from = ["caption"]
pattern = '(?P<value>{weave})'
[words]
weave = ["缠枝莲纹锦"]
"""


def ask(sources: Path) -> argparse.Namespace:
    """`culti build SOURCES --out r`, as the command line reads it."""
    return read_call("build", [str(sources)], {"out": sources.parent / "r"})


def test_a_curators_profile_beside_the_sources_file_is_used(tmp_path: Path) -> None:
    write_book(tmp_path / "甲.pdf", 2, 1)
    (tmp_path / "weaves.toml").write_text(PROFILE, encoding="utf-8")
    book = '[[book]]\nfile = "甲.pdf"\nseries = "other"\nprofile = "weaves.toml"\n'
    (tmp_path / "sources.toml").write_text(book, encoding="utf-8")
    done = run_culti("build", tmp_path / "sources.toml", "--out", tmp_path / "r", "--workers", "1")
    assert done.returncode == 0, done.stderr
    rows = read_all(tmp_path / "r")
    assert [(r["technique"], r["series"], r["kind"]) for r in rows] == [("缠枝莲纹锦", "other", "figure")] * 2


@pytest.mark.parametrize(
    ("profile", "words"),
    [
        ("lacquer", "no profile 'lacquer'; there are silk, mural, general, or give a .toml file"),
        ("none.toml", "cannot be read (No such file or directory)"),
    ],
)
def test_a_profile_that_is_none_ends_the_call(tmp_path: Path, profile: str, words: str) -> None:
    (tmp_path / "sources.toml").write_text(f'[[book]]\nfile = "a.pdf"\nprofile = "{profile}"\n')
    with pytest.raises(ConfigurationError) as told:
        make_request(ask(tmp_path / "sources.toml"))
    assert words in str(told.value)


@pytest.mark.parametrize("name", ["mural", "dunhuang"])
def test_a_profile_may_be_named_as_ours_or_as_its_series(tmp_path: Path, name: str) -> None:
    (tmp_path / "sources.toml").write_text(f'[[book]]\nfile = "a.pdf"\nprofile = "{name}"\n')
    (book,) = make_request(ask(tmp_path / "sources.toml")).books
    assert book.profile and book.profile.name == "mural" and book.entry.series == "other"


def test_characters_that_are_not_printed_are_counted_and_reported(tmp_path: Path) -> None:
    with pymupdf.open() as document:
        page = document.new_page(width=400, height=560)
        writer = pymupdf.TextWriter(page.rect)
        writer.append((60, 60), "缠\u200b枝\u00ad莲", font=pymupdf.Font("cjk"), fontsize=12)
        writer.write_text(page)
        document.save(tmp_path / "a.pdf")
    info = open_document(tmp_path / "a.pdf")
    (read,) = read_pages(tmp_path / "a.pdf", info, [1], ReadSettings())
    assert read.unprinted == 2 and [line.text for line in read.lines] == ["缠枝莲"]
    plate = make_page(1, [text_line("图1　缠枝\ue001莲", 100, 310, 9)], [picture(100, 80, 400, 300)])
    aligned = align_book([replace(plate, unprinted=2)])
    assert dict(aligned.odd_characters) == {"unprinted": 2, "private": 1}
    assert [n.split(" ", 1)[0] for n in aligned.notes if "characters" in n] == ["2", "1"]
    assert align_book([make_page(1)]).odd_characters == ()


def test_literature_at_the_foot_of_many_pages_is_no_running_foot() -> None:
    pages = []
    for number in range(1, 6):
        body = [
            text_line("此件地色沉着，花纹以浅色线勾边，布局匀称。", 60, 420 + 16 * k, 10) for k in range(3)
        ]
        foot = text_line(f"[1] 林一苇：《样书纹样札记》，自印本，第{number}页。", 60, 800, 7)
        head = text_line(f"{number}　缠枝{'莲牡丹菊梅桃'[number]}纹", 60, 60, 16)
        pages.append(make_page(number, [head, *body, foot], [picture(60, 90, 400, 400)]))
    found = [pair.fields.references for pair in align_book(pages, "silk").pairs]
    assert found == [(f"[1] 林一苇：《样书纹样札记》，自印本，第{n}页。",) for n in range(1, 6)]


@pytest.mark.parametrize(
    ("line", "role"),
    [
        ("出处：《样书纹样札记》第三页", "reference"),
        ("出典　《样书纹样札记》", "reference"),
        ("出处：新疆吐鲁番阿斯塔那墓葬", "body"),
        ("出处", "body"),
    ],
)
def test_where_a_piece_was_found_is_no_literature(line: str, role: str) -> None:
    body = [text_line("此件地色沉着，花纹以浅色线勾边，布局匀称。", 60, 420 + 16 * k, 10) for k in range(4)]
    page = make_page(1, [*body, text_line(line, 60, 640, 8)], [picture(60, 90, 400, 400)])
    (layout,) = find_layouts([page])
    assert [block.text for block in layout.with_role(role)][-1:] == [line]  # type: ignore[arg-type]


def test_pairs_by_dynasty_are_drawn_where_books_print_dynasties(release: Path) -> None:
    rows = read_all(release)
    silent = draw_plots(tabulate_stored(rows, "train"))
    table = tabulate_stored(
        [{**row, "dynasty": name} for row, name in zip(rows, "唐明清", strict=False)], "train"
    )
    assert list(table["dynasty"]) == ["Tang", "Ming", "Qing"]
    assert draw_plots(table).height > silent.height
