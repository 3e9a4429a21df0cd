"""A release and its work directory as the review page wants them (`alignment.review.items`)."""

from __future__ import annotations

import importlib
import io
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import cache, lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image
from pydantic import TypeAdapter

from alignment.records import BookAlignment, Candidate, MachinePair
from alignment.review.desk import Rebased
from alignment.review.items import CandidateMatter, Item, ItemTexts, PageMatter, RegionMatter
from alignment.review.risk import find_stratum, measure_risk
from alignment.text.trail import Edit
from export.image_places import count_rows, read_image
from export.reading import StoredRelease
from export.schema import SPLITS
from export.text_trail import SCHEMA, TRAIL
from extractors.errors import CultiError
from extractors.geometry import to_page_frame
from extractors.records import Box
from extractors.whole_files import write_atomically
from flows.store import open_store
from flows.workspace import Workspace

Book = dict[str, Any]
_BATCH_ROWS = 4_000
_TEXTS = ("text_raw", "text_pages", "text_roles", "text_bboxes")
_PLAIN: tuple[str, ...] = (
    "pair_id",
    "document",
    "document_sha256",
    "page",
    "page_width",
    "page_height",
    "kind",
    "title",
)
_PLAIN += ("caption", "description", "figure_bbox", "pair_score", "pair_rule", "entry_id", "phash")
_PLAIN += (
    "image_sha256",
    "width",
    "height",
    "origin",
    "ocr_confidence",
    "review_status",
    "reviewer",
    "kind_score",
)
# As a page fits a window, and as it is zoomed into.
_SHEET_PX, _LARGE_PX, _SHEET_DPI = 1000, 1600, 140.0
_SIZES = {True: "-large.jpg", False: ".jpg"}
_EDIT = ("field", "step", "rule", "start", "before", "after")
_TRAILS_KNOWN, _TEXTS_KNOWN, _BOOKS_KNOWN = 4, 12, 3
# Those that second looks come back to are one in twenty of what is decided.
_PAIRS_KNOWN = 2_000
# One thread at a time may be inside MuPDF or PDFium.
_PDF_LIBRARY = threading.Lock()


