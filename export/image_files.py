"""The images of rows as they lie on disk: how large they are, and many of them in one Arrow array."""

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


def read_images(rows: Sequence[Row], sizes: Sequence[int]) -> pa.BinaryArray:
    """The images of rows, whose sizes are known; CultiError where one is not what its row names.

    They are read into one piece of memory, where they stay until they are written: to copy them costs more
    than to hash them.
    """
    ends = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
    pixels = pa.allocate_buffer(int(ends[-1]))
    room = memoryview(pixels).cast("B")
    for row, start, end in zip(rows, ends[:-1], ends[1:], strict=True):
        _read_image(row, room[start:end])
    return pa.Array.from_buffers(pa.binary(), len(rows), [None, pa.py_buffer(ends), pixels])


def _read_image(row: Row, room: memoryview) -> None:
    try:
        with row.image_file.open("rb") as file:
            file.readinto(room)
    except OSError as error:
        raise _unreadable(row, error) from error
    if hashlib.sha256(room).hexdigest() != row.image_sha256:
        if row.origin == "imported":
            raise CultiError(f"{row.describe_image()} was changed while it was imported; import again")
        raise CultiError(f"{row.describe_image()} is damaged; delete the file and build again")


def _unreadable(row: Row, error: OSError) -> CultiError:
    return CultiError(f"{row.describe_image()} cannot be read ({error.strerror}); run again")
