"""`culti publish` to a folder: what lies there when, what is refused, and what is said."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from book_making import list_bytes, make_environment
from culti_making import write_official
from publish_making import Releases, flip_bit, hash_files, label, publish, rewrite_manifest, write_releases

from export.publish.errors import conceal
from export.reading import open_release
from export.schema import SPLITS
from flows.cli import main

# A file of the releases is larger, and others go before it.
_ROOM_BYTES = 60_000


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Releases:
    return write_releases(tmp_path_factory.mktemp("publish"))


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def latest(root: Path) -> dict:
    return json.loads((root / "latest.json").read_text(encoding="utf-8"))


def test_what_is_published_is_what_readers_load(releases, tmp_path, capsys):
    root = tmp_path / "museum" / "sets"
    done = publish(capsys, releases.first, root)
    assert done.returncode == 0 and "published" in done.stdout
    assert sorted(p.name for p in root.iterdir()) == [label(releases.first), "latest.json"]
    place = root / latest(root)["path"]
    assert hash_files(place) == hash_files(releases.first)
    from datasets import load_dataset

    loaded = load_dataset(str(place), cache_dir=str(tmp_path / "cache"))
    assert sum(split.num_rows for split in loaded.values()) == 20
    assert loaded["train"][0]["image"].size == (240, 180)


def test_an_imported_release_is_published_and_read_back_as_a_built_one(tmp_path, capsys):
    """The official form has no books, pages or scores, so its release lacks what a built one has."""
    write_official(tmp_path / "files")
    release, root = tmp_path / "release", tmp_path / "sets"
    assert main(["import-culti", str(tmp_path / "files"), "--out", str(release)]) == 0
    done = publish(capsys, release, root.as_uri())
    assert done.returncode == 0 and "published" in done.stdout
    place = root / latest(root)["path"]
    assert hash_files(place) == hash_files(release)
    assert main(["verify", str(place)]) == 0
    stored = open_release(place)
    counts = {split: len(list(stored.read_rows(split, ("pair_id", "image")))) for split in SPLITS}
    assert counts == {"train": 14, "validation": 4, "test": 7}
    assert "nothing to do" in publish(capsys, release, root.as_uri()).stdout


def test_a_second_time_does_nothing_and_says_so(releases, tmp_path, capsys):
    publish(capsys, releases.first, tmp_path / "a b")
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "a b").rglob("*")}
    done = publish(capsys, releases.first, (tmp_path / "a b").as_uri())
    assert done.returncode == 0 and "nothing to do" in done.stdout
    assert {p: p.stat().st_mtime_ns for p in (tmp_path / "a b").rglob("*")} == before


def test_dry_run_tells_and_writes_nothing(releases, tmp_path, capsys):
    done = publish(capsys, releases.first, tmp_path / "sets", "--dry-run")
    files = hash_files(releases.first)
    size = sum((releases.first / path).stat().st_size for path in files)
    assert done.returncode == 0 and all(path in done.stdout for path in files)
    assert f"to go: {len(files)} files, {size / 1000:.1f} kB" in done.stdout
    assert "there already: 0 files" in done.stdout
    assert not (tmp_path / "sets").exists()


def test_dry_run_tells_what_would_be_refused(releases, tmp_path, capsys):
    publish(capsys, releases.first, tmp_path)
    before = list_bytes(tmp_path)
    done = publish(capsys, releases.other, tmp_path, "--dry-run")
    assert done.returncode == 2 and "would be refused: version 1.0.0 is taken" in done.stderr
    assert list_bytes(tmp_path) == before


def test_another_content_under_a_version_needs_replace(releases, tmp_path, capsys):
    publish(capsys, releases.first, tmp_path)
    before = list_bytes(tmp_path)
    done = publish(capsys, releases.other, tmp_path)
    assert done.returncode == 2 and "--replace" in done.stderr and "--version" in done.stderr
    assert list_bytes(tmp_path) == before
    assert publish(capsys, releases.other, tmp_path, "--replace").returncode == 0
    assert sorted(p.name for p in tmp_path.iterdir()) == [label(releases.other), "latest.json"]
    assert hash_files(tmp_path / latest(tmp_path)["path"]) == hash_files(releases.other)


def test_versions_lie_side_by_side_and_the_newest_is_latest(releases, tmp_path, capsys):
    publish(capsys, releases.next, tmp_path)
    done = publish(capsys, releases.first, tmp_path)
    assert done.returncode == 0 and "latest.json stays at the newer version 1.1.0" in done.stdout
    for release in (releases.first, releases.next):
        assert hash_files(tmp_path / label(release)) == hash_files(release)
    assert latest(tmp_path)["version"] == "1.1.0"
    assert "nothing to do" in publish(capsys, releases.first, tmp_path).stdout
    assert publish(capsys, releases.other, tmp_path, "--replace").returncode == 0
    assert hash_files(tmp_path / label(releases.next)) == hash_files(releases.next)


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are POSIX")
def test_a_broken_copy_is_not_seen_and_goes_on(releases, tmp_path, capsys):
    """The system lets the process write no file larger than so much, as a full disk would."""
    code = (
        f"import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, ({_ROOM_BYTES}, {_ROOM_BYTES}))\n"
        "from flows.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", code, "publish", str(releases.first), str(tmp_path)]
    broken = subprocess.run(command, capture_output=True, text=True, check=False, env=make_environment())
    (line,) = broken.stderr.splitlines()
    assert broken.returncode == 1 and "File too large" in line and "run the same command again" in line
    (hidden,) = tmp_path.iterdir()
    assert hidden.name.startswith("."), "a reader sees no release, and no pointer"
    kept = {p: p.stat().st_mtime_ns for p in hidden.rglob("*") if p.is_file()}
    assert kept and all(p.stat().st_size < _ROOM_BYTES for p in kept)
    done = publish(capsys, releases.first, tmp_path)
    assert done.returncode == 0 and f"there already: {len(kept)} files" in done.stdout
    place = tmp_path / label(releases.first)
    assert hash_files(place) == hash_files(releases.first)
    for path, time in kept.items():
        assert (place / path.relative_to(hidden)).stat().st_mtime_ns == time, "it was copied again"


def test_a_full_disk_is_told_before_anything_is_written(releases, mount_disk, capsys):
    disk = mount_disk("200k")
    done = publish(capsys, releases.first, disk / "sets")
    assert done.returncode == 2 and "free" in done.stderr and not list(disk.iterdir())


def test_a_published_file_that_was_damaged_is_mended(releases, tmp_path, capsys):
    publish(capsys, releases.first, tmp_path)
    place = tmp_path / label(releases.first)
    flip_bit(place / "report.html")
    done = publish(capsys, releases.first, tmp_path)
    assert done.returncode == 0 and "to go: 1 file," in done.stdout
    assert hash_files(place) == hash_files(releases.first)


def test_an_interrupted_end_is_finished(releases, tmp_path, capsys):
    """All files are there, the folder has not got its name yet, and a newer version is the latest."""
    publish(capsys, releases.first, tmp_path)
    place = tmp_path / label(releases.first)
    place.rename(tmp_path / f".{place.name}.part")
    publish(capsys, releases.next, tmp_path)
    done = publish(capsys, releases.first, tmp_path)
    assert "to go: 0 files" in done.stdout and "published" in done.stdout
    assert hash_files(place) == hash_files(releases.first)


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda r: flip_bit(r / "report.html"), "report.html: "),
        (lambda r: flip_bit(r / "data" / "test-00000-of-00001.parquet"), "test-00000-of-00001.parquet: "),
        (lambda r: (r / "croissant.json").unlink(), "croissant.json: missing"),
        (lambda r: (r / "thesis.doc").write_text("mine"), "thesis.doc"),
        (lambda r: flip_bit(r / "manifest.json"), "damaged"),
        (lambda r: edit(r / "manifest.json", '"version": "1.0.0"', '"version": "1.0.1"'), "digest does not"),
        (lambda r: rewrite_manifest(r, lambda m: m["files"].append({"size": 1})), "not as culti lists files"),
        (
            lambda r: rewrite_manifest(r, lambda m: m.update(content_sha256="0" * 64)),
            "content_sha256 does not hold",
        ),
        (lambda r: (r / "manifest.json").unlink(), "no manifest.json"),
        (lambda r: rewrite_manifest(r, lambda m: m.update(version="../../out")), "version '../../out'"),
        (
            lambda r: rewrite_manifest(
                r, lambda m: m["files"].append({"path": "../x", "bytes": 1, "sha256": ""})
            ),
            "lies outside",
        ),
        (lambda r: (r / "manifest.json").write_text("[]"), "is not culti's"),
        (shutil.rmtree, "no such folder"),
    ],
)
def test_a_release_that_is_not_whole_does_not_go(releases, tmp_path, capsys, harm, words):
    release = tmp_path / "release"
    shutil.copytree(releases.first, release)
    harm(release)
    done = publish(capsys, release, tmp_path / "sets")
    assert done.returncode == 2 and words in done.stderr
    assert not (tmp_path / "sets").exists() and not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("ftp://museum/sets", "s3://BUCKET/PREFIX"),
        ("", "no place"),
        ("s3://", "needs a bucket"),
        ("s3://museum/../sets", "needs a bucket"),
        ("s3://AKIAxyz:hunter22@museum/sets", "credentials come from the environment"),
        ("https://museum/sets?X-Amz-Signature=hunter22", "credentials come from the environment"),
        ("hf://hf_hunter22@owner/name", "credentials come from the environment"),
        ("hf://name", "hf://OWNER/NAME"),
        ("hf://owner/name/tree/main", "hf://OWNER/NAME"),
        ("file://museum/sets", "full path"),
        ("{release}/sets", "lies in the release"),
        ("{folder}/figures.txt", "is a file"),
        ("{folder}/other", "is itself a release"),
        ("{folder}/foreign", "latest.json is not culti's"),
        ("{folder}/another", "holds the releases of murals"),
    ],
)
def test_a_wrong_place_begins_nothing(releases, tmp_path, capsys, url, words):
    folder = releases.folder
    (folder / "figures.txt").write_text("mine")
    for name, text in (("foreign", "{}"), ("another", '{"format": "culti-latest", "name": "murals"}')):
        (folder / name).mkdir(exist_ok=True)
        (folder / name / "latest.json").write_text(text)
    before = list_bytes(folder)
    done = publish(capsys, releases.first, url.format(release=releases.first, folder=folder))
    assert done.returncode == 2 and words in done.stderr
    assert "hunter22" not in done.stderr + done.stdout
    assert list_bytes(folder) == before


def test_options_of_the_hub_are_refused_elsewhere(releases, tmp_path, capsys):
    for option in (["--private"], ["--gated", "auto"]):
        done = publish(capsys, releases.first, tmp_path / "sets", *option)
        assert done.returncode == 2 and "hf:// alone" in done.stderr


@pytest.mark.parametrize(
    ("package", "url", "extra"),
    [("s3fs", "s3://museum/sets", "culti[s3]"), ("huggingface_hub", "hf://museum/sets", "culti[release]")],
)
def test_a_missing_extra_is_named(releases, capsys, monkeypatch, package, url, extra):
    monkeypatch.setitem(sys.modules, package, None)  # as if it were not installed
    done = publish(capsys, releases.first, url)
    assert done.returncode == 1 and f"pip install '{extra}'" in done.stderr


def test_nothing_of_a_secret_stays_in_a_message(monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_abcdefgh")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "abc/def+ghi")
    text = "GET https://me:pass@host/x?Signature=5f2a denied for hf_abcdefgh, abc/def+ghi, stored-token"
    shown = conceal(text, "stored-token")
    assert shown == "GET https://…@host/x?… denied for …, …, …"
