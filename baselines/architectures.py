"""The models by name: cn_clip's five, and `tiny`, of the same classes. No tensor is touched here.

Sizes and the files' names are those of Chinese-CLIP (https://github.com/OFA-Sys/Chinese-CLIP, model card).
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from baselines.errors import MissingExtra, WeightsError

TINY = "tiny"
_TINY_FOLDER = Path(__file__).parent / "tiny"
TINY_WEIGHTS = _TINY_FOLDER / "tiny.pt"

Shapes = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Architecture:
    """`vision` and `text` name cn_clip's configurations; `side_px` is the side of the square that an image
    is squashed to; `hub` and `file` say where the published weights are and what they are called."""

    name: str
    vision: str
    text: str
    side_px: int
    hub: str = ""
    file: str = ""


_ROBERTA = "RoBERTa-wwm-ext-base-chinese"
_ROBERTA_LARGE = "RoBERTa-wwm-ext-large-chinese"
ARCHITECTURES: Mapping[str, Architecture] = {
    a.name: a
    for a in (
        Architecture(TINY, "", "", 64),
        Architecture("RN50", "RN50", "RBT3-chinese", 224, "OFA-Sys/chinese-clip-rn50", "clip_cn_rn50.pt"),
        Architecture(
            "ViT-B-16",
            "ViT-B-16",
            _ROBERTA,
            224,
            "OFA-Sys/chinese-clip-vit-base-patch16",
            "clip_cn_vit-b-16.pt",
        ),
        Architecture(
            "ViT-L-14",
            "ViT-L-14",
            _ROBERTA,
            224,
            "OFA-Sys/chinese-clip-vit-large-patch14",
            "clip_cn_vit-l-14.pt",
        ),
        Architecture(
            "ViT-L-14-336",
            "ViT-L-14-336",
            _ROBERTA,
            336,
            "OFA-Sys/chinese-clip-vit-large-patch14-336px",
            "clip_cn_vit-l-14-336.pt",
        ),
        Architecture(
            "ViT-H-14",
            "ViT-H-14",
            _ROBERTA_LARGE,
            224,
            "OFA-Sys/chinese-clip-vit-huge-patch14",
            "clip_cn_vit-h-14.pt",
        ),
    )
}
MODELS = tuple(ARCHITECTURES)


def find_architecture(name: str) -> Architecture:
    """The architecture of that name; WeightsError names those there are."""
    if name not in ARCHITECTURES:
        raise WeightsError(f"--model {name}: not known; there are {', '.join(MODELS)}")
    return ARCHITECTURES[name]


def read_configuration(architecture: Architecture) -> dict[str, Any]:
    """The arguments of cn_clip's class CLIP."""
    if architecture.name == TINY:
        found: dict[str, Any] = json.loads((_TINY_FOLDER / "tiny.json").read_text(encoding="utf-8"))
        return found
    spec = find_spec("cn_clip")
    if spec is None or spec.origin is None:
        raise MissingExtra("cn_clip is not installed; pip install 'culti[validate]'")
    folder = Path(spec.origin).parent / "clip" / "model_configs"
    found = {}
    for name in (architecture.vision, architecture.text):
        found |= json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    if isinstance(found["vision_layers"], str):
        found["vision_layers"] = ast.literal_eval(found["vision_layers"])
    return found


@dataclass(frozen=True, slots=True)
class Signature:
    """What tells the architectures apart, read from the shapes of a checkpoint or from a configuration."""

    vision_width: int
    patch: int | None
    vision_layers: int
    positions: int
    text_width: int
    text_layers: int


def read_signature(shapes: Shapes) -> Signature | None:
    """The signature of a checkpoint in cn_clip's layout; None where it is none."""
    conv = shapes.get("visual.conv1.weight", ())
    words = shapes.get("bert.embeddings.word_embeddings.weight", ())
    if len(conv) != 4 or len(words) != 2:
        return None
    residual = "visual.attnpool.positional_embedding" in shapes
    positions = shapes.get(f"visual.{'attnpool.' if residual else ''}positional_embedding", (0,))[0]
    return Signature(
        vision_width=2 * conv[0] if residual else conv[0],
        patch=None if residual else conv[2],
        vision_layers=_count(shapes, "visual.layer3." if residual else "visual.transformer.resblocks."),
        positions=positions,
        text_width=words[1],
        text_layers=_count(shapes, "bert.encoder.layer."),
    )


def guess_architecture(shapes: Shapes) -> Architecture | None:
    """The architecture whose signature a checkpoint has; None where it has that of none."""
    found = read_signature(shapes)
    return next((a for a in ARCHITECTURES.values() if sign_architecture(a) == found), None)


def sign_architecture(architecture: Architecture) -> Signature:
    """The signature that its checkpoints have."""
    config = read_configuration(architecture)
    layers, patch = config["vision_layers"], config["vision_patch_size"]
    residual = not isinstance(layers, int)
    return Signature(
        vision_width=config["vision_width"],
        patch=patch,
        vision_layers=layers[2] if residual else layers,
        positions=(config["image_resolution"] // (32 if residual else patch)) ** 2 + 1,
        text_width=config["text_hidden_size"],
        text_layers=config["text_num_hidden_layers"],
    )


def _count(names: Iterable[str], prefix: str) -> int:
    """How many numbers stand after a prefix."""
    return len({name[len(prefix) :].split(".")[0] for name in names if name.startswith(prefix)})
