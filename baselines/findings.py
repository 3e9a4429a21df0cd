"""All that a report is made of: the release, the settings, the methods' summaries, and what to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from baselines.corpus import Corpus
from baselines.gate import Verdict
from baselines.laclip import LaclipSettings
from baselines.metrics import Direction
from baselines.results import Summary
from baselines.subsets import Subset


@dataclass(frozen=True, slots=True)
class Curve:
    """How one fine-tuning went. Losses by optimizer step; MR on validation by epoch, 0 is the start;
    `best_epoch` is the one that was kept; `facts` are what else a reader may ask."""

    seed: int
    steps: tuple[int, ...]
    losses: tuple[float, ...]
    epochs: tuple[float, ...]
    recalls: tuple[float, ...]
    best_epoch: float
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answers:
    """The best items of each test query under one method and seed: places (n_queries, k) by direction."""

    method: str
    top: Mapping[Direction, NDArray[np.int32]]


@dataclass(frozen=True, slots=True)
class CropWeights:
    """The weights (n_images, k) of one preset's crops on the test split, under the first seed."""

    settings: LaclipSettings
    weights: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Findings:
    """What `validate_release` found. `base` is the row that variants stand on, `featured` the variant that
    validation likes best; `answers` are of these two. `notes` are sentences on what could not be done."""

    corpus: Corpus
    model: Mapping[str, object]
    settings: Mapping[str, object]
    environment: Mapping[str, str]
    seeds: tuple[int, ...]
    summaries: tuple[Summary, ...]
    base: str
    featured: str
    curves: tuple[Curve, ...] = ()
    answers: Mapping[str, Answers] = field(default_factory=dict)
    crops: CropWeights | None = None
    subsets: tuple[Subset, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    notes: tuple[str, ...] = ()

    def get(self, name: str) -> Summary:
        """The summary of a method; KeyError where there is none."""
        return {s.name: s for s in self.summaries}[name]

    def names(self) -> Sequence[str]:
        """Of all rows, in order."""
        return [s.name for s in self.summaries]
