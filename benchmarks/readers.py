"""How far the two readers agree, page by page, and what each of them costs.

    python -m benchmarks.readers [FOLDER_OR_PDF …] [--pages N]

Each file is read by each reader in a process of its own, so that memory is that reader's alone; what one
reader left to the other is counted as read by the other. Without a FOLDER, sample books are typeset.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rapidfuzz.distance import Levenshtein

from extractors.geometry import iou
from extractors.reader import READERS, ReadSettings, open_document, read_pages
from extractors.records import Box, Page

os.environ.setdefault("OMP_NUM_THREADS", "1")

_SAME_FIGURE = 0.7
# Lines have no area to share: their corners are compared.
_SAME_CORNERS_PT = 1.0


@dataclass(frozen=True, slots=True)
class Reading:
    """One file by one reader: boxes of pictures and the text of each page, seconds, peak memory in bytes."""

    boxes: list[list[Box]]
    texts: list[str]
    by_ocr: int
    by_other: int
    seconds: float
    peak: int


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of figures, the share that the other reader has too, both ways; of text, 1 − edits / length."""

    pages: int
    by_ocr: int
    figures: tuple[int, int]
    shared: float
    text: float


def read_file(path: Path, reader: str, most: int) -> Reading:
    """Reads the first `most` pages. Libraries and models are loaded before the clock starts."""
    info = open_document(path, "", reader)
    numbers = range(1, min(most, info.page_count) + 1)
    settings = ReadSettings(reader=reader)
    list(read_pages(path, info, [1], settings))
    started = time.perf_counter()
    pages = list(read_pages(path, info, numbers, settings))
    seconds = time.perf_counter() - started
    # Linux counts in KiB, macOS in bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return Reading(
        [[picture.box for picture in page.pictures] for page in pages],
        [_join_text(page) for page in pages],
        sum(page.source == "scan" or any(line.source == "ocr" for line in page.lines) for page in pages),
        sum(page.reader != reader for page in pages),
        seconds,
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit,
    )


def _join_text(page: Page) -> str:
    """The page's lines from top to bottom, wherever they come in the file, without white."""
    lines = sorted(page.lines, key=lambda line: (round(line.box[1] / 3), line.box[0], line.text))
    return "".join("".join(line.text.split()) for line in lines)


def read_apart(path: Path, reader: str, most: int) -> Reading | None:
    """`read_file` in a process of its own; None where it fails."""
    call = [sys.executable, "-m", "benchmarks.readers", "--one", reader, "--pages", str(most), str(path)]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.stderr.write(f"{path.name}, {reader}: {' '.join(done.stderr.strip().splitlines()[-1:])}\n")
        return None
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return Reading(**found)


def compare(one: Reading, two: Reading) -> Agreement:
    """Page by page, then over the file."""
    figures = shared = edits = length = 0
    for boxes, others in zip(one.boxes, two.boxes, strict=True):
        figures += len(boxes) + len(others)
        shared += sum(any(_is_same(a, b) for b in others) for a in boxes)
        shared += sum(any(_is_same(a, b) for b in boxes) for a in others)
    for text, other in zip(one.texts, two.texts, strict=True):
        edits += Levenshtein.distance(text, other)
        length += max(len(text), len(other))
    counts = sum(map(len, one.boxes)), sum(map(len, two.boxes))
    return Agreement(
        len(one.texts),
        max(one.by_ocr, two.by_ocr),
        counts,
        shared / figures if figures else 1.0,
        1 - edits / max(length, 1),
    )


def _is_same(a: Box, b: Box) -> bool:
    near = max(abs(p - q) for p, q in zip(a, b, strict=True)) <= _SAME_CORNERS_PT
    return near or iou(a, b) >= _SAME_FIGURE


def write_table(readings: Sequence[tuple[str, Reading, Reading]]) -> str:
    """Markdown; the last row is over all files."""
    head = "| file | pages | by OCR | figures | figures shared | text agrees | pages/s | peak memory, MiB |"
    rows = [head, "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"]
    for name, one, two in readings:
        found = compare(one, two)
        speeds = " / ".join(f"{len(r.texts) / max(r.seconds, 1e-6):.1f}" for r in (one, two))
        peaks = " / ".join(f"{r.peak / 2**20:.0f}" for r in (one, two))
        left = f" ({one.by_other} / {two.by_other} by the other)" if one.by_other or two.by_other else ""
        rows.append(
            f"| {name} | {found.pages}{left} | {found.by_ocr} | {found.figures[0]} / {found.figures[1]} "
            f"| {found.shared:.1%} | {found.text:.2%} | {speeds} | {peaks} |"
        )
    return "\n".join(rows)


def join_readings(readings: Sequence[Reading]) -> Reading:
    """All files as one."""
    return Reading(
        [boxes for r in readings for boxes in r.boxes],
        [text for r in readings for text in r.texts],
        sum(r.by_ocr for r in readings),
        sum(r.by_other for r in readings),
        sum(r.seconds for r in readings),
        max(r.peak for r in readings),
    )


def typeset(folder: Path) -> list[Path]:
    """The sample books of the demo, by another process: a child's peak memory begins with its parent's."""
    subprocess.run([sys.executable, "-m", "samples", str(folder)], check=True, stdout=subprocess.DEVNULL)
    return sorted(folder.rglob("*.pdf"))


def main() -> None:
    """The table, on the terminal."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("place", nargs="*", type=Path)
    parser.add_argument("--pages", type=int, default=40, help="of each file, at most; default: %(default)s")
    parser.add_argument("--one", choices=READERS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        sys.stdout.write(json.dumps(asdict(read_file(options.place[0], options.one, options.pages))) + "\n")
        return
    with tempfile.TemporaryDirectory() as folder:
        found = [f for p in options.place for f in (sorted(p.rglob("*.pdf")) if p.is_dir() else [p])]
        readings: list[tuple[str, Reading, Reading]] = []
        for path in found or typeset(Path(folder)):
            one, two = (read_apart(path, reader, options.pages) for reader in READERS)
            if one is not None and two is not None:
                readings.append((path.stem, one, two))
    if readings:
        one, two = join_readings([r[1] for r in readings]), join_readings([r[2] for r in readings])
        readings.append(("all", one, two))
    sys.stdout.write(write_table(readings) + "\n")


if __name__ == "__main__":
    main()
