"""What an operator asks of a build: why was it done again, what may go, what is it doing now."""

from __future__ import annotations

import errno
import json
import os
import shutil
import time
from contextlib import nullcontext
from pathlib import Path

import pytest
from book_making import list_bytes, read_report, run_culti, start_culti, write_book, write_sources
from filelock import FileLock

from alignment.text.profiles import find_profile
from extractors.errors import PageError
from extractors.records import DocumentInfo
from flows.jobs import Book, Job, OpenJob, ReadJob, ReadOptions, Receipt
from flows.ledger import keep_ledger, name_parts
from flows.retrying import can_pass
from flows.versions import find_version


@pytest.fixture(scope="module")
def changed(built, tmp_path_factory):
    """A copy of the built folder, then built again with one book more, and other pages of another; with what
    that build said, and the release before."""
    folder = tmp_path_factory.mktemp("changed") / "copy"
    shutil.copytree(built, folder)
    shutil.rmtree(folder / "release.work" / "ledgers")
    again = run_culti("build", folder / "sources.toml", "--out", folder / "release", "--explain")
    assert again.returncode == 0, again.stderr
    write_book(folder / "丙.pdf", 1, 3)
    sources = write_sources(folder, "甲.pdf", "乙.pdf", "丙.pdf")
    text = sources.read_text(encoding="utf-8").replace('"甲.pdf"', '"甲.pdf"\npages = "1-2"')
    sources.write_text(text, encoding="utf-8")
    done = run_culti("build", sources, "--out", folder / "release", "--explain", "--log-json")
    assert done.returncode == 0, done.stderr
    return folder, again, done


def read_events(done) -> list[dict]:
    """All lines of standard error, each a JSON object."""
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_a_build_that_does_nothing_again_says_so(changed):
    assert "nothing was done again" in changed[1].stdout


def test_explain_says_why_a_shard_was_done_again(changed):
    said = changed[2].stdout
    for line in (
        "open 丙.pdf: new book",
        "read 丙.pdf, pages 1: new book",
        "read 甲.pdf, pages 1–2: not in the last build",
        "align 甲.pdf: its pages changed",
        "draw 丙.pdf, pages 1: new book",
    ):
        assert line in said.splitlines(), said
    assert "乙.pdf" not in said
    redone = read_report(changed[0] / "release.work")["run"]["redone"]
    assert "align 甲.pdf: its pages changed" in redone


def make_job(folder: Path, sha256: str = "0" * 64, **options) -> ReadJob:
    info = DocumentInfo("a.pdf", sha256, 40)
    book = Book(folder / "a.pdf", info, "silk", find_profile("silk"), "", "", "", tuple(range(1, 41)))
    return ReadJob(folder, book, (1, 2, 3), ReadOptions(**options))


def explain(folder: Path, job: Job, receipt: Receipt | None = None) -> tuple[str, ...]:
    """Why it was done, in a build of this job alone."""
    with keep_ledger(folder / "ledgers", folder / "release") as ledger:
        ledger.note([job], [[receipt or Receipt(job.key)]], {0})
    return ledger.explain()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"sha256": "1" * 64}, "the file changed"),
        ({"scan_dpi": 300}, "scan_dpi 200 → 300"),
        ({"reader": "pdfplumber"}, "reader pymupdf → pdfplumber"),
        ({}, "its result is no longer in the store, or damaged"),
    ],
)
def test_explain_names_the_part_of_the_key_that_changed(tmp_path, change, reason):
    assert explain(tmp_path, make_job(tmp_path))[0].startswith("no earlier build of this release")
    assert explain(tmp_path, make_job(tmp_path, **change)) == (f"read a.pdf, pages 1–3: {reason}",)


def test_explain_names_changed_code_and_libraries_and_what_failed(tmp_path, monkeypatch):
    explain(tmp_path, make_job(tmp_path))
    monkeypatch.setattr("flows.jobs.list_versions", lambda *_: {"code of extractors": "x", "pymupdf": "9.9"})
    job = make_job(tmp_path)
    (line,) = explain(tmp_path, job, Receipt("another key", error="a crash"))
    assert "code of extractors changed" in line and f"pymupdf {find_version('pymupdf')} → 9.9" in line
    assert explain(tmp_path, job) == ("read a.pdf, pages 1–3: it failed the last time",)


def test_a_ledger_does_not_tell_a_password(tmp_path):
    def name(password: str) -> dict[str, str]:
        return name_parts(OpenJob(tmp_path, tmp_path / "a.pdf", "0" * 64, password).parts)

    assert "geheim" not in str(name("geheim")) and name("geheim") != name("other")
    assert len(name("geheim")["password"]) == len("#1234")


def test_a_build_that_broke_off_leaves_the_ledger_before(tmp_path):
    explain(tmp_path, make_job(tmp_path))
    with pytest.raises(KeyboardInterrupt), keep_ledger(tmp_path / "ledgers", tmp_path / "release") as ledger:
        ledger.note([make_job(tmp_path, scan_dpi=300)], [[Receipt("k")]], {0})
        raise KeyboardInterrupt
    assert explain(tmp_path, make_job(tmp_path, scan_dpi=400)) == (
        "read a.pdf, pages 1–3: scan_dpi 200 → 400",
    )


