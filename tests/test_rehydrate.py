"""`culti rehydrate`: a release made again from its recipe and the books, wherever they lie."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pymupdf
import pytest
from book_making import list_bytes, run_culti, write_book
from conversion_making import write_imported_release
from release_making import read_all

from export.convert.conversion import INDEX, convert_release
from export.convert.recipe import RELEASE_MANIFEST
from export.making import BUILD, CUTS, MAKING, PAGES
from export.manifest import digest_manifest, hash_file
from export.reading import open_release

SOURCES = """
name = "样书"
version = "0.9.1"
[gated]
prompt = "For research."
fields = { Name = "text" }
[[book]]
file = "甲.pdf"
series = "silk"
title = "甲编"
rights = "CC0-1.0"
[[book]]
file = "乙.pdf"
series = "silk"
rights = "no-redistribution"
password = "秘密"
[[book]]
file = "丙.pdf"
pages = "1-2"
notes = "two pages of three"
"""


def write_marked_book(path: Path) -> Path:
    """A book with a line over each picture, so that figures are drawn and not taken from the file."""
    write_book(path.with_suffix(".plain.pdf"), 3, 3)
    with pymupdf.open(path.with_suffix(".plain.pdf")) as document:
        for page in document:
            page.draw_line((90, 110), (310, 270), color=(1, 0.9, 0), width=4)
        document.save(path)
    path.with_suffix(".plain.pdf").unlink()
    return path


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three books, the `release` that was built from them, and its `recipe`."""
    folder = tmp_path_factory.mktemp("origin")
    write_book(folder / "甲.pdf", 3, 1)
    write_book(folder / "乙.pdf", 2, 2, encryption=5, user_pw="秘密", owner_pw="o")
    write_marked_book(folder / "丙.pdf")
    (folder / "sources.toml").write_text(SOURCES, encoding="utf-8")
    done = run_culti("build", folder / "sources.toml", "--out", folder / "release", "--workers", "1")
    assert done.returncode == 0, done.stderr
    convert_release(open_release(folder / "release"), "recipe", folder / "recipe", lambda *_: None)
    return folder


def rehydrate(recipe: Path, books: Path, out: Path, *more: object):
    return run_culti("rehydrate", recipe, "--books", books, "--out", out, "--workers", "1", *more)


def test_a_release_keeps_how_its_pixels_were_cut_and_no_words(origin: Path) -> None:
    lines = [json.loads(line) for line in (origin / "release" / CUTS).read_text().splitlines()]
    rows = {r["pair_id"]: r for r in read_all(origin / "release")}
    assert len(lines) == len(rows) == 7 and {r["origin"] for r in rows.values()} == {"embedded", "rendered"}
    for line in lines:
        row = rows[line["pair_id"]]
        assert (line["document_sha256"], line["page"]) == (row["document_sha256"], row["page"])
        assert line["box"] == pytest.approx(row["figure_bbox"]) and line["reader"] == "pymupdf"
    assert json.loads((origin / "release" / BUILD).read_text(encoding="utf-8"))["books"][2]["pages"] == 2
    pages = (origin / "release" / PAGES).read_text(encoding="utf-8")
    shown = [json.loads(line) for line in pages.splitlines()]
    assert len(shown) == 5, "the pages of the two books that the report shows"
    assert "缠枝" not in pages and all(page["drawing"] for page in shown)


def test_books_with_other_names_in_other_folders_give_the_same_bytes(origin: Path, tmp_path: Path) -> None:
    deep = tmp_path / "shelf" / "of" / "books"
    deep.mkdir(parents=True)
    for book, name in (("甲.pdf", "first.pdf"), ("乙.pdf", "乙.pdf"), ("丙.pdf", "甲.pdf")):
        shutil.copy(origin / book, deep / name)
    (deep / "other.pdf").write_bytes(b"%PDF-1.4 of someone else")
    (deep / "again").symlink_to(tmp_path / "shelf")
    shutil.copy(origin / "sources.toml", tmp_path)
    done = rehydrate(
        origin / "recipe", tmp_path / "shelf", tmp_path / "r", "--sources", tmp_path / "sources.toml"
    )
    assert done.returncode == 0 and done.stderr == "", done.stderr
    assert "byte for byte" in done.stdout
    assert list_bytes(tmp_path / "r") == list_bytes(origin / "release")


