"""Disks that are full, damaged or only to be read, clocks that jump: one line, no damage, and on it goes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from book_making import list_bytes, make_environment, read_report, run_culti, start_culti, write_book
from fault_making import make_jumping_clock
from release_making import SOURCE, make_build, make_info

from baselines.errors import BaselineError, PlaceError
from baselines.vector_cache import VectorCache
from export.release import write_release
from extractors.errors import CultiError
from flows.cli import main
from flows.store import LocalStore


def fill(disk: Path) -> Path:
    """Takes all room that is left on a disk; the file to be removed to give it back."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 16, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
    return filler


def wait_for(condition, seconds: float = 300) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.02)


def test_a_disk_that_fills_up_ends_a_build_in_one_line_and_the_next_goes_on(mount_disk, tmp_path):
    disk = mount_disk("64m")
    work, out = disk / "w", tmp_path / "r"
    write_book(tmp_path / "a.pdf", 40)
    process = start_culti("build", tmp_path / "a.pdf", "--out", out, "--work", work, "--workers", "1")
    wait_for(lambda: process.poll() is not None or len(list(work.glob("store/records/*/*"))) >= 3)
    filler = fill(disk)
    said, complained = process.communicate(timeout=500)
    assert process.returncode == 1, said + complained
    (line,) = complained.splitlines()
    assert str(work) in line and "No space left" in line and "make room" in line
    assert not out.exists()
    filler.unlink()
    done = run_culti("build", tmp_path / "a.pdf", "--out", out, "--work", work, timeout=600)
    assert done.returncode == 0, done.stderr
    assert "40 pages, 40 figures" in done.stdout
    assert read_report(work)["run"]["jobs"]["from_store"] > 0


def test_no_room_for_a_new_release_leaves_the_old_one(built, mount_disk, tmp_path):
    disk = mount_disk("32m")
    shutil.copytree(built / "release", disk / "r")
    shutil.copytree(built / "release.work", tmp_path / "w")
    filler = fill(disk)
    call = (
        "build",
        built / "sources.toml",
        "--out",
        disk / "r",
        "--work",
        tmp_path / "w",
        "--version",
        "0.9.2",
    )
    done = run_culti(*call)
    assert done.returncode == 1 and done.stderr.count("\n") == 1, done.stderr
    assert "No space left" in done.stderr and "unchanged" in done.stderr
    assert list_bytes(disk / "r") == list_bytes(built / "release")
    assert sorted(p.name for p in disk.iterdir()) == ["filler", "r"]
    filler.unlink()
    assert run_culti(*call).returncode == 0


def test_no_room_for_scratch_files_names_their_folder(rows, mount_disk, tmp_path, monkeypatch):
    disk = mount_disk("64k")
    fill(disk)
    monkeypatch.setattr("tempfile.tempdir", str(disk))
    with pytest.raises(CultiError, match="TMPDIR") as caught:
        write_release(tmp_path / "r", rows, make_info(SOURCE), make_build(SOURCE))
    assert str(disk) in str(caught.value) and not (tmp_path / "r").exists()


