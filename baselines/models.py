"""A model ready for use: cn_clip's own class with weights from a file, a folder, the hub or this package."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from baselines.architectures import (
    MODELS,
    TINY,
    TINY_WEIGHTS,
    Architecture,
    find_architecture,
    guess_architecture,
    read_configuration,
)
from baselines.chinese_clip import import_network
from baselines.errors import WeightsError
from baselines.hub import find_published
from baselines.weights import (
    check_shapes,
    check_weights,
    find_files,
    hash_weights,
    is_whole,
    read_weights,
)


@dataclass(frozen=True, slots=True)
class ChineseClip:
    """cn_clip's `CLIP` in float32 on the CPU, in evaluation mode. `origin` says where its weights came from,
    `weights_sha256` is the hash of their file."""

    architecture: Architecture
    network: Any
    weights_sha256: str
    origin: str

    @property
    def name(self) -> str:
        """As `--model` takes it."""
        return self.architecture.name

    @property
    def side_px(self) -> int:
        """Side of the square that images are squashed to."""
        return self.architecture.side_px

    @property
    def dim(self) -> int:
        """Length of its vectors."""
        return int(self.network.text_projection.shape[1])

    @property
    def longest_text(self) -> int:
        """Most tokens that it has positions for, the first and last included."""
        return int(self.network.bert_config.max_position_embeddings)


def load_model(name: str | None = None, weights: Path | None = None) -> ChineseClip:
    """Loads a model. Without `name` the architecture is told from the weights, and without both it is `tiny`;
    without `weights` they are this package's (tiny) or the published ones. Raises WeightsError, MissingExtra.
    """
    architecture = find_architecture(name) if name else None
    if weights is None:
        architecture = architecture or find_architecture(TINY)
        weights = TINY_WEIGHTS if architecture.name == TINY else find_published(architecture)
    files = find_files(weights)
    if weights == TINY_WEIGHTS and not is_whole(weights):
        raise WeightsError(f"{weights}: damaged, its sha256 is not that of the model; install culti again")
    import_network()
    tensors = read_weights(weights)
    if architecture is None:
        architecture = guess_architecture({n: tuple(v.shape) for n, v in tensors.items()})
        if architecture is None:
            raise WeightsError(f"{weights}: weights of none of {', '.join(MODELS)}")
    check_weights(tensors, architecture, weights)
    network = build_network(architecture, tensors, weights)
    return ChineseClip(architecture, network, hash_weights(files), str(weights))


def build_network(architecture: Architecture, tensors: Mapping[str, Any], place: Path) -> Any:  # noqa: ANN401
    """cn_clip's CLIP with these weights, float32, in evaluation mode. It is first built without memory, so
    that a ViT-H-14 takes its own size once, and no time for random numbers."""
    import torch

    with torch.device("meta"):
        network = import_network()(**read_configuration(architecture))
    check_shapes(tensors, network.state_dict(), place)
    # Copies, never the mapped file itself: training writes into them.
    owned = {
        name: value.to(torch.float32, copy=True) if value.is_floating_point() else value.clone()
        for name, value in tensors.items()
    }
    network.load_state_dict(owned, assign=True)
    for parameter in network.parameters():
        parameter.requires_grad_(True)
    return network.eval()


def build_random(architecture: Architecture, seed: int) -> Any:  # noqa: ANN401
    """cn_clip's CLIP with random weights, float32: what `scripts/make_tiny.py` trains, and tests use."""
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return import_network()(**read_configuration(architecture)).float()
