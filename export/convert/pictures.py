"""Images as other people's readers can decode them: passed on as they are wherever that is enough."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from export.reading import ReleaseError

# Plates of a release are ours to measure: a large one is no attack.
Image.MAX_IMAGE_PIXELS = None

# Beyond this a reader with Pillow's own settings refuses an image.
_MOST_PIXELS = 178_956_970
_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
Prepared = tuple[bytes, str, bool]
"""Bytes, suffix (jpg or png), and whether they are other than the release's."""


def find_suffix(content: bytes) -> str:
    """`jpg` or `png` by the first bytes; empty for anything else."""
    return "jpg" if content.startswith(_JPEG) else "png" if content.startswith(_PNG) else ""


def as_jpeg_or_png(content: bytes, pair_id: str) -> Prepared:
    """The bytes as they are for JPEG and PNG, anything else as a PNG of its first frame."""
    if suffix := find_suffix(content):
        return content, suffix, False
    return _encode(_open(content, pair_id), pair_id), "png", True


def as_plain(content: bytes, pair_id: str) -> Prepared:
    """The bytes as they are where a reader that resizes first and calls `convert("RGB")` then sees what is
    meant: JPEG or PNG of 8 bits in RGB or grey. Palettes, CMYK, 16 bits, transparency (which would turn
    black) and images too large for Pillow become a PNG in RGB on white."""
    suffix = find_suffix(content)
    image = _open(content, pair_id)
    plain = image.mode in ("RGB", "L") and "transparency" not in image.info
    if suffix and plain and image.width * image.height <= _MOST_PIXELS:
        return content, suffix, False
    return _encode(image, pair_id), "png", True


def _open(content: bytes, pair_id: str) -> Image.Image:
    try:
        return Image.open(io.BytesIO(content))
    except (OSError, ValueError) as error:
        raise ReleaseError(f"the image of {pair_id} cannot be decoded; see `culti verify`") from error


def _encode(image: Image.Image, pair_id: str) -> bytes:
    try:
        picture = _flatten(image)
        if picture.width * picture.height > _MOST_PIXELS:
            scale = (_MOST_PIXELS / 2 / picture.width / picture.height) ** 0.5
            picture = picture.resize((int(picture.width * scale), int(picture.height * scale)))
        buffer = io.BytesIO()
        picture.save(buffer, "PNG", compress_level=6)
    except (OSError, ValueError) as error:
        raise ReleaseError(f"the image of {pair_id} cannot be decoded; see `culti verify`") from error
    return buffer.getvalue()


def _flatten(image: Image.Image) -> Image.Image:
    """In RGB, on white. `I;16` and `I` hold 16 bits, of which Pillow's own conversion keeps the lower 8."""
    if image.mode.startswith("I"):
        values = np.asarray(image, dtype=np.float64) / 257
        return Image.fromarray(values.clip(0, 255).round().astype(np.uint8)).convert("RGB")
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image.convert("RGB")
    layers = image.convert("RGBA")
    white = Image.new("RGBA", layers.size, (255, 255, 255, 255))
    return Image.alpha_composite(white, layers).convert("RGB")
