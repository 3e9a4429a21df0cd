"""What an operator asks of a build: why was it done again, what may go, what is it doing now."""

from __future__ import annotations

import errno
import json
import os
import shutil
import time
from contextlib import nullcontext

import pytest
from book_making import list_bytes, read_report, run_culti, start_culti, write_book, write_sources
from filelock import FileLock

from extractors.errors import PageError
from flows.retrying import can_pass


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


def test_explain_names_a_changed_file_and_a_changed_profile(tmp_path):
    write_book(tmp_path / "a.pdf", 1, 1)
    assert run_culti("build", tmp_path / "a.pdf", "--out", tmp_path / "r").returncode == 0
    done = run_culti("build", tmp_path / "a.pdf", "--series", "silk", "--out", tmp_path / "r", "--explain")
    assert "align a.pdf: series other → silk; the profile changed" in done.stdout
    assert "read a.pdf" not in done.stdout
    write_book(tmp_path / "a.pdf", 1, 2)
    done = run_culti("build", tmp_path / "a.pdf", "--series", "silk", "--out", tmp_path / "r", "--explain")
    assert "read a.pdf, pages 1: the file changed" in done.stdout.splitlines()


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


def test_after_gc_the_same_build_does_nothing_again_and_an_older_one_what_was_removed(changed, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(changed[0], folder)
    # The ledger names the release by its place.
    build = ("build", folder / "sources.toml", "--out", folder / "release")
    assert run_culti(*build).returncode == 0
    before = list_bytes(folder / "release")
    done = run_culti("gc", folder / "release.work", "--older-than", "0", "--yes")
    assert done.returncode == 0 and "removed from" in done.stdout, done.stderr
    again = run_culti(*build, "--explain")
    assert "nothing was done again" in again.stdout
    assert list_bytes(folder / "release") == before
    # A blob and a record that are gone cost the jobs that made them.
    blob = min((folder / "release.work" / "store" / "blobs").glob("*.jpg"))
    blob.unlink()
    mended = run_culti(*build, "--explain")
    (line,) = [line for line in mended.stdout.splitlines() if "no longer in the store" in line]
    assert line.startswith("cut ")
    assert list_bytes(folder / "release") == before
    # The pages that were left out are read again, and no others.
    write_sources(folder, "甲.pdf", "乙.pdf", "丙.pdf")
    whole = run_culti(*build, "--explain")
    assert "read 甲.pdf, pages 1–3: not in the last build" in whole.stdout
    assert "read 乙.pdf" not in whole.stdout and "read 丙.pdf" not in whole.stdout


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
