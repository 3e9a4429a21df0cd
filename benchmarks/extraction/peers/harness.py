"""Runs one reader over a list of books, inside the reader's own environment, and notes what it took.

    python -m benchmarks.extraction.peers.harness MODULE JOB.json RESULT.json

Nothing but the standard library is imported here: the environments of the peers hold the peer and no more.
MODULE is a module beside this one with `DISTRIBUTION`, whose version is noted, and `read_book(book)` or, for
a tool that is meant to be given many files at once, `read_books(books)`; both give rows as `row` makes them.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import os
import resource
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Row = dict[str, Any]
# What is done in a moment is done again, and the best of it counts.
ENOUGH_SECONDS, MOST_ROUNDS = 4.0, 10


@dataclass(frozen=True)
class Book:
    """A PDF, the heights of its pages in points, the pages to be read (1-based) and its series."""

    path: Path
    heights: list[float]
    pages: list[int]
    series: str

    @property
    def name(self) -> str:
        """The file name."""
        return self.path.name


def row(book: Book, page: int, box: Sequence[float], caption: str, title: str = "", body: str = "") -> Row:
    """A figure; `box` in points from the top left."""
    return {
        "document": book.name,
        "page": page,
        "figure_bbox": [float(value) for value in box],
        "title": title,
        "caption": caption,
        "description": body,
    }


def count_cpu_seconds() -> float:
    """CPU seconds of this process, of all that it has waited for and, on Linux, of those that still run."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    total = sum(usage.ru_utime + usage.ru_stime for usage in used)
    return total + sum(_read_cpu_seconds(pid) for pid in list_descendants(os.getpid()))


def main() -> None:
    """Reads the job, loads, reads all books, writes the result."""
    _stay_on_one_core()
    module_name, job_file, result_file = sys.argv[1:]
    job = json.loads(Path(job_file).read_text(encoding="utf-8"))
    books = [_make_book(item) for item in job["books"]]
    module = importlib.import_module(f"benchmarks.extraction.peers.{module_name}")
    read = getattr(module, "read_books", None) or _one_by_one(module.read_book)
    read([_make_book(job["warm"])])
    rounds: list[tuple[float, float]] = []
    most = 1 if job["once"] else MOST_ROUNDS
    while not rounds or (sum(cpu for cpu, _ in rounds) < ENOUGH_SECONDS and len(rounds) < most):
        before, started = count_cpu_seconds(), time.perf_counter()
        rows, errors = read(books)
        rounds.append((count_cpu_seconds() - before, time.perf_counter() - started))
    result = {
        "version": importlib.metadata.version(module.DISTRIBUTION),
        "cpu": min(cpu for cpu, _ in rounds),
        "seconds": min(seconds for _, seconds in rounds),
        "rows": rows,
        "errors": errors,
    }
    Path(result_file).write_text(json.dumps(result), encoding="utf-8")


def _stay_on_one_core() -> None:
    """The last core that may be used; inherited by all that is started from here. Not on macOS."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def _make_book(item: dict[str, Any]) -> Book:
    return Book(Path(item["path"]), item["heights"], item["pages"], item["series"])


def _one_by_one(
    read_book: Callable[[Book], list[Row]],
) -> Callable[[list[Book]], tuple[list[Row], list[str]]]:
    """A book that a reader fails on costs that book."""

    def read_books(books: list[Book]) -> tuple[list[Row], list[str]]:
        rows: list[Row] = []
        errors: list[str] = []
        for book in books:
            try:
                rows += read_book(book)
            except Exception as error:
                traceback.print_exc()
                errors.append(f"{type(error).__name__}: {error}"[:200])
        return rows, errors

    return read_books


def list_descendants(root: int) -> list[int]:
    """Processes below `root` that are alive; none where there is no /proc."""
    found: list[int] = []
    for children in Path(f"/proc/{root}/task").glob("*/children"):
        try:
            pids = [int(word) for word in children.read_text().split()]
        except OSError:
            continue
        for pid in pids:
            found += [pid, *list_descendants(pid)]
    return found


def _read_cpu_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    # utime, stime, cutime, cstime: fields 14 to 17 of proc(5), counted behind the name.
    return sum(int(field) for field in fields[11:15]) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
