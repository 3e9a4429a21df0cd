"""What ends a process: a page that crashes or hangs its worker costs that page only; Ctrl-C ends all quietly.

No PDF is known that crashes MuPDF for ever, so the trouble is put where it would come from: into the call to
the reader, in the worker process, for one page of one book. All else is the command as it is.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from book_making import list_bytes, make_environment, read_report, run_culti, write_book, write_sources

# Python runs a module of this name when it starts, in the command and in each of its workers.
_TROUBLE = """\
import os, re, signal, sys
from multiprocessing import parent_process
import flows.stages as stages

real = stages.read_pages
stages._SECONDS_A_JOB, stages._SECONDS_A_PAGE = 1.0, 2.0

def crash():
    os.kill(os.getpid(), signal.SIGSEGV)

def hang():
    # In C and with the interpreter's lock held, as a loop in a native library is.
    re.match("(a|a)*b", "a" * 100)

def read_pages(path, info, numbers, *rest):
    for page in real(path, info, numbers, *rest):
        if parent_process() is not None and (path.stem, page.number) == ("bad", 3):
            {trouble}()
        yield page

stages.read_pages = read_pages
"""


def run_with(trouble: str, folder: Path, *arguments) -> subprocess.CompletedProcess[str]:
    """The command with the trouble in its workers."""
    place = folder / trouble
    place.mkdir()
    (place / "sitecustomize.py").write_text(_TROUBLE.replace("{trouble}", trouble), encoding="utf-8")
    environment = make_environment()
    environment["PYTHONPATH"] = os.pathsep.join([str(place), environment["PYTHONPATH"]])
    return subprocess.run(
        [sys.executable, "-m", "flows", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
        env=environment,
    )


@pytest.mark.parametrize("trouble", ["crash", "hang"])
def test_one_page_is_lost_and_no_more(tmp_path, trouble):
    write_book(tmp_path / "bad.pdf", 5, 1)
    write_book(tmp_path / "good.pdf", 2, 2)
    sources = write_sources(tmp_path, "bad.pdf", "good.pdf")
    out = tmp_path / "r"
    done = run_with(trouble, tmp_path, "build", sources, "--out", out, "--workers", "2")
    assert done.returncode == 1, done.stdout + done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("culti: bad.pdf: 1 page could not be read") and "worker process died" in line
    bad, good = read_report(tmp_path / "r.work")["books"]
    assert (bad["status"], bad["pages"], bad["pages_failed"], bad["figures"]) == ("partly", 4, 1, 4)
    assert (good["status"], good["pages"], good["figures"]) == ("done", 2, 2)
    # The page is tried again by the next build, and what comes out is as if nothing had been.
    assert run_culti("build", sources, "--out", out).returncode == 0
    assert run_culti("build", sources, "--out", tmp_path / "fresh").returncode == 0
    assert list_bytes(out) == list_bytes(tmp_path / "fresh")


@pytest.mark.skipif(os.name != "posix", reason="Windows ends processes in another way")
def test_ctrl_c_is_quiet_and_leaves_nobody_behind(tmp_path):
    book = write_book(tmp_path / "a.pdf", 40)
    out = tmp_path / "r"
    process = subprocess.Popen(
        [sys.executable, "-m", "flows", "build", book, "--out", out, "--workers", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=make_environment(),
        start_new_session=True,
    )
    records = tmp_path / "r.work" / "store" / "records"
    deadline = time.monotonic() + 60
    # A terminal sends the signal to the command and its workers alike.
    while time.monotonic() < deadline and len(list(records.glob("*/*"))) < 3:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    said, complained = process.communicate(timeout=60)
    assert process.returncode == 130, complained
    assert said == ""
    (line,) = complained.splitlines()
    assert line.startswith("culti: interrupted; ")
    assert not out.exists()
    while time.monotonic() < deadline and has_members(process.pid):
        time.sleep(0.1)
    assert not has_members(process.pid)


def has_members(group: int) -> bool:
    """Whether a process of the group is still there."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
