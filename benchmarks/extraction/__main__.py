"""`python -m benchmarks.extraction [FOLDER …] --envs DIR`: this project, its peers, the limits, in one table.

A FOLDER holds PDFs and gt.json; without one, sample books are typeset. Each peer gets an environment of its
own under --envs, which is kept. One that cannot be installed or crashes is a row that says so.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.extraction.books import Shelf, open_shelf, typeset_shelves
from benchmarks.extraction.contestants import CONTESTANTS, Contestant
from benchmarks.extraction.scoring import read_found, score_books
from benchmarks.extraction.trials import Trial, run_trial

_HEADER = (
    "| reader | figure F1 | pair F1 | pages | pages/s on one core | peak memory, MiB | remarks |",
    "| --- | ---: | ---: | ---: | ---: | ---: | --- |",
)
_SCHEMA = pa.schema(
    [
        ("pair_id", pa.string()),
        ("document", pa.string()),
        ("page", pa.int32()),
        ("figure_bbox", pa.list_(pa.float32())),
        ("title", pa.string()),
        ("caption", pa.string()),
        ("description", pa.string()),
    ]
)


def main() -> int:
    """Reads the call, prints a table for each folder."""
    options = _read_call()
    with tempfile.TemporaryDirectory() as scratch:
        shelves = [open_shelf(folder, options.truth) for folder in options.folders]
        for number, shelf in enumerate(shelves or typeset_shelves(Path(scratch), options.seed)):
            name = f"books {number + 1}" if shelves else shelf.name
            figures = sum(len(book.figures) for book in shelf.truth)
            _say(f"\n{name}: {len(shelf.subjects)} files, {figures} figures\n")
            for line in _HEADER:
                _say(line)
            out = (options.out or Path(scratch) / "rows") / f"{number + 1}"
            for line in compare(shelf, _choose(options.only), options.envs, out):
                _say(line)
    return 0


def compare(shelf: Shelf, contestants: list[Contestant], envs: Path, out: Path) -> Iterator[str]:
    """A row of the table for each contestant, whose figures are written to `out` as Parquet."""
    for contestant in contestants:
        trial = run_trial(contestant, shelf.subjects, envs)
        folder = out / contestant.module
        folder.mkdir(parents=True, exist_ok=True)
        write_rows(trial, folder / "rows.parquet")
        yield format_trial(trial, shelf, folder)


def write_rows(trial: Trial, path: Path) -> None:
    """What was found, in the columns of a release that a scorer needs."""
    rows = [{"pair_id": f"{number:06d}", **row} for number, row in enumerate(trial.rows)]
    pq.write_table(pa.Table.from_pylist(rows, schema=_SCHEMA), path)


def format_trial(trial: Trial, shelf: Shelf, folder: Path) -> str:
    """One row of the Markdown table."""
    scores = ["–", "–"]
    if not trial.contestant.limit and trial.pages:
        score = score_books(shelf.truth, read_found(folder))
        scores = [f"{score.figure_f1:.3f}", f"{score.pair_f1:.3f}"]
    speed = f"{trial.pages / trial.cpu:.2f}" if trial.cpu else "–"
    peak = f"{trial.peak / 2**20:.0f}" if trial.peak else "–"
    remarks = ", ".join(word for word in (trial.version, trial.problem.replace("|", "/")) if word)
    return f"| {' | '.join([trial.contestant.name, *scores, str(trial.pages), speed, peak, remarks])} |"


def _choose(names: list[str]) -> list[Contestant]:
    return [c for c in CONTESTANTS if not names or c.module in names]


def _read_call() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.extraction", description=__doc__)
    parser.add_argument(
        "folders", nargs="*", type=Path, help="folders of PDFs with gt.json; default sample books"
    )
    parser.add_argument("--envs", type=Path, required=True, help="where the peers' environments are kept")
    parser.add_argument("--truth", type=Path, help="the truth, if it is not gt.json in the folder")
    parser.add_argument("--out", type=Path, help="keep the rows that were found here, as Parquet")
    parser.add_argument("--only", nargs="+", default=[], choices=[c.module for c in CONTESTANTS])
    parser.add_argument("--seed", type=int, default=101, help="of the sample books")
    return parser.parse_args()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
