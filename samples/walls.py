"""The painted wall: pigments, plaster, canvas, and the ageing of its surface."""

import random
from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from samples.spec import MOTIFS
from samples.strokes import Canvas, Rgb

# pigment -> (deep, light)
PIGMENTS: Mapping[str, tuple[Rgb, Rgb]] = {
    "石青": ((54, 82, 118), (116, 146, 168)),
    "石绿": ((62, 112, 92), (132, 168, 140)),
    "土红": ((148, 72, 52), (196, 132, 104)),
    "赭黄": ((178, 134, 74), (216, 184, 128)),
}


@dataclass(frozen=True, slots=True)
class Plaster:
    """The ground coat of a wall; `near` is the pigment too close to it to be used on it."""

    colour: Rgb
    shade: Rgb
    line: Rgb
    near: str


WALLS: Mapping[str, Plaster] = {
    "土黄": Plaster((206, 178, 132), (188, 158, 112), (74, 46, 36), "赭黄"),
    "粉白": Plaster((222, 212, 192), (204, 190, 166), (78, 52, 42), ""),
    "土红": Plaster((158, 92, 68), (138, 76, 56), (58, 36, 32), "土红"),
    "灰绿": Plaster((166, 176, 152), (146, 158, 134), (56, 48, 42), "石绿"),
}


@dataclass(slots=True)
class Wall:
    """A mural while it is painted: canvas of 1000 units by `height`, and the choices that words repeat."""

    canvas: Canvas
    rng: random.Random
    height: float
    ground: str
    lead: str  # pigment of roles a and A
    second: str  # pigment of roles b and B

    def put(
        self, name: str, x: float, y: float, size: float, *, mirror: bool = False, turn: float = 0
    ) -> None:
        """Paint the motif `name` at (x, y)."""
        self.canvas.draw(MOTIFS[name](), x, y, size * self.share, turn, mirror)

    @property
    def share(self) -> float:
        """How much smaller motifs are on a wall that is wider than high."""
        return min(1.0, self.height / 1150)


def age_wall(pixels: NDArray[np.uint8], seed: int) -> NDArray[np.uint8]:
    """Return the painting (h, w, 3) worn: uneven pigment, stains, flaked patches, cracks and grain."""
    rng = np.random.default_rng(seed)
    height, width = pixels.shape[:2]
    fine = _noise(rng, height, width, 90) * 0.5 + _noise(rng, height, width, 30)
    broad = _noise(rng, height, width, 6)
    level = (1 + 0.05 * fine + 0.05 * broad).astype(np.float32)
    worn = pixels.astype(np.float32) * level[..., None]
    thin = np.clip((fine + broad * 0.7 - 0.5) * 0.3, 0, 0.45)[..., None]
    worn = (worn * (1 - thin) + np.array([204, 184, 150]) * thin).astype(np.float32)
    worn = _flake(worn, fine + broad * 0.8, rng)
    _crack(worn, rng)
    grain = rng.standard_normal((height // 2 + 1, width // 2 + 1)).astype(np.float32) * 5
    worn += cv2.resize(grain, (width, height), interpolation=cv2.INTER_LINEAR)[..., None]
    return np.clip(worn, 0, 255).astype(np.uint8)


def _noise(rng: np.random.Generator, height: int, width: int, cells: int) -> NDArray[np.float32]:
    grid = rng.standard_normal((cells * height // width + 1, cells)).astype(np.float32)
    return cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC)  # type: ignore[no-any-return]


def _flake(
    worn: NDArray[np.float32], field: NDArray[np.float32], rng: np.random.Generator
) -> NDArray[np.float32]:
    """Lay bare the clay where the field is highest, with a dark rim at the upper left of each loss."""
    lost = np.clip((field - np.float32(rng.uniform(1.9, 2.3))) * 8, 0, 1)
    clay = np.array(
        ((186, 160, 124), (198, 178, 150), (172, 142, 106))[int(rng.integers(3))], dtype=np.float32
    )
    rim = np.clip(lost - np.roll(lost, (2, 2), axis=(0, 1)), 0, 1)[..., None]
    lost = lost[..., None]
    return (worn * (1 - lost) + clay * lost) * (1 - 0.4 * rim)  # type: ignore[no-any-return]


def _crack(worn: NDArray[np.float32], rng: np.random.Generator) -> None:
    """Draw a few thin wandering cracks."""
    height, width = worn.shape[:2]
    for _ in range(int(rng.integers(3, 7))):
        steps = rng.normal(0, width * 0.012, (60, 2)) + rng.normal(0, width * 0.012, 2)
        path = np.cumsum(steps, axis=0) + rng.random(2) * (width, height)
        cv2.polylines(worn, [path.astype(np.int32)], False, (104, 84, 64), 1, cv2.LINE_AA)
        cv2.polylines(worn, [(path + 1).astype(np.int32)], False, (214, 196, 166), 1, cv2.LINE_AA)
