"""LACLIP: an image is scored by its crops, each weighted by how like the whole image it is.

For an image with unit vector u_I and crops u_1 … u_k: weights w_j from u_j·u_I, and
score(I, T) = Σ_j w_j (u_j·u_T). The weights do not depend on the text, so the score is (Σ_j w_j u_j)·u_T:
**one pooled vector an image**, and scoring costs what plain CLIP costs. Source: the figure of CulTi
(arXiv 2505.10921); what it does not say is taken from WCA (Li et al., ICML 2024), on which it builds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Weighting = Literal["cosine", "softmax", "uniform"]
Norm = Literal["none", "unit"]


@dataclass(frozen=True, slots=True)
class LaclipSettings:
    """Every number of the method.

    `crops` squares an image, of side U(`side_min`, `side_max`)·min(width, height). `weighting`: "cosine"
    takes w_j = u_j·u_I as it is; "softmax" over j of `sharpness`·(u_j·u_I); "uniform" 1/k. `norm`: "unit"
    scales the pooled vector to length 1, "none" leaves it. `seed` places the crops, together with the
    image's hash.
    """

    name: str
    crops: int = 60
    side_min: float = 0.5
    side_max: float = 0.9
    weighting: Weighting = "softmax"
    sharpness: float = float(np.exp(4.0))
    norm: Norm = "unit"
    seed: int = 0

    def __post_init__(self) -> None:
        if self.crops < 1:
            raise ValueError(f"LACLIP with {self.crops} crops: at least 1 is needed")
        if not 0 < self.side_min <= self.side_max <= 1:
            raise ValueError(f"sides of {self.side_min} to {self.side_max}: need 0 < least ≤ most ≤ 1")
        if not np.isfinite(self.sharpness):
            raise ValueError(f"sharpness {self.sharpness}: need a number")
        for name, value, known in (
            ("weighting", self.weighting, get_args(Weighting)),
            ("norm", self.norm, get_args(Norm)),
        ):
            if value not in known:
                raise ValueError(f"{name} {value!r}: there are {', '.join(known)}")


# paper-figure: what the figure of CulTi shows and no more: the weights are the cosines themselves, the sum is
# left as it is; k and the sides, which it does not tell, are those of WCA's paper.
# wca: WCA as published in code: sides from 0.1, softmax of exp(4)·cos, and the sum scaled to length 1.
# large-crops: found with the tiny model on drawn motifs: crops that keep most of a motif lose least.
PRESETS: Mapping[str, LaclipSettings] = {
    "paper-figure": LaclipSettings("paper-figure", weighting="cosine", norm="none"),
    "wca": LaclipSettings("wca", side_min=0.1),
    "large-crops": LaclipSettings("large-crops", crops=30, side_min=0.7, side_max=0.95),
}
GRID = "grid"
GRID_SIZES = (2, 3)
# Not LACLIP's: crops that do not overlap, weighted like those of `wca`.
GRID_CROPS = LaclipSettings(GRID, crops=sum(n * n for n in GRID_SIZES))


def draw_boxes(image_sha256: str, width: int, height: int, settings: LaclipSettings) -> Floats:
    """(k, 4) boxes x0, y0, x1, y1 in 0–1 of width and height: squares in pixels, anywhere in the image.

    They follow from the seed and the image's hash alone, so they are the same in every order and process.
    """
    random = np.random.default_rng([settings.seed, int(image_sha256[:16], 16)])
    side, x, y = random.random((3, settings.crops))
    # Only `random()` is drawn: its stream is the same in all versions of numpy.
    side = (settings.side_min + (settings.side_max - settings.side_min) * side) * min(width, height)
    left, top = x * (width - side), y * (height - side)
    boxes = np.stack([left / width, top / height, (left + side) / width, (top + side) / height], axis=1)
    return np.asarray(np.clip(boxes, 0, 1), dtype=np.float32)


def draw_grid(sizes: Sequence[int] = GRID_SIZES) -> Floats:
    """(Σ n², 4) boxes of n × n equal parts, row by row, for each n of `sizes`; the same for every image."""
    cells = [(n, row, column) for n in sizes for row in range(n) for column in range(n)]
    return np.array([(c / n, r / n, (c + 1) / n, (r + 1) / n) for n, r, c in cells], dtype=np.float32)


def weigh_crops(images: Floats, crops: Floats, settings: LaclipSettings) -> Floats:
    """(n, k) weights of crops (n, k, d) by their images (n, d)."""
    likeness: Floats = np.einsum("nkd,nd->nk", crops, images, optimize=True)
    if settings.weighting == "uniform":
        return np.full(likeness.shape, 1 / crops.shape[1], dtype=np.float32)
    if settings.weighting == "cosine":
        return likeness
    return softmax(np.float32(settings.sharpness) * likeness)


def softmax(values: Floats) -> Floats:
    """Over the last axis."""
    shifted = np.exp(values - values.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True), dtype=np.float32)


def pool_crops(crops: Floats, weights: Floats, settings: LaclipSettings) -> Floats:
    """(n, d): Σ_j w_j u_j, scaled to length 1 where the settings say so."""
    pooled = np.einsum("nk,nkd->nd", weights, crops, optimize=True).astype(np.float32)
    return scale_rows(pooled) if settings.norm == "unit" else pooled


def pool_images(images: Floats, crops: Floats, settings: LaclipSettings) -> Floats:
    """The pooled vectors (n, d) of images (n, d) with crops (n, k, d)."""
    return pool_crops(crops, weigh_crops(images, crops, settings), settings)


def scale_rows(vectors: Floats) -> Floats:
    """Rows of length 1; a row of zeros stays."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.where(length > 0, length, 1), dtype=np.float32)
