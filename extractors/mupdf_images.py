"""Images inside MuPDF: their place, their bytes, their pixels."""

from __future__ import annotations

import hashlib

import numpy as np
import pymupdf
from PIL import Image
from pymupdf import mupdf

from extractors.page_trace import Matrix, map_unit_square
from extractors.records import Box

# Larger ones are not decoded: a mask then fills its box, and the key is made of the size.
_MAX_DECODED_PX = 40_000_000


def key_of(image: mupdf.FzImage) -> str:
    """A digest of the image's stored bytes, or of its pixels where MuPDF keeps no bytes (JPEG 2000)."""
    w, h = int(image.m_internal.w), int(image.m_internal.h)
    digest = hashlib.sha256(f"{w}x{h}:".encode())
    buffer = _find_packed(image)
    if buffer is not None:
        # Read where it lies: copying takes as long as the digest.
        digest.update(mupdf.fz_buffer_storage_memoryview(buffer))
        return digest.hexdigest()[:32]
    try:
        digest.update(decode_image(image).samples)
    except (mupdf.FzErrorBase, ValueError):
        digest.update(b"not decoded")
    return digest.hexdigest()[:32]


def packed_bytes(image: mupdf.FzImage) -> bytes | None:
    """The image's bytes as they lie in the file, outer filters undone; None where MuPDF keeps none."""
    buffer = _find_packed(image)
    if buffer is None:
        return None
    data: bytes = mupdf.fz_buffer_extract_copy(buffer)
    return data


def _find_packed(image: mupdf.FzImage) -> mupdf.FzBuffer | None:
    packed = mupdf.ll_fz_compressed_image_buffer(image.m_internal)
    if packed is None or packed.buffer is None:
        return None
    return mupdf.FzBuffer(mupdf.ll_fz_keep_buffer(packed.buffer))


def decode_image(image: mupdf.FzImage) -> pymupdf.Pixmap:
    """The image's pixels as stored, not resampled; ValueError or MuPDF's errors where that cannot be had."""
    w, h = int(image.m_internal.w), int(image.m_internal.h)
    if w * h > _MAX_DECODED_PX:
        raise ValueError("too many pixels")
    return pymupdf.Pixmap("raw", mupdf.fz_get_unscaled_pixmap_from_image(image))


def bound_mask(image: mupdf.FzImage, matrix: Matrix) -> Box:
    """The box of what a mask lets through: transparent margins are not seen."""
    whole = map_unit_square(matrix)
    if matrix[1] or matrix[2]:
        return whole
    try:
        pixmap = decode_image(image)
    except (mupdf.FzErrorBase, ValueError):
        return whole
    seen = (
        np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.stride)[:, : pixmap.width] > 8
    )
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    if not rows.size:
        return (whole[0], whole[1], whole[0], whole[1])
    x0, x1 = columns[0] / pixmap.width, (columns[-1] + 1) / pixmap.width
    y0, y1 = rows[0] / pixmap.height, (rows[-1] + 1) / pixmap.height
    a, d, e, f = matrix[0], matrix[3], matrix[4], matrix[5]
    xs, ys = sorted((e + a * x0, e + a * x1)), sorted((f + d * y0, f + d * y1))
    return float(xs[0]), float(ys[0]), float(xs[1]), float(ys[1])


class MupdfImage:
    """See `backend.StoredImage`."""

    def __init__(self, image: mupdf.FzImage) -> None:
        self._image = image

    def find_jpeg(self) -> bytes | None:
        """Its JPEG stream, where no decode array, colour key or stencil changes what it says."""
        data = packed_bytes(self._image)
        if data is None or not data.startswith(b"\xff\xd8"):
            return None
        low = self._image.m_internal
        if getattr(low, "use_decode", 0) or getattr(low, "use_colorkey", 0) or low.imagemask:
            return None
        return data

    def decode(self) -> Image.Image:
        """Its pixels in RGB, not resampled."""
        pixmap = decode_image(self._image)
        space = mupdf.fz_pixmap_colorspace(pixmap.this)
        if not mupdf.fz_colorspace_is_rgb(space) or pixmap.alpha:
            pixmap = pymupdf.Pixmap(pymupdf.csRGB, pixmap)
            pixmap = pymupdf.Pixmap(pixmap, 0) if pixmap.alpha else pixmap
        flat = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.stride)
        return Image.fromarray(flat[:, : pixmap.width * 3].reshape(pixmap.height, pixmap.width, 3).copy())
