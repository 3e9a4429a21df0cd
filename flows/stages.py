"""What tasks do: a job's input from the store, one call to a stage's code, its result into the store.

Plain functions; Prefect is wrapped around them in `build_dataset`. Each `*_job` function has its `abandon_*`,
which writes down what could not be done, so that the build goes on without it.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable, Sequence
from dataclasses import replace
from functools import cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar, cast

from PIL import Image
from pydantic import TypeAdapter

from alignment.overlay import draw_overlay
from alignment.records import BookAlignment, Candidate, MachinePair
from extractors.pixels import cut_figures
from extractors.reader import ReadSettings, open_document, read_pages, render_page
from extractors.records import DocumentInfo, Dropped, FigureImage, Page
from flows.book_fetching import bring_book
from flows.jobs import AlignJob, CutJob, DrawJob, Job, OpenJob, ReadJob, Receipt
from flows.limits import current_limits, limit_time
from flows.store import Store, make_key, open_store

T = TypeVar("T")
Images = tuple[FigureImage | Dropped, ...]
Overlays = tuple[tuple[int, str], ...]

# MuPDF and PDFium keep global state: within one process only one thread may be inside them.
_PDF_LIBRARY = threading.Lock()

# Overlays are for looking at: a page of ordinary size at about 90 dpi, a poster at no more than 3 megapixels.
_OVERLAY_DPI = 90.0
_OVERLAY_MAX_PX = 3_000_000


def open_job(job: OpenJob) -> Receipt:
    """Opens a document. DocumentError where it cannot be used."""
    path = bring_book(job.path, job.address, job.sha256, job.store)
    with _PDF_LIBRARY, limit_time():
        info = open_document(path, job.password, job.reader)
    return finish_job(job, DocumentInfo, info, Receipt(job.key))


def read_job(job: ReadJob) -> Receipt:
    """Reads a batch of pages; a page that cannot be read is a page with an error."""
    options = job.options
    settings = ReadSettings(
        reader=options.reader,
        ocr=options.ocr,
        scan_dpi=options.scan_dpi,
        megapixels=current_limits().megapixels,
    )
    book, path = job.book, find_book(job)
    pages: list[Page] = []
    with _PDF_LIBRARY, limit_time() as renew:
        for page in read_pages(path, book.info, job.numbers, settings, book.password):
            pages.append(page)
            renew()
    return finish_job(job, tuple[Page, ...], tuple(pages), _count_pages(job.key, pages))


def abandon_read(job: ReadJob, reason: str) -> Receipt:
    """The pages as pages with an error. Kept under another key, so that the next build tries again."""
    info = job.book.info
    pages = tuple(
        Page(info.name, info.sha256, n, 0.0, 0.0, job.options.reader, error=reason) for n in job.numbers
    )
    key = make_key("abandoned", job.key, reason)
    save(open_store(job.store), key, tuple[Page, ...], pages)
    return _count_pages(key, pages)


def align_job(job: AlignJob) -> Receipt:
    """Aligns a book."""
    # With what it needs of scipy half a second to import, which a build need not wait for before it reads.
    from alignment.pairing import align_book

    pages = load_pages(open_store(job.store), job.read_keys)
    aligned = align_book(pages, job.book.series, job.book.profile)
    with_text = sum(1 for pair in aligned.pairs if pair.texts)
    receipt = Receipt(job.key, figures=len(aligned.pairs), pairs=with_text, dropped=len(aligned.dropped))
    return finish_job(job, BookAlignment, aligned, receipt)


def abandon_align(job: AlignJob, reason: str) -> Receipt:
    """A book without pairs, dropped as a whole."""
    key = make_key("abandoned", job.key, reason)
    dropped = (Dropped(1, "book", f"could not be aligned: {reason}"),)
    save(open_store(job.store), key, BookAlignment, BookAlignment((), (), dropped))
    return Receipt(key, dropped=1, error=f"could not be aligned: {reason}")


def cut_job(job: CutJob) -> Receipt:
    """Cuts figures; their files go to the store as blobs."""
    store = open_store(job.store)
    book, path, count = job.book, find_book(job), len({cut.page for cut in job.cuts})
    with store.open_tray() as tray, _PDF_LIBRARY, limit_time(count):
        images: Images = tuple(cut_figures(path, job.cuts, tray, book.password, job.render_dpi))
    return finish_job(job, Images, images, _count_images(job.key, images))


def abandon_cut(job: CutJob, reason: str) -> Receipt:
    """Figures dropped for want of pixels."""
    key = make_key("abandoned", job.key, reason)
    images: Images = tuple(Dropped(cut.page, "figure", reason, cut.box) for cut in job.cuts)
    save(open_store(job.store), key, Images, images)
    return _count_images(key, images)


def draw_job(job: DrawJob) -> Receipt:
    """Draws pages with their boxes and links as PNG blobs; pages that could not be read have none."""
    store = open_store(job.store)
    path, aligned = find_book(job), load(store, job.align_key, BookAlignment)
    wanted = set(job.numbers)
    pages = [p for p in load_pages(store, job.read_keys) if p.number in wanted and not p.error]
    drawn: list[tuple[int, str]] = []
    with store.open_tray() as tray, limit_time() as renew:
        for page in pages:
            picture = draw_page(path, page, aligned, choose_dpi(page), job.book.password)
            drawn.append((page.number, save_png(picture, tray)))
            renew()
    receipt = Receipt(job.key, pages=len(drawn), blobs=tuple(name for _, name in drawn))
    return finish_job(job, Overlays, tuple(drawn), receipt)


def abandon_draw(job: DrawJob, reason: str) -> Receipt:
    """No overlays for these pages."""
    key = make_key("abandoned", job.key, reason)
    save(open_store(job.store), key, Overlays, ())
    return Receipt(key)


def find_book(job: ReadJob | CutJob | DrawJob) -> Path:
    """The file of a job's book on this machine. DocumentMissing where it cannot be had."""
    book = job.book
    return bring_book(book.path, book.address, book.info.sha256, job.store)


