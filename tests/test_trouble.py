"""What ends a process: a page that crashes its worker, hangs or eats memory costs that page only; Ctrl-C ends
all quietly.

No PDF is known that crashes MuPDF for ever, so the trouble is put where it would come from: into the call to
the reader, in the worker process, for one page of one book. All else is the command as it is.
"""

from __future__ import annotations

import os
import signal
import time

import pytest
from book_making import read_report, run_culti, start_culti, write_book, write_sources

# Python runs a module of this name when it starts, in the command and in each of its workers.
_TROUBLE = """\
import ctypes, gc, multiprocessing.queues, os, re, signal
from multiprocessing import parent_process
import extractors.mupdf_document
import flows.stages as stages

real = stages.read_pages

def read_pages(path, info, numbers, *rest):
    for page in real(path, info, numbers, *rest):
        if parent_process() is not None and page.number == 3:
            if path.stem == "crash":
                # While it tells the build an event, as another thread of a worker may be doing at any time.
                for queue in gc.get_objects():
                    if type(queue) is multiprocessing.queues.Queue:
                        queue._wlock.acquire()
                os.kill(os.getpid(), signal.SIGSEGV)
            if path.stem == "hang":
                # In C and with the interpreter's lock held, as a loop in a native library is.
                re.match("(a|a)*b", "a" * 100)
            if path.stem == "eat":
                held = bytearray(b"x") * 2_000_000_000
                ctypes.PyDLL(None).sleep(600)
        yield page

stages.read_pages = read_pages
"""


def test_a_page_that_kills_its_worker_is_lost_and_no_more(tmp_path):
    causes = {
        "crash": "crashed a native library (SIGSEGV)",
        "hang": "took more than 12 s ([limits] seconds_per_page)",
        "eat": "took more than 1,500 MB of memory ([limits] megabytes)",
    }
    for seed, name in enumerate(("good", *causes)):
        write_book(tmp_path / f"{name}.pdf", 4, seed)
    limits = "[limits]\nseconds_per_page = 12\nmegabytes = 1500\n"
    sources = write_sources(tmp_path, "good.pdf", *(f"{name}.pdf" for name in causes), extra=limits)
    (tmp_path / "trouble").mkdir()
    (tmp_path / "trouble" / "sitecustomize.py").write_text(_TROUBLE, encoding="utf-8")
    call = ("build", sources, "--out", tmp_path / "r", "--workers", "2")
    done = run_culti(*call, path=tmp_path / "trouble", timeout=900)
    assert done.returncode == 1, done.stdout + done.stderr
    for line, (name, cause) in zip(done.stderr.splitlines(), causes.items(), strict=True):
        assert line == f"culti: {name}.pdf: 1 page could not be read: page 3 {cause}"
    good, *lost = read_report(tmp_path / "r.work")["books"]
    for bad in lost:
        assert (bad["status"], bad["pages"], bad["pages_failed"], bad["figures"]) == ("partly", 3, 1, 3)
    assert (good["status"], good["pages"], good["figures"]) == ("done", 4, 4)
    # The lost pages are tried again by the next build.
    again = run_culti(*call)
    assert again.returncode == 0 and "4 of 4 books, 16 pages, 16 figures" in again.stdout, again.stderr


@pytest.mark.skipif(os.name != "posix", reason="Windows ends processes in another way")
def test_ctrl_c_is_quiet_and_leaves_nobody_behind(tmp_path):
    book = write_book(tmp_path / "a.pdf", 40)
    out = tmp_path / "r"
    process = start_culti("build", book, "--out", out, "--workers", "2")
    records = tmp_path / "r.work" / "store" / "records"
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and len(list(records.glob("*/*"))) < 3:
        time.sleep(0.02)
    # A terminal sends the signal to the command and its workers alike.
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
