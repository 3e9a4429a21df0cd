"""Whoever does the work: the release is the same, byte for byte; who dies costs a page; nobody stays."""

from __future__ import annotations

import os
import signal
import socket
import time
from pathlib import Path

import pytest
from book_making import (
    kill,
    list_bytes,
    read_report,
    run_culti,
    start_culti,
    write_book,
    write_sources,
)
from cluster_making import serve_dask, serve_ray

pytest.importorskip("prefect_dask")
pytest.importorskip("prefect_ray")

# Python runs a module of this name when it starts, in the command and in each of its workers.
_TROUBLE = """\
import os, signal, sys
from multiprocessing import parent_process
import flows.stages as stages

real = stages.read_pages

def read_pages(path, info, numbers, *rest):
    for page in real(path, info, numbers, *rest):
        is_worker = parent_process() is not None or "default_worker" in sys.argv[0]
        if page.number == 2 and path.stem == "crash" and is_worker:
            os.kill(os.getpid(), signal.SIGKILL)
        yield page

stages.read_pages = read_pages
"""
CLUSTERS = ("dask", "ray")
# Ray takes a minute and more to begin its processes again.
RAY_SLOWLY = pytest.param("ray", marks=pytest.mark.soak)


def check_same(built: Path, out: Path, *call) -> None:
    """The books of `built`, built again; quiet, and the same files."""
    done = run_culti("build", built / "sources.toml", "--out", out, *call, timeout=900)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    assert len(done.stdout.splitlines()) == 4
    ours, theirs = list_bytes(built / "release"), list_bytes(out)
    assert sorted(ours) == sorted(theirs)
    assert [name for name in ours if ours[name] != theirs[name]] == []


@pytest.mark.parametrize("runner", ["threads", *CLUSTERS])
def test_the_release_of_every_runner_is_that_of_two_processes(built, tmp_path, runner):
    check_same(built, tmp_path / "r", "--runner", runner, "--workers", "2")
    assert read_report(tmp_path / "r.work")["run"]["runner"] == runner
    # What a cluster needed for itself is gone with it.
    assert not any((tmp_path / "r.work" / name).exists() for name in CLUSTERS)


def test_the_release_of_one_process_is_that_of_two(built, tmp_path):
    check_same(built, tmp_path / "r", "--workers", "1")


@pytest.mark.soak
@pytest.mark.parametrize("runner", ["processes", *CLUSTERS])
@pytest.mark.parametrize("workers", ["1", "8"])
def test_the_release_of_one_and_of_eight_workers_is_that_of_two(built, tmp_path, runner, workers):
    check_same(built, tmp_path / "r", "--runner", runner, "--workers", workers)


def test_a_dask_cluster_at_an_address_makes_the_same_release_twice_and_stays(built, tmp_path):
    with serve_dask(tmp_path, workers=2) as address:
        # The second build meets workers that remember the first one's settings.
        for name in ("r", "again"):
            check_same(built, tmp_path / name, "--runner", "dask", "--runner-address", address)
        assert read_report(tmp_path / "again.work")["run"]["workers"] == 2
        host, port = address.removeprefix("tcp://").split(":")
        socket.create_connection((host, int(port)), timeout=10).close()


@pytest.mark.soak
def test_a_ray_cluster_at_an_address_makes_the_same_release_and_stays(built, tmp_path):
    with serve_ray(tmp_path, workers=2) as address:
        check_same(built, tmp_path / "r", "--runner", "ray", "--runner-address", address)
        host, port = address.removeprefix("ray://").split(":")
        socket.create_connection((host, int(port)), timeout=10).close()


# What a worker elsewhere may have different, and what is said of it.
_OTHER_VERSION = """\
import flows.versions as versions

real = versions.find_version
versions.find_version = lambda name: "1.0" if name == "numpy" else real(name)
"""
_OTHER_FOLDER = """\
from pathlib import Path
from flows.store import LocalStore

real = LocalStore.__init__
LocalStore.__init__ = lambda self, folder: real(self, Path(__file__).parent / "store")
"""


