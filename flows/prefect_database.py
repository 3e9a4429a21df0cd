"""The database of a build's own Prefect server, begun as a copy of an empty one.

Prefect makes it in a new work directory by a hundred migrations, which take longer than all else before the
first page. What they lead to depends on Prefect's version alone, so it is kept in the user's cache.
"""

from __future__ import annotations

import importlib.metadata
import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from extractors.cache_folder import find_cache
from extractors.whole_files import write_atomically

# Who has named another database keeps it.
_ELSEWHERE = "PREFECT_API_DATABASE_CONNECTION_URL"


def place_database(home: Path) -> bool:
    """Lays the empty database into Prefect's new `home`. False where there is none to lay there, and then
    Prefect makes it."""
    database, empty = home / "prefect.db", _find_empty()
    if database.exists() or os.environ.get(_ELSEWHERE) or not _is_whole(empty):
        return False
    try:
        write_atomically(database, empty.read_bytes())
    except OSError:
        return False
    return True


def keep_database(home: Path) -> None:
    """Keeps a copy of what Prefect made in a new `home`; to be called before anything runs there. No build
    fails for want of it."""
    empty = _find_empty()
    if os.environ.get(_ELSEWHERE):
        return
    with suppress(OSError, sqlite3.Error), closing(sqlite3.connect(":memory:")) as copy:
        with closing(sqlite3.connect(f"file:{home / 'prefect.db'}?mode=ro", uri=True)) as made:
            made.backup(copy)
        write_atomically(empty, copy.serialize())


def _find_empty() -> Path:
    return find_cache("prefect") / f"empty-{importlib.metadata.version('prefect')}.db"


def _is_whole(path: Path) -> bool:
    if not path.is_file():
        return False
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as found:
            (tables,) = found.execute("SELECT count(*) FROM sqlite_master").fetchone()
            return bool(tables and found.execute("PRAGMA quick_check").fetchone() == ("ok",))
    except sqlite3.Error:
        return False
