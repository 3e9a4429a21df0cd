"""Rows in a scratch file: gone through once where they come from, then read here as often as is needed."""

from __future__ import annotations

import pickle
import tempfile
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields
from operator import attrgetter
from pathlib import Path
from typing import IO, Any, overload

from alignment.text.trail import Edit
from export.rows import Row
from extractors.records import Cut

_NAMES = [field.name for field in fields(Row)]
_FILE, _CUT, _TRAIL = (_NAMES.index(name) for name in ("image_file", "cut", "trail"))
_list_values = attrgetter(*_NAMES)
_list_cut = attrgetter(*(field.name for field in fields(Cut)))
_list_edit = attrgetter(*(field.name for field in fields(Edit)))


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
        values = self._load(range(len(self))[number])
        for place, make in _MAKERS.items():
            values[place] = make(values[place])
        return Row(*values)

    def read_light(self, numbers: Iterable[int]) -> Iterator[Row]:
        """Rows without their cuts and trails, which take longer to be made than all else of a row."""
        for number in numbers:
            values = self._load(number)
            values[_FILE], values[_CUT], values[_TRAIL] = Path(values[_FILE]), None, ()
            yield Row(*values)

    def read_columns(self, numbers: Iterable[int], names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """Some columns of some rows, of which nothing else is made."""
        places = [(place, _MAKERS.get(place)) for place in map(_NAMES.index, names)]
        for number in numbers:
            values = self._load(number)
            yield tuple(make(values[place]) if make else values[place] for place, make in places)

    def _load(self, number: int) -> list[Any]:
        start, end = self._starts[number], self._starts[number + 1]
        self._file.seek(start)
        values: list[Any] = pickle.loads(self._file.read(end - start))
        return values


def read_columns(
    rows: Sequence[Row], numbers: Iterable[int], names: Sequence[str]
) -> Iterator[tuple[Any, ...]]:
    """Some columns of some rows, one row at a time: far less work than the rows where these are in a file."""
    if isinstance(rows, RowFile):
        return rows.read_columns(numbers, names)
    return (tuple(getattr(row, name) for name in names) for row in map(rows.__getitem__, numbers))


def read_light(rows: Sequence[Row], numbers: Iterable[int]) -> Iterator[Row]:
    """Some rows one at a time, for who needs neither cut nor trail: rows in a file come without."""
    return rows.read_light(numbers) if isinstance(rows, RowFile) else map(rows.__getitem__, numbers)


def _pack(row: Row) -> bytes:
    """The values alone: records of slots, and paths, are slow to be made again by pickle. A trail is in a
    pickle of its own, for most readers do without."""
    values = list(_list_values(row))
    values[_FILE], values[_CUT] = str(row.image_file), row.cut and _list_cut(row.cut)
    values[_TRAIL] = row.trail and pickle.dumps([_list_edit(e) for e in row.trail], pickle.HIGHEST_PROTOCOL)
    return pickle.dumps(values, pickle.HIGHEST_PROTOCOL)


def _make_cut(packed: tuple[Any, ...] | None) -> Cut | None:
    return None if packed is None else Cut(*packed)


def _make_trail(packed: bytes | tuple[()]) -> tuple[Edit, ...]:
    return tuple(Edit(*values) for values in pickle.loads(packed)) if packed else ()


_MAKERS: dict[int, Callable[[Any], Any]] = {_FILE: Path, _CUT: _make_cut, _TRAIL: _make_trail}
