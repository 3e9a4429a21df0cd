"""Verifying images: whole, of the size that the row says, and with its perceptual hash."""

from __future__ import annotations

import re
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import imagehash
import numpy as np
from PIL import Image

from export.thumbnails import lay_on_white

# A release may hold large plates; a size other than the row's is found before anything is decoded.
Image.MAX_IMAGE_PIXELS = None

# Of 64 bits. Versions of JPEG decoders and of Pillow's resampling differ by a bit or two; two pictures that
# have nothing in common differ by about 32.
PHASH_TOLERANCE = 8
# ImageHash makes 8 × 8 of the lowest frequencies of a picture of 32 × 32.
_SIDE, _FREQUENCIES = 32, 8
_COSINES = np.cos(np.pi * np.outer(np.arange(_FREQUENCIES), 2 * np.arange(_SIDE) + 1) / (2 * _SIDE))
_ENOUGH_PX = 8 * _SIDE
_HASH = re.compile(r"[0-9a-f]{16}")


def check_picture(content: bytes, path: str, row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(check, what is wrong) of one image, which is named `path`; `row` has width, height and phash."""
    try:
        with Image.open(BytesIO(content)) as picture:
            found = _check_head(picture, path, row)
            if any(check == "size" for check, _ in found):
                return found
            return found + _check_phash(picture, content, str(row["phash"]))
    except Exception as error:  # Pillow's plugins raise what they like on damaged files
        return [("decode", f"its image cannot be decoded ({_first_line(error)})")]


def _check_head(picture: Image.Image, path: str, row: Mapping[str, Any]) -> list[tuple[str, str]]:
    found = []
    suffix = "." + path.rpartition(".")[2].lower()
    if Image.registered_extensions().get(suffix) != picture.format:
        found.append(("format", f"its image is named {path!r} but is a {picture.format} file"))
    if picture.size != (row["width"], row["height"]):
        width, height = picture.size
        found.append(
            ("size", f"its image is {width} × {height} pixels, the row says {row['width']} × {row['height']}")
        )
    return found


def _check_phash(picture: Image.Image, content: bytes, stored: str) -> list[tuple[str, str]]:
    if not _HASH.fullmatch(stored):
        return [("phash", f"its phash {stored!r} is no 64-bit number in hex")]
    if picture.mode in ("L", "RGB") and _measure(_hash_quickly(picture), stored) <= PHASH_TOLERANCE:
        return []
    with Image.open(BytesIO(content)) as whole:
        # Imported pictures may be transparent; theirs is the hash of what is seen on white.
        measured = str(imagehash.phash(lay_on_white(whole)))
    if _measure(int(measured, 16), stored) > PHASH_TOLERANCE:
        return [("phash", f"its image has the phash {measured}, the row says {stored}")]
    return []


def _measure(found: int, stored: str) -> int:
    """Bits that differ."""
    return (found ^ int(stored, 16)).bit_count()


def _hash_quickly(picture: Image.Image) -> int:
    """ImageHash's phash to within a bit or two. A JPEG is read to its end all the same, but its colours are
    left out and large ones are made at an eighth to a half of their size."""
    picture.draft("L", (_ENOUGH_PX, _ENOUGH_PX))
    small = picture.convert("L").resize((_SIDE, _SIDE), Image.Resampling.LANCZOS, reducing_gap=3.0)
    low = _COSINES @ np.asarray(small, np.float64) @ _COSINES.T
    bits = (low > np.median(low)).flatten()
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:120]
