"""What images were found to be to each other, kept from build to build: a rebuild compares new pairs only.

A file of SQLite in the work directory, of which nothing depends but time: one that is damaged, or of another
version of the code, is begun anew, and without room for it all is compared again.
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from zlib import crc32

from export.comparing import Comparison
from flows.versions import DESCRIBING, version_stage

# All that a comparison goes by.
_CODE = (
    "export.comparing",
    "export.image_index",
    "export.image_matching",
    "export.local_features",
    "export.feature_bank",
    "export.overlap",
    "export.pixel_check",
)
_COMPARISON = struct.Struct("<?d")
_SUM = struct.Struct("<I")
# What is lost when a build is killed: some seconds of comparing.
_KEPT_AT_ONCE = 2_000
_TABLE = "CREATE TABLE IF NOT EXISTS comparison (key BLOB PRIMARY KEY, value BLOB, used INT) WITHOUT ROWID"


@contextmanager
def keep_comparisons(path: Path) -> Iterator[KeptComparisons]:
    """Those that are kept in `path`, for the one build that is at work there. What a build that went well did
    not ask for is gone after it."""
    kept = KeptComparisons(_open(path))
    try:
        yield kept
        kept.forget_unused()
    finally:
        kept.close()


class KeptComparisons:
    """Comparisons by key, in a file; nothing where there is none."""

    def __init__(self, connection: sqlite3.Connection | None) -> None:
        self._connection = connection
        self._changes = 0

    def get(self, key: bytes, /) -> Comparison | None:
        """What is kept under a key; None where there is nothing, or what is there is damaged."""
        found = self._do("SELECT value FROM comparison WHERE key = ?", (key,))
        if not found:
            return None
        packed = bytes(found[0][0])
        value, checked = packed[: _COMPARISON.size], packed[_COMPARISON.size :]
        if checked != _make_sum(key, value):
            return None
        self._change("UPDATE comparison SET used = 1 WHERE key = ?", (key,))
        return Comparison(*_COMPARISON.unpack(value))

    def __setitem__(self, key: bytes, comparison: Comparison, /) -> None:
        value = _COMPARISON.pack(comparison.shows_same, comparison.value)
        self._change(
            "INSERT OR REPLACE INTO comparison VALUES (?, ?, 1)", (key, value + _make_sum(key, value))
        )

    def forget_unused(self) -> None:
        """Drops what was neither asked for nor added."""
        self._do("DELETE FROM comparison WHERE used = 0")

    def close(self) -> None:
        """Keeps what is not kept yet."""
        self._commit()
        if self._connection is not None:
            self._connection.close()

    def _change(self, call: str, values: tuple[bytes, ...]) -> None:
        self._do(call, values)
        self._changes += 1
        if self._changes % _KEPT_AT_ONCE == 0:
            self._commit()

    def _do(self, call: str, values: tuple[bytes, ...] = ()) -> list[tuple[bytes]]:
        if self._connection is None:
            return []
        try:
            return self._connection.execute(call, values).fetchall()
        except sqlite3.Error:
            self._give_up()
            return []

    def _commit(self) -> None:
        if self._connection is not None:
            try:
                self._connection.commit()
            except sqlite3.Error:
                self._give_up()

    def _give_up(self) -> None:
        """A full disk, or a damaged file: the rest is compared without."""
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
        self._connection = None


def _make_sum(key: bytes, value: bytes) -> bytes:
    return _SUM.pack(crc32(key + value))


def _open(path: Path) -> sqlite3.Connection | None:
    """The file, made ready; None where it can be neither read nor made."""
    for _ in range(2):
        try:
            return _make_ready(sqlite3.connect(path))
        except sqlite3.OperationalError:
            return None
        except sqlite3.DatabaseError:
            # No database, or one that is broken.
            for name in (path, path.with_name(f"{path.name}-journal")):
                with suppress(OSError):
                    name.unlink(missing_ok=True)
    return None


def _make_ready(connection: sqlite3.Connection) -> sqlite3.Connection:
    version = int(version_stage(_CODE, DESCRIBING)[:7], 16)
    try:
        if connection.execute("PRAGMA user_version").fetchone() != (version,):
            connection.execute("DROP TABLE IF EXISTS comparison")
            connection.execute(f"PRAGMA user_version = {version}")
        connection.execute(_TABLE)
        connection.execute("UPDATE comparison SET used = 0")
        connection.commit()
    except sqlite3.Error:
        connection.close()
        raise
    return connection
