"""What a training run tells while it runs and when it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Progress:
    """One step done: `step` counts from 1 to `steps`, `epoch` from 1; `validation_MR` (0–100) is that of the
    epoch that the step ended, else None."""

    step: int
    steps: int
    epoch: int
    loss: float
    learning_rate: float
    validation_MR: float | None = None  # noqa: N815 - the metric's name


Tell = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class EpochRecord:
    """One epoch, from 1 (0 is the start, without losses): the loss of each step, and the metrics of
    `baselines.metrics` on validation."""

    epoch: int
    losses: tuple[float, ...]
    validation: dict[str, float]


@dataclass(frozen=True, slots=True)
class FineTuned:
    """A run's outcome. `weights` is the best checkpoint in cn_clip's layout; `best_epoch` is 0 where the
    start was not bettered; `start_share` is the share of the starting weights in it; `context` is the tokens
    kept of a text and `cut_share` the share (0–1) of training texts cut there; `seconds` are of this call."""

    weights: Path
    history: tuple[EpochRecord, ...]
    best_epoch: int
    best_MR: float  # noqa: N815
    stopped_early: bool
    start_share: float
    context: int
    cut_share: float
    pairs: int
    batch: int
    processes: int
    seconds: float
