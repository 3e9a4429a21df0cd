"""Details that a sources file asks for, and those that are suggested: in a release, a recipe and back."""

from __future__ import annotations

import json
import shutil
import tomllib
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from book_making import run_culti
from PIL import Image
from release_making import make_pair

from alignment.details import Crop, cut_details, make_detail
from alignment.records import DecidedPair
from flows.configuration import ConfigurationError, read_sources
from samples.books import write_volume

BOOK = '[[book]]\nfile = "silk.pdf"\nseries = "silk"\nrights = "CC0-1.0"\n'
WORDS = "缠枝花一个循环"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book whose second and third pattern repeat, and `before`, the release of it."""
    folder = tmp_path_factory.mktemp("crops")
    write_volume(
        folder / "silk.pdf", seed=12, series="silk", entries=3, layout=("own", "shared"), front_matter=False
    )
    (folder / "sources.toml").write_text(BOOK, encoding="utf-8")
    done = run_culti("build", folder / "sources.toml", "--out", folder / "before", "--workers", "1")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def suggestions(folder: Path) -> str:
    done = run_culti("crop", folder / "before", "--out", folder / "crops")
    assert done.returncode == 0, done.stderr
    return (folder / "crops" / "silk.pdf.toml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def cropped(folder: Path, suggestions: str) -> Path:
    """A release with the suggestions that were said yes to: all but the last."""
    first, last = suggestions.rsplit("[[book.crop]]", 1)
    accepted = first.replace("accepted = false", "accepted = true").replace(
        'words = ""', f'words = "{WORDS}"'
    )
    text = f"{BOOK}{accepted}[[book.crop]]{last}"
    (folder / "with-crops.toml").write_text(text, encoding="utf-8")
    shutil.copytree(folder / "before.work", folder / "cropped.work")
    done = run_culti("build", folder / "with-crops.toml", "--out", folder / "cropped", "--workers", "1")
    assert done.returncode == 0, done.stderr
    return folder / "cropped"


def read_rows(release: Path) -> list[dict[str, Any]]:
    return [row for path in sorted(release.glob("data/*.parquet")) for row in pq.read_table(path).to_pylist()]


def test_suggestions_are_tables_for_the_sources_file_that_cut_nothing_yet(
    folder: Path, suggestions: str
) -> None:
    crops = tomllib.loads(BOOK + suggestions)["book"][0]["crop"]
    assert len(crops) == 2
    assert all(not crop["accepted"] and crop["words"] == "" for crop in crops)
    patterns = [row for row in read_rows(folder / "before") if row["kind"] == "pattern"]
    for crop in crops:
        (of,) = [row for row in patterns if row["page"] == crop["page"]]
        x0, y0, x1, y1 = of["figure_bbox"]
        assert x0 <= crop["box"][0] < crop["box"][2] <= x1 and y0 <= crop["box"][1] < crop["box"][3] <= y1
    with Image.open(folder / "crops" / "silk.pdf-1.png") as sheet:
        assert sheet.width > 2 * 240


def test_a_detail_is_a_row_beside_its_pattern_in_the_same_group_and_split(cropped: Path) -> None:
    rows = {row["pair_id"]: row for row in read_rows(cropped)}
    (detail,) = [row for row in rows.values() if row["parent_pair_id"]]
    parent = rows[detail["parent_pair_id"]]
    assert (detail["kind"], detail["description"], detail["text_raw"]) == ("cropped_pattern", WORDS, "")
    assert (detail["review_status"], detail["kind_rule"], detail["pair_rule"]) == (
        "added",
        "curator",
        "detail:words",
    )
    for column in ("entry_id", "group_id", "page", "document_sha256"):
        assert detail[column] == parent[column]
    share = (detail["figure_bbox"][2] - detail["figure_bbox"][0]) / (
        parent["figure_bbox"][2] - parent["figure_bbox"][0]
    )
    assert detail["width"] / parent["width"] == pytest.approx(share, rel=0.02)


def test_the_release_is_whole_and_differs_by_the_detail_alone(folder: Path, cropped: Path) -> None:
    checked = run_culti("verify", cropped)
    assert checked.returncode == 0, checked.stdout
    told = run_culti("diff", folder / "before", cropped, "--json", folder / "diff.json")
    assert told.returncode == 0, told.stderr
    changes = json.loads((folder / "diff.json").read_text(encoding="utf-8"))
    counts = {name: len(listed) for name, listed in changes["changes"].items() if listed}
    assert counts["added"] == 1 and not {"removed", "repaired", "description"} & counts.keys()


def test_who_has_the_book_has_the_details_again_from_a_recipe(folder: Path, cropped: Path) -> None:
    done = run_culti("convert", cropped, "--to", "recipe", "--out", folder / "recipe")
    assert done.returncode == 0, done.stderr
    again = folder / "again"
    done = run_culti("rehydrate", folder / "recipe", "--books", folder, "--out", again, "--workers", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    files = [path.relative_to(cropped) for path in sorted(cropped.rglob("*")) if path.is_file()]
    assert files == [path.relative_to(again) for path in sorted(again.rglob("*")) if path.is_file()]
    for file in files:
        assert (again / file).read_bytes() == (cropped / file).read_bytes(), file


def test_what_has_a_detail_is_not_suggested_again(folder: Path, cropped: Path) -> None:
    done = run_culti("crop", cropped, "--out", folder / "more")
    assert "1 unit suggested" in done.stdout
    done = run_culti("crop", cropped, "--out", folder / "more")
    assert done.returncode == 2 and "choose a new folder" in done.stderr


def test_a_box_that_no_figure_holds_is_a_line_and_status_1(folder: Path) -> None:
    text = f"{BOOK}[[book.crop]]\npage = 1\nbox = [2, 2, 40, 40]\n"
    (folder / "wrong.toml").write_text(text, encoding="utf-8")
    shutil.copytree(folder / "before.work", folder / "wrong.work")
    done = run_culti("build", folder / "wrong.toml", "--out", folder / "wrong", "--workers", "1")
    why = "1 crop could not be cut: page 1: no figure holds the box (2, 2, 40, 40)"
    assert done.returncode == 1 and why in done.stderr
    report = json.loads((folder / "wrong.work" / "build_report.json").read_text(encoding="utf-8"))
    assert [(book["status"], book["error"]) for book in report["books"]] == [("partly", why)]
    assert len(read_rows(folder / "wrong")) == len(read_rows(folder / "before"))


PAIRS = [make_pair("vol1.pdf", seed) for seed in range(4)]
BOX = PAIRS[1].figure_bbox
INNER = (BOX[0] + 10, BOX[1] + 10, BOX[0] + 60, BOX[1] + 60)


def cut(*crops: Crop) -> tuple[list[DecidedPair], tuple[str, ...]]:
    return cut_details(PAIRS, crops)


def test_details_stand_behind_their_figure_and_come_from_the_smallest_that_holds_them() -> None:
    pairs, troubles = cut(Crop(1, INNER, "甲"))
    assert [p.pair_id for p in pairs if p.parent_pair_id is None] == [p.pair_id for p in PAIRS]
    assert [(n, p.parent_pair_id) for n, p in enumerate(pairs) if p.parent_pair_id] == [(2, PAIRS[1].pair_id)]
    assert troubles == ()


def test_a_crop_given_twice_or_of_nothing_is_told_and_the_others_are_cut() -> None:
    pairs, troubles = cut(Crop(1, INNER), Crop(1, INNER, "又"), Crop(9, INNER), Crop(1, BOX))
    assert len(pairs) == len(PAIRS) + 1
    assert ["is there already" in troubles[0], "page 9: no figure holds" in troubles[1]] == [True, True]
    assert troubles[2].startswith("page 1: the box") and "is the whole figure" in troubles[2]
    # A release with a detail from the review page has its box already.
    known = make_detail(PAIRS[1], INNER)
    assert "is there already" in cut_details([*PAIRS, known], [Crop(1, INNER)])[1][0]


@pytest.mark.parametrize(
    ("crop", "why"),
    [
        ("page = 1\nbox = [1, 2, 3]", "crop 1: 'box': x0, y0, x1, y1 in points"),
        ("page = 1\nbox = [9, 2, 3, 4]", "crop 1: 'box': x0, y0, x1, y1 in points"),
        ('page = 1\nbox = "all"', "crop 1: 'box': x0, y0, x1, y1 in points"),
        ("page = 0\nbox = [1, 2, 3, 4]", "crop 1: 'page': "),
        ("page = 1", "crop 1: 'box' is missing"),
        (
            "page = 1\nbox = [1, 2, 3, 4]\nword = 1",
            "crop 1: unknown key 'word'; allowed are page, box, words",
        ),
    ],
)
def test_a_crop_that_is_wrongly_written_is_told_before_anything_begins(
    tmp_path: Path, crop: str, why: str
) -> None:
    path = tmp_path / "s.toml"
    path.write_text(f"{BOOK}[[book.crop]]\n{crop}\n", encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        read_sources(path)
    assert f"book 1: {why}" in str(caught.value)
