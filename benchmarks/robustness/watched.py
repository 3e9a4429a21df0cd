"""Reading a PDF in a process of its own that is held to limits as a worker is, and what it does besides.

with WatchedReader(folder, Limits(30, 600, 1500)) as reader:
    outcome = reader.read(path, "pymupdf")
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from extractors.errors import CultiError
from extractors.ocr import BUNDLED, load_engine
from extractors.pixels import cut_figures
from extractors.reader import ReadSettings, open_document, read_pages, render_page
from extractors.records import Cut, DocumentInfo, FigureImage
from flows.limits import Limits, Watch, current_limits, find_cause, keep_watch, limit_time, make_note
from flows.store import LocalStore, StoreAddress

# Events of sys.audit that nothing has any business with while a PDF is read.
_FORBIDDEN = (
    "subprocess.",
    "os.exec",
    "os.posix_spawn",
    "os.spawn",
    "os.system",
    "os.fork",
    "os.startfile",
    "socket.connect",
    "socket.bind",
    "urllib.",
    "webbrowser.",
)
_MOST_FIGURES, _DPI = 5, 40.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a file.

    `error` is the line on why it was not opened, `page_errors` are those of its pages, `died` is the cause
    where the process was ended. `digest` is of all that was read, cut and drawn; `strange` lists what reading
    has no business with: programs, sockets, files that it writes.
    """

    error: str = ""
    page_errors: tuple[str, ...] = ()
    died: str = ""
    pages: int = 0
    figures: int = 0
    texts: tuple[str, ...] = ()
    digest: str = ""
    strange: tuple[str, ...] = ()


class WatchedReader:
    """The process, made anew when it died. It lives in `folder`/home, which stays empty; of a file
    it reads the first `most_pages`. Without `ocr` a page that needs it is one that cannot be read."""

    def __init__(self, folder: Path, limits: Limits, most_pages: int = 3, ocr: bool = False) -> None:
        self.home, self._figures, self._store = folder / "home", folder / "figures", folder / "store"
        self._limits, self._most_pages, self._ocr = limits, most_pages, BUNDLED if ocr else "none"
        for place in (self.home, self._figures, self._store):
            place.mkdir(parents=True)
        self._process: multiprocessing.process.BaseProcess | None = None
        self._pipe: Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def read(self, path: Path, reader: str) -> Outcome:
        """Opens a file, reads its first pages, cuts their figures and draws them."""
        note = make_note()
        pipe = self._find_process()
        pipe.send((path, reader, Watch(self._limits, note=note), self._store, self._most_pages))
        try:
            found: Outcome = pipe.recv()
        except (EOFError, ConnectionResetError):
            self._end()
            return Outcome(died=find_cause(LocalStore(self._store), note))
        return found

    def _find_process(self) -> Connection:
        if self._process is None or self._pipe is None:
            spawn = multiprocessing.get_context("spawn")
            self._pipe, other = spawn.Pipe()
            self._process = spawn.Process(
                target=_serve, args=(other, self.home, self._figures, self._ocr), daemon=True
            )
            self._process.start()
            other.close()
        return self._pipe

    def _end(self) -> None:
        if self._process is not None and self._pipe is not None:
            self._pipe.close()
            self._process.join()
        self._process = self._pipe = None


def _serve(pipe: Connection, home: Path, figures: Path, ocr: str) -> None:
    """The process: reads what it is told to until nobody tells it any more."""
    os.chdir(home)
    tempfile.tempdir = str(home)
    strange: list[str] = []
    is_reading = False

    def listen(event: str, arguments: tuple[object, ...]) -> None:
        if is_reading and (event.startswith(_FORBIDDEN) or _writes(event, arguments, figures)):
            strange.append(f"{event} {arguments[:1]}"[:200])

    _load_libraries(ocr)
    sys.addaudithook(listen)
    while True:
        try:
            path, reader, watch, store, most_pages = pipe.recv()
        except EOFError:
            return
        strange.clear()
        with keep_watch(watch, StoreAddress(str(store), str(store))), limit_time() as renew:
            is_reading = True
            found = _read(path, ReadSettings(reader, ocr), most_pages, figures, renew)
            is_reading = False
        pipe.send(replace(found, strange=tuple(strange)))


def _load_libraries(ocr: str) -> None:
    """So that the clock runs for what is read alone, and what libraries do as they load is not told of it."""
    # Nor that Python keeps what it compiled.
    sys.dont_write_bytecode = True
    import extractors.mupdf_document
    import extractors.plumber_document  # noqa: F401

    if ocr == BUNDLED:
        load_engine(ocr).find_lines(np.full((64, 64, 3), 255, np.uint8))


def _writes(event: str, arguments: tuple[object, ...], figures: Path) -> bool:
    if event != "open" or str(arguments[0]).startswith(str(figures)):
        return False
    mode, flags = str(arguments[1] or ""), arguments[2]
    return any(c in mode for c in "wax+") or bool(
        isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR)
    )


def _read(
    path: Path, settings: ReadSettings, most_pages: int, figures: Path, renew: Callable[[], None]
) -> Outcome:
    """What comes of a file, but for what is strange."""
    try:
        info = open_document(path, "", settings.reader)
    except CultiError as error:
        return Outcome(error=str(error))
    settings = replace(settings, megapixels=current_limits().megapixels)
    digest = hashlib.sha256()
    errors: list[str] = []
    texts: list[str] = []
    count = 0
    for number in range(1, min(most_pages, info.page_count) + 1):
        renew()
        try:
            count += _read_page(path, info, number, settings, figures, digest.update, errors, texts)
        except CultiError as error:
            errors.append(str(error))
    return Outcome(
        page_errors=tuple(errors),
        pages=info.page_count,
        figures=count,
        texts=tuple(texts),
        digest=digest.hexdigest(),
    )


def _read_page(
    path: Path,
    info: DocumentInfo,
    number: int,
    settings: ReadSettings,
    figures: Path,
    note: Callable[[bytes], None],
    errors: list[str],
    texts: list[str],
) -> int:
    """Reads, cuts and draws a page; how many figures were cut."""
    (page,) = read_pages(path, info, [number], settings)
    note(repr(asdict(page)).encode())
    if page.error:
        errors.append(page.error)
        return 0
    texts += [line.text for line in page.lines]
    boxes = [picture.box for picture in page.pictures[:_MOST_FIGURES]]
    cuts = [Cut(number, box, (box,), page.source, page.skew, page.reader) for box in boxes]
    cut = cut_figures(path, cuts, figures)
    note(repr(cut).encode())
    note(render_page(path, number, _DPI, reader=page.reader).tobytes())
    return sum(isinstance(image, FigureImage) for image in cut)
