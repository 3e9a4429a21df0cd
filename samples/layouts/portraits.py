"""The case of an author's portrait, which has no caption."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from samples.layouts.single import set_below
from samples.layouts.stage import Stage
from samples.truth import Row
from samples.typesetting import Style, break_lines, height_of

NAMES = ("林一苇", "沈知白", "顾青禾", "周临溪")
LIVES = (
    "{0}，样书工坊编者，长于纹样绘制与排印，多年从事织绣图样的整理，编有《样书纹样札记》，并为本书撰写各章的文字。",
    "{0}，生于云溪，自幼习画，后入样书工坊，专事壁画图样的描绘，著有《织物小识》，本书的图样大半出自其手。",
)
HEADINGS = ("作者简介", "关于作者")
GROUNDS = ((176, 186, 196), (150, 140, 130), (206, 200, 190))
SKINS = ((224, 188, 160), (206, 166, 136), (236, 204, 180))
CLOTHS = ((60, 66, 84), (110, 54, 50), (70, 84, 70), (140, 130, 116))


def write_portrait(path: Path, seed: int) -> list[Row]:
    """A page about the author with a portrait that has no caption, then captioned pictures."""
    stage = Stage("portrait", seed)
    _set_author(stage)
    for _ in range(stage.rng.randint(2, 4)):
        stage.write_lines(stage.rng.randint(4, 10))
        set_below(stage)
    return stage.save(path)


def _set_author(stage: Stage) -> None:
    """A portrait with a life of its sitter beside or below it."""
    rng, frame, top = stage.rng, stage.frame, stage.y + stage.space()
    heading = Style(stage.body.size * 1.25, 1.7)
    top = (
        stage.sheet.set_text(frame.left, top, frame.width, rng.choice(("作者简介", "关于作者")), heading) + 6
    )
    wide = frame.width * rng.uniform(0.24, 0.36)
    high = wide * rng.uniform(1.2, 1.4)
    on_right, beside = rng.random() < 0.4, rng.random() < 0.7
    left = frame.right - wide if on_right and beside else frame.left
    box = (left, top, left + wide, top + high)
    stage.sheet.place(
        box, draw_portrait(rng.getrandbits(30), width_px=360, height_px=round(360 * high / wide))
    )
    stage.note(box)
    life = rng.choice(LIVES).format(rng.choice(NAMES))
    lines = break_lines(life, frame.width - (wide + 14 if beside else 0), stage.body)
    x = frame.left if on_right or not beside else box[2] + 14
    y = stage.sheet.set_lines(x, top if beside else box[3] + 8, lines, stage.body)
    stage.y = max(box[3], y) + height_of(1, stage.body)


def draw_portrait(seed: int, *, width_px: int, height_px: int) -> Image.Image:
    """A head and shoulders before a plain ground, lit from one side, as a photograph of poor sharpness."""
    rng = random.Random(f"portrait {seed}")
    image = Image.new(
        "RGB", (width_px, height_px), rng.choice(((176, 186, 196), (150, 140, 130), (206, 200, 190)))
    )
    draw = ImageDraw.Draw(image)
    skin, hair = rng.choice(SKINS), rng.choice(((34, 30, 30), (70, 62, 58), (150, 148, 146)))
    x, y, r = width_px / 2, height_px * 0.4, width_px * rng.uniform(0.17, 0.21)
    draw.ellipse((x - 2.3 * r, y + 1.7 * r, x + 2.3 * r, y + 6 * r), fill=rng.choice(CLOTHS))
    draw.rectangle((x - 0.45 * r, y + 0.6 * r, x + 0.45 * r, y + 2.1 * r), fill=skin)
    draw.ellipse((x - 1.12 * r, y - 1.5 * r, x + 1.12 * r, y + 0.9 * r), fill=hair)
    draw.ellipse((x - 0.9 * r, y - 1.1 * r, x + 0.9 * r, y + 1.35 * r), fill=skin)
    for side in (-1, 1):
        eye = x + side * 0.36 * r
        draw.ellipse((eye - 0.11 * r, y - 0.08 * r, eye + 0.11 * r, y + 0.08 * r), fill=(40, 34, 32))
        draw.line(
            (eye - 0.2 * r, y - 0.28 * r, eye + 0.2 * r, y - 0.28 * r), fill=hair, width=max(2, round(r / 14))
        )
    draw.arc((x - 0.3 * r, y + 0.5 * r, x + 0.3 * r, y + 0.85 * r), 20, 160, fill=(150, 80, 76), width=3)
    light = np.linspace(1.08, 0.8, width_px)[None, :, None]
    grain = np.random.default_rng(seed).normal(0, 4.0, (height_px, width_px, 1))
    pixels = np.asarray(image.filter(ImageFilter.GaussianBlur(width_px / 200)), np.float64) * light + grain
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
