"""What a validation is asked for, who learns, and how progress is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from baselines.corpus import Corpus
from baselines.findings import Curve
from baselines.laclip import PRESETS, LaclipSettings
from baselines.scenes import CropEncoder

ZERO_SHOT, FINE_TUNED = "zero-shot", "fine-tuned"
# Called with (step, done, of how many); a step's first call has done = 0.
Progress = Callable[[str, int, int], None]


def keep_silent(step: str, done: int, total: int) -> None:
    """The progress of who does not want any."""


class Learner(Protocol):
    """The model asked for: loads it, fine-tunes it. `recipe` is all that changes what fine-tuning gives;
    `about` goes into metrics.json."""

    @property
    def weights_sha256(self) -> str: ...
    @property
    def recipe(self) -> Mapping[str, Any]: ...
    def load(self) -> CropEncoder: ...
    def finetune(self, corpus: Corpus, seed: int, progress: Progress) -> tuple[CropEncoder, Curve]: ...
    def about(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class ValidationSettings:
    """What a validation is asked for. `work` holds trials, checkpoints and vectors (default `<out>.work`);
    `features` are folders of other models' vectors; `gate` is a gate file."""

    release: Path
    out: Path
    work: Path | None = None
    seeds: int = 3
    zero_shot_only: bool = False
    features: Path | None = None
    gate: Path | None = None
    presets: tuple[LaclipSettings, ...] = tuple(PRESETS.values())

    @property
    def work_folder(self) -> Path:
        """Where what is kept between runs lies."""
        return self.work or self.out.with_name(f"{self.out.name}.work")


class Counter:
    """Adds up what is done of one step and tells of it."""

    def __init__(self, step: str, total: int, progress: Progress) -> None:
        self._step, self._total, self._progress = step, total, progress
        self._done = 0
        self.add(0)

    def add(self, count: int) -> None:
        self._done += count
        self._progress(self._step, self._done, self._total)
