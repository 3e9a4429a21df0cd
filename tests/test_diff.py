"""`culti diff`: each kind of change is told as what it is, and nothing else is."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from book_making import run_culti
from forging import edit_shard, forge_manifest
from release_making import (
    SOURCE,
    draw_figure,
    make_build,
    make_info,
    make_rows,
    make_source,
    with_true_phash,
)

from export.diff import CATEGORIES, ReleaseDiff, compare_releases
from export.diff_json import describe_diff
from export.diff_matching import match_rows, measure_overlap
from export.diff_page import render_diff
from export.diff_text import diff_characters, shorten_pieces
from export.groups import find_group
from export.info import Source
from export.reading import ReleaseError
from export.release import write_release
from export.release_table import ReleaseTable, read_images, read_release
from export.rows import Row
from export.schema import COLUMNS


@pytest.fixture(scope="module")
def figures(tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    return with_true_phash(make_rows(tmp_path_factory.mktemp("figures"), count=24))


@pytest.fixture(scope="module")
def first(figures: list[Row], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("first") / "release", figures)


def write(out: Path, rows: list[Row], *sources: Source) -> Path:
    write_release(out, rows, make_info(*(sources or (SOURCE,))), make_build(*(sources or (SOURCE,))))
    return out


def compare(old: Path, new: Path) -> ReleaseDiff:
    return compare_releases(read_release(old), read_release(new))


def list_changes(diff: ReleaseDiff) -> dict[str, set[str]]:
    """pair_id of the new row, else of the old one, by category; empty categories left out."""
    found: dict[str, set[str]] = {}
    for name, places in diff.changes.items():
        rows = [diff.row(p, "new") or diff.row(p, "old") for p in places]
        if rows:
            found[name] = {row["pair_id"] for row in rows}
    return found


def edit(rows: list[Row], number: int, **changes: object) -> list[Row]:
    return [replace(row, **changes) if n == number else row for n, row in enumerate(rows)]


def test_a_release_does_not_differ_from_itself(first: Path, figures: list[Row], tmp_path: Path) -> None:
    diff = compare(first, first)
    assert list_changes(diff) == {} and diff.columns == {} and diff.merges == () and diff.unchanged == 24
    turned = write(tmp_path / "turned", figures[::-1])
    assert list_changes(compare(first, turned)) == {}


def test_edits_are_told_by_their_columns(first: Path, figures: list[Row], tmp_path: Path) -> None:
    rows = edit(figures, 0, description=figures[0].description.replace("四合", "三合"))
    rows = edit(rows, 1, title="缠枝牡丹纹", caption="圖二　纏枝牡丹紋")
    rows = edit(rows, 2, kind="figure")
    rows = edit(rows, 3, review_status="accepted", reviewer="林")
    rows = edit(rows, 4, rights="no-redistribution")
    rows = edit(rows, 5, pair_score=0.123)
    image = draw_figure(figures[0].image_file.parent, 999)
    rows = edit(rows, 7, image_file=figures[0].image_file.parent / image.file, image_sha256=image.sha256)
    ids = [row.pair_id for row in rows]
    diff = compare(first, write(tmp_path / "r", rows))
    assert list_changes(diff) == {
        "image": {ids[7]},
        "description": {ids[0]},
        "title": {ids[1]},
        "caption": {ids[1]},
        "kind": {ids[2]},
        "review": {ids[3]},
        "rights": {ids[4]},
    }
    assert diff.columns["pair_score"] == 1 and diff.unchanged == 24 - 6
    told = describe_diff(diff)["changes"]
    assert told["description"][0]["diff"] == [
        ("=", "第0件地色明黄，"),
        ("-", "四"),
        ("+", "三"),
        ("=", "合如意云间饰杂宝。"),
    ]
    assert told["review"][0]["new"] == {"review_status": "accepted", "reviewer": "林"}


def test_added_and_removed(first: Path, figures: list[Row], tmp_path: Path) -> None:
    more = with_true_phash(make_rows(figures[0].image_file.parent, "vol2.pdf", 3, first=40))
    diff = compare(first, write(tmp_path / "r", [*figures[2:], *more], SOURCE, make_source("vol2.pdf")))
    changes = list_changes(diff)
    assert changes["removed"] == {row.pair_id for row in figures[:2]}
    assert changes["added"] == {row.pair_id for row in more}
    assert diff.unchanged == 22 - len(changes.get("split", ()))


def test_another_text_for_the_same_figure_is_re_paired(
    first: Path, figures: list[Row], tmp_path: Path
) -> None:
    row = figures[8]
    assert row.text_bboxes is not None
    elsewhere = tuple((x0, y0 + 300, x1, y1 + 300) for x0, y0, x1, y1 in row.text_bboxes)
    rows = edit(figures, 8, text_bboxes=elsewhere, description="别的文字", caption="圖九　別的")
    # The same body cut in two, and read a point lower: the same text.
    (caption, body) = figures[9].text_bboxes or ()
    halves = (body[0], body[1] + 1, body[2], 370.0), (body[0], 372.0, body[2], body[3] + 1)
    page = figures[9].page or 0
    rows = edit(
        rows,
        9,
        text_bboxes=(caption, *halves),
        text_pages=(page,) * 3,
        text_roles=("caption", "body", "body"),
    )
    rows = edit(rows, 10, text_bboxes=(), text_pages=(), text_roles=(), description="")
    diff = compare(first, write(tmp_path / "r", rows))
    assert list_changes(diff) == {"re-paired": {row.pair_id, figures[10].pair_id}}
    told = describe_diff(diff)["changes"]["re-paired"]
    by_id = {t["pair_id"]: t["new"] for t in told}
    assert by_id[row.pair_id]["caption"] == "圖九　別的" and by_id[figures[10].pair_id]["regions"] == []


def test_a_shifted_box_is_the_same_figure(first: Path, figures: list[Row], tmp_path: Path) -> None:
    x0, y0, x1, y1 = figures[6].figure_bbox or ()
    rows = edit(figures, 6, pair_id="0" * 16, figure_bbox=(x0 + 9, y0 - 4, x1 + 9, y1))
    # Another box altogether, and the same pixels: recognised by them.
    rows = edit(rows, 11, pair_id="1" * 16, figure_bbox=(10.0, 500.0, 60.0, 600.0))
    diff = compare(first, write(tmp_path / "r", rows))
    assert list_changes(diff) == {"moved": {"0" * 16, "1" * 16}}
    told = describe_diff(diff)["changes"]["moved"]
    assert {(t["how"], t["old_pair_id"]) for t in told} == {
        ("box", figures[6].pair_id),
        ("image", figures[11].pair_id),
    }


def test_neighbours_on_a_page_are_not_taken_for_each_other(tmp_path: Path, figures: list[Row]) -> None:
    old = [replace(row, pair_id=f"{n:016x}") for n, row in enumerate(figures)]
    others = [draw_figure(figures[0].image_file.parent, 500 + n) for n in range(24)]
    new = [
        replace(row, image_sha256=image.sha256, image_file=row.image_file.parent / image.file)
        for row, image in zip(figures, others, strict=True)
    ]
    diff = compare(write(tmp_path / "a", old), write(tmp_path / "b", new))
    pairs = [(diff.row(p, "old"), diff.row(p, "new")) for p in diff.changes["moved"]]
    assert len(pairs) == 24 and not diff.changes["added"]
    assert all(a["figure_bbox"] == b["figure_bbox"] and a["page"] == b["page"] for a, b in pairs if a and b)


def test_another_edition_of_a_book(first: Path, figures: list[Row], tmp_path: Path) -> None:
    again = make_source("vol1.pdf")
    again = replace(again, sha256="e" * 64)
    rows = [replace(r, document_sha256="e" * 64, pair_id=f"{n:016x}") for n, r in enumerate(figures)]
    image = draw_figure(figures[0].image_file.parent, 0, size=(480, 360))
    folder = figures[0].image_file.parent
    rows[0] = replace(rows[0], image_sha256=image.sha256, image_file=folder / image.file)
    other = draw_figure(figures[0].image_file.parent, 777)
    rows[1] = replace(
        rows[1], image_sha256=other.sha256, image_file=folder / other.file, phash="f" * 15 + "0"
    )
    diff = compare(first, write(tmp_path / "r", rows, again))
    assert diff.pairs["how"].value_counts().to_dict() == {"image": 22, "edition": 1, "removed": 1, "added": 1}
    assert list_changes(diff)["added"] == {f"{1:016x}"}


def test_a_split_that_moved_says_why(first: Path, figures: list[Row], tmp_path: Path) -> None:
    release = tmp_path / "r"
    shutil.copytree(first, release)
    table = read_release(first).rows
    train = table[table["split"] == "train"]["group_id"].iloc[0]
    test = table[table["split"] == "test"]["group_id"].iloc[0]
    taken: list[dict] = []

    def take(rows: list[dict]) -> list[dict]:
        taken.extend({**row, "group_id": "merged"} for row in rows if row["group_id"] == test)
        return [row for row in rows if row["group_id"] != test]

    def give(rows: list[dict]) -> list[dict]:
        merged = [{**row, "group_id": "merged"} if row["group_id"] == train else row for row in rows]
        return [*merged, *taken]

    edit_shard(release, "test", take)
    edit_shard(release, "train", give)
    forge_manifest(release)
    diff = compare(first, release)
    assert list_changes(diff) == {"split": {row["pair_id"] for row in taken}}
    told = describe_diff(diff)
    assert {t["why"] for t in told["changes"]["split"]} == {"its group merged with another"}
    assert told["groups_merged"] == [{"group_id": "merged", "old": sorted([train, test]), "pairs": 4}]
    assert find_group("anything") not in (train, test)


def test_imported_rows_are_compared_without_page_and_box(figures: list[Row], tmp_path: Path) -> None:
    unknown = (
        "document_sha256 page page_width page_height figure_bbox text_pages text_roles text_bboxes pair_score"
    )
    rows = [replace(r, origin="imported", **dict.fromkeys(unknown.split())) for r in figures]
    old = write(tmp_path / "a", rows)
    again = [replace(r, pair_id=f"{n:016x}") for n, r in enumerate(rows)]
    new = write(tmp_path / "b", edit(again[:-1], 3, description="另一段文字"))
    diff = compare(old, new)
    assert diff.pairs["how"].value_counts().to_dict() == {"image": 23, "removed": 1}
    assert len(diff.changes["moved"]) == 23 and list_changes(diff)["description"] == {f"{3:016x}"}
    render_diff(diff)
    # The same figures, once as a build and once as an import knows them.
    mixed = compare(write(tmp_path / "c", figures), old)
    assert mixed.pairs["how"].value_counts().to_dict() == {"id": 24} and not mixed.changes["re-paired"]


def test_empty_releases_and_other_names(first: Path, figures: list[Row], tmp_path: Path) -> None:
    empty = write(tmp_path / "empty", [])
    assert list_changes(compare(empty, empty)) == {}
    assert len(compare(first, empty).changes["removed"]) == 24
    assert len(compare(empty, first).changes["added"]) == 24
    for pair in ((empty, empty), (first, empty), (empty, first)):
        diff = compare(*pair)
        assert json.dumps(describe_diff(diff)) and "<html" in render_diff(diff)


def test_a_release_of_another_version_lacks_a_column(first: Path, tmp_path: Path) -> None:
    older = tmp_path / "older"
    shutil.copytree(first, older)
    for path in (older / "data").iterdir():
        pq.write_table(pq.read_table(path).drop_columns(["phash", "rights"]), path)
    forge_manifest(older)
    diff = compare(older, first)
    assert list_changes(diff) == {} and diff.old.lacking == ("phash", "rights")
    assert "has no column phash, rights" in render_diff(diff)


def test_the_page_has_pictures_and_no_scripts(first: Path, figures: list[Row], tmp_path: Path) -> None:
    hostile = '<script>alert(1)</script> & "quoted"'
    rows = edit(figures, 0, description=f"第0件{hostile}", title=hostile)
    rows = edit(rows, 1, rights="no-redistribution", kind="figure")
    image = draw_figure(figures[0].image_file.parent, 999)
    rows = edit(rows, 2, image_file=figures[0].image_file.parent / image.file, image_sha256=image.sha256)
    diff = compare(first, write(tmp_path / "r", rows))
    page = render_diff(diff)
    assert "<script" not in page and "&lt;script&gt;" in page
    assert not re.search(r"(src|href)=\"(?!data:image/jpeg;base64,|#)", page)
    assert page.count("data:image/jpeg") == 4  # two of the image, and those of the two edited texts
    assert page.count("pixels withheld") == 2  # rights and kind changed
    assert "<del>四合如意云间饰杂宝。</del>" in page or "<del>" in page


def test_of_many_changes_the_page_shows_some(tmp_path: Path, figures: list[Row]) -> None:
    many = [
        replace(figures[n % 24], pair_id=f"{n:016x}", page=1 + n // 4, entry_id=f"e{n}") for n in range(300)
    ]
    book = replace(SOURCE, page_count=400)
    old = write(tmp_path / "a", many, book)
    new = write(tmp_path / "b", [replace(r, description=r.description + "。") for r in many], book)
    page = render_diff(compare(old, new))
    assert page.count("<article") == 100 and "100 are shown" in page
    small = render_diff(compare(old, new), limit=60_000)
    assert len(small.encode()) < 90_000 and small.count("<article") < 100


def test_only_the_images_asked_for_are_read(first: Path) -> None:
    rows = read_release(first).rows
    row = rows[rows["split"] == "train"].iloc[7]
    ((place, content),) = read_images(first, [(row["shard"], row["number"])])
    assert place == (row["shard"], 7) and hashlib.sha256(content).hexdigest() == row["image_sha256"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", ""),
        ("", "新"),
        ("旧", ""),
        ("地色明黄", "地色绛红"),
        ("甲乙丙丁", "丙丁甲乙"),
        ("甲" * 900, "乙" * 900),
    ],
)
def test_pieces_make_both_texts(old: str, new: str) -> None:
    pieces = diff_characters(old, new)
    assert "".join(text for tag, text in pieces if tag in "=-") == old
    assert "".join(text for tag, text in pieces if tag in "=+") == new
    assert all(text for _, text in pieces)


def test_long_kept_pieces_are_cut_for_a_terminal() -> None:
    pieces = [("=", "甲" * 50), ("-", "乙"), ("=", "丙" * 50), ("+", "丁"), ("=", "戊" * 50)]
    shown = shorten_pieces(pieces)
    assert [text for tag, text in shown if tag == "="] == [
        "…" + "甲" * 12,
        "丙" * 12 + "…" + "丙" * 12,
        "戊" * 12 + "…",
    ]


def test_overlap_of_boxes() -> None:
    a = np.array([[0, 0, 10, 10], [0, 0, 10, 10], [0, 0, 0, 0]], float)
    b = np.array([[0, 0, 10, 10], [5, 0, 15, 10], [0, 0, 0, 0]], float)
    assert measure_overlap(a, b) == pytest.approx([1.0, 1 / 3, 0.0])


def test_fifty_thousand_rows_within_seconds() -> None:
    count = 50_000
    rows = pd.DataFrame({c.name: np.full(count, None, object) for c in COLUMNS if c.name != "image"})
    rows["pair_id"] = [f"{n:016x}" for n in range(count)]
    rows["document"], rows["document_sha256"] = "vol1.pdf", "a" * 64
    rows["page"] = pd.Series([n // 4 for n in range(count)], dtype=object)
    boxes = [(float(100 * (n % 4)), 0.0, float(100 * (n % 4) + 90), 90.0) for n in range(count)]
    rows["figure_bbox"] = pd.Series(boxes, dtype=object)
    for name in ("text_bboxes", "text_pages", "text_roles"):
        rows[name] = pd.Series([(boxes[0],) if "b" in name else (1,)] * count, dtype=object)
    rows["description"] = [f"第{n}件地色明黄，四合如意云间饰杂宝。" for n in range(count)]
    rows["image_sha256"] = [f"{n:064x}" for n in range(count)]
    rows["group_id"] = [f"{n // 2}" for n in range(count)]
    rows["split"], rows["shard"], rows["number"] = "train", "data/x", np.arange(count)
    later = rows.copy()
    later["description"] = later["description"].str.replace("明黄", "绛红").astype(object)
    later.loc[::2, "pair_id"] = [f"f{n:015x}" for n in range(count // 2)]
    later["text_bboxes"] = pd.Series([((0.0, 0.0, 9.0, 9.0),)] * count, dtype=object)
    old, new = (ReleaseTable(Path(), "n", v, v, r, ()) for v, r in (("1", rows), ("2", later)))
    started = time.process_time()
    diff = compare_releases(old, new)
    taken = time.process_time() - started
    assert len(diff.changes["moved"]) == count // 2 and set(diff.pairs["how"]) == {"id", "box"}
    assert len(diff.changes["re-paired"]) == count
    assert taken < 8, f"{taken:.1f} s"
    assert len(match_rows(rows, rows)) == count


def test_the_command(first: Path, figures: list[Row], tmp_path: Path) -> None:
    rows = edit(figures[1:], 4, description="第5件地色\x1b[31m绛红，四合如意云间饰杂宝。")
    new = write(tmp_path / "new", rows)
    done = run_culti("diff", first, new, "--json", tmp_path / "d.json", "--html", tmp_path / "d.html")
    assert done.returncode == 0, done.stderr
    assert "24 pairs before, 23 now" in done.stdout and "\x1b" not in done.stdout
    assert "[-明黄" in done.stdout and "{+ [31m绛红" in done.stdout
    told = json.loads((tmp_path / "d.json").read_text(encoding="utf-8"))
    assert told["counts"]["removed"] == 1 and set(told["changes"]) == set(CATEGORIES)
    assert (tmp_path / "d.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    for wrong, words in (
        ((first, tmp_path / "none"), "no such folder"),
        ((tmp_path, first), "no manifest.json"),
        ((first, new, "--json", tmp_path / "no/d.json"), "cannot be written"),
    ):
        done = run_culti("diff", *wrong)
        assert done.returncode == 2 and words in done.stderr and done.stderr.count("\n") == 1


def test_a_missing_shard_is_named(first: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(first, broken)
    (broken / "data/test-00000-of-00001.parquet").unlink()
    with pytest.raises(ReleaseError, match=r"test-00000-of-00001\.parquet: cannot be read \(missing\)"):
        read_release(broken)
