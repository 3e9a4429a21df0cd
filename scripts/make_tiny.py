"""Trains the tiny model of this package from nothing, on pairs that `draw_tiny_pairs.py` has drawn.

Usage: python scripts/draw_tiny_pairs.py pairs.npz && python scripts/make_tiny.py pairs.npz

It is Chinese-CLIP of cn_clip's own classes at 64 px, trained by this project's own fine-tuning from random
weights, and written as fp16 in cn_clip's layout to baselines/tiny/tiny.pt. On one machine the same pairs
give the same weights.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from baselines.architectures import TINY, TINY_WEIGHTS, find_architecture
from baselines.corpus import read_corpus
from baselines.finetuning import Material, make_accelerator, read_material, train
from baselines.models import ChineseClip, build_random
from baselines.ranking import Grading
from baselines.tokens import choose_context, tokenize
from baselines.training_records import Progress
from baselines.training_run import measure_validation
from baselines.training_set import TrainingSet, ValidationSet
from baselines.training_settings import TrainingSettings
from baselines.weights import hash_file_beside, hash_weights

HELD_BACK = 300
LONGEST = 96
# From nothing, and on many pairs, it learns at a higher rate than in fine-tuning.
SETTINGS = TrainingSettings(
    learning_rate=1e-3,
    epochs=5,
    batch=128,
    warm_up=0.05,
    betas=(0.9, 0.98),
    weight_decay=0.1,
    patience=99,
    mixed="bf16",
)
log = logging.getLogger("make_tiny")


def read_pairs(path: Path, side_px: int) -> Material:
    """The drawn pairs; the last text of each of 300 images, spread over all, is held back for validation."""
    drawn = np.load(path)
    pixels, texts, counts = drawn["pixels"], drawn["texts"].tolist(), drawn["counts"]
    images = np.repeat(np.arange(len(counts)), counts)
    context = choose_context(texts, LONGEST)
    tokens = tokenize(texts, context.length)
    kept = np.zeros(len(counts), dtype=bool)
    kept[np.linspace(0, len(counts) - 1, HELD_BACK).astype(int)] = True
    pairs = np.stack([np.arange(len(texts)), images], axis=1)
    training = TrainingSet(pixels, tokens, pairs[~kept[images]])
    ends = np.cumsum(counts)[kept] - 1
    distinct = {texts[n]: int(n) for n in ends}
    places = sorted(distinct.values())
    room = (pixels.shape[2] - side_px) // 2
    middle = pixels[images[places]][:, :, room : room + side_px, room : room + side_px]
    alone = tuple((n,) for n in range(len(places)))
    return Material(training, ValidationSet(middle, tokens[places], Grading(alone, alone)), context, "drawn")


def report(progress: Progress) -> None:
    """A line now and then."""
    if progress.step % 20 == 0 or progress.validation_MR is not None:
        log.info(
            "step %d/%d loss %.3f MR %s", progress.step, progress.steps, progress.loss, progress.validation_MR
        )


def write_half(model: ChineseClip, out: Path) -> None:
    """fp16 in cn_clip's layout, as the published weights are."""
    import torch

    state = {f"module.{name}": value.half() for name, value in model.network.state_dict().items()}
    out.parent.mkdir(parents=True, exist_ok=True)
    torch.save({"name": TINY, "state_dict": state}, out)
    hash_file_beside(out).write_text(f"{hash_weights((out,))}  {out.name}\n", encoding="ascii")
    log.info("%s: %.1f MB", out, out.stat().st_size / 1e6)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pairs", type=Path)
    parser.add_argument("--out", type=Path, default=TINY_WEIGHTS)
    parser.add_argument("--epochs", type=int, default=SETTINGS.epochs)
    parser.add_argument("--on", type=Path, help="a release to measure on, zero-shot, when it is done")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    settings = replace(SETTINGS, epochs=options.epochs)
    accelerator = make_accelerator("cpu", settings)
    model = ChineseClip(find_architecture(TINY), build_random(find_architecture(TINY), 0), "random", "random")
    with tempfile.TemporaryDirectory() as folder:
        material = read_pairs(options.pairs, model.side_px)
        found = train(model, material, Path(folder), settings, accelerator, report)
        log.info(
            "%d pairs, best epoch %d, MR %.1f, %.0f s",
            found.pairs,
            found.best_epoch,
            found.best_MR,
            found.seconds,
        )
        write_half(model, options.out)
        if options.on:
            held = read_material(model, read_corpus(options.on), Path(folder), settings)
            if held.validation:
                log.info(
                    "validation of %s: %s",
                    options.on,
                    measure_validation(model, held.validation, accelerator),
                )


if __name__ == "__main__":
    main()
