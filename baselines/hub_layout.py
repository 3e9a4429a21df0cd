"""Chinese-CLIP as transformers saves it → the names and shapes of cn_clip's own classes.

The hub's folders hold `config.json` beside `model.safetensors` or `pytorch_model.bin`. Only the vision
transformers are there; RN50 is published in cn_clip's layout alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from baselines.errors import WeightsError

if TYPE_CHECKING:
    from torch import Tensor

CONFIG = "config.json"
_MODEL_TYPE = "chinese_clip"
_FILES = ("model.safetensors", "pytorch_model.bin")
_INDEX = ".index.json"

# transformers' name → cn_clip's; `pre_layrnorm` is spelt so there.
_RULES = (
    (r"text_model\.(embeddings|encoder)\.(.*)", r"bert.\1.\2"),
    (r"vision_model\.embeddings\.class_embedding", r"visual.class_embedding"),
    (r"vision_model\.embeddings\.patch_embedding\.weight", r"visual.conv1.weight"),
    (r"vision_model\.embeddings\.position_embedding\.weight", r"visual.positional_embedding"),
    (r"vision_model\.pre_layrnorm\.(weight|bias)", r"visual.ln_pre.\1"),
    (r"vision_model\.post_layernorm\.(weight|bias)", r"visual.ln_post.\1"),
    (
        r"vision_model\.encoder\.layers\.(\d+)\.self_attn\.out_proj\.(weight|bias)",
        r"visual.transformer.resblocks.\1.attn.out_proj.\2",
    ),
    (
        r"vision_model\.encoder\.layers\.(\d+)\.layer_norm([12])\.(weight|bias)",
        r"visual.transformer.resblocks.\1.ln_\2.\3",
    ),
    (
        r"vision_model\.encoder\.layers\.(\d+)\.mlp\.fc1\.(weight|bias)",
        r"visual.transformer.resblocks.\1.mlp.c_fc.\2",
    ),
    (
        r"vision_model\.encoder\.layers\.(\d+)\.mlp\.fc2\.(weight|bias)",
        r"visual.transformer.resblocks.\1.mlp.c_proj.\2",
    ),
    (r"logit_scale", r"logit_scale"),
)
# transformers keeps projections as linear layers, cn_clip as matrices that stand on the right.
_TURNED = {"visual_projection.weight": "visual.proj", "text_projection.weight": "text_projection"}
_JOINED = re.compile(r"vision_model\.encoder\.layers\.(\d+)\.self_attn\.([qkv])_proj\.(weight|bias)")
_UNUSED = re.compile(r".*\.position_ids|text_model\.pooler\..*")


def is_hub_folder(folder: Path) -> bool:
    """Whether a folder holds a model as transformers saves it."""
    return (folder / CONFIG).is_file()


def list_hub_files(folder: Path) -> tuple[Path, ...]:
    """The files with the weights, one or several; WeightsError where it is another model's folder or they
    are not there."""
    _check_config(folder / CONFIG)
    for name in _FILES:
        if (folder / name).is_file():
            return (folder / name,)
        if (folder / f"{name}{_INDEX}").is_file():
            index = json.loads((folder / f"{name}{_INDEX}").read_text(encoding="utf-8"))
            return tuple(folder / part for part in sorted(set(index["weight_map"].values())))
    raise WeightsError(f"{folder}: has {CONFIG} but neither {' nor '.join(_FILES)}")


def _check_config(path: Path) -> None:
    if not path.is_file():
        return
    try:
        config: Any = json.loads(path.read_text(encoding="utf-8"))
        model_type = config.get("model_type") if isinstance(config, dict) else None
    except (OSError, ValueError) as error:
        raise WeightsError(f"{path}: cannot be read as JSON; copy or download the folder again") from error
    if model_type != _MODEL_TYPE:
        raise WeightsError(f"{path}: model_type is {model_type!r}, not {_MODEL_TYPE!r}")


def rename_hub_weights(weights: Mapping[str, Tensor], config: Path) -> dict[str, Tensor]:
    """Weights by cn_clip's names; WeightsError names one that is not known."""
    import torch

    _check_config(config)
    found: dict[str, Tensor] = {}
    joined: dict[str, dict[str, Tensor]] = {}
    for name, value in weights.items():
        part = _JOINED.fullmatch(name)
        if part:
            target = f"visual.transformer.resblocks.{part[1]}.attn.in_proj_{part[3]}"
            joined.setdefault(target, {})[part[2]] = value
        elif name in _TURNED:
            found[_TURNED[name]] = value.T.contiguous()
        elif not _UNUSED.fullmatch(name):
            found[_rename(name, config)] = value
    for target, parts in joined.items():
        if len(parts) < 3:
            raise WeightsError(f"{config.parent}: {target} lacks one of q, k, v; the file is damaged")
        found[target] = torch.cat([parts["q"], parts["k"], parts["v"]])
    return found


def _rename(name: str, config: Path) -> str:
    for pattern, replacement in _RULES:
        match = re.fullmatch(pattern, name)
        if match:
            return match.expand(replacement)
    raise WeightsError(f"{config.parent}: {name} is not a weight of Chinese-CLIP")
