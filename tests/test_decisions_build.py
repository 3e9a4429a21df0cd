"""Builds with decisions: each action in a rebuilt release that verifies, also of another file of the book."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pymupdf
import pytest
from book_making import BODY, list_bytes, read_report, run_culti
from decision_making import decide
from pdf_making import FONT, encode, make_photo
from reviewing import aim, digest_row, list_target, read_rows, write_log

from alignment.records import make_pair_id
from alignment.review.index import is_index
from alignment.text.trail import apply_edits, select
from export.reading import open_release
from export.text_trail import read_trail
from export.verify import verify_release

MOTIFS = "缠枝莲菊对鸟狮子"
_PAGES = 10
# Where the picture of each page lies; the page that is not the rule has two.
_BOX, _LEFT, _RIGHT = (80, 100, 320, 280), (30, 100, 190, 220), (210, 100, 370, 220)
_TWO = 9


def write_book(path: Path, *, seed: int = 0, shift: float = 0.0, before: int = 0) -> Path:
    """Pictures with captions; `shift` moves all pictures, `before` are pages put in front."""
    document = pymupdf.open()
    for number in range(1, before + 1):
        page = document.new_page(width=400, height=560)
        page.insert_text((60, 200), f"新版序言第{number}页，说明修订经过。", fontname=FONT, fontsize=12)
    for number in range(1, _PAGES + 1):
        page = document.new_page(width=400, height=560)
        page.insert_text((50, 60), f"第{number}节　纹样", fontname=FONT, fontsize=15)
        for k, box in enumerate((_LEFT, _RIGHT) if number == _TWO else (_BOX,)):
            photo = encode(make_photo(240, 180, seed=1000 * seed + 10 * number + k), quality=85)
            page.insert_image(pymupdf.Rect(*(v + shift for v in box)), stream=photo)
            part = f"-{k + 1}" if number == _TWO else ""
            caption = f"图{number}{part}　{MOTIFS[(number + k) % 8]}纹锦"
            page.insert_text((box[0] + 20, box[3] + 20), caption, fontname=FONT, fontsize=9)
        for row in range(6):
            page.insert_text(
                (50, 350 + 16 * row), f"{number}、{BODY[5 * row % 9 :]}", fontname=FONT, fontsize=10
            )
    document.save(path)
    document.close()
    return path


def write_sources(folder: Path) -> Path:
    path = folder / "sources.toml"
    path.write_text(
        'name = "样书"\n[[book]]\nfile = "甲.pdf"\nseries = "silk"\nrights = "CC0-1.0"\n', "utf-8"
    )
    return path


def build(folder: Path, *options: object, status: int = 0) -> Path:
    release = folder / "release"
    done = run_culti("build", folder / "sources.toml", "--out", release, *options, timeout=500)
    assert done.returncode == status, done.stderr
    return release


@pytest.fixture(scope="module")
def machine(tmp_path_factory) -> Path:
    """A folder with the book and the release that the machine makes of it."""
    folder = tmp_path_factory.mktemp("machine")
    write_book(folder / "甲.pdf")
    write_sources(folder)
    build(folder, "--workers", "2")
    return folder


def decide_all(rows: list[dict]) -> list:
    """One action a page, and some on what comes of others."""
    of = {n: [r for r in rows if r["page"] == n] for n in range(1, _PAGES + 1)}

    def on(number: int, action, payload=None, **options):
        row = of[number][0]
        return decide(action, payload, target=aim(row), seen=digest_row(row), **options)

    row3, row5 = of[3][0], of[5][0]
    # Of its texts it keeps the first, and that as a paragraph.
    region = {
        "page": 3,
        "bbox": list(row3["text_bboxes"][0]),
        "role": "body",
        "text": row3["text_raw"].split("\n\n")[0],
    }
    drawn = (60.0, 340.0, 200.0, 450.0)
    added = aim(
        row5,
        pair_id=make_pair_id(row5["document_sha256"], 5, [round(v) for v in drawn]),
        bbox=drawn,
        phash="",
    )
    undone = on(10, "reject")
    return [
        on(1, "accept"),
        on(2, "edit", {"title": "手改题名", "description": "第一行\n手改的说明　②"}),
        on(3, "repair", {"texts": [region]}),
        on(4, "move", {"bbox": [80, 100, 200, 280]}),
        on(5, "cut", {"bbox": [100, 120, 180, 200], "words": "花心一处"}),
        decide("add", {"bbox": list(drawn), "texts": [], "kind": "mural"}, target=added),
        decide("edit", {"description": "画中另有一图"}, target=added),
        on(6, "reject", {"reason": "装饰"}),
        on(7, "kind", {"kind": "mural"}),
        on(
            8,
            "split",
            {"parts": [{"bbox": [80, 100, 200, 280], "words": "左半幅狮子"}, {"bbox": [200, 100, 320, 280]}]},
        ),
        on(9, "merge", {"with": [list_target(aim(of[9][1]))]}),
        undone,
        decide("undo", {"of": undone.id}, target=undone.target),
    ]


@pytest.fixture(scope="module")
def reviewed(machine, tmp_path_factory) -> Path:
    """The same after a review, built again over the first."""
    folder = tmp_path_factory.mktemp("reviewed")
    shutil.copytree(machine, folder, dirs_exist_ok=True)
    write_log(folder / "decisions.jsonl", decide_all(read_rows(folder / "release")))
    build(folder, "--workers", "2")
    return folder


def test_a_reviewed_release_verifies_and_says_what_was_applied(reviewed):
    assert verify_release(reviewed / "release").faults.lines() == []
    told = read_report(reviewed / "release.work")["decisions"]
    assert (told["applied"], told["rebased"], told["stale"], told["conflict"]) == (11, 0, 0, 0)
    assert "Decisions of curators" in (reviewed / "release" / "report.html").read_text("utf-8")


def test_diff_says_what_was_reviewed(machine, reviewed, tmp_path):
    told = tmp_path / "diff.json"
    done = run_culti("diff", machine / "release", reviewed / "release", "--json", told)
    assert done.returncode == 0, done.stderr
    changes = json.loads(told.read_text("utf-8"))["changes"]
    pages = {name: sorted({c["page"] for c in changes[name]}) for name in ("review", "moved", "kind")}
    # Of the two that page 8 was split into one is taken for what was there before.
    assert pages == {"review": [1, 2, 3, 4, 7, 8, 9], "moved": [4, 8, 9], "kind": [7]}


def test_only_what_was_decided_is_another(machine, reviewed):
    before, after = (read_rows(f / "release") for f in (machine, reviewed))
    silent = ("group_id", "review_status", "reviewer")
    untouched = [{k: v for k, v in r.items() if k not in silent} for r in after if r["page"] in (1, 10)]
    assert untouched == [
        {k: v for k, v in r.items() if k not in silent} for r in before if r["page"] in (1, 10)
    ]
    jobs = read_report(reviewed / "release.work")["run"]["jobs"]
    # One batch of pages: its new cuts, these images' features and the overlays.
    assert jobs["jobs"] - jobs["from_store"] == 3


def test_each_action_is_seen_in_its_row(reviewed):
    rows = {n: [r for r in read_rows(reviewed / "release") if r["page"] == n] for n in range(1, _PAGES + 1)}
    status = {n: [(r["review_status"], r["reviewer"]) for r in some] for n, some in rows.items()}
    assert status == {
        1: [("accepted", "王")],
        2: [("edited", "王")],
        3: [("edited", "王")],
        4: [("edited", "王")],
        5: [("added", "王"), ("unreviewed", None), ("added", "王")]
        if rows[5][0]["figure_bbox"][0] == 60
        else [("unreviewed", None), ("added", "王"), ("added", "王")],
        6: [],
        7: [("edited", "王")],
        8: [("edited", "王")] * 2,
        9: [("edited", "王")],
        10: [("unreviewed", None)],
    }
    assert rows[2][0]["title"] == "手改题名" and rows[2][0]["description"] == "第一行\n手改的说明　②"
    assert rows[3][0]["text_roles"] == ["body"] and rows[3][0]["pair_rule"] == "review:re-paired"
    assert rows[4][0]["figure_bbox"] == [80, 100, 200, 280] and rows[4][0]["origin"] == "rendered"
    assert rows[7][0]["kind"] == "mural"
    assert rows[8][0]["description"] == "左半幅狮子"
    assert rows[9][0]["figure_bbox"] == pytest.approx([30, 100, 370, 220], abs=1)
    assert "图9-1" in rows[9][0]["caption"] and "图9-2" in rows[9][0]["caption"]


def test_details_and_drawn_figures_are_rows(machine, reviewed):
    rows = [r for r in read_rows(reviewed / "release") if r["page"] == 5]
    parent = next(r for r in read_rows(machine / "release") if r["page"] == 5)
    detail = next(r for r in rows if r["parent_pair_id"])
    drawn = next(r for r in rows if r["kind"] == "mural")
    assert detail["parent_pair_id"] == parent["pair_id"] and detail["description"] == "花心一处"
    assert detail["group_id"] == next(r for r in rows if r["pair_id"] == parent["pair_id"])["group_id"]
    assert drawn["description"] == "画中另有一图" and drawn["text_raw"] == ""
    assert drawn["pair_rule"] == "review:typed" and drawn["pair_score"] == 1


def test_typed_texts_follow_from_what_was_read(reviewed):
    rows = {r["pair_id"]: r for r in read_rows(reviewed / "release")}
    trails = dict(read_trail(reviewed / "release"))
    row = next(r for r in rows.values() if r["title"] == "手改题名")
    edits = trails[row["pair_id"]]
    assert apply_edits(row["text_raw"], select(edits, "description")) == row["description"]
    assert {(e.step, e.rule) for e in edits if e.step == "review"} == {("review", "王")}


def test_what_curators_left_out_is_among_what_was_left_out(reviewed):
    lines = (reviewed / "release.work" / "rejects.jsonl").read_text("utf-8").splitlines()
    reasons = {line["reason"]: line["page"] for line in map(json.loads, lines)}
    assert reasons["no figure, says 王: 装饰"] == 6
    assert reasons["a part of another figure, says 王"] == 9


def test_the_work_directory_says_what_the_release_was_made_from(reviewed):
    about = json.loads((reviewed / "release.work" / "review.json").read_text("utf-8"))
    assert about["format"] == 1 and about["decisions"] == str(reviewed / "decisions.jsonl")
    book = about["books"][0]
    assert Path(book["path"]).samefile(reviewed / "甲.pdf") and book["align_key"] and book["read_keys"]


def test_a_build_leaves_the_index_that_the_review_page_starts_from(reviewed):
    digest = open_release(reviewed / "release").manifest["content_sha256"]
    assert is_index(reviewed / "release.work" / "review" / "items.sqlite", digest)


def test_one_worker_gives_the_same_bytes(reviewed, tmp_path):
    for name in ("甲.pdf", "sources.toml", "decisions.jsonl"):
        shutil.copy(reviewed / name, tmp_path)
    assert list_bytes(build(tmp_path, "--workers", "1")) == list_bytes(reviewed / "release")


def test_a_reviewed_release_is_made_again_from_its_recipe(reviewed, tmp_path):
    recipe, again = tmp_path / "recipe", tmp_path / "again"
    done = run_culti("convert", reviewed / "release", "--to", "recipe", "--out", recipe)
    assert done.returncode == 0, done.stderr
    done = run_culti("rehydrate", recipe, "--books", reviewed, "--out", again, timeout=500)
    assert done.returncode == 0, done.stderr
    assert list_bytes(again) == list_bytes(reviewed / "release")


def test_a_new_file_of_the_book_has_the_decisions_again(reviewed, tmp_path):
    """Pages in front, and each picture 3 points further: another file, other pair_ids."""
    shutil.copytree(reviewed, tmp_path, dirs_exist_ok=True)
    write_book(tmp_path / "甲.pdf", shift=3.0, before=2)
    release = build(tmp_path)
    assert verify_release(release, fast=True).faults.lines() == []
    told = read_report(tmp_path / "release.work")["decisions"]
    assert (told["applied"], told["rebased"], told["stale"]) == (0, 11, 0), told
    rows = {n: [r for r in read_rows(release) if r["page"] == n + 2] for n in range(1, _PAGES + 1)}
    assert [len(rows[n]) for n in rows] == [1, 1, 1, 1, 3, 0, 1, 2, 1, 1]
    assert rows[1][0]["review_status"] == "accepted" and rows[2][0]["title"] == "手改题名"
    assert rows[4][0]["figure_bbox"] == pytest.approx([83, 103, 203, 283], abs=1)
    about = json.loads((tmp_path / "release.work" / "review.json").read_text("utf-8"))
    assert len(about["rebased"]) == 11 and about["now"]


def test_decisions_on_another_book_are_stale_and_the_build_is_done(reviewed, tmp_path):
    shutil.copytree(reviewed, tmp_path, dirs_exist_ok=True)
    write_book(tmp_path / "甲.pdf", seed=7, shift=9.0)
    text = (tmp_path / "甲.pdf").read_bytes()
    assert text != (reviewed / "甲.pdf").read_bytes()
    (tmp_path / "decisions.jsonl").write_bytes(
        b"no decision\n" + (tmp_path / "decisions.jsonl").read_bytes().replace("锦".encode(), "罗".encode())
    )
    done = run_culti("build", tmp_path / "sources.toml", "--out", tmp_path / "release", timeout=500)
    # Stale decisions fail no build; a line that cannot be read does.
    assert done.returncode == 1 and "decisions.jsonl, line 1: no decision" in done.stderr
    assert "0 decisions applied, 0 rebased, 11 stale" in done.stdout
    assert all(r["review_status"] == "unreviewed" for r in read_rows(tmp_path / "release"))
    named = read_report(tmp_path / "release.work")["decisions"]["named"]
    assert len(named) == 11 and {n["fate"] for n in named} == {"stale"} and named[0]["reviewer"] == "王"
