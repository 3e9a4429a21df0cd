"""The one door to torch and cn_clip: imported when first needed, or one line names the extra."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

from baselines.errors import MissingExtra
from baselines.torchvision_ops import prepare_torchvision

_NEEDED = ("torch", "torchvision", "cn_clip", "accelerate")


def import_chinese_clip() -> Any:  # noqa: ANN401 - cn_clip has no types
    """The module `cn_clip.clip`; MissingExtra where a package of the extra is not installed."""
    check_extra()
    prepare_torchvision()
    return importlib.import_module("cn_clip.clip")


def import_network() -> Any:  # noqa: ANN401
    """cn_clip's class CLIP."""
    import_chinese_clip()
    return importlib.import_module("cn_clip.clip.model").CLIP


def check_extra() -> None:
    """MissingExtra where a package of the extra `validate` is not installed."""
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise MissingExtra(f"validation needs {', '.join(missing)}; pip install 'culti[validate]'")
