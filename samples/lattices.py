# ruff: noqa: E501 - rows of coordinates stay on one line, and numpy adds tuples elementwise
"""Grounds: tone-on-tone lattices that repeat over the silk, and the weave seen on its surface."""

from collections.abc import Callable, Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from samples.palettes import Scheme
from samples.strokes import Canvas, Motif, Shape, ellipse

_W = 0.05
Tile = tuple[float, float, Motif]  # width and height in canvas units, lines in tile units 0..1


def _line(*points: tuple[float, float], width: float = _W) -> Shape:
    return Shape(np.array(points, dtype=np.float64), "", "shade", width, closed=False)


def _swastikas() -> Tile:
    """Swastikas joined by straight lines, as in 卍字不到头."""
    quarter = [(0.5, 0.5), (0.5, 0.25), (0.75, 0.25), (0.75, 0.0)]
    arms = []
    for k in range(4):
        c, s = ((1, 0), (0, 1), (-1, 0), (0, -1))[k]
        arms.append(_line(*((0.5 + (x - 0.5) * c - (y - 0.5) * s, 0.5 + (x - 0.5) * s + (y - 0.5) * c) for x, y in quarter), width=0.07))  # fmt: skip
    return 44, 44, tuple(arms)


def _frets() -> Tile:
    """Square spirals side by side."""
    spiral = [
        (0.08, 1.0),
        (0.08, 0.08),
        (0.88, 0.08),
        (0.88, 0.8),
        (0.32, 0.8),
        (0.32, 0.34),
        (0.64, 0.34),
        (0.64, 0.56),
    ]
    return 40, 40, (_line(*spiral, width=0.07),)


def _diamonds() -> Tile:
    """Diamonds with a smaller diamond and a dot in each."""
    outer = _line((0.5, 0), (1, 0.5), (0.5, 1), (0, 0.5), (0.5, 0))
    inner = _line((0.5, 0.24), (0.76, 0.5), (0.5, 0.76), (0.24, 0.5), (0.5, 0.24), width=0.035)
    return (
        52,
        60,
        (
            outer,
            inner,
            Shape(ellipse(0.5, 0.5, 0.07, n=10), "shade"),
            Shape(ellipse(0, 0, 0.07, n=10), "shade"),
        ),
    )


def _tortoise() -> Tile:
    """Hexagons of a tortoise shell with a floret in each."""
    sixth = 1 / 6
    cell = (
        _line((0, 0.5 + sixth), (0, 0.5 - sixth), (0.5, sixth), (1, 0.5 - sixth), (1, 0.5 + sixth), (0.5, 1 - sixth), (0, 0.5 + sixth)),
        _line((0.5, sixth), (0.5, -sixth)),
        _line((0.5, 1 - sixth), (0.5, 1 + sixth)),
    )  # fmt: skip
    dots = tuple(
        Shape(ellipse(x + 0.1 * np.cos(a), y + 0.06 * np.sin(a), 0.05, 0.03, n=8), "shade")
        for x, y in ((0.5, 0.5), (0.0, 0.0))
        for a in np.arange(6) * np.pi / 3
    )
    return 52, 90, (*cell, *dots)


def _rings() -> Tile:
    """Circles that overlap by a quarter, as in 毬路."""
    circles = tuple(
        Shape(ellipse(x, y, 0.5, n=40), "", "shade", 0.04)
        for x, y in ((0.5, 0.5), (0, 0), (1, 0), (0, 1), (1, 1))
    )
    return (
        56,
        56,
        (
            *circles,
            Shape(ellipse(0.5, 0.0, 0.05, n=8), "shade"),
            Shape(ellipse(0.0, 0.5, 0.05, n=8), "shade"),
        ),
    )


def _waves() -> Tile:
    """Scales of concentric arcs, as waves are drawn."""
    shapes: list[Shape] = []
    a = np.linspace(np.pi, 2 * np.pi, 16)
    for x, y in ((0.0, 0.5), (1.0, 0.5), (0.5, 1.0), (0.0, 1.5), (1.0, 1.5), (0.5, 2.0)):
        disc = np.stack([x + 0.5 * np.cos(a), y + 0.5 * np.sin(a)], axis=1)
        shapes.append(Shape(disc, "ground"))
        shapes += [
            Shape(np.stack([x + r * np.cos(a), y + r * np.sin(a)], axis=1), "", "shade", 0.035, closed=False)
            for r in (0.5, 0.34, 0.18)
        ]
    return 60, 60, tuple(shapes)


LATTICES: Mapping[str, Callable[[], Tile]] = {
    "卍字": _swastikas,
    "回纹": _frets,
    "菱格": _diamonds,
    "龟背": _tortoise,
    "毬路": _rings,
    "海水": _waves,
}


def lay_ground(scheme: Scheme, lattice: str, side_px: int, unit: float) -> NDArray[np.uint8]:
    """Return the ground (side, side, 3): one colour, and the lattice on it unless `lattice` is empty."""
    if not lattice:
        return np.full((side_px, side_px, 3), scheme.ground, np.uint8)
    width, height, motif = LATTICES[lattice]()
    w, h = round(width * unit), round(height * unit)
    patch = np.full((3 * h, 3 * w, 3), scheme.ground, np.uint8)
    canvas = Canvas(patch, scheme.inks(), 1.0)
    for row in range(-1, 4):
        for column in range(-1, 4):
            stretched = tuple(Shape(s.points * (w, h), s.fill, s.line, s.width * w, s.closed) for s in motif)
            canvas.draw(stretched, column * w, row * h)
    tile = patch[h : 2 * h, w : 2 * w]
    return np.ascontiguousarray(np.tile(tile, (side_px // h + 1, side_px // w + 1, 1))[:side_px, :side_px])


def _twill(y: NDArray[np.int64], x: NDArray[np.int64]) -> NDArray[np.float32]:
    return np.where((x + y) % 4 < 2, 1.0, -1.0).astype(np.float32)


def _plain(y: NDArray[np.int64], x: NDArray[np.int64]) -> NDArray[np.float32]:
    return np.where((x // 2 + y // 2) % 2 == 0, 1.0, -1.0).astype(np.float32)


def _satin(y: NDArray[np.int64], x: NDArray[np.int64]) -> NDArray[np.float32]:
    return np.where((2 * x + y) % 5 == 0, -2.0, 0.5).astype(np.float32)


def _ribbed(y: NDArray[np.int64], x: NDArray[np.int64]) -> NDArray[np.float32]:
    return np.where(y % 3 == 0, -1.6, 0.8).astype(np.float32) + 0 * x


WEAVES: Mapping[str, Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.float32]]] = {
    "斜纹": _twill,
    "平纹": _plain,
    "缎纹": _satin,
    "纬棱": _ribbed,
}


def weave(pixels: NDArray[np.uint8], kind: str, seed: int, strength: float = 4.0) -> NDArray[np.uint8]:
    """Return the silk (h, w, 3) with its threads and uneven dye, both a few grey levels."""
    height, width = pixels.shape[:2]
    tile = WEAVES[kind](*np.mgrid[0:60, 0:60])
    threads = np.tile(tile, (height // 60 + 1, width // 60 + 1))[:height, :width]
    noise = np.random.default_rng(seed).standard_normal((24, 24)).astype(np.float32)
    cloud = cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
    level = threads * strength + cloud * 2.0
    return cv2.add(pixels, cv2.merge([level] * 3), dtype=cv2.CV_8U)  # type: ignore[no-any-return]
