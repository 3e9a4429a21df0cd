"""What fine-tuning reads: pixels decoded once to a file, tokens, and the pairs; the same for validation."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from baselines.corpus import Picture, RetrievalSet
from baselines.errors import writing
from baselines.pictures import PREPROCESSING, Pixels, decode, read_ahead, squash
from baselines.ranking import Grading
from baselines.schedule import Floats, Ints
from baselines.tokens import tokenize
from extractors.whole_files import replace_file

if TYPE_CHECKING:
    from torch import Tensor

# Room for random crops of 0.9 of the area without enlarging.
_ROOM = 1.125


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """`pixels` (n_images, 3, s, s) uint8, on disk where they are many; `tokens` (n_texts, length) int64;
    `pairs` (n, 2): the text and the image of each pair."""

    pixels: Pixels
    tokens: Tensor
    pairs: Ints


@dataclass(frozen=True, slots=True)
class ValidationSet:
    """Pixels (n, 3, side, side), tokens, and what belongs together."""

    pixels: Pixels
    tokens: Tensor
    grading: Grading


def read_training_set(
    split: RetrievalSet, side_px: int, context: int, folder: Path, advance: Callable[[int], None]
) -> TrainingSet:
    """The training split, its pixels kept in `folder`."""
    pixels = keep_pixels(split.pictures, round(side_px * _ROOM), folder, advance)
    return TrainingSet(pixels, tokenize(split.texts, context), list_pairs(split))


def read_validation_set(
    split: RetrievalSet, side_px: int, context: int, folder: Path, advance: Callable[[int], None]
) -> ValidationSet | None:
    """The validation split; None where it is empty."""
    if not split.texts:
        return None
    pixels = keep_pixels(split.pictures, side_px, folder, advance)
    grading = Grading(split.images_of_text, split.texts_of_image)
    return ValidationSet(pixels, tokenize(split.texts, context), grading)


def list_pairs(split: RetrievalSet) -> Ints:
    """(n, 2): every text with each of its images."""
    found = [(text, image) for text, images in enumerate(split.images_of_text) for image in images]
    return np.array(found, dtype=np.int64).reshape(-1, 2)


def keep_pixels(
    pictures: Sequence[Picture], side_px: int, folder: Path, advance: Callable[[int], None]
) -> Pixels:
    """(n, 3, side, side), mapped from a file that is named for what is in it, and made if it is not there:
    epochs then cost no decoding."""
    names = "\n".join([PREPROCESSING, str(side_px), *(p.image_sha256 for p in pictures)])
    path = folder / f"pixels-{hashlib.sha256(names.encode()).hexdigest()[:16]}.npy"
    if not path.is_file():

        def work(_: int, picture: Picture, content: bytes) -> Pixels:
            return squash(decode(picture, content), side_px)

        with writing(path), replace_file(path) as part, part.open("wb") as file:
            # Not through a map of the file: on a full disk that ends the process, and here it is an error.
            file.write(_make_head((len(pictures), 3, side_px, side_px)))
            for pixels in read_ahead(pictures, work):
                file.write(pixels.tobytes())
                advance(1)
    kept: NDArray[np.uint8] = np.load(path, mmap_mode="r")
    return kept


def _make_head(shape: tuple[int, ...]) -> bytes:
    """What stands before the numbers in a file of numpy's that holds bytes of this shape."""
    form: Any = np.lib.format
    head = io.BytesIO()
    form.write_array_header_1_0(head, {"descr": "|u1", "fortran_order": False, "shape": shape})
    return head.getvalue()


def cut_views(pixels: Tensor, views: Floats, side_px: int) -> Tensor:
    """(n, 3, side, side) float 0–255: each image (n, 3, s, s) seen through its box, mirrored where views say
    so (see `baselines.schedule.choose_views`)."""
    import torch

    boxes = torch.from_numpy(views).to(pixels.device)
    x0, y0, x1, y1, mirrored = boxes.unbind(dim=1)
    turned = 1 - 2 * mirrored
    nothing = torch.zeros_like(x0)
    rows = [
        torch.stack([(x1 - x0) * turned, nothing, x0 + x1 - 1], dim=1),
        torch.stack([nothing, y1 - y0, y0 + y1 - 1], dim=1),
    ]
    size = [len(pixels), 3, side_px, side_px]
    grid = torch.nn.functional.affine_grid(torch.stack(rows, dim=1), size, align_corners=False)
    return torch.nn.functional.grid_sample(
        pixels.float(), grid, mode="bilinear", padding_mode="border", align_corners=False
    )
