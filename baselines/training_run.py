"""The state of one training run: steps taken, what validation said, the best so far, all of it resumable."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from baselines.checkpoints import read_state, read_weights, save_state, save_weights
from baselines.errors import TrainingError
from baselines.metrics import MR, measure
from baselines.models import ChineseClip
from baselines.pictures import normalise
from baselines.ranking import rank_both
from baselines.schedule import Floats, Plan, find_rate
from baselines.tokens import trim
from baselines.training_records import EpochRecord
from baselines.training_set import TrainingSet, ValidationSet
from baselines.training_settings import TrainingSettings
from baselines.training_step import (
    Share,
    find_gradients,
    group_parameters,
    make_batch,
    prepare_training,
    stop_checkpointing,
)

BEST = "best.pt"
AVERAGED = "averaged.pt"
STATE = "state.pt"
# cn_clip/training/train.py holds the logarithm of the scale between these: the scale between 1 and 100.
_LOG_SCALE = (0.0, 4.6052)
_LOOKED_AT_ONCE = 64


@dataclass(slots=True)
class Run:
    """A run in work. `best` is the validation MR (0–100) of `best_epoch`, 0 being the start."""

    model: ChineseClip
    wrapped: Any
    optimizer: Any
    accelerator: Any
    validation: ValidationSet | None
    folder: Path
    settings: TrainingSettings
    plan: Plan
    identity: str
    step: int = 0
    losses: list[float] = field(default_factory=list)
    history: list[EpochRecord] = field(default_factory=list)
    best: float = float("-inf")
    best_epoch: int = 0
    start: dict[str, Any] = field(default_factory=dict)

    @property
    def best_path(self) -> Path:
        """The best checkpoint so far."""
        return self.folder / BEST

    @property
    def averaged_path(self) -> Path:
        """The best mixed with the start, if it is mixed; the best is left for a run that goes on."""
        return self.folder / AVERAGED

    @property
    def epoch(self) -> int:
        """Epochs ended."""
        return self.step // self.plan.steps_per_epoch

    @property
    def stopped_early(self) -> bool:
        """Whether validation has not gained for too long."""
        waited = self.epoch - self.best_epoch
        return self.validation is not None and len(self.losses) == 0 and waited >= self.settings.patience

    @property
    def is_done(self) -> bool:
        """Whether no step is left, or none is worth taking."""
        return self.step >= self.plan.steps or self.stopped_early

    @property
    def share(self) -> Share:
        """This process among all."""
        a = self.accelerator
        return Share(a.process_index, a.num_processes, a.device)

    def take_step(self, data: TrainingSet) -> tuple[float, float]:
        """One step of the optimiser; the loss over all processes, and the learning rate."""
        settings, plan = self.settings, self.plan
        rate = find_rate(
            self.step, plan.steps, max(1, round(settings.warm_up * plan.steps)), settings.learning_rate
        )
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        prepare_training(self.model.network, checkpointing=settings.checkpointing)
        batch = make_batch(data, plan, settings, self.step, self.model.side_px, self.share)
        self.optimizer.zero_grad()
        loss = self._sum(find_gradients(self.wrapped, batch, self.share, self.accelerator.backward))
        if not np.isfinite(loss):
            raise TrainingError(
                f"step {self.step + 1}: the loss is {loss}; use a lower learning rate, or no mixed precision"
            )
        self.optimizer.step()
        self.model.network.logit_scale.data.clamp_(*_LOG_SCALE)
        self.step += 1
        self.losses.append(loss)
        return loss, rate

    def end_epoch(self) -> float | None:
        """Measures on validation and keeps the weights if they are the best; gives the MR."""
        found = self._measure_all()
        self.history.append(EpochRecord(self.epoch, tuple(self.losses), found))
        self.losses.clear()
        # Without a validation split the last epoch is as good a guess as any.
        value = found.get(MR, float(self.epoch))
        if value > self.best:
            self.best, self.best_epoch = value, self.epoch
            self._keep_weights(self.best_path)
        if self.settings.save_every == 0 or self.is_done:
            self._save()
        return found.get(MR)

    def save_if_due(self) -> None:
        """Writes the state after every `save_every` steps."""
        every = self.settings.save_every
        if every and self.step % every == 0:
            self._save()

    def finish(self) -> float:
        """Puts the best weights into the network, mixed with those of the start if that is asked for and
        better on validation; gives the start's share."""
        network = self.model.network
        stop_checkpointing(network)
        self.accelerator.wait_for_everyone()
        best = read_weights(self.best_path)
        chosen = 0.0
        for share in self.settings.start_shares if self.validation is not None else ():
            mixed = {name: _mix(self.start[name], value, share) for name, value in best.items()}
            network.load_state_dict(mixed)
            value = self._measure_all()[MR]
            if value > self.best:
                self.best, chosen = value, share
        if chosen:
            best = {name: _mix(self.start[name], value, chosen) for name, value in best.items()}
        network.load_state_dict(best)
        network.eval()
        if chosen:
            self._keep_weights(self.averaged_path)
        return chosen

    def _keep_weights(self, path: Path) -> None:
        about = {"name": self.model.name, "epoch": self.best_epoch, "step": self.step}
        if self.accelerator.is_main_process:
            save_weights(self.model.network, path, about)
        self.accelerator.wait_for_everyone()

    def _save(self) -> None:
        if self.accelerator.is_main_process:
            state = {
                "network": self.model.network.state_dict(),
                "optimizer": self.optimizer.state_dict(),
                "step": self.step,
                "losses": self.losses,
                "history": [(r.epoch, list(r.losses), r.validation) for r in self.history],
                "best": self.best,
                "best_epoch": self.best_epoch,
            }
            save_state(self.folder / STATE, self.identity, state)
        self.accelerator.wait_for_everyone()

    def resume(self) -> bool:
        """Goes on from the state in the folder; False where there is none."""
        state = read_state(self.folder / STATE, self.identity)
        if state is None:
            return False
        self.model.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.losses = state["step"], list(state["losses"])
        self.best, self.best_epoch = state["best"], state["best_epoch"]
        self.history = [EpochRecord(epoch, tuple(losses), found) for epoch, losses, found in state["history"]]
        return True

    def _sum(self, value: float) -> float:
        import torch

        if self.accelerator.num_processes == 1:
            return value
        total = torch.tensor(value, dtype=torch.float64, device=self.accelerator.device)
        return float(self.accelerator.reduce(total, reduction="sum"))

    def _measure_all(self) -> dict[str, float]:
        """The metrics on validation, measured by the first process and told to the others."""
        from accelerate.utils import broadcast_object_list

        if self.validation is None:
            return {}
        told: list[dict[str, float]] = [{}]
        if self.accelerator.is_main_process:
            told = [measure_validation(self.model, self.validation, self.accelerator)]
        if self.accelerator.num_processes > 1:
            broadcast_object_list(told)
        return told[0]