def test_events_tell_how_a_build_went_and_nothing_else_is_on_standard_error(changed):
    events = read_events(changed[2])
    assert (events[0]["event"], events[0]["command"]) == ("start", "build")
    assert (events[-1]["event"], events[-1]["status"]) == ("end", 0)
    assert all(event["time"].endswith("+00:00") for event in events)
    progress = [event for event in events if event["event"] == "progress" and event["step"] == "read"]
    assert (progress[-1]["done"], progress[-1]["total"], progress[-1]["pages"]) == (3, 3, 5)
    books = {event["document"]: event for event in events if event["event"] == "book"}
    assert books.keys() == {"甲.pdf", "乙.pdf", "丙.pdf"}
    assert (books["甲.pdf"]["status"], books["甲.pdf"]["pages"]) == ("done", 2)
    assert "\x1b" not in changed[2].stdout + changed[2].stderr


def test_events_tell_what_failed(tmp_path):
    (tmp_path / "bad.pdf").write_bytes(b"no PDF")
    done = run_culti("build", tmp_path / "bad.pdf", "--out", tmp_path / "r", "--log-json")
    events = read_events(done)
    (book,) = [event for event in events if event["event"] == "book"]
    assert book["status"] == "failed" and book["message"].startswith("bad.pdf: ")
    assert [e["message"] for e in events if e["event"] == "trouble"] == [book["message"]]
    assert done.returncode == events[-1]["status"] == 1


def test_gc_only_says_what_would_go_until_it_is_told_to_remove_it(changed):
    work = changed[0] / "release.work"
    before = sorted((work / "store").rglob("*"))
    done = run_culti("gc", work, "--older-than", "0")
    assert done.returncode == 0 and "--yes" in done.stdout, done.stderr
    assert not done.stdout.startswith("unused for 0 days: 0 records")
    assert sorted((work / "store").rglob("*")) == before


def test_gc_spares_what_is_young(changed):
    done = run_culti("gc", changed[0] / "release.work", "--yes")
    assert "unused for 30 days: 0 records and 0 blobs" in done.stdout and "are younger" in done.stdout


def test_after_gc_the_same_build_does_nothing_again_and_another_what_was_removed(changed, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(changed[0], folder)
    before = list_bytes(folder / "release")
    done = run_culti("gc", folder / "release.work", "--older-than", "0", "--yes")
    assert done.returncode == 0 and "removed from" in done.stdout, done.stderr
    build = ("build", folder / "sources.toml", "--out", folder / "release", "--explain")
    assert "nothing was done again" in run_culti(*build).stdout
    assert list_bytes(folder / "release") == before
    # A page that was left out was cleared, and images are lost: these are made again, and no others.
    for image in (folder / "release.work" / "store" / "blobs").glob("*.jpg"):
        image.unlink()
    write_sources(folder, "甲.pdf", "乙.pdf", "丙.pdf")
    said = run_culti(*build).stdout.splitlines()
    assert "read 甲.pdf, pages 1–3: not in the last build" in said, said
    assert not any(line.startswith(("read 乙.pdf", "read 丙.pdf")) for line in said)
    lost = {line.partition(", ")[0] for line in said if "no longer in the store" in line}
    assert lost == {"cut 乙.pdf", "cut 丙.pdf"}


@pytest.mark.parametrize(
    ("case", "words"),
    [("no store", "no store there"), ("no ledger", "no record of a build"), ("build", "a build is at work")],
)
def test_gc_removes_nothing_where_it_cannot_know(tmp_path, case, words):
    record = tmp_path / "store" / "records" / "ab" / "abc"
    if case != "no store":
        record.parent.mkdir(parents=True)
        record.write_bytes(b"1")
        os.utime(record, (1, 1))
    with FileLock(tmp_path / "lock") if case == "build" else nullcontext():
        done = run_culti("gc", tmp_path, "--yes")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert words in line
    assert record.exists() == (case != "no store")


def test_gc_refuses_a_damaged_ledger(changed, tmp_path):
    work = tmp_path / "work"
    shutil.copytree(changed[0] / "release.work", work)
    (ledger,) = (work / "ledgers").iterdir()
    ledger.write_bytes(ledger.read_bytes()[:-20])
    done = run_culti("gc", work, "--older-than", "0", "--yes")
    assert done.returncode == 1 and "cannot be read" in done.stderr
    assert list_bytes(work / "store") == list_bytes(changed[0] / "release.work" / "store")


def test_an_interrupted_command_ends_its_events_with_its_status(tmp_path):
    book = write_book(tmp_path / "a.pdf", 40)
    process = start_culti("build", book, "--out", tmp_path / "r", "--workers", "1", "--log-json")
    deadline = time.monotonic() + 200
    while time.monotonic() < deadline and not list(tmp_path.glob("r.work/store/records/*/*")):
        time.sleep(0.05)
    process.terminate()
    _, said = process.communicate(timeout=200)
    events = [json.loads(line) for line in said.splitlines()]
    assert process.returncode == events[-1]["status"] == 130
    assert events[-2]["event"] == "trouble" and "interrupted" in events[-2]["message"]


def test_only_what_passes_is_tried_again():
    stale, full = OSError(errno.ESTALE, "stale"), OSError(errno.ENOSPC, "full")
    assert can_pass(stale) and can_pass(ConnectionResetError()) and can_pass(TimeoutError())
    for error in (full, FileNotFoundError(errno.ENOENT, "none"), ValueError()):
        assert not can_pass(error)
    try:
        raise PageError("page 3: cannot be read") from stale
    except PageError as error:
        assert can_pass(error)
    assert not can_pass(PageError("page 3: damaged"))
