"""Small models and small sets of pairs for the tests of loading, encoding and fine-tuning."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("cn_clip", reason="the extra is not installed: pip install -e '.[validate]'")

from baselines.architectures import find_architecture
from baselines.finetuning import Material, make_accelerator, train
from baselines.models import ChineseClip, build_random
from baselines.ranking import Grading
from baselines.tokens import choose_context, tokenize
from baselines.training_set import TrainingSet, ValidationSet
from baselines.training_settings import TrainingSettings


def make_model(name: str = "tiny", seed: int = 0) -> ChineseClip:
    """A model with random weights."""
    architecture = find_architecture(name)
    return ChineseClip(architecture, build_random(architecture, seed), f"random {seed}", "random")


def save_published(model: ChineseClip, path: Path, prefix: str = "module.") -> Path:
    """A checkpoint as Chinese-CLIP publishes them: fp16, `module.`, epoch and step beside the weights."""
    import torch

    state = {f"{prefix}{name}": value.half() for name, value in model.network.state_dict().items()}
    torch.save({"epoch": 3, "step": 7, "name": "finetune", "state_dict": state}, path)
    return path


def make_material(pairs: int = 55, held: int = 16) -> Material:
    """Squares of one colour with the colour's name; each text and each image stands in some pairs twice."""
    random = np.random.default_rng(0)
    words = [f"{a}地{b}纹{c}" for a in "红黄绿蓝紫褐" for b in "龙凤鹤鹿鱼兔" for c in ("", "锦")]
    shades = random.integers(0, 256, (pairs, 3, 9, 9), dtype=np.uint8).repeat(8, axis=2).repeat(8, axis=3)
    texts = [words[n % len(words)] for n in range(pairs)]
    context = choose_context(texts, 128)
    tokens = tokenize(texts, context.length)
    links = [(n, n) for n in range(pairs)] + [(n, n + 1) for n in range(0, pairs - 1, 6)]
    training = TrainingSet(shades, tokens, np.array(links, dtype=np.int64))
    alone = tuple((n,) for n in range(held))
    validation = ValidationSet(shades[:held, :, 4:68, 4:68], tokens[:held], Grading(alone, alone))
    return Material(training, validation, context, "drawn")


def run_training(folder: Path, model: ChineseClip | None = None, stop_after: int = 0, losses=None, **numbers):
    """A run on the CPU with small numbers; after step `stop_after` it is cut off, as by a kill. `losses`
    gets the loss of every step that was taken."""
    settings = TrainingSettings(**{"learning_rate": 1e-3, "epochs": 3, "batch": 16, **numbers})

    def tell(progress) -> None:
        if losses is not None:
            losses.append(progress.loss)
        if progress.step == stop_after:
            raise KeyboardInterrupt

    return train(
        model or make_model(), make_material(), folder, settings, make_accelerator("cpu", settings), tell
    )


def list_losses(outcome) -> list[float]:
    """Every step's loss."""
    return [loss for epoch in outcome.history for loss in epoch.losses]
