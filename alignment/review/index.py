"""The items of a release in SQLite: filled once for each release, asked for a few at a time.

What the release says lies in a file, so that memory does not grow with the number of pairs. What is decided
lies in temporary tables beside it, filled from the log at every start; the log alone is the record.
"""

from __future__ import annotations

import marshal
import sqlite3
import sys
import threading
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from operator import attrgetter
from pathlib import Path
from typing import Any

from alignment.review.items import STATES, Item, ItemState, Query, is_sampled
from extractors.whole_files import sync

# One more whenever what is in the file changes.
_FORMAT = 1
_FIRST_ADDED = 1_000_000_000
_LIGHT: tuple[str, ...] = ("pair_id", "document", "document_sha256", "page", "kind", "rule", "score")
_LIGHT += ("entry_id", "risk", "stratum", "title", "caption", "description")
_DETAIL = tuple(f.name for f in fields(Item) if f.name not in (*_LIGHT, "number"))
_get_light, _get_detail = attrgetter(*_LIGHT), attrgetter(*_DETAIL)
_COLUMNS = ("number", *_LIGHT, "detail")
_TYPES = {"number": "INTEGER PRIMARY KEY", "page": "INTEGER", "score": "REAL", "risk": "REAL"}
_DEFINITION = ", ".join(f"{name} {_TYPES.get(name, 'TEXT')}" for name in _COLUMNS)
_KEPT = f"INSERT INTO {{}} ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"
_INDEXES = ("pair_id", "document_sha256, page", "entry_id", "risk DESC, number")


def is_index(path: Path, digest: str) -> bool:
    """Whether a whole index of the release with this digest lies there."""
    if not path.is_file():
        return False
    try:
        with sqlite3.connect(path) as connection:
            found = connection.execute("SELECT format, digest FROM about").fetchone()
    except sqlite3.DatabaseError:
        return False
    finally:
        connection.close()
    return bool(found == (_FORMAT, digest))


