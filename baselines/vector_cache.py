"""Vectors kept on disk, by what they follow from: weights, preprocessing, and the image's or text's hash.

One SQLite file, so that a run that is killed leaves what it had written, and several may write at once.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from baselines.errors import BaselineError, PlaceError, writing

Floats = NDArray[np.float32]
_AT_ONCE = 500
_WAIT_S = 60.0


class VectorCache:
    """A file of vectors. `owner` is what all of them follow from; changing it forgets nothing, but finds
    nothing either."""

    def __init__(self, path: Path, owner: str) -> None:
        self.path = path
        self._owner = owner
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        with self._connect() as file:
            file.execute("PRAGMA journal_mode=WAL")
            file.execute("CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, value BLOB NOT NULL)")

    def make_key(self, *parts: bytes) -> bytes:
        """The key of what follows from the owner and these parts."""
        found = hashlib.sha256(self._owner.encode())
        for part in parts:
            found.update(len(part).to_bytes(8, "little") + part)
        return found.digest()

    def find(self, keys: Sequence[bytes], shape: tuple[int, ...]) -> dict[bytes, Floats]:
        """The vectors of this shape that are there, by key. BaselineError where the file is damaged."""
        found: dict[bytes, Floats] = {}
        size = 4 * int(np.prod(shape))
        with self._connect() as file:
            for part in _split(sorted(set(keys))):
                marks = ",".join("?" * len(part))
                rows = file.execute(f"SELECT key, value FROM vectors WHERE key IN ({marks})", part)
                for key, value in rows:
                    if len(value) == size:
                        found[key] = np.frombuffer(value, dtype=np.float32).reshape(shape)
        return found

    def keep(self, vectors: Mapping[bytes, Floats]) -> None:
        """Writes them at once or not at all. PlaceError for a full disk; what was there before stays."""
        with self._connect() as file, file:
            file.executemany(
                "INSERT OR REPLACE INTO vectors VALUES (?, ?)",
                ((key, np.ascontiguousarray(v, dtype=np.float32).tobytes()) for key, v in vectors.items()),
            )

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self.path, timeout=_WAIT_S)) as file:
                yield file
        except sqlite3.OperationalError as error:
            # The disk is full, the folder may only be read, or another has held the file for a minute.
            raise PlaceError(
                f"{self.path} cannot be used to keep vectors ({error}); make room or choose another folder, "
                "and run again to go on from here"
            ) from error
        except sqlite3.DatabaseError as error:
            raise BaselineError(
                f"{self.path} cannot be used to keep vectors ({error}); delete it and run again"
            ) from error


def _split(keys: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    for start in range(0, len(keys), _AT_ONCE):
        yield keys[start : start + _AT_ONCE]
