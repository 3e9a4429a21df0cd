"""Does a file of a folder crash, hang or fill what reads it, and is it read the same twice?

    python -m benchmarks.robustness DIR [--pages N] [--seconds S] [--megabytes M] [--readers R …] [--no-ocr]

Each file is read twice by each reader, its figures cut and its pages drawn, in a process that is held to the
limits as the workers of a build are. A table of what came of it, then every file that is not simply read.
Exit status 1 where a file is not read the same twice, or something strange is done while it is read.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

from benchmarks.robustness.watched import Outcome, WatchedReader
from extractors.reader import READERS
from flows.console import say
from flows.limits import Limits

_USUAL = Limits()


def main() -> int:
    """Reads all files and prints what came of them."""
    parser = argparse.ArgumentParser(description="Reads every PDF of a folder twice, held to limits.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pages", type=int, default=3, help="pages of each file; default 3")
    parser.add_argument("--seconds", type=float, default=_USUAL.seconds_per_page)
    parser.add_argument("--megabytes", type=float, default=_USUAL.megabytes)
    parser.add_argument("--readers", nargs="+", choices=READERS, default=READERS)
    parser.add_argument("--no-ocr", action="store_true", help="pages that need it are then not read")
    options = parser.parse_args()
    limits = Limits(options.seconds, _USUAL.megapixels, options.megabytes)
    files = sorted(options.folder.rglob("*.pdf"))
    tallies: dict[str, Counter[str]] = {}
    bad = 0
    for reader in options.readers:
        tally = tallies[reader] = Counter()
        with (
            tempfile.TemporaryDirectory() as folder,
            WatchedReader(Path(folder), limits, options.pages, not options.no_ocr) as process,
        ):
            for path in files:
                started = time.monotonic()
                first, second = process.read(path, reader), process.read(path, reader)
                seconds = time.monotonic() - started
                kind, words = judge(first, second)
                bad += kind in ("not the same twice", "strange")
                tally[kind] += 1
                tally["figures"] += first.figures
                if words:
                    say(f"{reader} {path.name}: {kind}: {words} ({seconds:.1f} s)")
            if left := sorted(item.name for item in process.home.iterdir()):
                say(f"{reader}: left behind: {', '.join(left)}")
                bad += 1
    kinds = list(dict.fromkeys(kind for tally in tallies.values() for kind in tally))
    say(f"\n| reader | files | {' | '.join(kinds)} |")
    say(f"| --- | ---: |{' ---: |' * len(kinds)}")
    for reader, tally in tallies.items():
        say(f"| {reader} | {len(files)} | {' | '.join(str(tally[kind]) for kind in kinds)} |")
    return 1 if bad else 0


def judge(first: Outcome, second: Outcome) -> tuple[str, str]:
    """What came of a file, and words on it; none where it was simply read."""
    if (first.digest, first.error, bool(first.died)) != (second.digest, second.error, bool(second.died)):
        return "not the same twice", f"{_describe(first)} / {_describe(second)}"
    if first.strange or second.strange:
        return "strange", "; ".join((*first.strange, *second.strange))
    if first.died:
        return "ended", _describe(first)
    if first.error:
        return "not opened", first.error
    if first.page_errors:
        return "pages not read", _describe(first)
    return "read", ""


def _describe(outcome: Outcome) -> str:
    return outcome.died or outcome.error or "; ".join(outcome.page_errors) or "read"


if __name__ == "__main__":
    sys.exit(main())
