"""The model of a validation: loaded once it is needed, fine-tuned seed by seed into the work folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from baselines.corpus import Corpus
from baselines.encoding import ClipEncoder, choose_device
from baselines.findings import Curve
from baselines.finetuning import fine_tune
from baselines.models import ChineseClip, load_model
from baselines.tokens import Context, choose_context
from baselines.training_records import FineTuned, Progress
from baselines.training_settings import TrainingSettings, choose_settings
from baselines.validation_settings import FINE_TUNED, Counter
from baselines.validation_settings import Progress as Report

if TYPE_CHECKING:
    from baselines.scenes import CropEncoder

# What a fine-tuned checkpoint depends on beside its settings.
_TRAINING_CODE = ("finetuning", "losses", "schedule", "pictures", "tokens", "checkpoints", "training_*")


@dataclass(frozen=True)
class ClipLearner:
    """A Chinese-CLIP. `training` holds settings to set over the model's defaults; `work` keeps checkpoints
    and vectors; `context` is found from the release's texts unless `training` has one."""

    corpus: Corpus
    work: Path
    model: str | None = None
    weights: Path | None = None
    device: str = "auto"
    training: Mapping[str, Any] | None = None

    @cached_property
    def _start(self) -> ChineseClip:
        return load_model(self.model, self.weights)

    @property
    def weights_sha256(self) -> str:
        """Of the weights it starts from."""
        return self._start.weights_sha256

    @cached_property
    def _settings(self) -> TrainingSettings:
        settings = choose_settings(self._start.name)
        if choose_device(self.device).startswith("cuda"):
            settings = replace(settings, mixed="bf16")
        return replace(settings, **(self.training or {}))

    @cached_property
    def _needed(self) -> Context:
        """What the texts of all splits need, so that zero-shot and fine-tuned read the same."""
        texts = [text for split in self.corpus.splits.values() for text in split.texts]
        return choose_context(texts, self._start.longest_text, self._settings.context)

    @property
    def _context(self) -> int:
        return self._needed.length

    @property
    def recipe(self) -> Mapping[str, Any]:
        """The settings of fine-tuning but for the seed."""
        known = asdict(replace(self._settings, context=self._context))
        return {name: value for name, value in known.items() if name not in ("seed", "save_every")}

    def load(self) -> CropEncoder:
        """The model as it comes."""
        return self._make_encoder(self._start)

    def finetune(self, corpus: Corpus, seed: int, progress: Report) -> tuple[CropEncoder, Curve]:
        """Trains under a seed, or goes on with what was begun, or takes what is done."""
        settings = replace(self._settings, seed=seed, context=self._context)
        # Training changes a network in place, and the next seed begins at the same start.
        model = load_model(self._start.name, Path(self._start.origin))
        name = f"{FINE_TUNED}, seed {seed}"
        pictures = sum(len(corpus.splits[s].pictures) for s in ("train", "validation"))
        counter = Counter(f"{name}: decode", pictures, progress)
        done = fine_tune(
            model,
            corpus,
            self.work / "training" / f"{self._key()}-{seed}",
            settings,
            self.device,
            _tell(f"{name}: train", progress),
            counter.add,
        )
        curve = describe_run(done, seed)
        # It may have stopped early, and then the step has not told its end.
        progress(f"{name}: train", len(curve.steps), len(curve.steps))
        return self._make_encoder(load_model(model.name, done.weights)), curve

    def about(self) -> Mapping[str, Any]:
        """What metrics.json says of the model; no path, which would be this machine's."""
        return {
            "name": self._start.name,
            "weights": Path(self._start.origin).name,
            "weights_sha256": self.weights_sha256,
            "side_px": self._start.side_px,
            "dim": self._start.dim,
            "parameters": sum(p.numel() for p in self._start.network.parameters()),
            "context": self._context,
            "share_of_texts_cut": round(self._needed.cut_share, 4),
            "device": choose_device(self.device),
        }

    def _make_encoder(self, model: ChineseClip) -> ClipEncoder:
        return ClipEncoder(model, self.device, self._context, self.work)

    def _key(self) -> str:
        code = hashlib.sha256()
        for pattern in _TRAINING_CODE:
            for path in sorted(Path(__file__).parent.glob(f"{pattern}.py")):
                code.update(path.read_bytes())
        known = [self.corpus.release_sha256, self.weights_sha256, dict(self.recipe), code.hexdigest()]
        return hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()[:16]


def _tell(step: str, progress: Report) -> Callable[[Progress], None]:
    return lambda told: progress(step, told.step, told.steps)


def describe_run(done: FineTuned, seed: int) -> Curve:
    """A run's curves, and what else a reader may ask."""
    losses = [loss for epoch in done.history for loss in epoch.losses]
    facts = {
        "epoch kept": done.best_epoch,
        "stopped early": done.stopped_early,
        "training pairs": done.pairs,
        "pairs a step": done.batch,
        "processes": done.processes,
        "context, tokens": done.context,
        "texts cut there": f"{100 * done.cut_share:.1f} %",
        "share of the start": done.start_share,
    }
    measured = [epoch for epoch in done.history if epoch.validation]
    return Curve(
        seed=seed,
        steps=tuple(range(1, len(losses) + 1)),
        losses=tuple(losses),
        epochs=tuple(float(epoch.epoch) for epoch in measured),
        recalls=tuple(epoch.validation["MR"] for epoch in measured),
        best_epoch=float(done.best_epoch),
        facts=facts,
    )
