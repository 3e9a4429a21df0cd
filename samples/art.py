"""The figures of the project's own sample books, each with true Chinese words; one seed, one entry or plate."""

import random
from dataclasses import dataclass

import numpy as np
from PIL import Image

from samples.flowers import FLOWERS
from samples.palettes import SCHEMES
from samples.strokes import Canvas


@dataclass(frozen=True, slots=True)
class Art:
    """One figure: an RGB image, a short noun for what it shows, and one or two true sentences."""

    image: Image.Image
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class EntryArt:
    """One silk entry: the redrawn pattern, the textile that carries it, crops of the pattern, paragraphs."""

    title: str
    pattern: Art
    textile: Art
    details: tuple[Art, ...]
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlateArt:
    """One mural plate: its title, the RGB picture and a note of what stands where."""

    title: str
    image: Image.Image
    note: str


def draw_entry(seed: int, *, side_px: int = 900, details: int = 2) -> EntryArt:
    """Draw one silk entry; the pattern is `side_px` square."""
    rng = random.Random(seed)
    scheme = rng.choice(SCHEMES)
    name, second = rng.sample(sorted(FLOWERS), 2)
    pixels = np.full((side_px, side_px, 3), scheme.ground, np.uint8)
    canvas = Canvas(pixels, scheme.inks(), side_px / 1000)
    for row in range(4):
        for column in range(4):
            flower = name if (row + column) % 2 == 0 else second
            canvas.draw(FLOWERS[flower](), 125 + 250 * column, 125 + 250 * row, 95)
    image = Image.fromarray(pixels)
    words = f"{scheme.name}，散点排列{name}与{second}，纵横各四列，以{scheme.main}设色。"
    crop = image.crop((0, 0, side_px // 2, side_px // 2))
    crops = tuple(
        Art(crop, f"{name}细节", f"{scheme.name}上的{name}与{second}细节。") for _ in range(details)
    )
    return EntryArt(
        f"散点{name}{second}纹", Art(image, f"散点{name}{second}纹", words),
        Art(image.resize((side_px * 2 // 3, side_px * 2 // 3)), f"{name}纹织物", f"织物满饰{name}与{second}，{scheme.name}。"),
        crops, (words + f"全幅以{name}与{second}相间，布局匀称，{scheme.name}衬出{scheme.main}花色，轮廓以{scheme.outline}勾勒。",),
    )  # fmt: skip


def draw_plate(seed: int, *, width_px: int = 900, height_px: int = 1200) -> PlateArt:
    """Draw one mural plate."""
    rng = random.Random(seed)
    scheme = rng.choice(SCHEMES)
    pixels = np.full((height_px, width_px, 3), (206, 186, 152), np.uint8)
    canvas = Canvas(pixels, scheme.inks(), width_px / 1000)
    canvas.draw(FLOWERS["莲花"](), 500, 600, 300)
    return PlateArt(
        "莲花",
        Image.fromarray(pixels),
        "壁面土黄，正中绘莲花一朵，花瓣数重，上承莲蓬，下垂两瓣，线条流畅，设色明净，余处留白不施彩绘，惟见泥壁本色，简淡而庄重。",
    )


def draw_ornament(seed: int, *, width_px: int = 300, height_px: int = 60) -> Image.Image:
    """Draw a running vignette as books repeat it on every page."""
    rng = random.Random(seed)
    scheme = rng.choice(SCHEMES)
    pixels = np.full((height_px, width_px, 3), (250, 247, 240), np.uint8)
    canvas = Canvas(pixels, scheme.inks(), height_px / 100)
    for k in range(max(1, width_px // height_px)):
        canvas.draw(FLOWERS["小朵花"](), 50 + 100 * k, 50, 36)
    return Image.fromarray(pixels)