def begin_run(
    model: ChineseClip,
    validation: ValidationSet | None,
    folder: Path,
    settings: TrainingSettings,
    plan: Plan,
    accelerator: Any,  # noqa: ANN401 - accelerate has no types
    identity: str,
) -> Run:
    """A run at its beginning or where it was left; the start is measured too, for it may be the best."""
    import torch

    network = model.network.to(accelerator.device)
    start = {}
    if settings.start_shares:
        start = {name: value.detach().cpu().clone() for name, value in network.state_dict().items()}
    groups = group_parameters(network, settings.weight_decay)
    optimizer = torch.optim.AdamW(groups, lr=0.0, betas=settings.betas, eps=settings.epsilon)
    wrapped, optimizer = accelerator.prepare(network, optimizer)
    run = Run(
        model, wrapped, optimizer, accelerator, validation, folder, settings, plan, identity, start=start
    )
    if not run.resume():
        run.end_epoch()
    return run


def measure_validation(model: ChineseClip, data: ValidationSet, accelerator: Any) -> dict[str, float]:  # noqa: ANN401
    """The metrics of `baselines.metrics` on validation, in the precision that is trained in."""
    import torch

    model.network.eval()
    device = accelerator.device
    with torch.no_grad(), accelerator.autocast():
        images = [
            model.network.encode_image(normalise(torch.from_numpy(np.array(part)).to(device)))
            for part in _cut(data.pixels)
        ]
        texts = [model.network.encode_text(trim(part).to(device)) for part in _cut(data.tokens)]
    found = measure(rank_both(_finish(texts), _finish(images), data.grading))
    # Plain numbers: a training state holds nothing that must be trusted to be read.
    return {name: float(value) for name, value in found.items()}


def _cut(rows: Any) -> list[Any]:  # noqa: ANN401 - arrays of numpy or torch
    return [rows[n : n + _LOOKED_AT_ONCE] for n in range(0, len(rows), _LOOKED_AT_ONCE)]


def _finish(parts: list[Any]) -> Floats:
    import torch

    found = torch.nn.functional.normalize(torch.cat([part.float() for part in parts]), dim=-1)
    return np.asarray(found.cpu().numpy(), dtype=np.float32)


def _mix(start: Any, trained: Any, share: float) -> Any:  # noqa: ANN401 - tensors
    """Weights between the two (Wortsman et al. 2022, arXiv 2109.01903); counters are the trained ones."""
    return share * start + (1 - share) * trained if trained.is_floating_point() else trained