def test_missing_and_different_books_are_named_and_their_rows_left_out(origin: Path, tmp_path: Path) -> None:
    books = tmp_path / "books"
    books.mkdir()
    shutil.copy(origin / "乙.pdf", books)
    shutil.copy(origin / "丙.pdf", books)
    write_book(books / "甲.pdf", 3, 9)
    done = rehydrate(origin / "recipe", books, tmp_path / "r")
    assert done.returncode == 1 and "Traceback" not in done.stderr
    first, second = sorted(done.stderr.splitlines())
    assert "乙.pdf: encrypted, and a password is needed" in first and "2 rows left out" in first
    assert "甲.pdf is there, but is another file" in second and "3 rows left out" in second
    rows, before = read_all(tmp_path / "r"), {r["pair_id"]: r for r in read_all(origin / "release")}
    assert [r["document"] for r in rows] == ["丙.pdf"] * 2
    for row in rows:
        assert row == before[row["pair_id"]], "what is there is as it was, split and group too"
    found = read_report_of(tmp_path / "r.work")
    assert [m["file"] for m in found["missing"]] == ["甲.pdf", "乙.pdf"] and not found["same_content"]

    # With the books all there, the same call goes on from the store and the release is whole.
    shutil.copy(origin / "甲.pdf", books)
    again = rehydrate(origin / "recipe", books, tmp_path / "r", "--sources", origin / "sources.toml")
    assert again.returncode == 0, again.stderr
    assert list_bytes(tmp_path / "r") == list_bytes(origin / "release")


def read_report_of(work: Path) -> dict:
    return json.loads((work / "rehydrate_report.json").read_text(encoding="utf-8"))


def change_recipe(recipe: Path, **settings: str) -> None:
    """Another recipe, whole in itself: as of a release that was made in another way."""
    manifest = json.loads((recipe / RELEASE_MANIFEST).read_text(encoding="utf-8"))
    manifest["settings"].update(settings)
    manifest["tools"]["pymupdf"] = "1.2.3"
    (recipe / RELEASE_MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    index = json.loads((recipe / INDEX).read_text(encoding="utf-8"))
    entry = next(e for e in index["files"] if e["path"] == RELEASE_MANIFEST)
    entry["sha256"] = hash_file(recipe / RELEASE_MANIFEST)
    index["digest"] = digest_manifest(index)
    (recipe / INDEX).write_text(json.dumps(index), encoding="utf-8")


def test_images_that_come_out_different_are_named_and_counted(origin: Path, tmp_path: Path) -> None:
    shutil.copytree(origin / "recipe", tmp_path / "recipe")
    change_recipe(tmp_path / "recipe", render_dpi="150.0")
    done = rehydrate(tmp_path / "recipe", origin, tmp_path / "r", "--sources", origin / "sources.toml")
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert len(lines) == 3 and all(
        "came out different" in line and "丙.pdf, page" in line for line in lines[:2]
    )
    assert lines[2].startswith("culti: 2 images are not those of the release: pymupdf 1.2.3 then,")
    rows, before = read_all(tmp_path / "r"), {r["pair_id"]: r for r in read_all(origin / "release")}
    assert len(rows) == 7
    for row in rows:
        if row["document"] == "丙.pdf":
            assert (row["dpi"], before[row["pair_id"]]["dpi"]) == (150, 200)
            assert row["width"] == pytest.approx(500, abs=1)
            assert row["image_sha256"] != before[row["pair_id"]]["image_sha256"]
            assert row["description"] == before[row["pair_id"]]["description"]
        else:
            assert row == before[row["pair_id"]]


def test_what_cannot_be_rehydrated_begins_nothing(origin: Path, tmp_path: Path) -> None:
    imported = write_imported_release(tmp_path)
    convert_release(open_release(imported), "recipe", tmp_path / "imported", lambda *_: None)
    assert not (imported / MAKING).exists()
    shutil.copytree(origin / "recipe", tmp_path / "changed")
    with (tmp_path / "changed" / CUTS).open("a") as file:
        file.write("\n")
    full = tmp_path / "full"
    full.mkdir()
    (full / "thesis.doc").write_text("mine")
    before = sorted(tmp_path.rglob("*"))
    for recipe, books, out, words in (
        (tmp_path / "imported", origin, tmp_path / "r", "cannot be rehydrated from books"),
        (tmp_path / "changed", origin, tmp_path / "r", f"{CUTS}: missing or changed"),
        (origin / "release", origin, tmp_path / "r", "it is no recipe"),
        (origin / "recipe", tmp_path / "no", tmp_path / "r", "no such folder"),
        (origin / "recipe", origin, full, "not a release that may be written over"),
    ):
        done = rehydrate(recipe, books, out)
        assert done.returncode == 2, done.stderr
        (line,) = done.stderr.splitlines()
        assert words in line
    assert sorted(tmp_path.rglob("*")) == before


def test_without_any_book_there_is_no_release(origin: Path, tmp_path: Path) -> None:
    (tmp_path / "books").mkdir()
    done = rehydrate(origin / "recipe", tmp_path / "books", tmp_path / "r")
    assert done.returncode == 1 and not (tmp_path / "r").exists()
    assert len(done.stderr.splitlines()) == 3 and "none of its 7 rows" in done.stdout
