"""Cases of what stands on every page and is no figure: grounds, marks, logos, ornaments, vignettes."""

from __future__ import annotations

import io
import random
from pathlib import Path

import numpy as np
import pymupdf
from PIL import Image, ImageFilter

from samples.art import draw_entry, draw_ornament
from samples.layouts.single import set_below
from samples.layouts.stage import Dress, Stage
from samples.sheets import Sheet
from samples.truth import Box, Row
from samples.typesetting import load_font, measure

MARKS = ("样书试印", "内部资料", "样稿　请勿翻印", "SAMPLE")


def write_ground(path: Path, seed: int) -> list[Row]:
    """A picture of paper under the whole of every page."""
    rng = random.Random(f"ground {seed}")
    paper = _draw_paper(rng)
    return _write(path, seed, "ground", lambda sheet, stage: _place(sheet, _whole(stage), paper))


def write_pale_mark(path: Path, seed: int) -> list[Row]:
    """A pale picture in the middle of every page, under the text."""
    rng = random.Random(f"pale_mark {seed}")
    image, share = (
        _pale(draw_entry(rng.getrandbits(30), side_px=420, details=0).pattern.image, 0.88),
        rng.uniform(0.4, 0.7),
    )
    return _write(path, seed, "pale_mark", lambda sheet, stage: _place(sheet, _middle(stage, share), image))


def write_slanted_mark(path: Path, seed: int) -> list[Row]:
    """Slanted grey words across every page."""
    rng = random.Random(f"slanted_mark {seed}")
    text, angle, grey = rng.choice(MARKS), rng.uniform(25, 55), rng.uniform(0.78, 0.9)

    def dress(sheet: Sheet, stage: Stage) -> None:
        _write_slanted(sheet, stage, text, angle, grey)

    return _write(path, seed, "slanted_mark", dress)


def write_logo(path: Path, seed: int) -> list[Row]:
    """The mark of a publisher in the same corner of every page."""
    rng = random.Random(f"logo {seed}")
    logo, side = draw_entry(rng.getrandbits(30), side_px=200, details=0).pattern.image, rng.uniform(16, 30)
    at_top, at_right = rng.random() < 0.5, rng.random() < 0.5

    def dress(sheet: Sheet, stage: Stage) -> None:
        frame = stage.page_frame
        x = frame.right - side if at_right else frame.left
        y = 0.35 * frame.top if at_top else stage.book.height - 0.7 * (stage.book.height - frame.bottom)
        _place(sheet, (x, y, x + side, y + side), logo)

    return _write(path, seed, "logo", dress)


def write_corners(path: Path, seed: int) -> list[Row]:
    """Ornaments in the corners of every page."""
    rng = random.Random(f"corners {seed}")
    image = draw_entry(rng.getrandbits(30), side_px=240, details=0).pattern.image
    side = rng.uniform(20, 34)

    def dress(sheet: Sheet, stage: Stage) -> None:
        wide, high, edge = stage.book.width, stage.book.height, 4.0
        for k in range(4):
            x = edge if k % 2 == 0 else wide - edge - side
            y = edge if k < 2 else high - edge - side
            _place(sheet, (x, y, x + side, y + side), image.rotate(90 * (0, 3, 1, 2)[k]))

    return _write(path, seed, "corners", dress)


def write_vignette(path: Path, seed: int) -> list[Row]:
    """A running band at the head or foot of every page, turned over on left-hand pages."""
    rng = random.Random(f"vignette {seed}")
    band = draw_ornament(rng.getrandbits(30), width_px=900, height_px=70)
    at_top, wide_band = rng.random() < 0.6, rng.random() < 0.5

    def dress(sheet: Sheet, stage: Stage) -> None:
        frame = stage.page_frame
        wide = frame.width if wide_band else 0.5 * frame.width
        high, verso = wide * band.height / band.width, sheet.number % 2 == 0
        x = frame.left if verso or wide_band else frame.right - wide
        y = (
            0.2 * frame.top
            if at_top
            else stage.book.height - 0.25 * (stage.book.height - frame.bottom) - high
        )
        image = band.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if verso else band
        _place(sheet, (x, y, x + wide, y + high), image)

    return _write(path, seed, "vignette", dress)


def write_side_band(path: Path, seed: int) -> list[Row]:
    """A decorated band down the outer edge of every page."""
    rng = random.Random(f"side_band {seed}")
    band = draw_ornament(rng.getrandbits(30), width_px=1100, height_px=60).rotate(90, expand=True)

    def dress(sheet: Sheet, stage: Stage) -> None:
        high = stage.book.height
        wide = min(high * band.width / band.height, 0.4 * stage.page_frame.left)
        x = 0.0 if sheet.number % 2 == 0 else stage.book.width - wide
        _place(sheet, (x, 0.0, x + wide, high), band)

    return _write(path, seed, "side_band", dress)


def _write(path: Path, seed: int, name: str, dress: Dress) -> list[Row]:
    stage = Stage(name, seed, dress=dress)
    for _ in range(stage.rng.randint(3, 5)):
        stage.write_lines(stage.rng.randint(6, 14))
        set_below(stage)
    stage.fill()
    stage.start_page()
    return stage.save(path)


def _place(sheet: Sheet, box: Box, image: Image.Image) -> None:
    sheet.place(box, image, lossless=True)


def _whole(stage: Stage) -> Box:
    return (0.0, 0.0, stage.book.width, stage.book.height)


def _middle(stage: Stage, share: float) -> Box:
    half, x, y = share * stage.book.width / 2, stage.book.width / 2, stage.book.height / 2
    return (x - half, y - half, x + half, y + half)


def _draw_paper(rng: random.Random) -> Image.Image:
    """Mottled paper of one tint."""
    noise = np.random.default_rng(rng.getrandbits(30)).normal(0.0, 1.0, (400, 280, 1))
    tint = np.array([rng.uniform(232, 250), rng.uniform(226, 244), rng.uniform(205, 235)])
    pixels = np.clip(tint + 9.0 * noise, 0, 255).astype(np.uint8)
    return Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(2.5))


def _pale(image: Image.Image, share: float) -> Image.Image:
    return Image.blend(image.convert("RGB"), Image.new("RGB", image.size, (255, 255, 255)), share)


def _write_slanted(sheet: Sheet, stage: Stage, text: str, angle: float, grey: float) -> None:
    page = sheet.page
    size = 0.75 * stage.book.width / measure(text, 1.0)
    x, y = stage.book.width / 2, stage.book.height / 2
    writer = pymupdf.TextWriter(page.rect)
    writer.append((x - measure(text, size) / 2, y + 0.35 * size), text, font=load_font(), fontsize=size)
    writer.write_text(page, color=(grey,) * 3, morph=(pymupdf.Point(x, y), pymupdf.Matrix(angle)))


def as_stream(image: Image.Image, *, quality: int = 85) -> bytes:
    """An image as JPEG bytes."""
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=quality)
    return stream.getvalue()
