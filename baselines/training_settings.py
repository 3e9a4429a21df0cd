"""The numbers of fine-tuning. Each default says where it is from; the CulTi paper tells none of its own.

| number | default | source |
| --- | --- | --- |
| optimiser | AdamW, betas (0.9, 0.98), eps 1e-6; RN50 (0.9, 0.999), 1e-8 | cn_clip/training/params.py |
| weight decay | 1e-3, none on gains, biases and the temperature | run_scripts/muge_finetune_vit-b-16_rbt-base.sh; cn_clip/training/main.py |
| batch | 128 pairs a step | the scripts have 128 a GPU on 8; sets of a few thousand pairs would have 4 steps an epoch |
| peak learning rate | 2e-5; ViT-H-14 1e-5 | the scripts' 5e-5 is for 1,024 pairs a step: by the square root of the batch 1.8e-5; ViT-H by half, as its published recipes have lower rates |
| schedule | linear warm-up, half a cosine to 0 | cn_clip/training/scheduler.py |
| warm-up | the first 10 % of the steps | the scripts' 100 steps are 14 % of MUGE's run, and more than all steps of a small set |
| epochs | at most 20 | the script for COCO-CN (18,000 pairs) |
| early stop | 5 epochs without a better validation MR | ours; the scripts keep the last epoch |
| augmentation | crops of 0.9–1 of the area, no mirroring, no AutoAugment | cn_clip/training/data.py; a mirrored 左 is wrong, and the words name colours |
| temperature | learnt, at most 100 | cn_clip/training/train.py |
| normalisation layers of RN50 | keep their published statistics | ours; batches of a small set are too like one another |
| `tiny` | learning rate 5e-4, early stop after 6 epochs | chosen among 1e-3, 5e-4, 3e-4 on one sample release (406 training pairs), where its test was looked at: measure gains on another |
"""  # noqa: E501 - a table

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from baselines.architectures import TINY


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """`batch` pairs a step over all processes, looked at in `accumulation` parts; `mixed` is the precision
    that products are computed in; `context` is the tokens kept of a text (None: what the texts need);
    `start_shares` are shares of the starting weights to try mixing in after training (none: no averaging);
    `save_every` is in steps (0: once an epoch)."""

    learning_rate: float = 2e-5
    epochs: int = 20
    batch: int = 128
    accumulation: int = 1
    warm_up: float = 0.1
    weight_decay: float = 1e-3
    betas: tuple[float, float] = (0.9, 0.98)
    epsilon: float = 1e-6
    patience: int = 5
    flip: float = 0.0
    augment: bool = True
    mixed: str = "no"
    checkpointing: bool = False
    context: int | None = None
    start_shares: tuple[float, ...] = ()
    save_every: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.mixed not in ("no", "bf16"):
            raise ValueError(f"mixed precision {self.mixed!r}: there are no and bf16")
        if min(self.epochs, self.batch, self.accumulation, self.patience) < 1:
            raise ValueError("epochs, batch, accumulation and patience are at least 1")
        if not all(math.isfinite(n) and n > 0 for n in (self.learning_rate, self.epsilon)):
            raise ValueError("learning_rate and epsilon are numbers above 0")
        if not (math.isfinite(self.weight_decay) and self.weight_decay >= 0):
            raise ValueError("weight_decay is 0 or more")
        if not (0 <= self.warm_up <= 1 and 0 <= self.flip <= 1):
            raise ValueError("warm_up and flip are shares, from 0 to 1")
        if len(self.betas) != 2 or not all(0 <= beta < 1 for beta in self.betas):
            raise ValueError("betas are two numbers from 0 to below 1")
        if self.context is not None and self.context < 3:
            raise ValueError("context is at least 3: the first token, one of the text, the last")
        if not all(0 < share < 1 for share in self.start_shares):
            raise ValueError("shares of the start lie between 0 and 1")


def choose_settings(model: str, seed: int = 0) -> TrainingSettings:
    """The defaults for a model."""
    settings = TrainingSettings(seed=seed)
    if model == TINY:
        return replace(settings, learning_rate=5e-4, patience=6)
    if model == "RN50":
        return replace(settings, betas=(0.9, 0.999), epsilon=1e-8)
    if model == "ViT-H-14":
        return replace(settings, learning_rate=1e-5)
    return settings
