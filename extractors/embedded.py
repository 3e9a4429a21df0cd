"""Whether a figure is one stored image as it lies in the file, and that image's bytes."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image, UnidentifiedImageError

from extractors.backend import OpenPage, StoredImage
from extractors.geometry import area, intersection, iou
from extractors.page_trace import PlacedImage, Trace
from extractors.records import Box, Cut

# Boxes are rounded to hundredths of a point on their way.
_SAME = 0.97
_MAX_PIXELS = 40_000_000


@dataclass(frozen=True, slots=True)
class Embedded:
    """A stored image's bytes (JPEG as it lies in the file, or PNG), and the same decoded."""

    data: bytes
    suffix: str
    image: Image.Image


def find_embedded(page: OpenPage, cut: Cut) -> Embedded | None:
    """The stored image that is the figure, or None where the figure is anything else than one whole image.

    The library's errors are passed on where the image is damaged.
    """
    trace = page.trace()
    placed = next((i for i in reversed(trace.images) if _fills(i, cut.box)), None)
    if placed is None or not _is_plain(placed) or _is_drawn_over(trace, placed):
        return None
    stored = page.find_stored(placed)
    if stored is None or placed.width_px * placed.height_px > _MAX_PIXELS:
        return None
    return _pass_jpeg(stored) or _decode(stored)


def _fills(image: PlacedImage, box: Box) -> bool:
    return iou(image.visible, box) > _SAME


def _is_plain(image: PlacedImage) -> bool:
    """Upright, neither mirrored nor turned nor cut, opaque, and not a stencil."""
    a, b, c, d, _, _ = image.matrix
    upright = a > 0 and d > 0 and abs(b) < 0.01 * a and abs(c) < 0.01 * d
    return upright and image.alpha > 0.99 and not (image.is_cut or image.is_masked or image.is_stencil)


def _is_drawn_over(trace: Trace, image: PlacedImage) -> bool:
    """Whether anything that comes later is seen on the image."""
    inside = _shrink(image.visible)
    later: list[Box] = [i.visible for i in trace.images if i.order > image.order and i.alpha > 0]
    later += [p.box for p in trace.paths if p.order > image.order and p.alpha > 0]
    later += [t.box for t in trace.texts if t.order > image.order and not t.is_hidden]
    return any(_touches(box, inside) for box in later)


def _shrink(box: Box) -> Box:
    return (box[0] + 0.5, box[1] + 0.5, box[2] - 0.5, box[3] - 0.5)


def _touches(box: Box, other: Box) -> bool:
    grown = (box[0] - 0.05, box[1] - 0.05, box[2] + 0.05, box[3] + 0.05)
    return area(intersection(grown, other)) > 0


def _pass_jpeg(stored: StoredImage) -> Embedded | None:
    """The JPEG stream itself, where any viewer shows it as the page does: grey or RGB, as it lies."""
    data = stored.find_jpeg()
    if data is None:
        return None
    try:
        with Image.open(BytesIO(data)) as opened:
            if (
                opened.format != "JPEG"
                or opened.mode not in ("L", "RGB")
                or opened.getexif().get(0x0112, 1) != 1
            ):
                return None
            opened.load()
            image = opened.convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        return None
    return Embedded(data, "jpg", image) if _looks_same(image, stored) else None


def _looks_same(image: Image.Image, stored: StoredImage) -> bool:
    """Whether a viewer's colours are the page's: colour spaces of the PDF may say otherwise (Lab, inks)."""
    shown = stored.decode()
    if shown.size != image.size:
        return False
    small = (32, 32)
    a = np.asarray(image.resize(small, Image.Resampling.BOX), np.int16)
    b = np.asarray(shown.resize(small, Image.Resampling.BOX), np.int16)
    return bool(np.abs(a - b).mean() < 8)


def _decode(stored: StoredImage) -> Embedded:
    image = stored.decode()
    buffer = BytesIO()
    image.save(buffer, "PNG", compress_level=6)
    return Embedded(buffer.getvalue(), "png", image)
