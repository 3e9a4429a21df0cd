"""Retrieval metrics of ranks, each named so that no two papers' words can be mixed up.

| name | what |
| --- | --- |
| `text_to_image_R@K` | per cent of texts that find one of their images among the K best; K is 1, 5, 10 |
| `image_to_text_R@K` | the same the other way |
| `…_mean_recall` | mean of R@1, R@5, R@10 of that direction: what Chinese-CLIP's scripts call mean recall |
| `MR` | mean of all six recalls: what the CulTi paper's table calls MR |
| `…_median_rank` | median of the ranks, 1 is best |
| `…_MRR` | mean of 1/rank, 0–1 |

Ranks follow the rule in `baselines.ranking`: ties count against, the best of several relevant items counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Direction = Literal["text_to_image", "image_to_text"]
DIRECTIONS: tuple[Direction, Direction] = ("text_to_image", "image_to_text")
CUTOFFS = (1, 5, 10)
MR = "MR"
RECALLS = tuple(f"{direction}_R@{k}" for direction in DIRECTIONS for k in CUTOFFS)
MEAN_RECALLS = tuple(f"{direction}_mean_recall" for direction in DIRECTIONS)
# All that is measured, in the order of tables.
METRICS = (
    *RECALLS,
    *MEAN_RECALLS,
    MR,
    *(f"{direction}_{name}" for name in ("median_rank", "MRR") for direction in DIRECTIONS),
)


@dataclass(frozen=True, slots=True)
class Ranks:
    """1-based rank of the best relevant item of each query."""

    text_to_image: NDArray[np.int32]
    image_to_text: NDArray[np.int32]

    def get(self, direction: Direction) -> NDArray[np.int32]:
        """The ranks of one direction."""
        return self.text_to_image if direction == "text_to_image" else self.image_to_text


def measure(ranks: Ranks) -> dict[str, float]:
    """All of METRICS; recalls in per cent. NaN for a direction without queries, and then for MR."""
    found: dict[str, float] = {}
    for direction in DIRECTIONS:
        found |= measure_direction(ranks.get(direction), direction)
    found[MR] = float(np.mean([found[name] for name in RECALLS]))
    return {name: found[name] for name in METRICS}


def measure_direction(ranks: NDArray[np.int32], direction: Direction) -> dict[str, float]:
    """The metrics of one direction, under their full names."""
    if not len(ranks):
        return {name: float("nan") for name in METRICS if name.startswith(direction)}
    recalls = [100.0 * np.count_nonzero(ranks <= k) / len(ranks) for k in CUTOFFS]
    return {
        **{f"{direction}_R@{k}": value for k, value in zip(CUTOFFS, recalls, strict=True)},
        f"{direction}_mean_recall": float(np.mean(recalls)),
        f"{direction}_median_rank": float(np.median(ranks)),
        f"{direction}_MRR": float(np.mean(1.0 / ranks)),
    }


def find_mean_recall(ranks: NDArray[np.int32]) -> float:
    """Mean of R@1, R@5 and R@10 of one direction, in per cent."""
    return float(np.mean([100.0 * np.count_nonzero(ranks <= k) / len(ranks) for k in CUTOFFS]))


def measure_chance(texts: int, images: int) -> Mapping[str, float]:
    """R@K in per cent of a model that guesses, where each query has one relevant item."""
    sizes = {"text_to_image": images, "image_to_text": texts}
    return {f"{d}_R@{k}": 100.0 * min(1.0, k / max(1, sizes[d])) for d in DIRECTIONS for k in CUTOFFS}
