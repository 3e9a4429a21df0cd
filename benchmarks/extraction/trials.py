"""One contestant on one core: what it found, the CPU seconds that it took, and its peak memory."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pymupdf

from benchmarks.extraction.contestants import Contestant, Pages
from benchmarks.extraction.environments import MissingError, prepare_environment
from benchmarks.extraction.peers.harness import list_descendants

ROOT = Path(__file__).parents[2]
_MOST_SECONDS = 7200
_TICK = 0.05
# Fewer letters than this on a page with an image are a folio or a scanning program's stamp.
_ENOUGH_TEXT = 40
# Libraries count the machine's processors, not those that a process may use.
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_THREAD_LIMIT")
_ONE_THREAD = dict.fromkeys(_THREADS, "1")


@dataclass(frozen=True, slots=True)
class Subject:
    """A PDF to be read: heights of its pages in points, its scanned pages (1-based), its series."""

    path: Path
    heights: tuple[float, ...]
    scans: frozenset[int]
    series: str

    def list_pages(self, which: Pages) -> list[int]:
        """The pages that a contestant is given, 1-based."""
        numbers = range(1, len(self.heights) + 1)
        return [n for n in numbers if which == "all" or (n in self.scans) == (which == "scan")]


@dataclass(frozen=True, slots=True)
class Trial:
    """`cpu` and `seconds` without loading; `peak` in bytes, 0 where it cannot be told; `problem` in words."""

    contestant: Contestant
    version: str = ""
    pages: int = 0
    cpu: float = 0.0
    seconds: float = 0.0
    peak: int = 0
    rows: list[dict[str, Any]] = field(default_factory=list)
    problem: str = ""


def examine(path: Path, series: str = "other") -> Subject:
    """Page sizes, and which pages have an image and no text to speak of."""
    with pymupdf.open(path) as document:
        heights = tuple(float(page.rect.height) for page in document)
        scans = {
            page.number + 1
            for page in document
            if len(page.get_text().strip()) < _ENOUGH_TEXT and page.get_image_info()
        }
    return Subject(path.resolve(), heights, frozenset(scans), series)


def run_trial(
    contestant: Contestant, subjects: Sequence[Subject], environments: Path, *, once: bool = False
) -> Trial:
    """All books, in a process of its own; whatever goes wrong is said in `problem`.

    What is done in a moment is done several times for the sake of the clock, unless `once`: caches grow.
    """
    jobs = [_describe(s, s.list_pages(contestant.pages)) for s in subjects]
    jobs = [job for job in jobs if job["pages"]]
    if not jobs:
        return Trial(contestant, problem="no such pages")
    try:
        python = prepare_environment(contestant, environments)
    except MissingError as error:
        return Trial(contestant, problem=str(error))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        warm = _describe(_take_first_page(jobs[0], folder / "warm.pdf"), [1])
        (folder / "job.json").write_text(
            json.dumps({"warm": warm, "books": jobs, "once": once}), encoding="utf-8"
        )
        problem, peak = _run(python, contestant.module, folder)
        if problem:
            return Trial(contestant, problem=problem, peak=peak)
        result = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    errors = result["errors"]
    return Trial(
        contestant,
        version=result["version"],
        pages=sum(len(job["pages"]) for job in jobs),
        cpu=result["cpu"],
        seconds=result["seconds"],
        peak=peak,
        rows=result["rows"],
        problem=f"failed on {len(errors)} of {len(jobs)} files: {errors[0]}" if errors else "",
    )


def _describe(subject: Subject, pages: list[int]) -> dict[str, Any]:
    return {
        "path": str(subject.path),
        "heights": list(subject.heights),
        "pages": pages,
        "series": subject.series,
    }


def _take_first_page(job: dict[str, Any], path: Path) -> Subject:
    """A page to load models and libraries with, before the clock runs."""
    with pymupdf.open(job["path"]) as book, pymupdf.open() as single:
        number = job["pages"][0] - 1
        single.insert_pdf(book, from_page=number, to_page=number)
        single.save(path)
    return examine(path, job["series"])


def _run(python: Path, module: str, folder: Path) -> tuple[str, int]:
    """Why it failed, or nothing, and the peak memory in bytes."""
    call = [str(python), "-m", "benchmarks.extraction.peers.harness", module]
    call += [str(folder / "job.json"), str(folder / "result.json")]
    with (folder / "output.txt").open("w+", encoding="utf-8", errors="replace") as output:
        process = subprocess.Popen(
            call,
            cwd=ROOT,
            env=os.environ | _ONE_THREAD,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        peaks = [0]
        watcher = threading.Thread(target=_watch, args=(process, peaks))
        watcher.start()
        try:
            process.wait(_MOST_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return f"not done after {_MOST_SECONDS / 3600:.0f} h", max(peaks)
        finally:
            watcher.join()
        if process.returncode != 0:
            output.seek(0)
            said = [line for line in output.read().splitlines() if line.strip()]
            return f"crashed ({process.returncode}): {said[-1][:160] if said else 'no word'}", max(peaks)
    return "", max(peaks)


def _watch(process: subprocess.Popen[bytes] | subprocess.Popen[str], peaks: list[int]) -> None:
    """Every moment, the sum of the high-water marks of all processes that live."""
    finished = threading.Event()
    while process.poll() is None:
        pids = [process.pid, *list_descendants(process.pid)]
        peaks.append(sum(_read_high_water(pid) for pid in pids))
        finished.wait(_TICK)


def _read_high_water(pid: int) -> int:
    """Bytes; 0 for a process that is gone, or without /proc."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0)