class ReleaseSource:
    """See ReviewSource. `books` are the entries of the work directory's `review.json`."""

    def __init__(self, release: StoredRelease, workspace: Workspace, books: list[Book]) -> None:
        self._release, self._root = release, workspace.root / "review"
        self._store = open_store(workspace.store)
        self._books = {str(book["document_sha256"]): book for book in books}
        self._trail = release.root / TRAIL
        self._loading = threading.Lock()
        # Bound here: a cache on the method would keep the source for ever.
        self._load_book = lru_cache(_BOOKS_KNOWN)(self._load_book_anew)
        self._find_pair = lru_cache(_PAIRS_KNOWN)(self._find_pair_anew)
        self._load_texts = lru_cache(_TEXTS_KNOWN)(self._load_texts_anew)
        self._load_trail = lru_cache(_TRAILS_KNOWN)(self._load_trail_anew)

    @property
    def name(self) -> str:
        """See ReviewSource."""
        return self._release.name

    def read_texts(self, item: Item) -> ItemTexts:
        """See ReviewSource."""
        row = item.row
        try:
            for group, rows in enumerate(count_rows(self._release.root / item.shard) if item.shard else ()):
                if row < rows:
                    found = self._load_texts(item.shard, group).slice(row, 1).to_pylist()[0]
                    return ItemTexts(found["text_raw"] or "", _list_regions(found))
                row -= rows
        except (OSError, KeyError, pa.ArrowException):
            # A damaged release: the page shows what else there is.
            pass
        return ItemTexts()

    def _load_texts_anew(self, shard: str, group: int) -> pa.Table:
        with pq.ParquetFile(self._release.root / shard, pre_buffer=False) as file:
            return file.read_row_group(group, columns=list(_TEXTS))

    def read_trail(self, item: Item) -> tuple[Edit, ...]:
        """See ReviewSource."""
        start, count = item.edits
        if not count:
            return ()
        found: list[Edit] = []
        first = 0
        for group, rows in enumerate(self._count_trail()):
            if first + rows > start and first < start + count:
                table = self._load_trail(group).slice(
                    max(0, start - first), start + count - max(first, start)
                )
                columns = [table[name].to_pylist() for name in _EDIT]
                found += [Edit(*line) for line in zip(*columns, strict=True)]
            first += rows
        return tuple(found)

    def _count_trail(self) -> list[int]:
        about = pq.read_metadata(self._trail)
        return [about.row_group(group).num_rows for group in range(about.num_row_groups)]

    def _load_trail_anew(self, group: int) -> pa.Table:
        with pq.ParquetFile(self._trail) as file:
            return file.read_row_group(group, columns=list(_EDIT))

    def read_image(self, item: Item) -> bytes:
        """See ReviewSource."""
        try:
            return read_image(self._release.root / item.shard, item.row) if item.shard else b""
        except (OSError, pa.ArrowException):
            return b""

    def draw_page(self, document_sha256: str, page: int, large: bool = False) -> bytes | None:
        """See ReviewSource."""
        name = f"{document_sha256[:32]}-{page}"
        kept = self.cache(f"{name}{_SIZES[large]}")
        if kept is None and self._draw(document_sha256, page, name):
            kept = self.cache(f"{name}{_SIZES[large]}")
        return kept

    def _draw(self, document_sha256: str, page: int, name: str) -> bool:
        """Keeps a page in both sizes: drawing it costs more than making it small."""
        book = self._books.get(document_sha256)
        if book is None:
            return False
        # Takes a second, which the page's first item need not wait for.
        from extractors.raster import render_page

        try:
            with _PDF_LIBRARY:
                pixels = render_page(Path(book["path"]), page, _SHEET_DPI, "", 0.0, book["reader"])
        except (CultiError, OSError, ValueError, RuntimeError):
            return False
        image = Image.fromarray(pixels)
        for large, side in ((True, _LARGE_PX), (False, _SHEET_PX)):
            image.thumbnail((side, side), Image.Resampling.BICUBIC, reducing_gap=2.0)
            out = io.BytesIO()
            image.save(out, "JPEG", quality=82)
            self.keep(f"{name}{_SIZES[large]}", out.getvalue())
        return True

    def read_page(self, document_sha256: str, page: int) -> PageMatter:
        """See ReviewSource."""
        aligned = self._find_book(document_sha256)
        if aligned is None:
            return PageMatter()
        turned = next((p for p in aligned.pairs if p.page == page), None)

        def place(box: Box) -> Box:
            return to_page_frame(box, turned.skew, turned.page_width, turned.page_height) if turned else box

        regions = tuple(
            RegionMatter(page, r.role, place(r.box), r.text) for r in aligned.regions if r.page == page
        )
        weighed: dict[str, list[Candidate]] = {}
        of_box = {p.box: p.pair_id for p in aligned.pairs if p.page == page}
        for candidate in aligned.candidates:
            if candidate.page == page and candidate.figure in of_box:
                weighed.setdefault(of_box[candidate.figure], []).append(candidate)
        candidates = {
            pair_id: tuple(
                CandidateMatter(place(c.text), c.cost, c.chosen) for c in sorted(some, key=lambda c: c.cost)
            )
            for pair_id, some in weighed.items()
        }
        return PageMatter(regions, candidates)

    def find_machine(self, item: Item) -> Item | None:
        """See ReviewSource."""
        if item.review_status == "unreviewed":
            return item
        found = self._find_pair(item.document_sha256, item.pair_id)
        return describe_machine(item, found) if found else None

    def read_machine(self, item: Item) -> tuple[ItemTexts, tuple[Edit, ...]]:
        """See ReviewSource."""
        if item.review_status == "unreviewed":
            return self.read_texts(item), self.read_trail(item)
        if (pair := self._find_pair(item.document_sha256, item.pair_id)) is None:
            return ItemTexts(), ()
        placed = zip(pair.texts, pair.text_bboxes, strict=True)
        regions = tuple(RegionMatter(r.page, r.role, _hold(bbox), r.text) for r, bbox in placed)
        return ItemTexts(pair.text_raw, regions), pair.trail

    def _find_pair_anew(self, document_sha256: str, pair_id: str) -> MachinePair | None:
        aligned = self._find_book(document_sha256)
        return next((p for p in aligned.pairs if p.pair_id == pair_id), None) if aligned else None

    def _find_book(self, document_sha256: str) -> BookAlignment | None:
        with self._loading:
            return self._load_book(document_sha256)

    def _load_book_anew(self, document_sha256: str) -> BookAlignment | None:
        book = self._books.get(document_sha256)
        try:
            found = self._store.get(str(book["align_key"])) if book else None
            return _adapt_alignment().validate_json(found) if found else None
        except (KeyError, ValueError, CultiError):
            # The store was tidied up or is of another version: the page does without.
            return None

    def cache(self, name: str) -> bytes | None:
        """See ReviewSource."""
        try:
            return self._place(name).read_bytes()
        except OSError:
            return None

    def keep(self, name: str, data: bytes) -> None:
        """See ReviewSource."""
        try:
            write_atomically(self._place(name), data)
        except OSError:
            # A full disk: figures are made small anew each time, and pages stay blank.
            return

    def _place(self, name: str) -> Path:
        return self._root / "pictures" / name[:2] / name

    def warm_up(self) -> None:
        """Loads in the background what the first page will need."""

        def load() -> None:
            for name in ("extractors.raster", "alignment.review.stopping"):
                importlib.import_module(name)
            _adapt_alignment()

        threading.Thread(target=load, daemon=True).start()


