"""Fits what `pair_score` says, and tests it on other books.

    python -m benchmarks.confidence [--fit [--learn DIR …]] [--truth DIR …] [--plot FILE.png]

Sample books are typeset and read; then their pages are damaged (figures missed, split or invented, captions
lost) and aligned, so that there are wrong pairs to learn from. The books that are fitted on and those
tested on have different seeds. `--fit` writes alignment/confidence.toml, `--learn` fits on a folder of PDFs
with a gt.json as well, of other makers, so that more than our own typesetter's layouts are known; `--truth`
tests on such a folder. The plot shows how often pairs of a score are right.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import tempfile
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from alignment.confidence import estimate
from alignment.pairing import align_book
from alignment.records import Series
from benchmarks.confidence.damage import Rates, damage_pages
from benchmarks.confidence.judging import Truth, judge_pairs
from extractors.reader import ReadSettings, open_document, read_pages
from extractors.records import Page
from flows.console import say
from samples.books import write_volume
from samples.scan import scan_volume

FIT_SEEDS, TEST_SEEDS = (201, 202, 203), (301, 302)
DAMAGES = 6
WEIGHTS = Path(__file__).parents[2] / "alignment" / "confidence.toml"
# A feature that speaks against a pair must not speak for it because few books were fitted.
NEVER_FOR = ("cost", "orphans", "widows", "small", "scan", "doubtful print", "odd", "alone", "loose")
NEVER_AGAINST = ("margin", "neighbours")
PENALTY = 1.0
RARE = 20


@dataclass(frozen=True, slots=True)
class Book:
    """A book that was read, with its truth."""

    name: str
    series: Series
    pages: list[Page]
    truth: list[Truth]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A pair's features, the score it has now, and whether it is right."""

    features: Mapping[str, float]
    rule: str
    right: bool


def typeset(folder: Path, seeds: Sequence[int], scan_entries: int) -> Iterator[Book]:
    """Volumes of each series for each seed, and a scan of a small one."""
    series: Series
    for seed in seeds:
        for series, entries in (("silk", 24), ("dunhuang", 36), ("other", 12)):
            yield _write(folder, series, seed, entries, scanned=False)
    for series in ("silk", "dunhuang", "other"):
        yield _write(folder, series, seeds[0] + 50, scan_entries, scanned=True)


def _write(folder: Path, series: Series, seed: int, entries: int, *, scanned: bool) -> Book:
    path = folder / f"{series}-{seed}.pdf"
    truth = write_volume(path, seed=seed, series=series, entries=entries, front_matter=not scanned)
    if scanned:
        plain, path = path, folder / f"{series}-{seed}-scan.pdf"
        truth = scan_volume(plain, path, seed=seed, truth=truth)
    return read_book(path, series, truth)


def read_book(path: Path, series: Series, truth: list[Truth]) -> Book:
    """Every page of a PDF, as a build reads it."""
    info = open_document(path)
    pages = list(read_pages(path, info, range(1, info.page_count + 1), ReadSettings()))
    return Book(path.stem, series, pages, truth)


def read_labelled(folder: Path) -> Iterator[Book]:
    """The PDFs of a folder that its gt.json has figures of, labelled pages only."""
    rows = json.loads((folder / "gt.json").read_text(encoding="utf-8"))
    sources = folder / "sources.toml"
    books = tomllib.loads(sources.read_text(encoding="utf-8"))["book"] if sources.is_file() else []
    series = {book["file"]: book.get("series", "other") for book in books}
    for name in sorted({row["pdf"] for row in rows}):
        truth = [row for row in rows if row["pdf"] == name]
        yield read_book(folder / Path(name).with_suffix(".pdf").name, series.get(name, "other"), truth)


def judge_book(book: Book, pages: list[Page]) -> list[Verdict]:
    """The verdicts on all pairs with text on labelled pages."""
    labelled = {row["page"] for row in book.truth}
    if not any(row["bbox"] is None for row in book.truth):
        labelled = {page.number for page in pages}
    pairs = [p for p in align_book(pages, book.series).pairs if p.texts and p.page in labelled]
    rights = judge_pairs(pairs, book.truth, book.pages, pages)
    return [Verdict(dict(p.features), p.rule, right) for p, right in zip(pairs, rights, strict=True)]


def judge_damaged(books: Sequence[Book], seed: int) -> list[Verdict]:
    """Verdicts on the books as they are and with damages of rising rates."""
    found = [v for book in books for v in judge_book(book, book.pages)]
    for book in books:
        for k in range(DAMAGES):
            rng = random.Random(f"{seed} {book.name} {k}")
            grade = (k + 1) / DAMAGES
            rates = Rates(0.08 * grade, 0.04 * grade, 0.1 * grade, 0.08 * grade)
            found += judge_book(book, damage_pages(book.pages, rng, rates))
    return found


