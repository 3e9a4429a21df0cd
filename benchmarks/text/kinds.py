"""How often the kind of a figure is right, what it is taken for, and whether its score means what it says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from alignment.records import MachinePair, Series
from benchmarks.text.scoring import find_pair
from samples.truth import Row, read_figures

BINS = (0.0, 0.5, 0.7, 0.9, 0.97, 1.001)
LOST = "not found"


@dataclass(frozen=True, slots=True)
class KindVerdict:
    """What a figure is, what it was taken for (`LOST` where there is no pair), and with which score."""

    truth: str
    found: str
    score: float

    @property
    def is_right(self) -> bool:
        """Whether it was taken for what it is."""
        return self.truth == self.found


def judge_kinds(rows: Sequence[Row], pairs: Sequence[MachinePair], series: Series | str) -> list[KindVerdict]:
    """Verdicts on the figures of a book whose kind is known; in books that are neither of silk nor of murals
    a figure is a `figure`, whatever it shows."""
    verdicts = []
    for figure in read_figures(rows):
        if not figure.kind:
            continue
        truth = "figure" if series == "other" else figure.kind
        pair = find_pair(pairs, figure)
        found = (pair.kind, pair.kind_score) if pair else (LOST, 0.0)
        verdicts.append(KindVerdict(truth, *found))
    return verdicts


def measure_accuracy(verdicts: Sequence[KindVerdict]) -> float:
    """The share of the figures that were found whose kind is right; 1 without any."""
    found = [v for v in verdicts if v.found != LOST]
    return sum(v.is_right for v in found) / len(found) if found else 1.0


def list_confusion(verdicts: Sequence[KindVerdict]) -> Iterator[str]:
    """A table in Markdown: a line for each kind that is shown, a column for each that was said."""
    counts = Counter((v.truth, v.found) for v in verdicts)
    said = sorted({found for _, found in counts}, key=lambda kind: (kind == LOST, kind))
    yield f"| is | {' | '.join(said)} |"
    yield "| --- |" + " ---: |" * len(said)
    for truth in sorted({truth for truth, _ in counts}):
        yield f"| {truth} | {' | '.join(str(counts[truth, kind]) for kind in said)} |"


def list_calibration(verdicts: Sequence[KindVerdict]) -> Iterator[str]:
    """A table in Markdown: how many of the figures with a score are right."""
    yield "| kind_score | figures | right |"
    yield "| --- | ---: | ---: |"
    for low, high in pairwise(BINS):
        some = [v for v in verdicts if v.found != LOST and low <= v.score < high]
        if some:
            yield f"| {low:.2f}–{min(high, 1.0):.2f} | {len(some)} | {sum(v.is_right for v in some)} |"