@cache
def _adapt_alignment() -> TypeAdapter[BookAlignment]:
    return TypeAdapter(BookAlignment)


def describe_machine(item: Item, pair: MachinePair) -> Item:
    """The item with what the machine made of it, as the release would have it had nobody decided."""
    score, kind_score, width, height = _hold((pair.score, pair.kind_score, pair.page_width, pair.page_height))
    return replace(
        item,
        bbox=_hold(pair.figure_bbox),
        kind=pair.kind,
        title=pair.title,
        caption=pair.caption,
        description=pair.description,
        score=score,
        rule=pair.rule,
        entry_id=pair.entry_id,
        page_size=(width, height),
        risk=measure_risk(score, pair.rule, kind_score, item.ocr_confidence),
        stratum=find_stratum(score, pair.rule, item.ocr_confidence),
    )


def _hold(values: Box) -> Box:
    """Four numbers as a release holds them, in single precision."""
    x0, y0, x1, y1 = np.asarray(values, np.float32).tolist()
    return x0, y0, x1, y1


def read_review(workspace: Workspace) -> tuple[Path, list[Book], Rebased]:
    """Where decisions go, the books of the release, and what became of earlier decisions, as the build wrote
    them down (`flows.review_file`); without that no books."""
    otherwise = workspace.root / "decisions.jsonl"
    try:
        found = json.loads(workspace.review.read_text(encoding="utf-8"))
        stale, moved = (frozenset(found.get(name, ())) for name in ("stale", "rebased"))
        rebased = Rebased(dict(found.get("now", {})), stale, moved)
        return Path(found["decisions"] or otherwise), list(found["books"]), rebased
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return otherwise, [], Rebased()


def find_store(workspace: Workspace) -> Workspace:
    """The work directory with the store that its build used, as the build wrote it down."""
    try:
        found = json.loads(workspace.review.read_text(encoding="utf-8"))
        return replace(workspace, far_store=str(found.get("store", "")))
    except (OSError, ValueError, AttributeError):
        return workspace