def choose_dpi(page: Page) -> float:
    """The resolution of a page's overlay."""
    inches = max(1e-6, page.width * page.height / 72**2)
    return float(min(_OVERLAY_DPI, (_OVERLAY_MAX_PX / inches) ** 0.5))


def draw_page(
    path: Path,
    page: Page,
    aligned: BookAlignment,
    dpi: float,
    password: str = "",
    *,
    candidates: Sequence[Candidate] = (),
) -> Image.Image:
    """A page as an image at `dpi`, upright, with all that was seen on it, and `candidates` where wanted."""
    with _PDF_LIBRARY:
        image = render_page(path, page.number, dpi, password, page.skew, page.reader)
    dropped = tuple(d for d in aligned.dropped if d.page == page.number)
    seen = replace(page, dropped=page.dropped + dropped)
    pairs: list[MachinePair] = [p for p in aligned.pairs if p.page == page.number]
    return draw_overlay(image, seen, aligned.regions, pairs, candidates)


def load_pages(store: Store, keys: Sequence[str]) -> list[Page]:
    """The pages in the records `keys`, in order."""
    return [page for key in keys for page in load(store, key, tuple[Page, ...])]


def load(store: Store, key: str, kind: type[T]) -> T:
    """A record that must be there; KeyError where it is not."""
    found = store.get(key)
    if found is None:
        raise KeyError(f"{key[:12]} is not in the store")
    value: T = _adapter(cast(Hashable, kind)).validate_json(found)
    return value


def save(store: Store, key: str, kind: type[T], value: T) -> None:
    """Keeps a record as JSON."""
    store.put(key, _adapter(cast(Hashable, kind)).dump_json(value))


def find_receipt(store: Store, job: Job) -> Receipt | None:
    """The receipt of a job that was done before, if all that it names is still there."""
    found = store.get(make_key("receipt", job.key))
    if found is None:
        return None
    receipt: Receipt = _adapter(Receipt).validate_json(found)
    is_whole = store.get(receipt.key) is not None and store.has_blobs(receipt.blobs)
    return receipt if is_whole else None


def finish_job(job: Job, kind: type[T], value: T, receipt: Receipt) -> Receipt:
    """Keeps a job's result, and then its receipt, which says that all of it is there."""
    store = open_store(job.store)
    save(store, job.key, kind, value)
    save(store, make_key("receipt", job.key), Receipt, receipt)
    return receipt


@cache
def _adapter(kind: Hashable) -> TypeAdapter[Any]:
    return TypeAdapter(cast(Any, kind))


def _count_pages(key: str, pages: Sequence[Page]) -> Receipt:
    return Receipt(
        key,
        pages=sum(1 for p in pages if not p.error),
        pages_failed=sum(1 for p in pages if p.error),
        pages_scanned=sum(1 for p in pages if not p.error and p.source == "scan"),
        dropped=sum(len(p.dropped) for p in pages),
    )


def _count_images(key: str, images: Images) -> Receipt:
    cut = [image for image in images if isinstance(image, FigureImage)]
    names = tuple(sorted({image.file for image in cut}))
    return Receipt(key, figures=len(cut), dropped=len(images) - len(cut), blobs=names)


def save_png(picture: Image.Image, folder: Path) -> str:
    """With 256 colours: overlays are looked at, and a book has hundreds of them."""
    small = picture.quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    buffer = BytesIO()
    small.save(buffer, "PNG", compress_level=6)
    data = buffer.getvalue()
    name = f"{sha256(data).hexdigest()}.png"
    (folder / name).write_bytes(data)
    return name
