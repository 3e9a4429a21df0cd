"""All vectors of one split that methods may score with: whole images, texts, crops, clauses, a bank."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from baselines.clauses import Clauses, list_clauses
from baselines.corpus import Picture, RetrievalSet
from baselines.laclip import GRID, LaclipSettings, draw_boxes, draw_grid, pool_crops, weigh_crops
from baselines.metrics import Direction

Floats = NDArray[np.float32]
# Crops are encoded, pooled and, if there are more than this, forgotten, so many pictures at a time.
_PICTURES = 512
# A bank of more training queries than this changes hubness by less than it costs to encode.
_BANK = 5_000
CROP_BYTES = 2 * 2**30


class CropEncoder(Protocol):
    """What a scene needs of a model: unit vectors, float32."""

    @property
    def dim(self) -> int: ...
    def encode_images(self, pictures: Sequence[Picture]) -> Floats: ...
    def encode_texts(self, texts: Sequence[str]) -> Floats: ...
    def encode_crops(self, pictures: Sequence[Picture], boxes: Floats) -> Floats: ...


@dataclass(frozen=True, slots=True)
class CropVectors:
    """Crops of a split's images: their weights (n, k), pooled (n, d), and the crops themselves (n, k, d)
    unless they are too many to hold."""

    settings: LaclipSettings
    weights: Floats
    pooled: Floats
    crops: Floats | None


@dataclass(frozen=True, slots=True)
class Bank:
    """Training queries against which an item's hubness is measured: texts (m, d) and images (l, d)."""

    texts: Floats
    images: Floats


@dataclass(frozen=True, slots=True)
class Scene:
    """Vectors of one split; what is missing (a model known by its features only) takes its methods away."""

    texts: Floats
    images: Floats
    crops: Mapping[str, CropVectors] = field(default_factory=dict)
    clauses: Clauses | None = None
    bank: Bank | None = None

    def queries(self, direction: Direction) -> Floats:
        """Texts for text-to-image, else images."""
        return self.texts if direction == "text_to_image" else self.images

    def items(self, direction: Direction) -> Floats:
        """What is searched: images for text-to-image, else texts."""
        return self.images if direction == "text_to_image" else self.texts


def encode_scene(
    encoder: CropEncoder,
    split: RetrievalSet,
    presets: Sequence[LaclipSettings],
    bank: Bank | None,
    advance: Callable[[int], None] = lambda _: None,
) -> Scene:
    """Encodes a split with all that the methods need. `advance` is told of pictures done, once a crop set."""
    images = encoder.encode_images(split.pictures)
    advance(len(images))
    clauses, starts = list_clauses(split.texts)
    crops = {preset.name: _encode_crops(encoder, split, images, preset, advance) for preset in presets}
    return Scene(
        texts=encoder.encode_texts(split.texts),
        images=images,
        crops=crops,
        clauses=Clauses(encoder.encode_texts(clauses), starts),
        bank=bank,
    )


def encode_bank(encoder: CropEncoder, train: RetrievalSet) -> Bank | None:
    """Training queries, at most 5,000 each way, evenly over the split; None without any."""
    if not train.texts:
        return None
    texts = [train.texts[n] for n in _spread(len(train.texts))]
    pictures = [train.pictures[n] for n in _spread(len(train.pictures))]
    return Bank(encoder.encode_texts(texts), encoder.encode_images(pictures))


def _spread(count: int) -> Sequence[int]:
    if count <= _BANK:
        return range(count)
    return [int(n) for n in np.linspace(0, count - 1, _BANK).round()]


def list_boxes(pictures: Sequence[Picture], settings: LaclipSettings) -> Floats:
    """(n, k, 4) boxes of the crops of each picture; those of the preset `grid` are the same for all."""
    if settings.name == GRID:
        return np.repeat(draw_grid()[None], len(pictures), axis=0)
    return np.stack([draw_boxes(p.image_sha256, p.width, p.height, settings) for p in pictures])


def _encode_crops(
    encoder: CropEncoder,
    split: RetrievalSet,
    images: Floats,
    settings: LaclipSettings,
    advance: Callable[[int], None],
) -> CropVectors:
    pictures = split.pictures
    weights, pooled, kept = [], [], []
    keep = 4 * len(pictures) * settings.crops * images.shape[1] <= CROP_BYTES
    for start in range(0, len(pictures), _PICTURES):
        part = slice(start, start + _PICTURES)
        crops = encoder.encode_crops(pictures[part], list_boxes(pictures[part], settings))
        weights.append(weigh_crops(images[part], crops, settings))
        pooled.append(pool_crops(crops, weights[-1], settings))
        if keep:
            kept.append(crops)
        advance(len(crops))
    if not pooled:
        nothing = np.zeros((0, images.shape[1]), dtype=np.float32)
        return CropVectors(settings, nothing[:, :0], nothing, None)
    kept_crops = np.concatenate(kept) if keep else None
    return CropVectors(settings, np.concatenate(weights), np.concatenate(pooled), kept_crops)
