"""The images of rows as they lie on disk: how large they are, and those of many rows in one Arrow array."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from export.rows import Row
from extractors.errors import CultiError


def measure_image(row: Row) -> int:
    """Bytes of a row's image; CultiError where there is no such file."""
    try:
        return row.image_file.stat().st_size
    except OSError as error:
        raise _unreadable(row, error) from error


class ImageRoom:
    """Memory for the images of one row group after the other: to have it anew each time costs more than to
    hash what is read into it."""

    def __init__(self, size: int) -> None:
        self._pixels = np.empty(size, np.uint8)

    def read(self, rows: Sequence[Row], sizes: Sequence[int]) -> pa.BinaryArray:
        """The images of rows, whose sizes are known; they stay as they are until the next call. CultiError
        where one is not what its row names."""
        ends = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
        if ends[-1] > len(self._pixels):
            self._pixels = np.empty(ends[-1], np.uint8)
        room = self._pixels.data
        for row, start, end in zip(rows, ends[:-1], ends[1:], strict=True):
            _read_image(row, room[start:end])
        buffers = [None, pa.py_buffer(ends), pa.py_buffer(self._pixels)]
        return pa.Array.from_buffers(pa.binary(), len(rows), buffers)


def _read_image(row: Row, room: memoryview) -> None:
    try:
        with row.image_file.open("rb") as file:
            file.readinto(room)
    except OSError as error:
        raise _unreadable(row, error) from error
    if hashlib.sha256(room).hexdigest() != row.image_sha256:
        if row.origin == "imported":
            raise CultiError(f"{row.describe_image()} was changed while it was imported; import again")
        raise CultiError(f"{row.describe_image()} is damaged; run again, and it is made anew")


def _unreadable(row: Row, error: OSError) -> CultiError:
    return CultiError(f"{row.describe_image()} cannot be read ({error.strerror}); run again")