def write_index(path: Path, digest: str, items: Iterable[Item]) -> None:
    """Writes the index of a release; a file of that name is replaced once the new one is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    connection = sqlite3.connect(part, isolation_level=None)
    try:
        # A file that is not whole is made anew, so nothing need be safe before its end.
        settings = "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -32768"
        connection.executescript(f"{settings}; PRAGMA temp_store = MEMORY; BEGIN")
        connection.execute(f"CREATE TABLE items ({_DEFINITION})")
        packed = (_pack(item, number) for number, item in enumerate(items, 1))
        connection.executemany(_KEPT.format("items"), packed)
        for number, columns in enumerate(_INDEXES):
            connection.execute(f"CREATE INDEX by_{number} ON items ({columns})")
        connection.execute("CREATE TABLE about (format INTEGER, digest TEXT)")
        connection.execute("INSERT INTO about VALUES (?, ?)", (_FORMAT, digest))
        connection.execute("COMMIT")
    finally:
        connection.close()
    sync(part)
    part.replace(path)


def _pack(item: Item, number: int) -> tuple[Any, ...]:
    detail = _get_detail(item)
    light = _get_light(item)
    return (number, *light, marshal.dumps(detail))


def _unpack(row: Sequence[Any]) -> Item:
    number, *light, packed = row
    detail = dict(zip(_DETAIL, marshal.loads(packed), strict=True))
    return Item(**dict(zip(_LIGHT, light, strict=True)), **detail, number=number)


def pack_queue(lines: Iterable[tuple[int, ItemState]]) -> bytes:
    """Items and their states: the numbers, four bytes each (little-endian), and then the states, one byte
    each (the place in STATES)."""
    numbers, states = array("I"), bytearray()
    for number, state in lines:
        numbers.append(number)
        states.append(STATES.index(state))
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes() + bytes(states)


class ItemIndex:
    """An open index. One connection for all threads: a question takes milliseconds, and temporary tables
    belong to a connection."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.create_function("is_sampled", 1, is_sampled, deterministic=True)
        self._connection.executescript(
            f"""
            PRAGMA cache_size = -8192;
            CREATE TEMP TABLE added ({_DEFINITION});
            CREATE TEMP TABLE hidden (pair_id TEXT PRIMARY KEY) WITHOUT ROWID;
            CREATE TEMP TABLE states (pair_id TEXT PRIMARY KEY, state TEXT, kind TEXT, words TEXT, who TEXT,
                                      checked INTEGER, wrong INTEGER, flagged REAL) WITHOUT ROWID;
            CREATE TEMP TABLE judged_by (pair_id TEXT, who TEXT, PRIMARY KEY (pair_id, who)) WITHOUT ROWID;
            CREATE TEMP VIEW every AS SELECT * FROM main.items UNION ALL
                SELECT * FROM temp.added WHERE pair_id NOT IN (SELECT pair_id FROM hidden);
            """
        )

    def close(self) -> None:
        """No question may follow."""
        with self._lock:
            self._connection.close()

    def add(self, item: Item) -> Item:
        """Adds an item that the release lacks, as a figure drawn by hand; the same with its number."""
        with self._lock:
            self._connection.execute("DELETE FROM hidden WHERE pair_id = ?", (item.pair_id,))
            if (known := self.find(item.pair_id)) is not None:
                return known
            (last,) = self._ask("SELECT coalesce(max(number), ?) FROM added", (_FIRST_ADDED,))[0]
            self._connection.execute(_KEPT.format("temp.added"), _pack(item, last + 1))
            return self.get(last + 1)

    def hide_added(self, pair_id: str) -> None:
        """An added item is none any more, until it is added again; nothing happens to one of the release."""
        with self._lock:
            self._connection.execute("INSERT OR IGNORE INTO hidden VALUES (?)", (pair_id,))

    def put_state(
        self,
        pair_id: str,
        state: ItemState,
        *,
        kind: str,
        words: str,
        who: Sequence[str],
        judges: Sequence[str],
        checked: bool,
        wrong: bool,
        flagged: float = 0.0,
    ) -> None:
        """What now stands for an item: its state, kind, heading in the queue, who decided on it and who of
        these said what it is, whether it counts as checked and as having been wrong, and what risk (0-1) what
        became of its decisions adds to its own."""
        with self._lock:
            self._connection.execute(
                "INSERT OR REPLACE INTO states VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (pair_id, state, kind, words, "、".join(who), checked, wrong, flagged),
            )
            self._connection.execute("DELETE FROM judged_by WHERE pair_id = ?", (pair_id,))
            self._connection.executemany(
                "INSERT INTO judged_by VALUES (?, ?)", [(pair_id, judge) for judge in judges]
            )

    def list_queue(self, query: Query) -> bytes:
        """The queue in its order (`pack_queue`), riskiest first and what was put off last."""
        where, values = _narrow(query)
        text = f"""
            SELECT number, coalesce(state, 'open') FROM every LEFT JOIN states USING (pair_id) {where}
            ORDER BY coalesce(state, 'open') = 'deferred',
                     risk + (1 - risk) * coalesce(flagged, 0) DESC, number"""
        with self._lock:
            return pack_queue(self._connection.execute(text, values))

    def list_second(self, reviewer: str, document: str = "") -> list[Item]:
        """Of the items that others have checked and the reviewer has not judged, the sample for a second look
        (`is_sampled`), book by book; of one book where its hash is given."""
        text = """
            SELECT every.* FROM every JOIN states USING (pair_id) WHERE checked AND is_sampled(pair_id)
            AND (:document = '' OR document_sha256 = :document) AND pair_id NOT IN
            (SELECT pair_id FROM judged_by WHERE who = :reviewer) ORDER BY document_sha256, number"""
        return [_unpack(row) for row in self._ask(text, {"document": document, "reviewer": reviewer})]

    def list_entries(self, numbers: Sequence[int]) -> list[dict[str, Any]]:
        """What the queue says of some items: heading, page, kind, score, state and by whom."""
        marks = ",".join("?" * len(numbers))
        text = f"""
            SELECT number, coalesce(words, nullif(title, ''), nullif(caption, ''), description),
                   document, page, coalesce(states.kind, every.kind), score, rule, coalesce(state, 'open'),
                   coalesce(who, '')
            FROM every LEFT JOIN states USING (pair_id) WHERE number IN ({marks})"""
        names = ("number", "words", "document", "page", "kind", "score", "rule", "state", "who")
        found = {row[0]: row for row in self._ask(text, numbers)}
        entries = [dict(zip(names, found[n], strict=True)) for n in numbers if n in found]
        for entry in entries:
            entry["words"] = " ".join(entry["words"][:80].split())
        return entries

    def get(self, number: int) -> Item:
        """An item by its number; KeyError."""
        rows = self._ask("SELECT * FROM every WHERE number = ?", (number,))
        if not rows:
            raise KeyError(number)
        return _unpack(rows[0])

    def find(self, pair_id: str) -> Item | None:
        """An item by its pair_id."""
        rows = self._ask("SELECT * FROM every WHERE pair_id = ?", (pair_id,))
        return _unpack(rows[0]) if rows else None

    def list_page(self, document_sha256: str, page: int) -> list[Item]:
        """The items of a page, from top to bottom."""
        rows = self._ask(
            "SELECT * FROM every WHERE document_sha256 = ? AND page = ? ORDER BY number",
            (document_sha256, page),
        )
        items = [_unpack(row) for row in rows]
        return sorted(items, key=lambda i: (i.bbox[1], i.bbox[0]) if i.bbox else (0.0, 0.0))

    def list_neighbours(self, item: Item, most: int = 12) -> list[int]:
        """Numbers of the items of the same entry, then of those on the same page and beside it."""
        rows = self._ask(
            """SELECT number FROM every WHERE number != ? AND document_sha256 = ?
               AND (entry_id = ? OR page BETWEEN ? AND ?)
               ORDER BY entry_id != ?, abs(page - ?), page, number LIMIT ?""",
            (
                item.number,
                item.document_sha256,
                item.entry_id,
                item.page - 1,
                item.page + 1,
                item.entry_id,
                item.page,
                most,
            ),
        )
        return [n for (n,) in rows]

    def list_choices(self) -> dict[str, list[tuple[str, str, int]]]:
        """What the filters offer: (value, words, rows) of books, kinds and rules."""
        found = {}
        for name, words in (("document_sha256", "document"), ("kind", "kind"), ("rule", "rule")):
            text = f"SELECT {name}, {words}, count(*) FROM every GROUP BY {name} ORDER BY {words}"
            found[words] = self._ask(text)
        return found

    def count_states(self) -> dict[str, int]:
        """How many items are in each state."""
        text = """SELECT coalesce(state, 'open'), count(*) FROM every LEFT JOIN states USING (pair_id)
                  GROUP BY 1"""
        return dict(self._ask(text))

    def count_strata(self) -> Iterator[tuple[str, int, int, int]]:
        """(stratum, items, checked, wrong among these) of what the machine made."""
        text = """SELECT stratum, count(*), coalesce(sum(checked), 0), coalesce(sum(wrong), 0)
                  FROM main.items LEFT JOIN states USING (pair_id) GROUP BY stratum ORDER BY stratum"""
        yield from self._ask(text)

    def _ask(self, text: str, values: Sequence[Any] | Mapping[str, Any] = ()) -> list[Any]:
        with self._lock:
            return self._connection.execute(text, values).fetchall()


def _narrow(query: Query) -> tuple[str, dict[str, Any]]:
    """The condition that a query puts, and its values."""
    terms = []
    if query.document:
        terms.append("document_sha256 = :document")
    if query.kind:
        terms.append("coalesce(states.kind, every.kind) = :kind")
    if query.rule:
        terms.append("rule = :rule")
    if query.state:
        terms.append("coalesce(state, 'open') = :state")
    if query.score_from > 0 or query.score_to < 1:
        terms.append("score BETWEEN :score_from AND :score_to")
    if query.words:
        sought = ("title", "caption", "description", "coalesce(words, '')", "pair_id", "document")
        terms.append("(" + " OR ".join(f"instr(lower({name}), :words)" for name in sought) + ")")
    values = asdict(query) | {"words": query.words.lower()}
    return ("WHERE " + " AND ".join(terms) if terms else ""), values
