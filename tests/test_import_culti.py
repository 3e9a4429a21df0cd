"""`culti import-culti`: the release that it makes, as its readers and `culti validate` take it."""

from __future__ import annotations

import hashlib
import json
import shutil
from importlib.util import find_spec
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml
from book_making import list_bytes, read_report, run_culti
from culti_making import describe, draw_image, write_official, write_single, write_texts
from html_reading import Tags
from release_making import load_offline, read_all

from baselines.corpus import read_corpus
from export.release import is_release
from export.schema import COLUMNS, SPLITS
from flows.cli import main


def run_import(folder: Path, out: Path, *more: str) -> int:
    return main(["import-culti", str(folder), "--out", str(out), *more])


@pytest.fixture(scope="module")
def single(tmp_path_factory):
    """(the folder, its release): one file of texts, so the split is ours."""
    folder = write_single(tmp_path_factory.mktemp("single") / "files")
    assert run_import(folder, folder.parent / "release") == 0
    return folder, folder.parent / "release"


@pytest.fixture(scope="module")
def official(tmp_path_factory):
    """(the folder, its release): three files of texts, named for splits."""
    folder = write_official(tmp_path_factory.mktemp("official") / "files")
    assert run_import(folder, folder.parent / "release") == 0
    return folder, folder.parent / "release"


def read_split(release: Path, split: str) -> list[dict]:
    return [r for f in sorted((release / "data").glob(f"{split}-*")) for r in pq.read_table(f).to_pylist()]


def test_every_pair_is_a_row_with_the_files_own_bytes(single):
    folder, release = single
    assert is_release(release)
    rows = {(r["description"], r["image_sha256"]): r for r in read_all(release)}
    expected = 0
    for line in (folder / "sample_texts.jsonl").read_text(encoding="utf-8").splitlines():
        text = json.loads(line)
        for image in text["image_ids"]:
            content = (folder / "images" / f"{image}.png").read_bytes()
            row = rows[text["text"], hashlib.sha256(content).hexdigest()]
            assert row["image"]["bytes"] == content and row["image"]["path"] == f"{row['pair_id']}.png"
            expected += 1
    assert len(read_all(release)) == expected == 43
    assert max(r["width"] / r["height"] for r in rows.values()) == 6


def test_what_the_files_do_not_tell_is_null_and_the_rest_is_there(single):
    nullable = {c.name for c in COLUMNS if c.nullable}
    for row in read_all(single[1]):
        assert {name for name, value in row.items() if value is None} == nullable
        assert (row["origin"], row["kind"], row["series"]) == ("imported", "figure", "other")
        assert (row["document"], row["rights"]) == ("sample_texts.jsonl", "CC BY-NC-ND 4.0")
        assert row["text_raw"] == row["description"] and row["pair_rule"] == "imported" and row["phash"]


def test_a_row_can_be_found_by_the_ids_of_its_line(single):
    name = '["sample_texts.jsonl","5","105"]'
    pair_id = hashlib.sha256(name.encode()).hexdigest()[:16]
    (row,) = [r for r in read_all(single[1]) if r["pair_id"] == pair_id]
    assert row["description"] == describe(5) and row["entry_id"] == "sample_texts.jsonl:5"
    assert '`["document","text_id","image_id"]`' in (single[1] / "README.md").read_text(encoding="utf-8")


def test_our_own_split_tears_nothing_apart_that_shares_a_text_or_an_image(single):
    places: dict[str, set[str]] = {}
    groups: dict[str, set[str]] = {}
    for split in SPLITS:
        for row in read_split(single[1], split):
            for key in (row["description"], row["image_sha256"], row["group_id"]):
                places.setdefault(key, set()).add(split)
            groups.setdefault(row["description"], set()).add(row["group_id"])
    assert all(len(found) == 1 for found in places.values())
    assert groups[describe(1)] == groups[describe(2)], "they share an image"
    assert 5 <= len(read_split(single[1], "test")) <= 13
    card = (single[1] / "README.md").read_text(encoding="utf-8")
    assert "the split is ours and not the published one" in card


