"""What may never go wrong in writing a release: other people's files, half a release, other bytes."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from release_making import (
    SOURCE,
    make_build,
    make_info,
    read_all,
)

from export.plan import DUPLICATE, plan_release
from export.release import check_output, is_release, write_release
from export.rows import Row
from extractors.errors import CultiError


def test_a_release_of_no_figures_can_be_written(tmp_path: Path) -> None:
    written = write_release(tmp_path / "none", [], make_info(), make_build())
    assert written.counts["rows"] == 0 and is_release(tmp_path / "none")


def test_same_input_gives_the_same_bytes_anywhere(rows: list[Row], release: Path, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere"
    shutil.copytree(rows[0].image_file.parent, moved)
    again = tmp_path / "again"
    write_release(
        again,
        iter([replace(r, image_file=moved / r.image_file.name) for r in rows]),
        make_info(SOURCE),
        make_build(SOURCE),
    )
    for path in sorted(p for p in release.rglob("*") if p.is_file()):
        assert path.read_bytes() == (again / path.relative_to(release)).read_bytes(), path.name


def test_a_release_names_no_folder_of_this_machine(rows: list[Row], release: Path) -> None:
    for path in (p for p in release.rglob("*") if p.is_file()):
        content = path.read_bytes()
        assert b"/somewhere/else" not in content and str(rows[0].image_file.parent).encode() not in content


def test_of_two_figures_in_one_box_the_better_scored_stays(rows: list[Row], tmp_path: Path) -> None:
    worse = replace(rows[3], pair_score=0.01, title="worse")
    better = replace(rows[8], pair_score=0.99, title="better")
    written = write_release(tmp_path / "r", [worse, *rows, better], make_info(SOURCE), make_build(SOURCE))
    stored = {r["pair_id"]: r["title"] for r in read_all(tmp_path / "r")}
    assert len(stored) == len(rows) == written.counts["rows"]
    assert stored[better.pair_id] == "better" and stored[worse.pair_id] == rows[3].title
    assert [d.dropped.reason for d in written.dropped] == [DUPLICATE] * 2
    assert DUPLICATE in (tmp_path / "r/report.html").read_text()


def test_a_missing_and_a_damaged_image_are_named(rows: list[Row], tmp_path: Path) -> None:
    with pytest.raises(CultiError, match=r"vol1\.pdf, page 1: .* cannot be read"):
        plan_release([replace(rows[0], image_file=tmp_path / "gone.png")])
    damaged = tmp_path / "damaged.png"
    damaged.write_bytes(rows[0].image_file.read_bytes()[:-1] + b"?")
    with pytest.raises(CultiError, match="damaged"):
        write_release(
            tmp_path / "out", [replace(rows[0], image_file=damaged)], make_info(SOURCE), make_build(SOURCE)
        )
    assert list(tmp_path.iterdir()) == [damaged]


def test_a_release_is_written_over_and_nothing_else_is(rows: list[Row], tmp_path: Path) -> None:
    out = tmp_path / "deep" / "release"
    write_release(out, rows[:4], make_info(SOURCE), make_build(SOURCE))
    (out / ".DS_Store").write_bytes(b"left by a file browser")
    assert is_release(out)
    write_release(out, rows, make_info(SOURCE), make_build(SOURCE))
    assert len(read_all(out)) == len(rows) and [p.name for p in out.parent.iterdir()] == ["release"]
    (out / "notes.txt").write_text("mine")
    assert not is_release(out)
    with pytest.raises(CultiError, match=r"also holds notes\.txt"):
        write_release(out, rows, make_info(SOURCE), make_build(SOURCE))
    assert (out / "notes.txt").read_text() == "mine"


def test_places_that_are_refused(rows: list[Row], release: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_bytes(b"")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    changed = tmp_path / "changed"
    shutil.copytree(release, changed)
    manifest = (changed / "manifest.json").read_text()
    (changed / "manifest.json").write_text(manifest.replace('"1.0.0"', '"2.0.0"'))
    for name, words in {
        "file": "is a file",
        "file/below": "no permission|cannot be written",
        "photos": r"has no manifest\.json",
        "link": "link to nothing",
        "changed": "is changed",
    }.items():
        with pytest.raises(CultiError, match=words) as caught:
            check_output(tmp_path / name)
        assert "\n" not in str(caught.value)
    (tmp_path / "empty").mkdir()
    check_output(tmp_path / "empty")
    check_output(tmp_path / "not" / "yet")
    check_output(release)
    assert not (tmp_path / "not").exists()


def test_what_a_killed_build_left_is_put_right(rows: list[Row], release: Path, tmp_path: Path) -> None:
    shutil.copytree(release, tmp_path / ".out.culti-old")
    (tmp_path / ".out.culti-new").mkdir()
    (tmp_path / ".out.culti-new" / "half").write_text("")
    with pytest.raises(CultiError):
        missing = replace(rows[0], image_file=tmp_path / "gone.png")
        write_release(tmp_path / "out", [missing], make_info(SOURCE), make_build(SOURCE))
    write_release(tmp_path / "out", rows[:2], make_info(SOURCE), make_build(SOURCE))
    assert [p.name for p in tmp_path.iterdir()] == ["out"] and len(read_all(tmp_path / "out")) == 2


def test_a_full_disk_leaves_the_old_release(rows: list[Row], mount_disk: Callable[[str], Path]) -> None:
    disk = mount_disk("1m")
    write_release(disk / "r", rows[:2], make_info(SOURCE), make_build(SOURCE))
    before = (disk / "r/manifest.json").read_bytes()
    (disk / "filler").write_bytes(b"x" * 700_000)
    with pytest.raises(CultiError, match="No space left") as caught:
        write_release(disk / "r", rows, make_info(SOURCE), make_build(SOURCE))
    assert "\n" not in str(caught.value)
    assert (disk / "r/manifest.json").read_bytes() == before
    assert sorted(p.name for p in disk.iterdir()) == ["filler", "r"]
