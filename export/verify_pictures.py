"""Verifying images: whole, of the size that the row says, and with its perceptual hash."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import imagehash
from PIL import Image

# A release may hold large plates; a size other than the row's is found before anything is decoded.
Image.MAX_IMAGE_PIXELS = None

# Of 64 bits. Versions of JPEG decoders and of Pillow's resampling differ by a bit or two; two pictures that
# have nothing in common differ by about 32.
PHASH_TOLERANCE = 8
_SUFFIXES = {"JPEG": ("jpg", "jpeg"), "PNG": ("png",)}


def check_picture(content: bytes, path: str, row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(check, what is wrong) of one image, which is named `path`; `row` has width, height and phash."""
    try:
        with Image.open(BytesIO(content)) as picture:
            found = _check_head(picture, path, row)
            if any(check == "size" for check, _ in found):
                return found
            return found + _check_phash(picture, content, row["phash"])
    except Exception as error:  # Pillow's plugins raise what they like on damaged files
        return [("decode", f"its image cannot be decoded ({_first_line(error)})")]


def _check_head(picture: Image.Image, path: str, row: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = []
    suffixes = _SUFFIXES.get(picture.format or "", ())
    if path.rpartition(".")[2].lower() not in suffixes:
        found.append(("format", f"its image is named {path!r} but is a {picture.format} file"))
    if picture.size != (row["width"], row["height"]):
        width, height = picture.size
        found.append(
            ("size", f"its image is {width} × {height} pixels, the row says {row['width']} × {row['height']}")
        )
    return found


def _check_phash(picture: Image.Image, content: bytes, stored: str) -> list[tuple[str, str]]:
    # Without its colours a JPEG decodes in half the time, nearly always to the same hash.
    if picture.format == "JPEG" and picture.mode == "RGB":
        picture.draft("L", picture.size)
    measured = str(imagehash.phash(picture))
    if measured == stored:
        return []
    with Image.open(BytesIO(content)) as whole:
        measured = str(imagehash.phash(whole.convert("RGB") if whole.mode == "P" else whole))
    try:
        distance = (int(measured, 16) ^ int(stored, 16)).bit_count()
    except (TypeError, ValueError):
        return [("phash", f"its phash {stored!r} is no 64-bit number in hex")]
    if distance > PHASH_TOLERANCE:
        return [("phash", f"its image has the phash {measured}, the row says {stored}")]
    return []


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:120]