def test_the_official_split_is_kept_and_what_leaks_is_counted(official):
    _, release = official
    texts = {s: [r["description"] for r in read_split(release, s)] for s in SPLITS}
    assert {s: len(found) for s, found in texts.items()} == {"train": 14, "validation": 4, "test": 7}
    assert texts["train"] == [describe(n) for n in range(14)], "in the order of the file"
    groups = {s: {r["group_id"] for r in read_split(release, s)} for s in SPLITS}
    assert not groups["train"] & groups["test"] and not groups["validation"] & groups["test"]
    card = (release / "README.md").read_text(encoding="utf-8")
    for line in ("train and validation | 0 | 0", "train and test | 1 | 1", "validation and test | 1 | 0"):
        assert f"| in {line} |" in card
    report = (release / "report.html").read_text(encoding="utf-8")
    assert "<th>train and test</th><td>1</td><td>1</td>" in report
    assert "1 条相同文字、1 幅相同图像" in card


def test_same_files_give_the_same_bytes_whatever_order_they_were_written_in(official, tmp_path):
    folder, release = official
    again = tmp_path / "elsewhere"
    for path in sorted((p for p in folder.rglob("*") if p.is_file()), reverse=True):
        target = again / path.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    assert run_import(again, tmp_path / "release") == 0
    assert list_bytes(tmp_path / "release") == list_bytes(release)
    for name, content in list_bytes(release).items():
        assert str(folder.parent).encode() not in content, name


def test_datasets_loads_both(single, official, tmp_path):
    load_offline(single[1], "assert sum(len(d[s]) for s in d) == 43, d\n", tmp_path / "a")
    checks = (
        "assert {s: len(d[s]) for s in d} == {'train': 14, 'validation': 4, 'test': 7}, d\n"
        "r = d['test'][0]\n"
        "assert r['image'].size == (96, 72) and r['image'].mode == 'RGBA'\n"
        "assert r['page'] is None and r['figure_bbox'] is None and r['text_bboxes'] is None\n"
    )
    load_offline(official[1], checks, tmp_path / "b")


def test_card_croissant_and_manifest_speak_of_files_and_not_of_books(official):
    _, release = official
    card = (release / "README.md").read_text(encoding="utf-8")
    front = yaml.safe_load(card.split("---\n")[1])
    assert front["license"] == "cc-by-nc-nd-4.0" and front["pretty_name"] == "culti-official"
    for word in ("PDF files of the books", "OpenCC", "pages |", "curators"):
        assert word not in card.split("**Null throughout**")[1], word
    manifest = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
    names = ["test_texts.jsonl", "train_texts.jsonl", "valid_texts.jsonl"]
    assert [s["file"] for s in manifest["sources"]] == names and all(s["sha256"] for s in manifest["sources"])
    assert manifest["settings"] == {"split": "official"} and manifest["counts"]["rows"] == 25
    croissant = json.loads((release / "croissant.json").read_text(encoding="utf-8"))
    assert croissant["license"] == ["rights: CC BY-NC-ND 4.0"] and "page" not in croissant["description"]


def test_mlcroissant_reads_the_records(official):
    mlcroissant = pytest.importorskip("mlcroissant", reason="the extra [release] is not installed")
    dataset = mlcroissant.Dataset(str(official[1] / "croissant.json"))
    assert not dataset.metadata.issues.errors
    assert len(list(dataset.records("test"))) == 7


def count_pairs(html: str) -> int:
    """The pictures of the section of all pairs."""
    return html.split('id="pairs"')[1].count("<img ")


def test_report_has_no_empty_sections_of_pages_and_scores(official):
    html = (official[1] / "report.html").read_text(encoding="utf-8")
    tags = Tags()
    tags.feed(html)
    assert not tags.open and not tags.outside
    for word in ('id="pages"', 'id="lowest"', 'id="books"', "pages read", 'class="score', "page overlays"):
        assert word not in html, word
    assert count_pairs(html) == 25, "the licence lets pictures be shown"
    for link in ("counts", "split", "files", "dropped", "leakage", "pairs", "made"):
        assert f'href="#{link}"' in html and f'id="{link}"' in html


def test_pictures_stay_out_where_rights_forbid_them(official, tmp_path):
    call = ("--rights", "no-redistribution", "--series", "silk", "--name", "mine", "--version", "2.0")
    assert run_import(official[0], tmp_path / "release", *call) == 0
    html = (tmp_path / "release" / "report.html").read_text(encoding="utf-8")
    assert "<img " not in html and "No images are shown here" in html
    assert count_pairs((tmp_path / "release.work" / "report.html").read_text(encoding="utf-8")) == 25
    assert {r["series"] for r in read_all(tmp_path / "release")} == {"silk"}
    card = (tmp_path / "release" / "README.md").read_text(encoding="utf-8")
    assert "must not be passed on" in card and "# mine 2.0" in card