@pytest.mark.parametrize("place", ["out", "work"])
def test_a_place_that_may_only_be_read_is_a_wrong_call(mount_disk, tmp_path, capsys, place):
    disk = mount_disk("1m")
    (disk / "x").mkdir()
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    book = write_book(tmp_path / "a.pdf", 1)
    places = {"out": tmp_path / "r", "work": tmp_path / "w"} | {place: disk / "x"}
    assert main(["build", str(book), "--out", str(places["out"]), "--work", str(places["work"])]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert str(disk / "x") in line and "cannot be written" in line
    assert sorted(p.name for p in tmp_path.iterdir() if p.name not in ("disk", "w")) == ["a.pdf"]


def test_a_folder_of_another_kind_is_not_written_over(built, tmp_path, capsys):
    """A release of a form that is not ours, and one with a file of the user's."""
    for name, text in (("manifest.json", '{"format": "others-1", "files": []}'), ("notes.txt", "mine")):
        out = tmp_path / name
        shutil.copytree(built / "release", out)
        (out / name).write_text(text, encoding="utf-8")
        before = list_bytes(out)
        assert main(["build", str(built / "甲.pdf"), "--out", str(out)]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert f"{out} is not a release that may be written over" in line
        assert list_bytes(out) == before


def damage(store: Path) -> None:
    """Something of each kind that a bad disk does, at records and blobs that follow in order of names."""
    records, blobs = (sorted(p for p in (store / n).rglob("*") if p.is_file()) for n in ("records", "blobs"))
    records[0].write_bytes(b"")
    records[1].write_bytes(records[1].read_bytes()[:-6])
    flipped = bytearray(records[2].read_bytes())
    flipped[len(flipped) // 2] ^= 0xFF
    records[2].write_bytes(flipped)
    first, second = records[3].read_bytes(), records[4].read_bytes()
    records[3].write_bytes(second), records[4].write_bytes(first)
    records[5].unlink()
    # Overlays are linked to their blobs, as whoever paints into one will find.
    blobs[0].write_bytes(b"")
    flipped = bytearray(blobs[1].read_bytes())
    flipped[len(flipped) // 2] ^= 0xFF
    blobs[1].write_bytes(flipped)
    blobs[2].unlink()


def test_what_is_damaged_in_a_store_is_made_anew_whatever_its_times(built, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(built, folder)
    store = folder / "release.work" / "store"
    damage(store)
    for number, path in enumerate(sorted(store.rglob("*"))):
        os.utime(path, (4e9, 4e9) if number % 2 else (1e6, 1e6))
    done = run_culti("build", folder / "sources.toml", "--out", folder / "release")
    assert done.returncode == 0 and done.stderr == "", done.stderr
    assert list_bytes(folder / "release") == list_bytes(built / "release")
    jobs = read_report(folder / "release.work")["run"]["jobs"]
    assert 0 < jobs["from_store"] < jobs["jobs"]
    blobs = {p.name for p in (built / "release.work/store/blobs").iterdir()}
    assert LocalStore(store).has_blobs(blobs)


def test_a_clock_that_jumps_changes_no_byte(built, tmp_path):
    for book in ("甲.pdf", "乙.pdf", "sources.toml"):
        shutil.copy(built / book, tmp_path)
    call = ["-m", "flows", "build", tmp_path / "sources.toml", "--out", tmp_path / "r", "--workers", "2"]
    done = subprocess.run(
        [
            shutil.which("env") or "env",
            *(f"{k}={v}" for k, v in make_jumping_clock(tmp_path).items()),
            sys.executable,
            *map(str, call),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
        env=make_environment(),
    )
    assert done.returncode == 0, done.stderr
    assert list_bytes(tmp_path / "r") == list_bytes(built / "release")


def test_vectors_on_a_full_disk_are_one_line_and_those_before_stay(mount_disk):
    disk = mount_disk("512k")
    cache = VectorCache(disk / "v" / "vectors.sqlite", "model")
    vectors = {cache.make_key(b"%d" % n): np.full(512, n, np.float32) for n in range(300)}
    first = dict(list(vectors.items())[:10])
    cache.keep(first)
    filler = fill(disk)
    with pytest.raises(PlaceError, match="full") as caught:
        cache.keep(vectors)
    assert "\n" not in str(caught.value)
    filler.unlink()
    assert cache.find(list(vectors), (512,)).keys() == first.keys()
    cache.keep(dict(list(vectors.items())[:20]))
    assert len(cache.find(list(vectors), (512,))) == 20


def test_damaged_vectors_are_one_line(tmp_path):
    cache = VectorCache(tmp_path / "vectors.sqlite", "model")
    cache.keep({cache.make_key(b"a"): np.zeros(4, np.float32)})
    (tmp_path / "vectors.sqlite").write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)
    with pytest.raises(BaselineError, match="delete it") as caught:
        VectorCache(tmp_path / "vectors.sqlite", "model")
    assert "\n" not in str(caught.value)


_KEEP = """\
import sys
from pathlib import Path
import numpy as np
from baselines.vector_cache import VectorCache
for n in range(40):
    cache = VectorCache(Path(sys.argv[1]), "model")
    cache.keep({cache.make_key(sys.argv[2].encode(), b"%d" % n): np.full(64, n, np.float32)})
"""


def test_two_validations_at_once_share_their_vectors(tmp_path):
    path = tmp_path / "vectors.sqlite"
    calls = [[sys.executable, "-c", _KEEP, path, name] for name in ("one", "other")]
    running = [subprocess.Popen(call, env=make_environment(), stderr=subprocess.PIPE) for call in calls]
    for process in running:
        _, complained = process.communicate(timeout=300)
        assert process.returncode == 0, complained.decode()
    cache = VectorCache(path, "model")
    keys = [cache.make_key(name, b"%d" % n) for name in (b"one", b"other") for n in range(40)]
    assert len(cache.find(keys, (64,))) == 80


def test_a_validation_on_a_full_disk_is_one_line_and_goes_on_when_there_is_room(
    release, mount_disk, tmp_path, capsys
):
    pytest.importorskip("cn_clip", reason="the extra is not installed: pip install -e '.[validate]'")
    disk = mount_disk("16m")
    filler = fill(disk)
    call = ["validate", str(release), "--out", str(tmp_path / "report"), "--work", str(disk / "w")]
    call += ["--zero-shot-only", "--seeds", "1", "--crops", "2"]
    assert main(call) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert str(disk / "w") in line and "make room" in line
    assert not (tmp_path / "report").exists()
    filler.unlink()
    assert main(call) == 0
    assert (tmp_path / "report" / "metrics.json").is_file()


def test_checkpoints_on_a_full_disk_are_one_line_and_the_one_before_stays(mount_disk):
    torch = pytest.importorskip("torch", reason="the extra is not installed: pip install -e '.[validate]'")
    from baselines.checkpoints import read_state, save_state

    disk = mount_disk("1m")
    path = disk / "training" / "state.pt"
    save_state(path, "run", {"step": 1, "network": torch.zeros(50_000)})
    filler = fill(disk)
    with pytest.raises(PlaceError, match=r"state\.pt cannot be written") as caught:
        save_state(path, "run", {"step": 2, "network": torch.zeros(50_000)})
    assert "\n" not in str(caught.value)
    assert [p.name for p in path.parent.iterdir()] == ["state.pt"]
    assert read_state(path, "run")["step"] == 1
    filler.unlink()
    save_state(path, "run", {"step": 2, "network": torch.zeros(50_000)})
    assert read_state(path, "run")["step"] == 2


def test_pixels_on_a_full_disk_are_one_line_and_no_crash(release, mount_disk):
    from baselines.corpus import read_corpus
    from baselines.training_set import keep_pixels

    disk = mount_disk("128k")
    pictures = read_corpus(release).splits["train"].pictures
    with pytest.raises(PlaceError, match="No space left"):
        keep_pixels(pictures, 72, disk / "pixels", lambda _: None)
    assert list((disk / "pixels").iterdir()) == []
    kept = keep_pixels(pictures[:2], 72, disk / "pixels", lambda _: None)
    assert kept.shape == (2, 3, 72, 72) and kept.any()


def test_a_trial_on_a_full_disk_is_one_line_and_the_one_before_stays(mount_disk):
    from baselines.trials import Trial, load_trial, save_trial

    disk = mount_disk("256k")
    trial = Trial(0, {}, {}, {"wca": np.ones((1000, 10), np.float32)})
    save_trial(disk / "trials" / "a", trial)
    filler = fill(disk)
    with pytest.raises(PlaceError, match="No space left"):
        save_trial(disk / "trials" / "a", replace(trial, seed=1))
    assert load_trial(disk / "trials" / "a").seed == 0
    assert [p.name for p in (disk / "trials").iterdir()] == ["a"]
    filler.unlink()
    save_trial(disk / "trials" / "a", replace(trial, seed=1))
    assert load_trial(disk / "trials" / "a").seed == 1
