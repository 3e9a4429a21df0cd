"""Images as pdfminer's streams: their size, their key, their JPEG, what their masks let through."""

from __future__ import annotations

import hashlib
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pdfminer.pdftypes import PDFStream, resolve1
from PIL import Image

from extractors.page_trace import Matrix, map_unit_square
from extractors.plumber_values import as_number, as_numbers
from extractors.records import Box

# Larger ones are not decoded: a mask then fills its box.
_MAX_DECODED_PX = 40_000_000
_SEEN = 8
_DCT = ("DCTDecode", "DCT")


def size_of(stream: PDFStream) -> tuple[int, int]:
    """Width and height in pixels as the file says."""
    width, height = (as_number(stream.get_any(n), 0.0) for n in (("W", "Width"), ("H", "Height")))
    return max(0, int(width)), max(0, int(height))


def is_stencil(stream: PDFStream) -> bool:
    """Whether it is a mask through which a colour is painted."""
    return bool(resolve1(stream.get_any(("IM", "ImageMask"))))


def find_mask(stream: PDFStream) -> PDFStream | None:
    """Its soft mask, or else its stencil mask."""
    for name in ("SMask", "Mask"):
        found = resolve1(stream.get(name))
        if isinstance(found, PDFStream):
            return found
    return None


def read_raw(stream: PDFStream) -> bytes:
    """The stream's bytes before any filter, deciphered."""
    data = stream.rawdata or b""
    if stream.decipher and stream.objid is not None and stream.genno is not None:
        return stream.decipher(stream.objid, stream.genno, data, stream.attrs)
    return data


def unfilter(stream: PDFStream) -> bytes:
    """The stream's bytes, all filters undone but those of images. Raises what pdfminer raises on damage.

    Of a copy: pdfminer throws a stream's own bytes away once it has decoded it.
    """
    copy = PDFStream(stream.attrs, stream.rawdata or b"", stream.decipher)
    copy.objid, copy.genno = stream.objid, stream.genno
    return copy.get_data()


def hash_image(stream: PDFStream) -> str:
    """A digest of the image's stored bytes and its size."""
    width, height = size_of(stream)
    return hashlib.sha256(f"{width}x{height}:".encode() + (stream.rawdata or b"")).hexdigest()[:32]


def find_jpeg(stream: PDFStream) -> bytes | None:
    """Its JPEG stream, where no decode array, colour key or stencil changes what it says."""
    filters = [getattr(name, "name", "") for name, _ in stream.get_filters()]
    if not filters or filters[-1] not in _DCT or is_stencil(stream):
        return None
    if stream.get_any(("D", "Decode")) is not None or stream.get("Mask") is not None:
        return None
    data = unfilter(stream)
    return data if data.startswith(b"\xff\xd8") else None


def bound_mask(mask: PDFStream, matrix: Matrix) -> Box:
    """The box of what a mask lets through: transparent margins are not seen."""
    whole = map_unit_square(matrix)
    if matrix[1] or matrix[2]:
        return whole
    try:
        seen = _decode_mask(mask)
    except MemoryError:
        raise
    except Exception:
        return whole
    if seen is None:
        return whole
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    if not rows.size:
        return (whole[0], whole[1], whole[0], whole[1])
    height, width = seen.shape
    x0, x1 = columns[0] / width, (columns[-1] + 1) / width
    y0, y1 = rows[0] / height, (rows[-1] + 1) / height
    a, d, e, f = matrix[0], matrix[3], matrix[4], matrix[5]
    xs, ys = sorted((e + a * x0, e + a * x1)), sorted((f + d * y0, f + d * y1))
    return float(xs[0]), float(ys[0]), float(xs[1]), float(ys[1])


def _decode_mask(mask: PDFStream) -> NDArray[np.bool_] | None:
    """Where a mask lets something through, shape (h, w); None for kinds that are not decoded here."""
    width, height = size_of(mask)
    if not 0 < width * height <= _MAX_DECODED_PX:
        return None
    is_turned = as_numbers(mask.get_any(("D", "Decode")), 2) == (1.0, 0.0)
    data = unfilter(mask)
    depth = int(as_number(mask.get_any(("BPC", "BitsPerComponent")), 1.0))
    values: NDArray[Any]
    if data.startswith(b"\xff\xd8"):
        with Image.open(BytesIO(data)) as opened:
            values = np.asarray(opened.convert("L"))
    elif is_stencil(mask) or depth == 1:
        stride = (width + 7) // 8
        packed = np.frombuffer(data, np.uint8, stride * height).reshape(height, stride)
        values = np.unpackbits(packed, axis=1)[:, :width] * np.uint8(255)
        # A stencil lets through where it has no bit set.
        is_turned ^= is_stencil(mask)
    elif depth == 8:
        values = np.frombuffer(data, np.uint8, width * height).reshape(height, width)
    else:
        return None
    return values < 255 - _SEEN if is_turned else values > _SEEN
