"""Fine-tuning a Chinese-CLIP on a release's training split: one process or several, resumed to the bit.

cn_clip's own trainer needs CUDA, NCCL and LMDB, and keeps the last epoch. Here Hugging Face's accelerate
looks after devices, precision and processes (`torchrun` works), the best epoch on validation is kept, and a
run that is killed goes on with the losses it would have had.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from baselines.chinese_clip import check_extra
from baselines.corpus import Corpus
from baselines.encoding import choose_device
from baselines.errors import TrainingError
from baselines.models import ChineseClip
from baselines.schedule import Plan, plan_steps
from baselines.tokens import Context, choose_context
from baselines.training_records import FineTuned, Progress, Tell
from baselines.training_run import Run, begin_run
from baselines.training_set import TrainingSet, ValidationSet, read_training_set, read_validation_set
from baselines.training_settings import TrainingSettings

PIXELS = "pixels"


@dataclass(frozen=True, slots=True)
class Material:
    """What a run trains and chooses by; `context` says how many tokens of a text are kept, `source` is the
    release's digest."""

    training: TrainingSet
    validation: ValidationSet | None
    context: Context
    source: str


def fine_tune(
    model: ChineseClip,
    corpus: Corpus,
    folder: Path,
    settings: TrainingSettings,
    device: str = "auto",
    tell: Tell = lambda _: None,
    advance: Callable[[int], None] = lambda _: None,
) -> FineTuned:
    """Trains `model` in place (its network holds the best weights afterwards) and writes `best.pt` and
    `state.pt` into `folder`; the folder's parent keeps decoded pixels for other seeds of the same release.

    Under `torchrun` every process calls this and gets the same outcome. `tell` hears of steps in the first
    process, `advance` of pictures decoded. Raises TrainingError: no training pairs, fewer than processes ×
    accumulation, a state of another run in `folder`.
    """
    check_extra()
    accelerator = make_accelerator(device, settings)
    with accelerator.main_process_first():
        material = read_material(model, corpus, folder.parent / PIXELS, settings, advance)
    return train(model, material, folder, settings, accelerator, tell)


def read_material(
    model: ChineseClip,
    corpus: Corpus,
    folder: Path,
    settings: TrainingSettings,
    advance: Callable[[int], None] = lambda _: None,
) -> Material:
    """Pixels, tokens and pairs of a release for a model."""
    split = corpus.splits["train"]
    if not split.texts:
        raise TrainingError(f"{corpus.root}: the training split has no texts; try --zero-shot-only")
    context = choose_context(split.texts, model.longest_text, settings.context)
    side = model.side_px
    training = read_training_set(split, side, context.length, folder, advance)
    validation = read_validation_set(corpus.splits["validation"], side, context.length, folder, advance)
    return Material(training, validation, context, corpus.release_sha256)


def train(
    model: ChineseClip,
    material: Material,
    folder: Path,
    settings: TrainingSettings,
    accelerator: Any,  # noqa: ANN401 - accelerate has no types
    tell: Tell = lambda _: None,
) -> FineTuned:
    """The run itself, from its beginning or from where `folder/state.pt` says it was."""
    started = time.monotonic()
    parts = accelerator.num_processes * settings.accumulation
    try:
        plan = plan_steps(len(material.training.pairs), settings.batch, settings.epochs, parts)
    except ValueError as error:
        raise TrainingError(f"{error}; use fewer processes or less accumulation") from error
    identity = _identify(model, material, settings, plan, accelerator)
    run = begin_run(model, material.validation, folder, settings, plan, accelerator, identity)
    while not run.is_done:
        step = run.step
        epoch = step // plan.steps_per_epoch + 1
        loss, rate = run.take_step(material.training)
        measured = run.end_epoch() if run.step % plan.steps_per_epoch == 0 else None
        run.save_if_due()
        if accelerator.is_main_process:
            tell(Progress(run.step, plan.steps, epoch, loss, rate, measured))
    share = run.finish()
    return _conclude(run, material, plan, accelerator, share, time.monotonic() - started)


def _conclude(
    run: Run,
    material: Material,
    plan: Plan,
    accelerator: Any,  # noqa: ANN401
    share: float,
    seconds: float,
) -> FineTuned:
    return FineTuned(
        weights=run.averaged_path if share else run.best_path,
        history=tuple(run.history),
        best_epoch=run.best_epoch,
        best_MR=run.best,
        stopped_early=run.stopped_early,
        start_share=share,
        context=material.context.length,
        cut_share=material.context.cut_share,
        pairs=plan.pairs,
        batch=plan.batch,
        processes=accelerator.num_processes,
        seconds=seconds,
    )


def make_accelerator(device: str, settings: TrainingSettings) -> Any:  # noqa: ANN401
    """accelerate's Accelerator for a device; under `torchrun` it joins the other processes."""
    import torch
    from accelerate import Accelerator
    from accelerate.state import AcceleratorState

    # Its state is one for the whole process; another run may have had another precision or device.
    AcceleratorState._reset_state(reset_partial_state=True)
    chosen = choose_device(device)
    if chosen.startswith("cuda:"):
        # A process alone is given the current one, and under `torchrun` each the one of its own.
        torch.cuda.set_device(chosen)
    return Accelerator(cpu=chosen.startswith("cpu"), mixed_precision=settings.mixed)


def _identify(
    model: ChineseClip,
    material: Material,
    settings: TrainingSettings,
    plan: Plan,
    accelerator: Any,  # noqa: ANN401
) -> str:
    """What a state must agree in to be gone on from; how often it is saved does not matter."""
    known = {
        "weights": model.weights_sha256,
        "release": material.source,
        "context": material.context.length,
        "settings": asdict(replace(settings, save_every=0)),
        "plan": asdict(plan),
        "processes": accelerator.num_processes,
        "device": accelerator.device.type,
    }
    return hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()
