"""The contrastive loss of CLIP, in which what is the same is no negative, over all processes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor


def contrast(
    images: Tensor,
    texts: Tensor,
    scale: Tensor,
    all_images: Tensor,
    all_texts: Tensor,
    own: Tensor,
    ids: Tensor,
) -> Tensor:
    """This process's share of the loss: the sum over its pairs, divided by the number of all pairs.

    Pair i of this process is row `own[i]` of all pairs; `ids` (all, 2) names the text and the image of each.
    A pair that shares its text or its image with another is neither right nor wrong for it, and stays out of
    its denominator: silk captions repeat, and a description may belong to several figures.
    Shapes: images, texts (n, d); all_images, all_texts (m, d); unit vectors, gathered with their gradients.
    """
    import torch

    mine = ids[own]
    same = (mine[:, None, :] == ids[None, :, :]).any(dim=2)
    same[torch.arange(len(own), device=own.device), own] = False
    total = torch.zeros((), device=images.device)
    for queries, items in ((images, all_texts), (texts, all_images)):
        logits = (scale * queries @ items.T).float().masked_fill(same, float("-inf"))
        total = total + torch.nn.functional.cross_entropy(logits, own, reduction="sum")
    return total / (2 * len(ids))


def gather_rows(rows: Tensor) -> Tensor:
    """Rows of all processes, in the order of their ranks, through which gradients flow back to each."""
    import torch.distributed as dist

    if not (dist.is_available() and dist.is_initialized()) or dist.get_world_size() == 1:
        return rows
    gather: Any = _make_gather()
    gathered: Tensor = gather.apply(rows)
    return gathered


def _make_gather() -> Any:  # noqa: ANN401 - a class made where torch is at hand
    import torch
    import torch.distributed as dist

    class Gather(torch.autograd.Function):
        """Gathers; the gradient of a process's rows is the sum of what all processes have for them."""

        @staticmethod
        def forward(_: Any, rows: Tensor) -> Tensor:  # noqa: ANN401
            parts = [torch.empty_like(rows) for _ in range(dist.get_world_size())]
            dist.all_gather(parts, rows.contiguous())
            return torch.cat(parts)

        @staticmethod
        def backward(_: Any, grad: Tensor) -> Tensor:  # noqa: ANN401
            summed = grad.contiguous().clone()
            dist.all_reduce(summed)
            return summed.chunk(dist.get_world_size())[dist.get_rank()]

    return Gather
