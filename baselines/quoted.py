"""The CulTi paper's table, quoted: other data, other splits, one run without intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from baselines.metrics import MR, RECALLS
from baselines.statistics import Interval

SOURCE = "CulTi (arXiv 2505.10921, ICDAR 2025), test split of the published set; quoted, not measured here"


@dataclass(frozen=True, slots=True)
class QuotedRow:
    """One row: the six recalls in per cent in the order of RECALLS, and MR as printed."""

    model: str
    recalls: tuple[float, float, float, float, float, float]
    mr: float

    def metrics(self) -> dict[str, float]:
        """By name, as our own rows are."""
        return {**dict(zip(RECALLS, self.recalls, strict=True)), MR: self.mr}


PAPER = (
    QuotedRow("R2D2 ViT-L", (20.0, 42.2, 56.0, 19.7, 44.2, 55.3), 39.6),
    QuotedRow("CN-CLIP RN50", (7.9, 24.1, 32.6, 7.2, 21.4, 31.8), 20.8),
    QuotedRow("CN-CLIP ViT-B", (19.7, 43.9, 54.8, 17.4, 40.9, 53.0), 38.3),
    QuotedRow("CN-CLIP ViT-L", (22.9, 49.6, 62.2, 21.9, 46.2, 59.3), 43.7),
    QuotedRow("CN-CLIP ViT-H", (27.2, 53.2, 64.5, 24.5, 50.4, 64.0), 47.3),
    QuotedRow("LACLIP ViT-H", (28.1, 56.6, 66.2, 23.6, 49.9, 62.9), 47.9),
)


def find_contained(row: QuotedRow, intervals: Mapping[str, Interval]) -> dict[str, bool]:
    """For each metric of the row, whether our interval contains the quoted number."""
    return {
        name: intervals[name].low <= value <= intervals[name].high for name, value in row.metrics().items()
    }
