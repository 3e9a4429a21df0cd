"""One step of training on one or several processes: the same gradients however the batch is cut up."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from baselines.losses import contrast, gather_rows
from baselines.pictures import normalise
from baselines.schedule import Ints, Plan, choose_pairs, choose_views, seed_dropout
from baselines.tokens import trim
from baselines.training_set import TrainingSet, cut_views
from baselines.training_settings import TrainingSettings

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, slots=True)
class Part:
    """Some pairs of a step as the model takes them, and a seed for its dropout."""

    images: Tensor
    tokens: Tensor
    seed: int


@dataclass(frozen=True, slots=True)
class Batch:
    """This process's share of a step: its parts, the place of its pairs (n,) among all of the step, and
    text and image (m, 2) of all."""

    parts: tuple[Part, ...]
    own: Tensor
    ids: Tensor


@dataclass(frozen=True, slots=True)
class Share:
    """Which process this is, of how many, and where it computes."""

    rank: int
    count: int
    device: Any

    def cut(self, pairs: Ints) -> slice:
        """The places of this process's pairs."""
        size = len(pairs) // self.count
        return slice(self.rank * size, (self.rank + 1) * size)


def make_batch(
    data: TrainingSet, plan: Plan, settings: TrainingSettings, step: int, side_px: int, share: Share
) -> Batch:
    """The pairs of a step that this process looks at, augmented."""
    import torch

    chosen = choose_pairs(plan, step, settings.seed)
    views = choose_views(plan, step, settings.seed, settings.flip)
    if not settings.augment:
        views[:] = (0, 0, 1, 1, 0)
    place = share.cut(chosen)
    parts = []
    for n, some in enumerate(np.array_split(chosen[place], settings.accumulation)):
        texts, images = data.pairs[some].T
        pixels = torch.from_numpy(data.pixels[images]).to(share.device)
        parts.append(
            Part(
                images=normalise(cut_views(pixels, views[some], side_px)),
                tokens=trim(data.tokens[torch.from_numpy(texts)]).to(share.device),
                seed=seed_dropout(settings.seed, step, share.rank * settings.accumulation + n),
            )
        )
    own = torch.arange(place.start, place.stop, device=share.device)
    return Batch(tuple(parts), own, torch.from_numpy(data.pairs[chosen]).to(share.device))


def find_gradients(model: Any, batch: Batch, share: Share, backward: Callable[[Tensor], None]) -> float:  # noqa: ANN401
    """Adds the gradients of the whole step's loss to the model's and returns this process's share of it.

    `model` gives unit vectors of images and texts and the scale, as cn_clip's CLIP does. Processes average
    their gradients, and the loss is a sum over them, so it is multiplied by their number.

    With several parts, vectors are first made without gradients, then the loss is taken over all of them,
    and each part is looked at again with the gradient of its vectors: memory for one part, negatives of all
    (Gao et al. 2021, arXiv 2101.06983; cn_clip's --accum-freq does the same).
    """
    import torch

    if len(batch.parts) == 1:
        loss = _find_loss(*_look(model, batch.parts[0]), batch)
        backward(loss * share.count)
        return float(loss.detach())
    with torch.no_grad():
        seen = [_look(model, part) for part in batch.parts]
    images, texts = (torch.cat(found).requires_grad_() for found in list(zip(*seen, strict=True))[:2])
    scale = seen[0][2].detach().clone().requires_grad_()
    loss = _find_loss(images, texts, scale, batch)
    torch.autograd.backward(loss * share.count)
    of_images, of_texts, of_scale = (leaf.grad for leaf in (images, texts, scale))
    assert of_images is not None and of_texts is not None and of_scale is not None
    done = 0
    for n, part in enumerate(batch.parts):
        last = n == len(batch.parts) - 1
        waiting = nullcontext() if last or share.count == 1 else model.no_sync()
        with waiting:
            found_images, found_texts, found_scale = _look(model, part)
            rows = slice(done, done + len(found_images))
            stand_in = (found_images * of_images[rows]).sum() + (found_texts * of_texts[rows]).sum()
            backward(stand_in + found_scale * (of_scale if last else 0.0))
        done = rows.stop
    return float(loss.detach())


def _look(model: Any, part: Part) -> tuple[Tensor, Tensor, Tensor]:  # noqa: ANN401
    import torch

    torch.manual_seed(part.seed)
    images, texts, scale = model(part.images, part.tokens)
    return images.float(), texts.float(), scale.float()


def _find_loss(images: Tensor, texts: Tensor, scale: Tensor, batch: Batch) -> Tensor:
    return contrast(images, texts, scale, gather_rows(images), gather_rows(texts), batch.own, batch.ids)


def prepare_training(network: Any, *, checkpointing: bool) -> None:  # noqa: ANN401
    """Training mode, but batch normalisation keeps its statistics; with `checkpointing`, what lies between
    blocks is kept and what is inside them is computed again for the gradients."""
    import torch

    network.train()
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.eval()
    if checkpointing:
        # cn_clip's own switch is of torch's old kind, which does not go with several processes.
        for block in _list_blocks(network):
            inner = block.__class__.forward.__get__(block)
            block.forward = partial(torch.utils.checkpoint.checkpoint, inner, use_reentrant=False)


def stop_checkpointing(network: Any) -> None:  # noqa: ANN401
    """Undoes it, so that the network can be copied and used as any other."""
    for block in _list_blocks(network):
        block.__dict__.pop("forward", None)


def _list_blocks(network: Any) -> list[Any]:  # noqa: ANN401
    visual = network.visual
    if hasattr(visual, "transformer"):
        return [*visual.transformer.resblocks, *network.bert.encoder.layer]
    stages = (visual.layer1, visual.layer2, visual.layer3, visual.layer4)
    return [*(block for stage in stages for block in stage), *network.bert.encoder.layer]


def group_parameters(network: Any, weight_decay: float) -> list[dict[str, Any]]:  # noqa: ANN401
    """Two groups for AdamW: what decays, and gains, biases and the temperature, which do not."""
    wanted = [p for p in network.parameters() if p.requires_grad]
    return [
        {"params": [p for p in wanted if p.ndim >= 2], "weight_decay": weight_decay},
        {"params": [p for p in wanted if p.ndim < 2], "weight_decay": 0.0},
    ]
