"""One `culti build` in processes of its own, watched: seconds, processor time, memory of the build and of its
workers, and when the first page was there."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

_EVERY_SECONDS = 0.2
# Opening a book leaves its record and its receipt in the store; what comes then is the first page.
_RECORDS_A_BOOK = 2


@dataclass(frozen=True, slots=True)
class Run:
    """What a build took: `processor` seconds of all its processes; `main` and `worker` are the most memory,
    in bytes, that the build's own process and its largest worker had; `first_page` is the seconds until a
    page was in the store, None where the store had it."""

    seconds: float
    processor: float
    main: int
    worker: int
    first_page: float | None


def build(sources: Path, release: Path, workers: int) -> Run:
    """Runs it to its end; CalledProcessError where it fails."""
    call = [sys.executable, "-m", "flows", "build", str(sources), "--out", str(release)]
    call += ["--workers", str(workers)]
    records = release.with_name(f"{release.name}.work") / "store" / "records"
    known = count_records(records) + _RECORDS_A_BOOK * sources.read_text(encoding="utf-8").count("[[book]]")
    began, first = time.monotonic(), None
    process = psutil.Popen(call, stdout=subprocess.DEVNULL)
    peaks: dict[int, int] = {}
    times: dict[int, float] = {}
    while process.poll() is None:
        if first is None and count_records(records) > known:
            first = time.monotonic() - began
        _look(process, peaks, times)
        time.sleep(_EVERY_SECONDS)
    seconds = time.monotonic() - began
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, call)
    main = peaks.pop(process.pid, 0)
    return Run(seconds, sum(times.values()), main, max(peaks.values(), default=0), first)


def _look(process: psutil.Popen, peaks: dict[int, int], times: dict[int, float]) -> None:
    """Notes the memory and the processor time so far of a build and of all that it started."""
    try:
        family = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return
    for one in family:
        try:
            peaks[one.pid] = max(peaks.get(one.pid, 0), one.memory_info().rss)
            spent = one.cpu_times()
            times[one.pid] = spent.user + spent.system
        except psutil.NoSuchProcess:
            continue


def count_records(folder: Path) -> int:
    """Records of a store; 0 where there is none yet."""
    return sum(not name.startswith(".") for _, _, names in os.walk(folder) for name in names)


def measure_folder(folder: Path) -> tuple[int, int]:
    """(bytes, files) of a folder."""
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    return sum(sizes), len(sizes)
