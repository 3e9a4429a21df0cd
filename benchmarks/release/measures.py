"""One measure in a process of its own: seconds, processor time and peak memory, as a line of JSON.

    python -m benchmarks.release.measures NAME FOLDER PAIRS

NAME is one of MEASURES. Libraries are loaded before the clock starts. The limits do what cannot be left out:
they read the same bytes, in as many threads as the code that they stand beside.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PIL import Image

from benchmarks.release.drawing import INDEX, IndexedRows, list_books
from export.feature_bank import pack_features
from export.info import BuildReport, ReleaseInfo
from export.local_features import NOTHING
from export.manifest import hash_file, list_files
from export.release import write_release
from export.verify import verify_release
from flows.collecting import collect_less
from flows.console import say

RELEASE = "release"
_LIMIT_FILE = "copied"
_THREADS = min(4, os.cpu_count() or 1)
_PIECE = 16


def write(folder: Path, pairs: int) -> None:
    """The release; no features, so nothing is joined by image."""
    books = list_books(pairs)
    info = ReleaseInfo("drawn", "1.0.0", {}, tuple(book.source for book in books))
    packed = pack_features(NOTHING)
    shutil.rmtree(folder / RELEASE, ignore_errors=True)
    rows = IndexedRows(folder / INDEX, pairs)
    write_release(folder / RELEASE, rows, info, BuildReport(books), describe=lambda _: packed)


def copy_and_hash(folder: Path, pairs: int) -> None:
    """All images into one file, hashed once on the way."""
    found = hashlib.sha256()
    with (folder / _LIMIT_FILE).open("wb") as out:
        for path in _list_images(folder, pairs):
            content = path.read_bytes()
            found.update(content)
            out.write(content)
    (folder / _LIMIT_FILE).unlink()


def verify_fast(folder: Path, pairs: int) -> None:
    """All but the decoding; RuntimeError where a fault is found, for then the figures say nothing."""
    _verify(folder, pairs, fast=True)


def hash_files(folder: Path, _: int) -> None:
    """The sha256 of every file of the release."""
    release = folder / RELEASE
    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(hash_file, [release / path for path in list_files(release)]))


def verify(folder: Path, pairs: int) -> None:
    """All of it; RuntimeError as above."""
    _verify(folder, pairs, fast=False)


def decode_images(folder: Path, pairs: int) -> None:
    """All images, to pixels."""

    def decode(paths: Iterable[Path]) -> None:
        for path in paths:
            with Image.open(path) as picture:
                picture.load()

    paths = _list_images(folder, pairs)
    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(decode, [paths[n : n + _PIECE] for n in range(0, len(paths), _PIECE)]))


def _verify(folder: Path, pairs: int, *, fast: bool) -> None:
    found = verify_release(folder / RELEASE, fast=fast)
    if found.faults or found.rows != pairs:
        raise RuntimeError("\n".join(found.faults.lines()[:5]) or f"{found.rows} rows of {pairs}")


def _list_images(folder: Path, pairs: int) -> Sequence[Path]:
    return [row.image_file for row in IndexedRows(folder / INDEX, pairs)]


MEASURES: dict[str, Callable[[Path, int], None]] = {
    f.__name__: f for f in (write, copy_and_hash, verify_fast, hash_files, verify, decode_images)
}


def read_peak() -> int:
    """The most memory, in bytes, that this process has had."""
    try:
        # What `getrusage` says begins with that of the process that started this one.
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main() -> None:
    """Measures once."""
    name, folder, pairs = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    os.sync()
    # As the command does.
    collect_less()
    seconds, processor = time.perf_counter(), time.process_time()
    MEASURES[name](folder, pairs)
    seconds, processor = time.perf_counter() - seconds, time.process_time() - processor
    say(json.dumps({"seconds": seconds, "processor": processor, "peak": read_peak()}))


if __name__ == "__main__":
    main()
