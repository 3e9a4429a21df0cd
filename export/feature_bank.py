"""Features of many images in a scratch file, 40 bytes each, so that memory stays flat."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, overload

import numpy as np
from numpy.typing import NDArray

from export.local_features import DESCRIPTOR_BYTES, Features, read_features

_RECORD = np.dtype(
    [("x", "<u2"), ("y", "<u2"), ("level", "u1"), ("colour", "u1", 3), ("descriptor", "u1", DESCRIPTOR_BYTES)]
)
_HEAD = np.dtype([("width", "<u4"), ("height", "<u4"), ("count", "<u4")])
# Places are kept to a 64th of a pixel.
_FINE = 64.0


def describe_image(path: Path) -> bytes:
    """The features of an image file, packed; of no features where it cannot be decoded."""
    return pack_features(read_features(path))


def pack_features(features: Features) -> bytes:
    """Width, height and number, then a record for each feature."""
    head = np.array([(features.width, features.height, len(features))], _HEAD)
    records = np.zeros(len(features), _RECORD)
    records["x"], records["y"] = np.round(features.points[:, :2].T * _FINE)
    records["level"] = features.points[:, 2]
    records["colour"] = features.colours
    records["descriptor"] = features.descriptors
    return head.tobytes() + records.tobytes()


def unpack_features(packed: bytes) -> Features:
    """What `pack_features` packed, places rounded."""
    head = np.frombuffer(packed, _HEAD, 1)[0]
    return _read(np.frombuffer(packed, _RECORD, offset=_HEAD.itemsize), head["width"], head["height"])


def find_packed(file: IO[bytes]) -> list[tuple[int, int]]:
    """Where (start, end) the features of each image lie in a file that has those of several in turn."""
    found: list[tuple[int, int]] = []
    start = 0
    while head := file.read(_HEAD.itemsize):
        end = start + _HEAD.itemsize + int(np.frombuffer(head, _HEAD)["count"][0]) * _RECORD.itemsize
        found.append((start, end))
        start = file.seek(end)
    return found


def _read(records: NDArray[np.void], width: int, height: int) -> Features:
    points = np.column_stack((records["x"] / _FINE, records["y"] / _FINE, records["level"]))
    return Features(
        points.astype(np.float32),
        np.ascontiguousarray(records["descriptor"]),
        np.ascontiguousarray(records["colour"]),
        int(width),
        int(height),
    )


class FeatureBank(Sequence[Features]):
    """Features by the number of their image. A context; the scratch file goes with it."""

    def __init__(self, packed: Iterator[bytes]) -> None:
        # Closed by `close`; the file has no name and is gone with the process at the latest.
        self._file: IO[bytes] = tempfile.TemporaryFile(prefix="culti-features-")  # noqa: SIM115
        heads: list[NDArray[np.void]] = []
        for block in packed:
            # A view would keep the whole block in memory.
            heads.append(np.frombuffer(block, _HEAD, 1).copy())
            self._file.write(block[_HEAD.itemsize :])
        self._file.flush()
        self._heads = np.concatenate(heads) if heads else np.zeros(0, _HEAD)
        self.sizes: NDArray[np.int64] = self._heads["count"].astype(np.int64)
        self._ends = np.cumsum(self.sizes)

    def __enter__(self) -> FeatureBank:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __len__(self) -> int:
        return len(self._heads)

    @overload
    def __getitem__(self, number: int) -> Features: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[Features]: ...
    def __getitem__(self, number: int | slice) -> Features | Sequence[Features]:
        if isinstance(number, slice):
            return [self[n] for n in range(*number.indices(len(self)))]
        end = int(self._ends[number])
        head = self._heads[number]
        return _read(self._load(end - int(self.sizes[number]), end), head["width"], head["height"])

    def join_descriptors(self, numbers: range) -> NDArray[np.uint8]:
        """The descriptors (n, 32) of some images one after the other."""
        first, last = numbers.start, numbers.stop - 1
        some = self._load(int(self._ends[first] - self.sizes[first]), int(self._ends[last]))
        return np.ascontiguousarray(some["descriptor"])

    def _load(self, start: int, end: int) -> NDArray[np.void]:
        """The records from one number to another. They are read and not mapped: pages of a mapped file count
        as the process's memory, and would be all of it in the end."""
        self._file.seek(start * _RECORD.itemsize)
        return np.frombuffer(self._file.read((end - start) * _RECORD.itemsize), _RECORD)
