"""Local features of an image: what stays when it is cropped, recoloured, scanned again or made small.

Corners are found and described on an edge map, which keeps where something ends and forgets in which colour,
so a pattern in other colours, light on dark or dark on light, has the same features. The map is made anew on
each level of a pyramid; features are not turned with the image (scans are a few degrees off at most).
Descriptors are those of ORB (Rublee et al., ICCV 2011).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

SIDE_PX = 640
# Levels of the pyramid shrink by the cube root of two: the fourth is half the first.
LEVELS_PER_OCTAVE = 3
STEP = 2.0 ** (1 / LEVELS_PER_OCTAVE)
DESCRIPTOR_BYTES = 32
_SMALLEST_PX = 56
_PATCH_PX = 31
_FEATURES = 480
_FEWEST = 24
_CELLS = 8
_CANDIDATES = 3
_FAST_THRESHOLD = 20
_CORE = np.ones((3, 3), np.uint8)
_NEIGHBOURHOOD_PX = 25
_COLOUR_PX = 15
# Edges weaker than this (grey levels) fade out instead of being raised to the height of all others.
_FAINT = 8
_CONTRAST = 64

Pixels = NDArray[np.uint8]


class _Detector(Protocol):
    """What is used of OpenCV's ORB."""

    def detect(self, image: Pixels, mask: None) -> Sequence[cv2.KeyPoint]: ...

    def compute(
        self, image: Pixels, corners: Sequence[cv2.KeyPoint]
    ) -> tuple[Sequence[cv2.KeyPoint], Pixels | None]: ...


@dataclass(frozen=True, slots=True)
class Features:
    """`points` (n, 3) float32: x, y in pixels of the image made at most SIDE_PX long, and the level, 0 the
    finest, which comes first; `descriptors` (n, 32) uint8; `colours` (n, 3) uint8, the mean red, green and
    blue around each; `width`, `height` of the image so made."""

    points: NDArray[np.float32]
    descriptors: NDArray[np.uint8]
    colours: NDArray[np.uint8]
    width: int
    height: int

    def __len__(self) -> int:
        return len(self.points)


NOTHING = Features(
    np.zeros((0, 3), np.float32), np.zeros((0, DESCRIPTOR_BYTES), np.uint8), np.zeros((0, 3), np.uint8), 0, 0
)


def read_features(path: Path) -> Features:
    """The features of an image file; NOTHING where it cannot be decoded."""
    pixels = read_small(path, SIDE_PX)
    return NOTHING if pixels is None else find_features(pixels)


def read_small(path: Path, longest_px: int) -> Pixels | None:
    """RGB (height, width, 3) of at most `longest_px` on a side, on white; None where it cannot be decoded."""
    try:
        with Image.open(path) as picture:
            picture.draft("RGB", (longest_px, longest_px))
            full = picture if picture.mode in ("RGB", "L") else _flatten(picture)
            full.thumbnail((longest_px, longest_px), Image.Resampling.BILINEAR, reducing_gap=2.0)
            return np.asarray(full.convert("RGB"))
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError, ValueError):
        return None


def count_bits(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.int64]:
    """How many bits differ between descriptors (n, 32) and (n, 32): (n,)."""
    differing = np.bitwise_count(one.view(np.uint64) ^ other.view(np.uint64))
    bits: NDArray[np.int64] = differing.astype(np.int64) @ np.ones(DESCRIPTOR_BYTES // 8, np.int64)
    return bits


def _flatten(picture: Image.Image) -> Image.Image:
    if "A" not in picture.getbands() and "transparency" not in picture.info:
        return picture.convert("RGB")
    layers = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layers.size, (255, 255, 255, 255)), layers).convert("RGB")


