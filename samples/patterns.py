"""Draws whole patterns and close-ups of them."""

import numpy as np
from numpy.typing import NDArray

from samples.arrangements import ARRANGE, BORDER, Place, Placed, Scene
from samples.bands import draw_border
from samples.lattices import lay_ground, weave
from samples.spec import Spec
from samples.strokes import Canvas


def draw_pattern(spec: Spec, side_px: int, seed: int) -> tuple[NDArray[np.uint8], Placed]:
    """Return the pattern (side, side, 3) and where its main, second and corner motifs stand."""
    canvas = _stretch(spec, side_px, side_px / 1000, (0.0, 0.0))
    scene = _fill(spec, canvas)
    return weave(canvas.pixels, spec.weave, seed), scene.placed


def draw_closeup(spec: Spec, place: Place, side_px: int, seed: int) -> NDArray[np.uint8]:
    """Return the part of the pattern around `place` drawn anew at a larger scale, (side, side, 3)."""
    x, y, half = place
    half = min(half, 500.0)
    x, y = (min(max(v, half), 1000 - half) for v in (x, y))
    canvas = _stretch(spec, side_px, side_px / (2 * half), (x - half, y - half))
    _fill(spec, canvas)
    return weave(canvas.pixels, spec.weave, seed)


def choose_place(places: list[Place]) -> Place:
    """Return the first place whose motif lies wholly in the pattern, else the one nearest the middle."""
    near = min(places, key=lambda p: max(abs(p[0] - 500), abs(p[1] - 500)) + p[2])
    inside = (p for p in places if max(abs(p[0] - 500), abs(p[1] - 500)) + p[2] < 490 - BORDER)
    return next(inside, near)


def inner_part(spec: Spec, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the pattern without its border, as it repeats on cloth."""
    if not spec.border:
        return pixels
    inset = round((BORDER + 4) * len(pixels) / 1000)
    return pixels[inset:-inset, inset:-inset]


def _stretch(spec: Spec, side_px: int, unit: float, origin: tuple[float, float]) -> Canvas:
    ground = lay_ground(spec.scheme, spec.lattice, side_px, unit)
    return Canvas(ground, spec.scheme.inks(), unit, origin)


def _fill(spec: Spec, canvas: Canvas) -> Scene:
    scene = Scene(spec, canvas)
    ARRANGE[spec.arrangement](scene)
    if spec.border:
        draw_border(canvas, spec.border, BORDER)
    return scene
