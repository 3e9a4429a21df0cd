"""SIGKILL at any moment of a build or a validation, then the same call again: the same bytes, nothing twice.

A moment is a change on disk (a file opened to be written, a rename, a folder made or removed) before which
the kill comes, drawn over all changes that an undisturbed run makes: so each stage has its share, and the
kill falls where it can do most harm.
"""

from __future__ import annotations

import random
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest
from book_making import list_bytes, read_report, write_sources
from fault_making import Watched, list_unsafe
from vector_making import write_drawn_release

from export.release import is_release
from extractors.errors import CultiError
from flows.workspace import hold_workspace

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="what is open is told by /proc")
WORKERS = 2
needs_model = pytest.mark.skipif(
    find_spec("cn_clip") is None or find_spec("torch") is None,
    reason="the extra is not installed: pip install -e '.[validate]'",
)


def draw_moments(number: int, seed: int) -> list[float]:
    """Shares of all changes, one from each of `number` equal parts."""
    moments = random.Random(seed)
    return [(n + moments.random()) / number for n in range(number)]


def choose_change(share: float, changes: int) -> int:
    # Two runs differ by a few changes, for workers make the same folders in any order.
    return max(1, round(share * 0.97 * changes))


def list_call(folder: Path) -> list[object]:
    out = folder / "release"
    return ["-m", "flows", "build", folder / "sources.toml", "--out", out, "--workers", WORKERS]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> Watched:
    """A folder with two books and the release of a build that nothing disturbed, all of it noted."""
    folder = tmp_path_factory.mktemp("undisturbed").resolve()
    write_sources(folder)
    watched = Watched(folder, tmp_path_factory.mktemp("notes"))
    done = watched.run(*list_call(folder))
    assert done.returncode == 0, done.stderr
    return watched


def kill_and_resume(undisturbed: Watched, folder: Path, share: float, killed: str) -> None:
    for name in ("甲.pdf", "乙.pdf", "sources.toml"):
        shutil.copy(undisturbed.folder / name, folder)
    watched = Watched(folder.resolve(), folder.with_name(f"{folder.name}-notes"))
    watched.run(*list_call(folder), kill_at=choose_change(share, undisturbed.count()), killed=killed)
    out, finished = folder / "release", len(watched.list_jobs())
    assert not out.exists() or is_release(out), "half a release"
    # At once: what the killed build held is free with it.
    done = watched.run(*list_call(folder))
    assert done.returncode == 0, done.stderr
    assert list_bytes(out) == list_bytes(undisturbed.folder / "release")
    jobs = watched.list_jobs()
    assert len(jobs) == len(set(jobs)), "a job was done twice that had been done"
    assert sorted(jobs) == sorted(undisturbed.list_jobs())
    tally = read_report(folder / "release.work")["run"]["jobs"]
    assert finished <= tally["from_store"] <= finished + 2 * WORKERS
    assert sorted(p.name for p in folder.iterdir()) == sorted(p.name for p in undisturbed.folder.iterdir())
    left = [p for p in (folder / "release.work").rglob("*") if p.name.startswith(".part-")]
    assert left == [] and list((folder / "release.work/store").glob("trays/*")) == []


@pytest.mark.parametrize(
    ("share", "killed"), zip(draw_moments(3, seed=1), ("group", "command", "group"), strict=True)
)
def test_a_killed_build_goes_on_to_the_same_bytes(undisturbed, tmp_path, share, killed):
    (tmp_path / "books").mkdir()
    kill_and_resume(undisturbed, tmp_path / "books", share, killed)


@pytest.mark.soak
@pytest.mark.parametrize("part", range(50))
def test_a_build_killed_at_any_of_fifty_moments_goes_on_to_the_same_bytes(undisturbed, tmp_path, part):
    (tmp_path / "books").mkdir()
    share = draw_moments(50, seed=2)[part]
    kill_and_resume(undisturbed, tmp_path / "books", share, "command" if part % 2 else "group")


def test_a_power_cut_tears_nothing_that_a_build_has_placed(undisturbed):
    folder = undisturbed.folder
    lasting = [p for place in ("release", "release.work/store") for p in (folder / place).rglob("*")]
    # Overlays, logs, locks and Prefect's home can be missed.
    lasting += [p for p in (folder / "release.work").iterdir() if p.suffix in (".json", ".jsonl", ".html")]
    files = [p for p in lasting if p.is_file()]
    assert len(files) > 40
    assert list(list_unsafe(undisturbed.read_log(), files)) == []


# Run by Python alone: a release of some rows, without the rest of a build.
_WRITE = """\
import sys
from pathlib import Path
from release_making import SOURCE, make_build, make_info, make_rows
from export.release import write_release

out, count = Path(sys.argv[1]), int(sys.argv[2])
rows = make_rows(out.with_name("figures"), count=count)
write_release(out, rows, make_info(SOURCE), make_build(SOURCE))
"""


