"""Small JPEGs as data URIs, each made once however often it is shown."""

from __future__ import annotations

import base64
from io import BytesIO
from pathlib import Path

from PIL import Image, UnidentifiedImageError


class Thumbnails:
    """Data URIs by file and size; a file that cannot be decoded gives an empty string."""

    def __init__(self) -> None:
        self._made: dict[tuple[Path, int], str] = {}

    def get(self, path: Path, longest_px: int) -> str:
        """The picture in a box of `longest_px` on both sides, never enlarged."""
        key = (path, longest_px)
        if key not in self._made:
            self._made[key] = encode_thumbnail(path, longest_px)
        return self._made[key]


def encode_thumbnail(path: Path | BytesIO, longest_px: int, quality: int = 70) -> str:
    """A JPEG on white as a data URI; empty where the file is no picture that Pillow can read."""
    small = make_thumbnail(path, longest_px)
    if small is None:
        return ""
    buffer = BytesIO()
    small.save(buffer, "JPEG", quality=quality, optimize=True)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def make_thumbnail(path: Path | BytesIO, longest_px: int) -> Image.Image | None:
    """The picture in RGB in a box of `longest_px` on both sides, never enlarged; None as above."""
    try:
        with Image.open(path) as picture:
            # A JPEG decodes at 1/2, 1/4 or 1/8 of its size in a fraction of the time.
            picture.draft("RGB", (longest_px, longest_px))
            # Colours of a palette cannot be mixed, so such a picture is made RGB before it is made small.
            full = picture if picture.mode != "P" else lay_on_white(picture)
            full.thumbnail((longest_px, longest_px), reducing_gap=2.0)
            return lay_on_white(full)
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError):
        return None


def lay_on_white(picture: Image.Image) -> Image.Image:
    """The picture in RGB; what is transparent shows white, as on paper."""
    if "A" not in picture.getbands() and "transparency" not in picture.info:
        return picture.convert("RGB")
    layers = picture.convert("RGBA")
    white = Image.new("RGBA", layers.size, (255, 255, 255, 255))
    return Image.alpha_composite(white, layers).convert("RGB")