def list_items(release: StoredRelease) -> Iterator[Item]:
    """All rows of a release, without pixels. ReleaseError, OSError or ArrowException where that fails."""
    trail = _list_trail(release.root / TRAIL)
    ahead = next(trail, None)
    for shard in chain.from_iterable(release.list_shards(split) for split in SPLITS):
        name = shard.relative_to(release.root).as_posix()
        row = 0
        with pq.ParquetFile(shard, pre_buffer=False) as file:
            # A release of another version may lack some.
            there = [c for c in _PLAIN if c in file.schema_arrow.names]
            for batch in file.iter_batches(_BATCH_ROWS, columns=there):
                columns = dict.fromkeys(_PLAIN, [None] * batch.num_rows)
                columns |= {c: batch.column(c).to_pylist() for c in there}
                for values in zip(*columns.values(), strict=True):
                    edits = (0, 0)
                    if ahead is not None and ahead[0] == values[0]:
                        edits, ahead = ahead[1], next(trail, None)
                    yield _make_item(dict(zip(columns, values, strict=True)), name, row, edits)
                    row += 1


def _list_trail(path: Path) -> Iterator[tuple[str, tuple[int, int]]]:
    """(pair_id, (first line, lines)) in the order of the rows."""
    if not path.exists():
        return
    known, start, at = "", 0, 0
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(100_000, columns=["pair_id"]):
            coded = batch.column(0).dictionary_encode()
            names = coded.dictionary.to_pylist()
            codes = coded.indices.to_numpy()
            begins = [0, *(np.flatnonzero(np.diff(codes)) + 1).tolist()] if len(codes) else []
            for begin in begins:
                pair_id = names[codes[begin]]
                if pair_id != known:
                    if known:
                        yield known, (start, at + begin - start)
                    known, start = pair_id, at + begin
            at += len(codes)
    if known:
        yield known, (start, at - start)


def _make_item(row: dict[str, Any], shard: str, number: int, edits: tuple[int, int]) -> Item:
    bbox = row["figure_bbox"]
    score, rule = row["pair_score"] or 0.0, row["pair_rule"] or ""
    return Item(
        pair_id=row["pair_id"],
        document=row["document"],
        document_sha256=row["document_sha256"] or "",
        page=row["page"] or 0,
        page_size=(row["page_width"] or 0.0, row["page_height"] or 0.0),
        bbox=tuple(bbox) if bbox else None,
        kind=row["kind"],
        title=row["title"] or "",
        caption=row["caption"] or "",
        description=row["description"] or "",
        score=score,
        rule=rule,
        entry_id=row["entry_id"] or "",
        phash=row["phash"] or "",
        image_sha256=row["image_sha256"] or "",
        width_px=row["width"] or 0,
        height_px=row["height"] or 0,
        origin=row["origin"] or "",
        ocr_confidence=row["ocr_confidence"],
        review_status=row["review_status"] or "unreviewed",
        reviewer=row["reviewer"] or "",
        risk=measure_risk(score, rule, row["kind_score"], row["ocr_confidence"]),
        stratum=find_stratum(score, rule, row["ocr_confidence"]),
        shard=shard,
        row=number,
        edits=edits,
    )


def _list_regions(row: dict[str, Any]) -> tuple[RegionMatter, ...]:
    """The regions of a row; its `text_raw` has them one after another with a blank line between."""
    if not row["text_pages"]:
        return ()
    texts = (row["text_raw"] or "").split("\n\n")
    if len(texts) != len(row["text_pages"]):
        texts = [row["text_raw"] or ""] + [""] * (len(row["text_pages"]) - 1)
    parallel = zip(row["text_pages"], row["text_roles"], row["text_bboxes"], texts, strict=True)
    return tuple(RegionMatter(page, role, tuple(box), text) for page, role, box, text in parallel)


assert set(_EDIT) <= set(SCHEMA.names)
