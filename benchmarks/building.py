"""How long a whole build takes: with one process, with more, and again when the store has everything.

    python benchmarks/building.py [WORKERS]

Typesets two sample books and a scan in a temporary folder and runs `culti build` on them as a user does.
Times include starting Python and Prefect; the last row is what is left when nothing has to be done.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")


@dataclass(frozen=True, slots=True)
class Run:
    """One build. `peak` is the memory of the largest process of all builds so far, in bytes."""

    seconds: float
    peak: int


def typeset(folder: Path) -> tuple[Path, int]:
    """A sources file of a silk volume, a mural volume and a scan; the number of their pages."""
    import pymupdf

    from samples.books import write_volume
    from samples.scan import scan_volume

    plain = folder / "plain.pdf"
    write_volume(folder / "silk.pdf", seed=101, series="silk", entries=20)
    write_volume(folder / "murals.pdf", seed=102, series="dunhuang", entries=30)
    truth = write_volume(plain, seed=103, series="silk", entries=3, front_matter=False)
    scan_volume(plain, folder / "scan.pdf", seed=103, truth=truth)
    text, pages = "", 0
    for name, series in (("silk", "silk"), ("murals", "dunhuang"), ("scan", "silk")):
        text += f'[[book]]\nfile = "{name}.pdf"\nseries = "{series}"\n'
        with pymupdf.open(folder / f"{name}.pdf") as document:
            pages += document.page_count
    sources = folder / "sources.toml"
    sources.write_text(text, encoding="utf-8")
    return sources, pages


def build(sources: Path, out: Path, workers: int) -> Run:
    """`culti build` in a process of its own; CalledProcessError where it fails."""
    started = time.perf_counter()
    call = [sys.executable, "-m", "flows", "build", str(sources), "--out", str(out)]
    subprocess.run([*call, "--workers", str(workers)], check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - started
    # Linux counts in KiB, macOS in bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return Run(seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit)


def main() -> None:
    """Prints the table."""
    from flows.console import say

    workers = int(sys.argv[1]) if sys.argv[1:] else 2
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        sources, pages = typeset(folder)
        alone = build(sources, folder / "alone", 1)
        more = build(sources, folder / "more", workers)
        again = build(sources, folder / "more", workers)
    say("| build | seconds | pages/s | against one process | largest process, MiB |")
    say("| --- | ---: | ---: | ---: | ---: |")
    for name, run in (
        ("one process", alone),
        (f"{workers} processes", more),
        ("again, all in the store", again),
    ):
        say(
            f"| {name} | {run.seconds:.1f} | {pages / run.seconds:.2f} | {alone.seconds / run.seconds:.2f} "
            f"| {run.peak / 2**20:.0f} |"
        )


if __name__ == "__main__":
    main()
