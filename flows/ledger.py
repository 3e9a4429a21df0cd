"""What a build was made of: its jobs, the parts of their keys, and where the store has their results.

The last build of each release writes one such ledger into the work directory. The next build is compared with
it, to say why a job was done again, and what no ledger names may be cleared from the store (`culti gc`).
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from extractors.errors import CultiError
from extractors.whole_files import sync
from flows.jobs import Job, Parts, Place, Receipt
from flows.store import make_key

# Longer values are told apart by a hash, and so is what nobody wants to read.
_READABLE = 40
_SECRET = "password"
Named = dict[str, str]
"""Parts as they are written down; what begins with # is a hash."""


class LedgerError(CultiError):
    """A ledger is damaged or cannot be read."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A job of a build. `kept` are the records that hold its result: one under `key`, or one for each of its
    pieces where the whole failed; `blobs` are named where no receipt in the store does."""

    place: Place
    key: str
    kept: tuple[str, ...]
    parts: Named
    blobs: tuple[str, ...] = ()


@dataclass(slots=True)
class Ledger:
    """The ledger of a build under way. `previous` is the file of the build before."""

    previous: Path
    _file: IO[str]
    _reasons: dict[tuple[Place, str], set[int]] = field(default_factory=dict)
    _before: dict[Place, Entry] | None = None

    def note(self, jobs: Sequence[Job], receipts: Sequence[Sequence[Receipt]], done: Collection[int]) -> None:
        """Writes down jobs with their receipts; those at the places `done` were not in the store."""
        for index, (job, of_job) in enumerate(zip(jobs, receipts, strict=True)):
            kept = tuple(r.key for r in of_job if not r.error or r.key != job.key)
            blobs = tuple(blob for r in of_job if r.key != job.key for blob in r.blobs)
            entry = Entry(job.place, job.key, kept, name_parts(job.parts), blobs)
            self._file.write(_to_line(entry))
            if index in done:
                self._explain(entry)

    def _explain(self, entry: Entry) -> None:
        if self._before is None:
            self._before = self._read_previous()
        place = entry.place
        where = Place(place.stage, place.document)
        self._reasons.setdefault((where, _find_reason(entry, self._before)), set()).update(place.pages or {0})

    def _read_previous(self) -> dict[Place, Entry]:
        try:
            return {entry.place: entry for entry in read_ledger(self.previous)}
        except LedgerError:
            return {}

    def explain(self) -> tuple[str, ...]:
        """Why jobs were done again, in a line for each reason, step and book; nothing where all jobs were in
        the store."""
        if self._before is not None and not self._before:
            return ("no earlier build of this release is recorded here: all of it is new",)
        lines = []
        for (where, reason), pages in self._reasons.items():
            numbers = f", pages {_list_pages(pages)}" if pages != {0} else ""
            lines.append(f"{where.stage} {where.document or 'images'}{numbers}: {reason}")
        return tuple(lines)


@contextmanager
def keep_ledger(folder: Path, out: Path) -> Iterator[Ledger]:
    """The ledger of the build of the release `out`; it takes the place of the last one where the block ends
    well."""
    folder.mkdir(parents=True, exist_ok=True)
    address = str(out.resolve())
    path = folder / f"{out.name}-{hashlib.sha256(address.encode()).hexdigest()[:8]}.jsonl.gz"
    part = path.with_suffix(".part")
    with gzip.open(part, "wt", encoding="utf-8", errors="surrogateescape") as file:
        file.write(json.dumps({"release": address}) + "\n")
        yield Ledger(path, file)
    sync(part)
    part.replace(path)
    sync(folder)


def read_release(path: Path) -> Path:
    """The release that a ledger is of. LedgerError."""
    for value in _read_lines(path):
        return Path(value["release"])
    raise LedgerError(f"{path}: empty")


def read_ledger(path: Path) -> Iterator[Entry]:
    """The entries of a ledger, none where there is no such file. LedgerError where it is damaged."""
    for value in _read_lines(path):
        if "place" in value:
            stage, document, pages, batch = value["place"]
            place = Place(stage, document, tuple(pages), batch)
            kept, blobs = tuple(value["kept"]), tuple(value["blobs"])
            yield Entry(place, value["key"], kept, value["parts"], blobs)


def _read_lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with gzip.open(path, "rt", encoding="utf-8", errors="surrogateescape") as file:
            yield from map(json.loads, file)
    except FileNotFoundError:
        return
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise LedgerError(f"{path}: cannot be read ({error}); build again, which writes it anew") from error


def _to_line(entry: Entry) -> str:
    place = entry.place
    value = {
        "place": [place.stage, place.document, place.pages, place.batch],
        "key": entry.key,
        "kept": entry.kept,
        "parts": entry.parts,
        "blobs": entry.blobs,
    }
    return json.dumps(value) + "\n"


def name_parts(parts: Parts) -> Named:
    """Parts as they are written down: short values as they are, others as hashes. Of a password four digits
    are kept, which tell that it changed and not what it is."""
    named: Named = {}
    for name, value in parts.items():
        if isinstance(value, str | int | float) and len(str(value)) <= _READABLE:
            named[name] = str(value)
        else:
            named[name] = "#" + make_key(value)[: 4 if name == _SECRET else 12]
    return named


def _find_reason(entry: Entry, before: Mapping[Place, Entry]) -> str:
    place, old = entry.place, before.get(entry.place)
    if old is None:
        known = any(p.stage == place.stage and p.document == place.document for p in before)
        return "not in the last build" if known else "new book" if place.document else "new images"
    if old.key == entry.key:
        if old.kept != (old.key,):
            return "it failed the last time"
        return "its result is no longer in the store, or damaged"
    return "; ".join(_compare(old.parts, entry.parts)) or "another form of keys"


def _compare(old: Named, new: Named) -> Iterable[str]:
    for name in [*new, *(n for n in old if n not in new)]:
        then, now = old.get(name, ""), new.get(name, "")
        if then == now:
            continue
        hidden = name.startswith("code of ") or "#" in (then[:1], now[:1])
        yield f"{name} changed" if hidden else f"{name} {then or 'none'} → {now or 'none'}"


def _list_pages(pages: Collection[int]) -> str:
    """`1–48, 50`."""
    runs: list[list[int]] = []
    for page in sorted(pages):
        if runs and page == runs[-1][1] + 1:
            runs[-1][1] = page
        else:
            runs.append([page, page])
    return ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in runs)
