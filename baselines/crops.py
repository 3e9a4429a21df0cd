"""Crops of an image cut and resized where the model runs: the picture is sent there once.

Resizing is bicubic with antialiasing, as Pillow's `resize(box=…)` does it, written as two matrix products:
each crop has a matrix of weights for its rows and one for its columns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

if TYPE_CHECKING:
    from torch import Tensor

Floats = NDArray[np.float32]
# Pillow's bicubic: the cubic with a = -0.5 over two pixels to either side.
_A = -0.5
_REACH = 2.0
# A crop keeps at least so many pixels for each that the model sees; what is beyond is work for nothing.
_SPARE = 2.0


def shrink_for_crops(image: Image.Image, boxes: Floats, side_px: int) -> Image.Image:
    """The image no larger than its smallest crop needs; boxes (k, 4) in 0–1 of width and height."""
    if not len(boxes):
        return image
    sides = (boxes[:, 2:] - boxes[:, :2]) * np.array(image.size)
    factor = _SPARE * side_px / max(1.0, float(sides.min()))
    if factor >= 1:
        return image
    size = tuple(max(1, round(n * factor)) for n in image.size)
    return image.resize((size[0], size[1]), Image.Resampling.BICUBIC, reducing_gap=3.0)


def cut_crops(pixels: Tensor, boxes: Tensor, side_px: int) -> Tensor:
    """(k, 3, side, side) float 0–255 from one image (3, h, w) uint8 and boxes (k, 4) in 0–1, both on the
    same device."""
    import torch

    height, width = pixels.shape[1:]
    scale = boxes.new_tensor([width, height, width, height])
    x0, y0, x1, y1 = (boxes * scale).unbind(dim=1)
    columns = _weigh(x0, x1, width, side_px)
    rows = _weigh(y0, y1, height, side_px)
    # (1, 3·h, w) × (k, w, side), then (k·3, side, h) × (…, h, side); the larger side is shrunk first.
    values = pixels.to(torch.float32)
    across = torch.matmul(values.reshape(1, 3 * height, width), columns.transpose(1, 2))
    across = across.view(len(boxes), 3, height, side_px)
    found = torch.matmul(rows[:, None], across)
    return found.clamp_(0, 255)


def _weigh(start: Tensor, end: Tensor, size: int, side_px: int) -> Tensor:
    """(k, side, size) weights of the source's pixels for each of `side` pixels between start and end (k,)."""
    import torch

    step = (end - start) / side_px
    scale = step.clamp(min=1.0)[:, None, None]
    places = torch.arange(side_px, device=start.device, dtype=start.dtype) + 0.5
    centres = (start[:, None] + places[None] * step[:, None])[:, :, None]
    pixels = torch.arange(size, device=start.device, dtype=start.dtype) + 0.5
    distance = ((pixels[None, None] - centres) / scale).abs_()
    near = ((_A + 2) * distance - (_A + 3)) * distance.square() + 1
    far = _A * (((distance - 5) * distance + 8) * distance - 4)
    weights = torch.where(distance < 1, near, torch.where(distance < _REACH, far, torch.zeros_like(far)))
    return weights / weights.sum(dim=2, keepdim=True)
