"""Limits of a worker: what is over them is ended and its cause kept, though Python's lock is never let go."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import re
import signal
import time

import pytest
from book_making import run_culti, write_book, write_sources

from flows.configuration import ConfigurationError, read_sources
from flows.limits import Limits, Watch, current_limits, find_cause, keep_watch, limit_time, make_note
from flows.store import LocalStore, StoreAddress

HELD = Limits(seconds_per_page=2.0, megabytes=600.0)


def hang() -> None:
    re.match("(a|a)*b", "a" * 100)


def eat() -> None:
    held = bytearray(b"x") * 1_200_000_000
    # In C, with the lock held: as a library that decodes on and on.
    ctypes.PyDLL(None).sleep(120)
    del held


def segfault() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def give_up() -> None:
    os._exit(3)


TROUBLES = {
    hang: r"took more than 2 s \(\[limits\] seconds_per_page\)",
    eat: r"took more than 600 MB of memory \(\[limits\] megabytes\)",
    segfault: r"crashed a native library \(SIGSEGV\)",
    os.abort: r"crashed a native library \(SIGABRT\)",
    give_up: r"lost its worker process, .*",
}


def run_watched(trouble, watch, store) -> None:
    with keep_watch(watch, StoreAddress(str(store), str(store))):
        if trouble is eat:
            trouble()
        with limit_time():
            trouble()


@pytest.mark.skipif(os.name != "posix", reason="Windows ends processes in another way")
@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda t: t.__name__)
def test_the_cause_of_a_workers_death_is_told(tmp_path, trouble):
    watch = Watch(HELD, note=make_note())
    worker = multiprocessing.get_context("spawn").Process(target=run_watched, args=(trouble, watch, tmp_path))
    worker.start()
    worker.join(120)
    assert worker.exitcode, "it was not ended"
    assert re.fullmatch(TROUBLES[trouble], find_cause(LocalStore(tmp_path), watch.note))


def count_pages(store, pipe) -> None:
    watch = Watch(HELD, note=make_note())
    for _ in range(2):
        with keep_watch(watch, StoreAddress(str(store), str(store))), limit_time() as renew:
            for _ in range(4):
                time.sleep(0.8)
                renew()
        # What takes its time between two tasks is none of the limits' business.
        time.sleep(2.5)
    from flows.limits import _held

    pipe.send((LocalStore(store).get(watch.note), _held[0]._process.pid))


@pytest.mark.skipif(os.name != "posix", reason="Windows ends processes in another way")
def test_each_page_has_its_own_time_and_the_watcher_ends_with_its_worker(tmp_path):
    spawn = multiprocessing.get_context("spawn")
    pipe, other = spawn.Pipe()
    worker = spawn.Process(target=count_pages, args=(tmp_path, other))
    worker.start()
    other.close()
    cause, watcher = pipe.recv()
    assert cause is None
    worker.join(120)
    assert worker.exitcode == 0
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and is_running(watcher):
        time.sleep(0.05)
    assert not is_running(watcher)


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_threads_are_not_ended_but_know_the_limits(tmp_path):
    watch = Watch(Limits(seconds_per_page=0.01, megapixels=7), ends_worker=False)
    with keep_watch(watch, StoreAddress(str(tmp_path), str(tmp_path))), limit_time() as renew:
        renew()
        time.sleep(0.1)
        assert current_limits().megapixels == 7
    assert current_limits() == Limits()


GOOD = '[[book]]\nfile = "a.pdf"\n'


def test_limits_are_read_from_the_sources_file(tmp_path):
    path = tmp_path / "sources.toml"
    path.write_text(GOOD, encoding="utf-8")
    assert read_sources(path).limits.as_limits() == Limits()
    path.write_text("[limits]\nseconds_per_page = 30\nmegabytes = 2000\n" + GOOD, encoding="utf-8")
    assert read_sources(path).limits.as_limits() == Limits(30.0, Limits().megapixels, 2000.0)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("seconds_per_page = 0", ["'seconds_per_page'", "greater than or equal to 1", "not 0"]),
        ("seconds_per_page = inf", ["'seconds_per_page'", "finite"]),
        ("megapixels = 'many'", ["'megapixels'", "number"]),
        ("megabytes = 100", ["'megabytes'", "greater than or equal to 500"]),
        ("seconds = 4", ["unknown key 'seconds'", "seconds_per_page, megapixels, megabytes"]),
    ],
)
def test_wrong_limits_are_one_line(tmp_path, line, words):
    path = tmp_path / "sources.toml"
    path.write_text(f"[limits]\n{line}\n{GOOD}", encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        read_sources(path)
    message = str(caught.value)
    assert "\n" not in message and all(word in message for word in words), message


def test_a_page_over_the_limit_of_pixels_is_lost_and_others_are_kept_for_the_next_build(tmp_path):
    write_book(tmp_path / "a.pdf", 3)
    with (tmp_path / "a.pdf").open("rb") as file:
        assert b"/Width 240" in file.read()
    sources = write_sources(tmp_path, "a.pdf", extra="[limits]\nmegapixels = 1\n")
    make_one_image_larger(tmp_path / "a.pdf")
    call = ("build", sources, "--out", tmp_path / "r", "--workers", "1")
    done = run_culti(*call)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line == (
        "culti: a.pdf: 1 page could not be read: page 2 has an image of 3 megapixels "
        "([limits] megapixels is 1)"
    )
    sources.write_text(
        sources.read_text(encoding="utf-8").replace("megapixels = 1", "megapixels = 9"), "utf-8"
    )
    done = run_culti(*call)
    assert done.returncode == 0 and "3 pages, 3 figures" in done.stdout, done.stderr


def make_one_image_larger(path) -> None:
    import pymupdf
    from pdf_making import encode, make_photo

    with pymupdf.open(path) as document:
        page = document[1]
        page.replace_image(page.get_images()[0][0], stream=encode(make_photo(2000, 1500, seed=2)))
        document.saveIncr()