def find_features(pixels: Pixels) -> Features:
    """The features of RGB pixels (height, width, 3) that are at most SIDE_PX long."""
    height, width = pixels.shape[:2]
    points: list[NDArray[np.float32]] = []
    descriptors: list[NDArray[np.uint8]] = []
    colours: list[NDArray[np.uint8]] = []
    for level, small in enumerate(_shrink(pixels)):
        corners, found = _describe_level(draw_edges(small), level)
        if len(corners):
            around = cv2.blur(small, (_COLOUR_PX, _COLOUR_PX))
            spots = corners.astype(np.int64)
            colours.append(around[spots[:, 1], spots[:, 0]])
            scaled = corners * (width / small.shape[1])
            points.append(np.column_stack((scaled, np.full(len(corners), level))).astype(np.float32))
            descriptors.append(found)
    if not points:
        return replace(NOTHING, width=width, height=height)
    joined = np.concatenate(points), np.concatenate(descriptors), np.concatenate(colours)
    return Features(*joined, width, height)


def _shrink(pixels: Pixels) -> list[Pixels]:
    height, width = pixels.shape[:2]
    levels: list[Pixels] = []
    while True:
        level = len(levels)
        size = (round(width / STEP**level), round(height / STEP**level))
        if max(size) < _SMALLEST_PX or min(size) < _PATCH_PX:
            return levels
        if level == 0:
            levels.append(pixels)
        elif level >= LEVELS_PER_OCTAVE:
            levels.append(cv2.resize(levels[level - LEVELS_PER_OCTAVE], size, interpolation=cv2.INTER_AREA))
        else:
            levels.append(cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR))


def draw_edges(pixels: Pixels) -> Pixels:
    """How sharply colours change, relative to the surroundings: (height, width) of 0–255."""
    smooth = cv2.GaussianBlur(pixels, (3, 3), 0)
    red, green, blue = cv2.split(cv2.morphologyEx(smooth, cv2.MORPH_GRADIENT, _CORE))
    steps = cv2.max(cv2.max(red, green), blue)
    around = cv2.blur(steps, (_NEIGHBOURHOOD_PX, _NEIGHBOURHOOD_PX))
    edges: Pixels = cv2.divide(steps, cv2.add(around, _FAINT), scale=_CONTRAST)
    return edges


def _describe_level(edges: Pixels, level: int) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    wanted = max(_FEWEST, round(_FEATURES / STEP**level))
    found = _detector(_CANDIDATES * wanted).detect(edges, None)
    chosen = _spread(found, wanted, edges.shape[:2])
    for corner in chosen:
        corner.angle = 0.0
    kept, descriptors = _detector(wanted).compute(edges, chosen)
    if descriptors is None:
        return np.zeros((0, 2), np.float32), NOTHING.descriptors
    return np.asarray(cv2.KeyPoint.convert(kept), np.float32).reshape(-1, 2), descriptors


@cache
def _detector(count: int) -> _Detector:
    margin = _PATCH_PX // 2 + 1
    made: _Detector = cv2.ORB_create(  # type: ignore[attr-defined]
        count, STEP, 1, margin, 0, 2, cv2.ORB_HARRIS_SCORE, _PATCH_PX, _FAST_THRESHOLD
    )
    return made


def _spread(corners: Sequence[cv2.KeyPoint], wanted: int, shape: tuple[int, int]) -> Sequence[cv2.KeyPoint]:
    """The best corners of every part of the image, so that a detail cut from anywhere has some."""
    if len(corners) <= wanted:
        return corners
    places = np.asarray(cv2.KeyPoint.convert(corners), np.float32)
    strength = np.array([corner.response for corner in corners])
    cell = max(shape) / _CELLS
    cells = (places // cell).astype(np.int64) @ np.array([_CELLS + 1, 1])
    order = np.lexsort((places[:, 0], places[:, 1], -strength, cells))
    starts = np.flatnonzero(np.diff(cells[order], prepend=-1))
    ranks = np.arange(len(order)) - np.repeat(starts, np.diff(starts, append=len(order)))
    best = order[np.lexsort((-strength[order], ranks))][:wanted]
    return [corners[k] for k in sorted(best)]
