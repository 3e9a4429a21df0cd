"""Scanned pages drawn for tests: type, pictures, tint, noise and skew on a sheet of paper."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO

import cv2
import numpy as np
import pymupdf
from PIL import Image, ImageDraw, ImageFont

from extractors.ocr import Raster

DPI = 150
PAPER = (240, 232, 214)
INK = (40, 36, 34)


def to_px(points: float) -> int:
    """Points to pixels at DPI."""
    return round(points * DPI / 72)


@lru_cache(maxsize=8)
def load_font(size_px: int) -> ImageFont.FreeTypeFont:
    """The Han font that comes with PyMuPDF."""
    return ImageFont.truetype(BytesIO(pymupdf.Font("cjk").buffer), size_px)


class Sheet:
    """A page under way; positions and sizes in points, origin top left."""

    def __init__(self, width: float = 420.0, height: float = 595.0, paper: tuple[int, ...] = PAPER) -> None:
        self.width, self.height = width, height
        self.image = Image.new("RGB", (to_px(width), to_px(height)), paper)
        self.draw = ImageDraw.Draw(self.image)

    def write(self, text: str, x: float, y: float, size: float = 11.0, fill: tuple[int, ...] = INK) -> Sheet:
        """A horizontal line whose em box has its top left corner at (x, y)."""
        self.draw.text((to_px(x), to_px(y)), text, font=load_font(to_px(size)), fill=fill)
        return self

    def write_column(self, text: str, x: float, y: float, size: float = 11.0) -> Sheet:
        """A vertical column from (x, y) downwards."""
        for k, character in enumerate(text):
            self.write(character, x, y + k * size * 1.05, size)
        return self

    def write_body(self, lines: int, x: float, y: float, width: float, size: float = 11.0) -> Sheet:
        """Lines of running text."""
        text = "唐代织物多用联珠团窠纹样其中对鸟对兽尤为常见纹样四角饰以宝相花枝叶相连色彩明丽层次分明"
        count = int(width / size)
        for k in range(lines):
            start = (7 * k) % 20
            self.write((text + text)[start : start + count], x, y + k * size * 1.7, size)
        return self

    def paste(self, picture: Raster, x: float, y: float) -> Sheet:
        """A picture with its top left corner at (x, y), pixel for pixel."""
        self.image.paste(Image.fromarray(picture), (to_px(x), to_px(y)))
        return self

    def scan(self, skew: float = 0.0, noise: float = 0.0, jpeg: int = 0) -> Raster:
        """The page's raster, turned clockwise by `skew` degrees, with noise and JPEG artefacts."""
        raster = np.asarray(self.image, np.uint8)
        if skew:
            h, w = raster.shape[:2]
            matrix = cv2.getRotationMatrix2D(((w - 1) / 2, (h - 1) / 2), -skew, 1.0)
            raster = cv2.warpAffine(raster, matrix, (w, h), borderMode=cv2.BORDER_REPLICATE)
        if noise:
            grain = np.random.default_rng(3).normal(0, noise, raster.shape)
            raster = np.clip(raster + grain, 0, 255).astype(np.uint8)
        if jpeg:
            coded = cv2.imencode(".jpg", raster[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, jpeg])[1]
            raster = cv2.imdecode(coded, cv2.IMREAD_COLOR)[:, :, ::-1]
        return np.ascontiguousarray(raster, np.uint8)


def make_photo(width: float, height: float, seed: int = 1) -> Raster:
    """Something like a photograph: soft patches of many colours with grain; sides in points."""
    rng = np.random.default_rng(seed)
    w, h = to_px(width), to_px(height)
    patches = cv2.resize(rng.integers(20, 190, (9, 9, 3), np.uint8), (w, h), interpolation=cv2.INTER_CUBIC)
    grain = rng.normal(0, 8, patches.shape)
    return np.clip(patches + grain, 0, 255).astype(np.uint8)


def make_pattern(width: float, height: float, ground: tuple[int, ...]) -> Raster:
    """Flowers in rows on an even ground, as in a redrawn pattern; sides in points."""
    image = Image.new("RGB", (to_px(width), to_px(height)), ground)
    draw = ImageDraw.Draw(image)
    step = 40
    for row, y in enumerate(range(step // 2, image.height, step)):
        for x in range(step // 2 + (row % 2) * step // 2, image.width, step):
            for dx, dy in ((-9, 0), (9, 0), (0, -9), (0, 9)):
                draw.ellipse((x + dx - 7, y + dy - 7, x + dx + 7, y + dy + 7), fill=(178, 60, 52))
            draw.ellipse((x - 5, y - 5, x + 5, y + 5), fill=(228, 180, 60))
    return np.asarray(image, np.uint8)


def make_line_drawing(width: float, height: float, paper: tuple[int, ...] = PAPER) -> Raster:
    """Scrolls in thin lines on the paper itself; sides in points."""
    image = Image.new("RGB", (to_px(width), to_px(height)), paper)
    draw = ImageDraw.Draw(image)
    w, h = image.size
    for k in range(6):
        draw.ellipse((k * w / 14, k * h / 14, w - 1 - k * w / 14, h - 1 - k * h / 14), outline=INK, width=2)
    for k in range(0, 360, 30):
        a = np.radians(k)
        end = (w / 2 + np.cos(a) * w * 0.45, h / 2 + np.sin(a) * h * 0.45)
        draw.line((w / 2, h / 2, *end), fill=INK, width=2)
    return np.asarray(image, np.uint8)


def make_seal(side: float, paper: tuple[int, ...] = PAPER) -> Image.Image:
    """A round red seal with characters, on transparent ground; side in points."""
    px = to_px(side)
    image = Image.new("RGBA", (px, px), (*paper, 0))
    draw = ImageDraw.Draw(image)
    draw.ellipse((2, 2, px - 3, px - 3), outline=(205, 40, 45, 255), width=max(3, px // 30))
    font = load_font(px // 4)
    for k, character in enumerate("文物藏印"):
        place = (px * (0.24 + 0.27 * (k % 2)), px * (0.22 + 0.28 * (k // 2)))
        draw.text(place, character, font=font, fill=(205, 40, 45, 255))
    return image
