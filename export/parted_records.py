"""Records in a scratch file, parted as they come, so that one part at a time is read back whole."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from itertools import pairwise
from typing import IO

import numpy as np
from numpy.typing import NDArray

Records = NDArray[np.void]


class PartedRecords:
    """Records of one type by the number of their part. A context; the scratch file goes with it."""

    def __init__(self, record: np.dtype[np.void]) -> None:
        self._record = record
        # Closed by `__exit__`; the file has no name and is gone with the process at the latest.
        self._file: IO[bytes] = tempfile.TemporaryFile(prefix="culti-parts-")  # noqa: SIM115
        self._runs: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)

    def __enter__(self) -> PartedRecords:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, records: Records, parts: NDArray[np.integer]) -> None:
        """Puts each record into the part of its number; within a part they stay in their order."""
        if not len(records):
            return
        order = np.argsort(parts, kind="stable")
        start = self._file.seek(0, 2)
        self._file.write(records[order].tobytes())
        edges = [0, *(np.flatnonzero(np.diff(parts[order])) + 1).tolist(), len(order)]
        for a, b in pairwise(edges):
            self._runs[int(parts[order[a]])].append((start + a * self._record.itemsize, b - a))

    def read(self, part: int) -> Records:
        """The records of a part, in the order in which they came."""
        found = [np.zeros(0, self._record)]
        for start, count in self._runs[part]:
            self._file.seek(start)
            found.append(np.frombuffer(self._file.read(count * self._record.itemsize), self._record))
        return np.concatenate(found)
