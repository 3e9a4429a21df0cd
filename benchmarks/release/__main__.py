"""Writing and verifying a large release beside the bare limits: copying, hashing and decoding the same bytes.

    python -m benchmarks.release [--pairs N] [--few N] [--rounds N] [--folder DIR]

Pairs are drawn (about 100 KB each; they stay in DIR where it is given, and are used again). Writing is
`export.release.write_release` with images of no features: what finding and joining cost, `benchmarks.leakage`
measures. Every measure is a process of its own, of several rounds the fastest counts.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

from benchmarks.release import measures
from benchmarks.release.drawing import INDEX, draw_rows
from flows.console import say

_PAIRED = (
    (measures.write, measures.copy_and_hash, 3.0),
    (measures.verify_fast, measures.hash_files, 3.0),
    (measures.verify, measures.decode_images, 1.3),
)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one measure took; `peak` in bytes."""

    seconds: float
    processor: float
    peak: int


def main() -> None:
    """Draws, measures and writes the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.release", description="Large releases.")
    parser.add_argument("--pairs", type=int, default=50_000)
    parser.add_argument("--few", type=int, default=5_000, help="pairs of a release whose memory is compared")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--folder", type=Path, help="keeps images and a release, 240 KB a pair")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder and options.folder.parent) as scratch:
        folder = options.folder or Path(scratch) / "release"
        if not (folder / INDEX).is_file():
            draw_rows(folder, max(options.pairs, options.few), os.cpu_count() or 1)
        few = measure_all(folder, options.few, options.rounds)
        report(options.pairs, measure_all(folder, options.pairs, options.rounds), options.few, few)


def measure_all(folder: Path, pairs: int, rounds: int) -> dict[str, Cost]:
    """The fastest of some rounds of every measure, ours and its limit turn about."""
    found: dict[str, Cost] = {}
    for ours, limit, _ in _PAIRED:
        for _ in range(rounds):
            for name in (ours.__name__, limit.__name__):
                cost = measure(name, folder, pairs)
                found[name] = min(found.get(name, cost), cost, key=lambda c: c.seconds)
    return found


def measure(name: str, folder: Path, pairs: int) -> Cost:
    """One measure; CalledProcessError where it fails."""
    call = [sys.executable, "-m", measures.__name__, name, str(folder), str(pairs)]
    done = subprocess.run(call, check=True, stdout=subprocess.PIPE, text=True)
    return Cost(**json.loads(done.stdout))


def report(pairs: int, many: dict[str, Cost], few_pairs: int, few: dict[str, Cost]) -> None:
    """Two tables: what it costs, and how memory grows."""
    say(f"{pairs} pairs\n\n| | seconds | processor | limit | processor | ratio | processor | wanted |")
    say("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for ours, limit, wanted in _PAIRED:
        one, other = many[ours.__name__], many[limit.__name__]
        say(
            f"| {_name(ours)} ÷ {_name(limit)} | {one.seconds:.1f} | {one.processor:.1f} "
            f"| {other.seconds:.1f} | {other.processor:.1f} | {one.seconds / other.seconds:.2f} "
            f"| {one.processor / other.processor:.2f} | ≤ {wanted} |"
        )
    say(f"\n| peak memory, MiB | {few_pairs} pairs | {pairs} pairs | bytes a pair between |")
    say("| --- | ---: | ---: | ---: |")
    for ours, _, _ in _PAIRED:
        small, large = few[ours.__name__].peak, many[ours.__name__].peak
        grown = (large - small) / max(1, pairs - few_pairs)
        say(f"| {_name(ours)} | {small / 2**20:.0f} | {large / 2**20:.0f} | {grown:.0f} |")


def _name(function: Callable[[Path, int], None]) -> str:
    return function.__name__.replace("_", " ")


if __name__ == "__main__":
    main()