def test_what_is_wrong_is_named_counted_and_the_rest_imported(tmp_path):
    folder = write_official(tmp_path / "files")
    with (folder / "test_texts.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"text_id": 90, "text": "云"\n{"text_id": 91, "text": "鹿", "image_ids": [777]}\n')
    (folder / "CulTi" / "3.png").write_bytes(b"\x89PNG")
    draw_image(folder / "extra" / "500.png", 1)
    done = run_culti("import-culti", folder, "--out", tmp_path / "release")
    assert done.returncode == 1, done.stderr
    assert done.stderr.splitlines() == [
        "culti: test_texts.jsonl: line 7: not JSON",
        "culti: test_texts.jsonl: line 8, image 777: no image of this id",
        "culti: train_texts.jsonl: line 4, image 3: its image cannot be read or decoded",
        "culti: CulTi: 3.png: cannot be read or decoded",
    ]
    assert "left out: 1 × picture: no text names it" in done.stdout
    assert len(read_all(tmp_path / "release")) == 24
    html = (tmp_path / "release" / "report.html").read_text(encoding="utf-8")
    for reason, where in (
        ("not JSON", "test_texts.jsonl line 7"),
        ("no image of this id", "test_texts.jsonl line 8, image 777"),
        ("no text names it", "extra 500.png"),
    ):
        assert f"<th>{reason}</th>" in html and where in html, reason
    assert "2 of 3 files could not be used, or not as a whole" in html
    report = read_report(tmp_path / "release.work")
    assert [(b["status"], b["pairs"]) for b in report["books"]] == [
        ("partly", 7),
        ("partly", 13),
        ("done", 4),
    ]
    assert sum(report["dropped"].values()) == 5
    rejects = (tmp_path / "release.work" / "rejects.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(rejects) == 5 and json.loads(rejects[0])["where"] == "line 7"


def test_many_bad_lines_do_not_flood_the_terminal(tmp_path, capsys):
    folder = write_single(tmp_path / "files", 5)
    with (folder / "sample_texts.jsonl").open("a", encoding="utf-8") as file:
        file.write("broken\n" * 300)
    assert run_import(folder, tmp_path / "release") == 1
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 21 and "280 more" in said[-1] and "rejects.jsonl" in said[-1]


def test_nothing_usable_leaves_an_older_release_alone(official, tmp_path, capsys):
    shutil.copytree(official[1], tmp_path / "release")
    (tmp_path / "files").mkdir()
    write_texts(tmp_path / "files" / "sample_texts.jsonl", [(1, "云", [1])])
    assert run_import(tmp_path / "files", tmp_path / "release") == 1
    assert "no pair could be read" in capsys.readouterr().out
    assert list_bytes(tmp_path / "release") == list_bytes(official[1])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["none", "--out", "r"], "no such folder"),
        (["empty", "--out", "r"], "no *_texts.jsonl in it"),
        ([".", "--out", "r"], "there is one in files"),
        (["files", "--out", "files"], "not a release that may be written over"),
        (["files", "--out", "r", "--name", "a/b"], "name"),
        (["files", "--out", "r", "--work", "r/w"], "lies in the release"),
    ],
)
def test_a_wrong_call_begins_nothing(tmp_path, monkeypatch, capsys, arguments, words):
    write_single(tmp_path / "files", 2)
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    assert main(["import-culti", *arguments]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and words in said
    assert sorted(tmp_path.rglob("*")) == before


def test_retrieval_sees_texts_with_several_images_and_the_other_way_round(single):
    corpus = read_corpus(single[1])
    assert corpus.left_out == 0 and corpus.name == "culti-official"
    sets = corpus.splits.values()
    assert sum(len(s.texts) for s in sets) == 29 and sum(len(s.pictures) for s in sets) == 42
    images = {t: len(found) for s in sets for t, found in zip(s.texts, s.images_of_text, strict=True)}
    assert images[describe(0)] == 3 and images[describe(2)] == 2 and images[describe(3)] == 2
    assert sorted(len(found) for s in sets for found in s.texts_of_image)[-1] == 2


@pytest.mark.skipif(
    find_spec("cn_clip") is None or find_spec("torch") is None, reason="needs the extra [validate]"
)
def test_validate_scores_it(official, tmp_path, capsys):
    call = ["validate", str(official[1]), "--zero-shot-only", "--model", "tiny", "--out", str(tmp_path / "v")]
    assert main([*call, "--seeds", "1", "--crops", "2"]) == 0
    found = json.loads((tmp_path / "v" / "metrics.json").read_text(encoding="utf-8"))
    assert found["methods"][0]["name"] == "zero-shot" and "zero-shot" in capsys.readouterr().out