def fit(verdicts: Sequence[Verdict]) -> dict[str, float]:
    """Weights of a logistic model with a penalty on their squares; what is rare is left out."""
    counts = Counter(name for v in verdicts for name in v.features)
    names = sorted(name for name, n in counts.items() if n >= RARE)
    matrix = np.array([[v.features.get(name, 0.0) for name in names] for v in verdicts])
    right = np.array([v.right for v in verdicts], float)
    penalties = np.array([0.0 if name == "constant" else PENALTY for name in names])

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        logits = matrix @ weights
        total = np.logaddexp(0, logits).sum() - right @ logits + (penalties * weights**2).sum() / 2
        slope = matrix.T @ (1 / (1 + np.exp(-logits)) - right) + penalties * weights
        return float(total), slope

    bounds = [
        (None, 0.0) if name in NEVER_FOR else (0.0, None) if name in NEVER_AGAINST else (None, None)
        for name in names
    ]
    found = minimize(loss, np.zeros(len(names)), jac=True, method="L-BFGS-B", bounds=bounds)
    return {name: round(float(w), 3) for name, w in zip(names, found.x, strict=True)}


def save_weights(weights: Mapping[str, float], verdicts: Sequence[Verdict]) -> None:
    """Writes `alignment/confidence.toml`."""
    right = sum(v.right for v in verdicts)
    lines = [
        f"# Fitted by benchmarks/confidence on {len(verdicts)} pairs, {right} of them right: sample books,",
        "# and pages by other makers (`--learn`), as they are and damaged.",
        "[weights]",
        *(f'"{name}" = {weight}' for name, weight in sorted(weights.items())),
    ]
    WEIGHTS.write_text("\n".join(lines) + "\n", encoding="utf-8")


def report(name: str, verdicts: Sequence[Verdict], scores: Sequence[float]) -> None:
    """One row of the table."""
    right = [v.right for v in verdicts]
    high = [r for r, s in zip(right, scores, strict=True) if s >= 0.9]
    wanted = sum(right)
    brier = float(np.mean([(s - r) ** 2 for s, r in zip(scores, right, strict=True)])) if right else 0.0
    say(
        f"| {name} | {len(right)} | {wanted / max(1, len(right)):.3f} | {sum(high) / max(1, len(high)):.3f} "
        f"| {sum(high) / max(1, wanted):.3f} | {brier:.4f} |"
    )


def draw_plot(file: Path, groups: Mapping[str, tuple[Sequence[Verdict], Sequence[float]]]) -> None:
    """A reliability plot: the share of right pairs over the score, in ten bins, with their counts."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, (above, below) = pyplot.subplots(2, 1, figsize=(6, 7), height_ratios=(3, 1), sharex=True)
    above.plot([0, 1], [0, 1], color="0.7", lw=1)
    for name, (verdicts, scores) in groups.items():
        bins = np.minimum((np.array(scores) * 10).astype(int), 9)
        right = np.array([v.right for v in verdicts], float)
        xs = [float(np.mean(np.array(scores)[bins == b])) for b in range(10) if (bins == b).any()]
        ys = [float(right[bins == b].mean()) for b in range(10) if (bins == b).any()]
        above.plot(xs, ys, marker="o", label=f"{name} ({len(right)} pairs)")
        below.hist(scores, bins=20, range=(0, 1), histtype="step", log=True)
    above.set_ylabel("share of right pairs")
    below.set_xlabel("pair_score")
    below.set_ylabel("pairs")
    above.legend()
    figure.tight_layout()
    figure.savefig(file, dpi=110)


def main() -> None:
    """Prints the table; fits first where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("--learn", type=Path, nargs="*", default=[])
    parser.add_argument("--truth", type=Path, nargs="*", default=[])
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--scan-entries", type=int, default=6)
    call = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        tested = list(typeset(Path(place), TEST_SEEDS, call.scan_entries))
        fitted = list(typeset(Path(place), FIT_SEEDS, call.scan_entries)) if call.fit else []
    real = {"/".join(folder.parts[-2:]): list(read_labelled(folder)) for folder in call.truth}
    score = estimate
    if call.fit:
        fitted += [book for folder in call.learn for book in read_labelled(folder)]
        learned = judge_damaged(fitted, 1)
        weights = fit(learned)
        save_weights(weights, learned)

        def score(features: Mapping[str, float]) -> float:
            total = sum(weights.get(name, 0.0) * value for name, value in features.items())
            return float(1 / (1 + np.exp(-total)))

    groups = {
        "sample books": [v for book in tested for v in judge_book(book, book.pages)],
        "sample books, damaged": judge_damaged(tested, 2),
        **{name: [v for book in books for v in judge_book(book, book.pages)] for name, books in real.items()},
    }
    scored = {name: (verdicts, [score(v.features) for v in verdicts]) for name, verdicts in groups.items()}
    say("| books | pairs | right | right of those ≥ 0.9 | share of right pairs ≥ 0.9 | Brier score |")
    say("| --- | ---: | ---: | ---: | ---: | ---: |")
    for name, (verdicts, scores) in scored.items():
        report(name, verdicts, scores)
    if call.plot:
        draw_plot(call.plot, scored)


if __name__ == "__main__":
    main()