@pytest.mark.parametrize(
    ("difference", "words"),
    [
        (_OTHER_VERSION, "has other versions: numpy 1.0 there, "),
        (_OTHER_FOLDER, "is not there; choose a --work that this machine and all workers see"),
    ],
)
def test_workers_that_cannot_work_for_this_build_are_one_line(tmp_path, difference, words):
    (tmp_path / "sitecustomize.py").write_text(difference, encoding="utf-8")
    book = write_book(tmp_path / "a.pdf", 1)
    with serve_dask(tmp_path, workers=1, path=tmp_path) as address:
        call = ("build", book, "--out", tmp_path / "r", "--runner", "dask", "--runner-address", address)
        done = run_culti(*call, timeout=900)
    (line,) = done.stderr.splitlines()
    assert done.returncode == 1 and words in line
    assert not (tmp_path / "r").exists()


@pytest.mark.parametrize("runner", ["dask", RAY_SLOWLY])
def test_a_worker_that_dies_costs_its_page_on_a_cluster_too(tmp_path, runner):
    write_book(tmp_path / "crash.pdf", 3, 1)
    write_book(tmp_path / "good.pdf", 2, 2)
    sources = write_sources(tmp_path, "crash.pdf", "good.pdf")
    (tmp_path / "trouble").mkdir()
    (tmp_path / "trouble" / "sitecustomize.py").write_text(_TROUBLE, encoding="utf-8")
    call = ("build", sources, "--out", tmp_path / "r", "--workers", "2", "--runner", runner)
    done = run_culti(*call, path=tmp_path / "trouble", timeout=900)
    assert done.returncode == 1, done.stdout + done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("culti: crash.pdf: 1 page could not be read: page 2 lost its worker process")
    crashed, good = read_report(tmp_path / "r.work")["books"]
    assert (crashed["status"], crashed["pages"], crashed["pages_failed"]) == ("partly", 2, 1)
    assert (good["status"], good["pages"], good["figures"]) == ("done", 2, 2)


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are found in /proc")
@pytest.mark.parametrize(
    ("runner", "end"),
    [
        ("dask", "Ctrl-C"),
        ("dask", "SIGKILL"),
        ("ray", "Ctrl-C"),
        pytest.param("ray", "SIGKILL", marks=pytest.mark.soak),
    ],
)
def test_nobody_stays_behind_when_a_build_on_a_cluster_ends_early(tmp_path, runner, end):
    write_book(tmp_path / "a.pdf", 40)
    out = tmp_path / "r"
    process = start_culti("build", tmp_path / "a.pdf", "--out", out, "--workers", "2", "--runner", runner)
    records = tmp_path / "r.work" / "store" / "records"
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline and len(list(records.glob("*/*"))) < 3:
        time.sleep(0.02)
    session = os.getsid(process.pid)
    if end == "SIGKILL":
        kill(process)
    else:
        os.killpg(process.pid, signal.SIGINT)
        said, complained = process.communicate(timeout=120)
        (line,) = complained.splitlines()
        assert process.returncode == 130 and said == "" and line.startswith("culti: interrupted; ")
    while time.monotonic() < deadline and list_members(session):
        time.sleep(0.1)
    assert list_members(session) == []


def list_members(session: int) -> list[str]:
    """The command lines of the processes of a session that are alive."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, of = stat.read_text().rpartition(")")[2].split()[:4]
            if int(of) == session and state != "Z":
                found.append((stat.parent / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            ("--runner-address", "tcp://127.0.0.1:1"),
            "--runner-address tcp://127.0.0.1:1 is for --runner dask or",
        ),
        (("--runner", "dask", "--runner-address", "tcp://127.0.0.1:1"), "nobody answers there"),
        (("--runner", "ray", "--runner-address", "ray://127.0.0.1:1"), "nobody answers there"),
        (("--runner", "ray", "--runner-address", "here"), "an address like ray://HOST:10001 is wanted"),
        (
            ("--runner", "dask", "--runner-address", "tcp://127.0.0.1:1", "--workers", "2"),
            "--workers 2: the cluster at tcp://127.0.0.1:1 has its own",
        ),
    ],
)
def test_a_cluster_that_is_not_there_is_one_line_and_nothing_begins(tmp_path, call, words):
    book = write_book(tmp_path / "a.pdf", 1)
    done = run_culti("build", book, "--out", tmp_path / "r", *call)
    (line,) = done.stderr.splitlines()
    assert done.returncode == 2 and words in line
    assert not (tmp_path / "r.work").exists()
