"""Drawing the overlays of a release again from what it keeps of its pages."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flows.book_fetching import bring_book
from flows.drawings import load_drawing
from flows.jobs import Book, Parts, Place, Receipt, StoredJob
from flows.limits import limit_time
from flows.stages import Overlays, choose_dpi, draw_page, finish_job, save, save_png
from flows.store import StoreAddress, make_key, open_store
from flows.versions import READING, list_versions


@dataclass(frozen=True)
class RedrawJob(StoredJob):
    """Drawing pages of one book; `drawings` are (page, JSON of `flows.drawings`)."""

    store: StoreAddress
    book: Book
    drawings: tuple[tuple[int, str], ...]

    @property
    def place(self) -> Place:
        """Pages of a book."""
        return Place("redraw", self.book.info.name, tuple(number for number, _ in self.drawings))

    @property
    def parts(self) -> Parts:
        """File, what is drawn, and versions."""
        own = {"the file": self.book.info.sha256, "what is drawn": self.drawings}
        return {**own, **list_versions(("extractors", "alignment", "flows"), READING)}

    def split(self) -> list[RedrawJob]:
        """Page by page."""
        several = len(self.drawings) > 1
        return [replace(self, drawings=(drawing,)) for drawing in self.drawings] if several else []


def redraw_job(job: RedrawJob) -> Receipt:
    """Draws as `stages.draw_job` does; the pictures go to the store as blobs."""
    drawn: list[tuple[int, str]] = []
    book = job.book
    path = bring_book(book.path, book.address, book.info.sha256, job.store)
    with open_store(job.store).open_tray() as tray, limit_time() as renew:
        for number, text in job.drawings:
            page, aligned = load_drawing(text)
            picture = draw_page(path, page, aligned, choose_dpi(page), book.password)
            drawn.append((number, save_png(picture, tray)))
            renew()
    receipt = Receipt(job.key, pages=len(drawn), blobs=tuple(name for _, name in drawn))
    return finish_job(job, Overlays, tuple(drawn), receipt)


def abandon_redraw(job: RedrawJob, reason: str) -> Receipt:
    """No overlays for these pages."""
    key = make_key("abandoned", job.key, reason)
    save(open_store(job.store), key, Overlays, ())
    return Receipt(key, error=reason)