def write_over(watched: Watched, count: int, **options) -> None:
    script = watched.notes / "write.py"
    watched.notes.mkdir(exist_ok=True)
    script.write_text(f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n{_WRITE}")
    done = watched.run(script, watched.folder / "release", count, **options)
    assert options or done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> tuple[Path, dict[str, bytes], int]:
    """(A folder with a release, the bytes of the one that takes its place, how many changes that makes.)"""
    folder = tmp_path_factory.mktemp("written").resolve()
    watched = Watched(folder, tmp_path_factory.mktemp("notes"))
    write_over(watched, 4)
    shutil.copytree(folder, kept := folder.with_name("kept"))
    write_over(watched, 6)
    return kept, list_bytes(folder / "release"), watched.count()


def kill_while_writing(written: tuple[Path, dict[str, bytes], int], folder: Path, share: float) -> None:
    kept, new, changes = written
    shutil.copytree(kept, folder / "place")
    watched = Watched((folder / "place").resolve(), folder / "notes")
    write_over(watched, 6, kill_at=choose_change(share, changes))
    found = list_bytes(folder / "place/release")
    assert found in (list_bytes(kept / "release"), new), "neither the old release nor the new one"
    write_over(watched, 6)
    assert list_bytes(folder / "place/release") == new
    assert sorted(p.name for p in (folder / "place").iterdir()) == ["figures", "release"]


@pytest.mark.parametrize("share", draw_moments(3, seed=3))
def test_a_release_being_written_over_is_the_old_one_or_the_new_one(written, tmp_path, share):
    kill_while_writing(written, tmp_path, share)


@pytest.mark.soak
@pytest.mark.parametrize("share", draw_moments(20, seed=4))
def test_a_release_is_the_old_one_or_the_new_one_at_any_of_twenty_moments(written, tmp_path, share):
    kill_while_writing(written, tmp_path, share)


def list_validation(release: Path, folder: Path) -> list[object]:
    small = ("--seeds", 1, "--crops", 2, "--train", "epochs=2", "batch=16", "save_every=1")
    return ["-m", "flows", "validate", release, "--out", folder / "report", *small]


@pytest.fixture(scope="module")
def validated(tmp_path_factory) -> tuple[Path, Watched]:
    """(A release, the folder with its validation, that nothing disturbed.)"""
    release = write_drawn_release(tmp_path_factory.mktemp("drawn"), 60, 10)
    folder = tmp_path_factory.mktemp("validated").resolve()
    watched = Watched(folder, tmp_path_factory.mktemp("notes"))
    done = watched.run(*list_validation(release, folder))
    assert done.returncode == 0, done.stderr
    return release, watched


def kill_validation(validated: tuple[Path, Watched], folder: Path, share: float) -> None:
    release, undisturbed = validated
    (folder / "v").mkdir()
    watched = Watched((folder / "v").resolve(), folder / "notes")
    changes = undisturbed.count()
    watched.run(*list_validation(release, folder / "v"), kill_at=choose_change(share, changes))
    done = watched.run(*list_validation(release, folder / "v"))
    assert done.returncode == 0, done.stderr
    assert list_bytes(folder / "v/report") == list_bytes(undisturbed.folder / "report")
    assert sorted(p.name for p in (folder / "v").iterdir()) == ["report", "report.work"]


@needs_model
def test_a_killed_validation_goes_on_to_the_same_report(validated, tmp_path):
    kill_validation(validated, tmp_path, random.Random(5).uniform(0.3, 1))


@needs_model
@pytest.mark.soak
@pytest.mark.parametrize("share", draw_moments(12, seed=6))
def test_a_validation_killed_at_any_of_twelve_moments_goes_on_to_the_same_report(validated, tmp_path, share):
    kill_validation(validated, tmp_path, share)


@needs_model
def test_a_power_cut_tears_nothing_that_a_validation_has_placed(validated):
    _, watched = validated
    lasting = [p for p in watched.folder.rglob("*") if p.is_file() and "sqlite" not in p.name]
    assert {p.suffix for p in lasting} >= {".pt", ".npz", ".npy", ".json", ".html", ".parquet"}
    assert list(list_unsafe(watched.read_log(), lasting)) == []


def test_locks_of_an_ended_build_are_free(tmp_path):
    from flows.workspace import Workspace

    work, out = Workspace(tmp_path / "work"), tmp_path / "release"
    with hold_workspace(work, out):
        for other, place in ((work, tmp_path / "r2"), (Workspace(tmp_path / "w2"), out)):
            with pytest.raises(CultiError, match="another build is at work"), hold_workspace(other, place):
                pass
    with hold_workspace(work, out):
        pass
