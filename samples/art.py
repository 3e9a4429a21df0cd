"""The figures of the project's own sample books, each with true Chinese words."""

import random
from dataclasses import dataclass

import numpy as np
from PIL import Image

from samples import words
from samples.arrangements import Placed
from samples.bands import BANDS
from samples.garments import GARMENTS, Pixels, draw_textile
from samples.lattices import lay_ground, weave
from samples.murals import draw_mural
from samples.palettes import ROLES
from samples.patterns import choose_place, draw_closeup, draw_pattern, inner_part
from samples.spec import Spec, plan_pattern
from samples.strokes import Canvas, Shape


@dataclass(frozen=True, slots=True)
class Art:
    """One figure: an RGB image, a short noun for what it shows, one or two true sentences, and its kind."""

    image: Image.Image
    name: str
    text: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class EntryArt:
    """One silk entry: the redrawn pattern, the textile that carries it and its fabric, crops, paragraphs."""

    title: str
    pattern: Art
    textile: Art
    details: tuple[Art, ...]
    paragraphs: tuple[str, ...]
    cloth: str


@dataclass(frozen=True, slots=True)
class PlateArt:
    """One mural plate: its title, the RGB picture and a note of what stands where."""

    title: str
    image: Image.Image
    note: str


def draw_entry(seed: int, *, side_px: int = 900, details: int = 2) -> EntryArt:
    """Draw one silk entry: the pattern is `side_px` square, textile and crops are smaller."""
    rng = random.Random(seed)
    spec = plan_pattern(rng)
    pixels, placed = draw_pattern(spec, side_px, seed)
    name = words.title(spec)
    pattern = Art(Image.fromarray(pixels), name, words.caption(spec, rng), "pattern")
    textile = _draw_textile(spec, pixels, rng, round(side_px * 0.68))
    crops = _draw_details(spec, placed, details, round(side_px * 0.48), seed)
    return EntryArt(name, pattern, textile, crops, words.paragraphs(spec, seed), words.CLOTHS[spec.weave])


def _draw_textile(spec: Spec, pixels: Pixels, rng: random.Random, width_px: int) -> Art:
    """Draw the textile that carries the pattern; a badge is sewn on a plain robe."""
    badge = spec.arrangement == "补子"
    garment = "袍" if badge else rng.choice(sorted(GARMENTS))
    seed = rng.getrandbits(32)
    if badge:
        cloth = weave(lay_ground(spec.scheme, "", 300, 0.3), spec.weave, seed)
        image = draw_textile(cloth, spec.scheme, garment, pixels, seed, width_px)
    else:
        image = draw_textile(inner_part(spec, pixels), spec.scheme, garment, None, seed, width_px)
    name, text = words.textile_words(spec, garment, GARMENTS[garment].look)
    return Art(Image.fromarray(image), name, text, "textile")


def _draw_details(spec: Spec, placed: Placed, n: int, side_px: int, seed: int) -> tuple[Art, ...]:
    """Draw up to three close-ups, each of a different motif of the pattern."""
    crops = []
    for part in [part for part in ("main", "second", "corner") if part in placed][:n]:
        x, y, half = choose_place(placed[part])
        name, text = words.detail_words(spec, part)
        shown = draw_closeup(spec, (x, y, max(half * 1.3, 105.0)), side_px, seed)
        crops.append(Art(Image.fromarray(shown), name, text, "cropped_pattern"))
    return tuple(crops)


def draw_plate(seed: int, *, width_px: int = 900, height_px: int = 1200) -> PlateArt:
    """Draw one mural plate of the given size."""
    pixels, title, note = draw_mural(seed, width_px, height_px)
    return PlateArt(title, Image.fromarray(pixels), note)


def draw_ornament(seed: int, *, width_px: int = 300, height_px: int = 60) -> Image.Image:
    """Draw a running vignette in one colour on white, as books repeat it on every page."""
    rng = random.Random(f"ornament {seed}")
    band, deep = (
        BANDS[rng.choice(sorted(BANDS))](),
        rng.choice(((150, 60, 50), (70, 96, 110), (120, 100, 70))),
    )
    red, green, blue = (255 - (255 - v) // 3 for v in deep)
    inks = {
        role: deep if role in ("line", "gold", "a", "b", "l", "L") else (red, green, blue) for role in ROLES
    }
    pixels = np.full((height_px, width_px, 3), 255, np.uint8)
    canvas = Canvas(pixels, inks, 1.0)
    n = max(1, round(width_px / (0.84 * height_px)))
    for y in (height_px * 0.07, height_px * 0.93):
        rule = np.array([(0.0, y), (width_px, y)])
        canvas.draw((Shape(rule, "", "line", max(1.0, height_px / 30), closed=False),))
    for k in range(n):
        canvas.draw(band, width_px * (k + 0.5) / n, height_px / 2, height_px * 0.38)
    return Image.fromarray(pixels)
