"""Rows in a scratch file: gone through once where they come from, then read here as often as is needed."""

from __future__ import annotations

import pickle
import tempfile
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import fields
from operator import attrgetter
from pathlib import Path
from typing import IO, overload

from export.rows import Row
from extractors.records import Cut

_NAMES = [field.name for field in fields(Row)]
_FILE, _CUT = _NAMES.index("image_file"), _NAMES.index("cut")
_list_values = attrgetter(*_NAMES)
_list_cut = attrgetter(*(field.name for field in fields(Cut)))


class RowFile(Sequence[Row]):
    """Rows by their number, none of them in memory. A context; the scratch file goes with it."""

    def __init__(self, rows: Iterable[Row]) -> None:
        # Closed on leaving; the file has no name and is gone with the process at the latest.
        self._file: IO[bytes] = tempfile.TemporaryFile(prefix="culti-rows-")  # noqa: SIM115
        self._starts = array("q", [0])
        for row in rows:
            packed = _pack(row)
            self._file.write(packed)
            self._starts.append(self._starts[-1] + len(packed))
        self._file.flush()

    def __enter__(self) -> RowFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __len__(self) -> int:
        return len(self._starts) - 1

    @overload
    def __getitem__(self, number: int) -> Row: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[Row]: ...
    def __getitem__(self, number: int | slice) -> Row | Sequence[Row]:
        if isinstance(number, slice):
            return [self[n] for n in range(*number.indices(len(self)))]
        number = range(len(self))[number]
        start, end = self._starts[number : number + 2]
        self._file.seek(start)
        return _unpack(self._file.read(end - start))


def _pack(row: Row) -> bytes:
    """The values alone: records of slots, and paths, are slow to be made again by pickle."""
    values = list(_list_values(row))
    values[_FILE], values[_CUT] = str(row.image_file), row.cut and _list_cut(row.cut)
    return pickle.dumps(values, pickle.HIGHEST_PROTOCOL)


def _unpack(packed: bytes) -> Row:
    values = pickle.loads(packed)
    values[_FILE], values[_CUT] = Path(values[_FILE]), values[_CUT] and Cut(*values[_CUT])
    return Row(*values)
