"""Bytes of images → squares of pixels, as `cn_clip.clip.utils.image_transform` makes them, read ahead.

The whole image is squashed to a square, bicubic, whatever its shape. What is transparent is laid on white,
as it is printed; cn_clip would show whatever colour lies under it.
"""

from __future__ import annotations

import io
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from baselines.corpus import Picture, read_image_bytes
from baselines.errors import CorpusError

if TYPE_CHECKING:
    from torch import Tensor

Pixels = NDArray[np.uint8]
T = TypeVar("T")
# From cn_clip.clip.utils.image_transform: RGB, of values 0–1.
MEAN = (0.48145466, 0.4578275, 0.40821073)
SPREAD = (0.26862954, 0.26130258, 0.27577711)
PREPROCESSING = "squash-bicubic-rgb-1"
_AHEAD = 64


def decode(picture: Picture, content: bytes) -> Image.Image:
    """The picture in RGB; CorpusError where its bytes are no image."""
    try:
        image = Image.open(io.BytesIO(content))
        if image.has_transparency_data:
            whole = image.convert("RGBA")
            white = Image.new("RGBA", whole.size, (255, 255, 255, 255))
            return Image.alpha_composite(white, whole).convert("RGB")
        return image.convert("RGB")
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise CorpusError(
            f"{picture.shard}: the image of {picture.pair_id} cannot be decoded ({error}); "
            "copy the release again"
        ) from error


def squash(image: Image.Image, side_px: int) -> Pixels:
    """(3, side, side), the whole image."""
    small = image.resize((side_px, side_px), Image.Resampling.BICUBIC)
    return np.ascontiguousarray(np.asarray(small).transpose(2, 0, 1))


def normalise(pixels: Tensor) -> Tensor:
    """uint8 or float 0–255 (n, 3, h, w) → float32 as the models take it, on the device where it lies."""
    import torch

    mean = torch.tensor(MEAN, device=pixels.device).view(1, 3, 1, 1)
    spread = torch.tensor(SPREAD, device=pixels.device).view(1, 3, 1, 1)
    return pixels.to(torch.float32).div_(255).sub_(mean).div_(spread)


def read_ahead(
    pictures: Iterable[Picture], work: Callable[[int, Picture, bytes], T], threads: int | None = None
) -> Iterator[T]:
    """`work` on each place, picture and its bytes, in order, by threads, while the caller uses earlier ones.

    Bytes are read in this thread, for a row group is read at once; decoding and resizing free the
    interpreter. At most 64 pictures are under way.
    """
    count = threads or min(16, os.cpu_count() or 1)
    with ThreadPoolExecutor(count) as pool:
        pending: deque[Future[T]] = deque()
        for n, picture in enumerate(pictures):
            pending.append(pool.submit(work, n, picture, read_image_bytes(picture)))
            if len(pending) >= _AHEAD:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
