"""What every step of a training run does, from its seed alone: pairs, augmentation, learning rate.

Nothing depends on what ran before, so a run that is resumed goes on as if it had not been stopped, and one
and two processes see the same pairs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]
# Of random numbers drawn for different ends.
_ORDER, _VIEWS, _DROPOUT = 0, 1, 2
# cn_clip/training/data.py: RandomResizedCrop of 0.9 to 1 of the area; sides 3:4 to 4:3 are torchvision's.
_AREA = (0.9, 1.0)
_RATIO = 4 / 3


@dataclass(frozen=True, slots=True)
class Plan:
    """How a run of `epochs` over `pairs` pairs is cut into steps of `batch` pairs; those of an epoch that
    do not fill a step are left out, others in each epoch."""

    pairs: int
    batch: int
    epochs: int

    @property
    def steps_per_epoch(self) -> int:
        """At least 1."""
        return self.pairs // self.batch

    @property
    def steps(self) -> int:
        """In all epochs."""
        return self.steps_per_epoch * self.epochs


def plan_steps(pairs: int, batch: int, epochs: int, parts: int) -> Plan:
    """A plan with batches of about the size asked for, such that few pairs are left over; the size is a
    multiple of `parts` (processes × accumulation). ValueError where there are fewer pairs than parts."""
    if pairs < parts:
        raise ValueError(f"{pairs} pairs cannot be shared among {parts}")
    steps = max(1, round(pairs / max(batch, parts)))
    return Plan(pairs, pairs // steps // parts * parts, epochs)


def choose_pairs(plan: Plan, step: int, seed: int) -> Ints:
    """The pairs (batch,) of a step, counted from 0 over all epochs."""
    epoch, place = divmod(step, plan.steps_per_epoch)
    order = np.random.default_rng([seed, epoch, _ORDER]).permutation(plan.pairs)
    return order[place * plan.batch : (place + 1) * plan.batch]


def choose_views(plan: Plan, step: int, seed: int, flip: float = 0.0) -> Floats:
    """(pairs, 5) for all pairs: the box x0, y0, x1, y1 (0–1) that is seen in this step's epoch, and 1 where
    it is mirrored: a mirrored 左 is wrong and dragons have a side, so only if asked for."""
    epoch = step // plan.steps_per_epoch
    area, ratio, x, y, chance = np.random.default_rng([seed, epoch, _VIEWS]).random((5, plan.pairs))
    area = _AREA[0] + (_AREA[1] - _AREA[0]) * area
    ratio = np.exp((2 * ratio - 1) * math.log(_RATIO))
    width, height = np.minimum(1, np.sqrt(area * ratio)), np.minimum(1, np.sqrt(area / ratio))
    left, top = x * (1 - width), y * (1 - height)
    views = np.stack([left, top, left + width, top + height, chance < flip], axis=1)
    return np.asarray(views, dtype=np.float32)


def seed_dropout(seed: int, step: int, part: int) -> int:
    """A seed for torch, other for each step and part of a batch."""
    return int(np.random.default_rng([seed, step, part, _DROPOUT]).integers(2**62))


def find_rate(step: int, steps: int, warm_up: int, peak: float) -> float:
    """Linear warm-up, then half a cosine to 0, as cn_clip/training/scheduler.py."""
    if step < warm_up:
        return peak * (step + 1) / warm_up
    done = (step - warm_up) / max(1, steps - warm_up)
    return 0.5 * (1 + math.cos(math.pi * done)) * peak
