"""Lets torchvision be imported beside a torch that its compiled part was not built for.

The registry's torchvision is built for CUDA. On a CPU torch its library does not load, and then the import
fails with `operator torchvision::nms does not exist`, and with it that of cn_clip. Only the declarations of
two operators are missing; nothing here runs them. A matched pair is left as it is.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

# Both are asked for while torchvision is imported; with nms alone it fails next on qnms.
_DECLARATIONS = {
    "nms": "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms": "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
}
_kept: list[Any] = []


def prepare_torchvision() -> bool:
    """To be called before torchvision is first imported; says whether operators had to be declared."""
    if "torchvision" in sys.modules or _kept:
        return bool(_kept)
    import torch

    spec = find_spec("torchvision")
    if spec is None or spec.origin is None:
        return False
    load: Any = torch.ops.load_library
    for library in sorted(Path(spec.origin).parent.glob("_C*.so")):
        try:
            load(str(library))
        except OSError:
            continue
        return False
    _declare(torch)
    return True


def _declare(torch: Any) -> None:  # noqa: ANN401 - the module itself
    fragment = torch.library.Library("torchvision", "FRAGMENT")
    for declaration in _DECLARATIONS.values():
        fragment.define(declaration)
    # The declarations live as long as the object that made them.
    _kept.append(fragment)
