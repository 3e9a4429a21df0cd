"""Figures' pixels: the file's own where they can be had untouched, else drawn, else cut from the scan."""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Sequence
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import imagehash
import numpy as np
from PIL import Image

from extractors.backend import OpenDocument
from extractors.deskew import turn_upright
from extractors.embedded import find_embedded
from extractors.errors import CultiError
from extractors.geometry import area
from extractors.ocr import Raster
from extractors.page_trace import Matrix, Trace
from extractors.raster import limit_dpi
from extractors.records import Cut, Dropped, FigureImage, Origin
from extractors.stand_in import Readers

# Print is made at 300 dpi, line art at up to 1200; beyond 600 a drawn figure only grows.
MAX_DPI = 600.0
_QUALITY = 92
_MIN_PIXELS = 8
_SCAN_PIXELS = 40_000_000

# Pages are ours to measure: a large plate is no attack.
Image.MAX_IMAGE_PIXELS = None


def cut_figures(
    path: Path, cuts: Sequence[Cut], folder: Path, password: str = "", render_dpi: float = 200.0
) -> list[FigureImage | Dropped]:
    """Pixels for each cut, in the same order, saved as `<sha256>.<jpg|png>` in `folder`, which exists.

    `embedded`: the stored image, not resampled, JPEG byte for byte, where a single image fills the box
    upright, whole, opaque and with nothing drawn over it. `rendered`: drawn at `render_dpi` or at the
    resolution of the finest image in it, at most 600 dpi and 40 megapixels. `scan`: cut from the page turned
    upright. A figure whose pixels cannot be had is a Dropped with the reason. DocumentError where the file
    cannot be opened; OSError where the folder cannot be written.
    """
    order = sorted(range(len(cuts)), key=lambda i: cuts[i].page)
    results: dict[int, FigureImage | Dropped] = {}
    with ExitStack() as stack:
        held: dict[str, _HeldPages] = {}
        for index in order:
            cut = cuts[index]
            if cut.reader not in held:
                held[cut.reader] = _HeldPages(stack.enter_context(Readers(path, password, cut.reader)))
            try:
                pixels = held[cut.reader].cut(cut, render_dpi)
            except (MemoryError, CultiError):
                raise
            except Exception as error:
                reason = (str(error).splitlines() or [type(error).__name__])[0][:160]
                results[index] = Dropped(cut.page, "figure", f"its pixels cannot be had ({reason})", cut.box)
                continue
            results[index] = _save(pixels, folder)
    return [results[i] for i in range(len(cuts))]


class _HeldPages:
    """The page at hand by each reader that was asked for it."""

    def __init__(self, readers: Readers) -> None:
        self._readers = readers
        self._held: dict[str, _HeldPage] = {}

    def cut(self, cut: Cut, render_dpi: float) -> _Pixels:
        """The figure by the first reader that can; else what the first one raised."""
        failure: Exception | None = None
        for document in self._readers.list_documents():
            try:
                held = self._held.get(document.reader)
                if held is None or held.number != cut.page:
                    held = self._held[document.reader] = _HeldPage(document, cut.page)
                return held.cut(cut, render_dpi)
            except MemoryError:
                raise
            except Exception as error:
                failure = failure or error
        raise failure or ValueError("no reader can open it")


_Pixels = tuple[bytes, str, Image.Image, Origin, float | None]


class _HeldPage:
    """One page while its figures are cut; what is costly is made once."""

    def __init__(self, document: OpenDocument, number: int) -> None:
        self.number = number
        self.page = document.load(number)
        self._scan: tuple[float, float, Raster] | None = None

    def cut(self, cut: Cut, render_dpi: float) -> _Pixels:
        """The figure's encoded bytes, suffix, decoded image, origin and dpi."""
        if cut.source == "scan":
            return self._cut_scan(cut, render_dpi)
        found = find_embedded(self.page, cut)
        if found is not None:
            return found.data, found.suffix, found.image, "embedded", None
        return self._render(cut, self.page.trace(), render_dpi)

    def _render(self, cut: Cut, trace: Trace, render_dpi: float) -> _Pixels:
        inside = [i for i in trace.images if _meets(i.visible, cut.box)]
        finest = max((_find_dpi(i.width_px, i.height_px, i.matrix) for i in inside), default=0.0)
        width, height = cut.box[2] - cut.box[0], cut.box[3] - cut.box[1]
        dpi = round(limit_dpi(width, height, min(MAX_DPI, max(render_dpi, finest))), 2)
        # The same cut is the same bytes, whatever else is cut of the page.
        self.page.forget_images()
        image = self.page.draw(dpi, cut.box)
        # Photographs compress as JPEG; line art and flat colour stay exact.
        data, suffix, picture = _encode(image, lossless=not inside)
        return data, suffix, picture, "rendered", dpi

    def _cut_scan(self, cut: Cut, render_dpi: float) -> _Pixels:
        if self._scan is None or self._scan[0] != cut.skew:
            stored = _find_scan_dpi(self.page.trace()) or render_dpi
            dpi = limit_dpi(self.page.width, self.page.height, min(MAX_DPI, max(72.0, stored)), _SCAN_PIXELS)
            raster = self.page.draw(dpi)
            self._scan = (cut.skew, round(dpi, 2), turn_upright(raster, cut.skew) if cut.skew else raster)
        _, dpi, raster = self._scan
        scale = raster.shape[1] / self.page.width
        x0, y0 = (max(0, round(v * scale)) for v in cut.box[:2])
        x1, y1 = round(cut.box[2] * scale), round(cut.box[3] * scale)
        data, suffix, picture = _encode(np.ascontiguousarray(raster[y0:y1, x0:x1]), lossless=False)
        return data, suffix, picture, "scan", dpi


def _find_scan_dpi(trace: Trace) -> float:
    """Resolution of the largest image on a scanned page; 0 without one."""
    if not trace.images:
        return 0.0
    largest = max(trace.images, key=lambda i: area(i.box))
    return _find_dpi(largest.width_px, largest.height_px, largest.matrix)


def _meets(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return min(a[2], b[2]) > max(a[0], b[0]) and min(a[3], b[3]) > max(a[1], b[1])


def _find_dpi(width_px: int, height_px: int, matrix: Matrix) -> float:
    across, down = math.hypot(matrix[0], matrix[1]), math.hypot(matrix[2], matrix[3])
    return max(width_px * 72 / max(across, 1e-3), height_px * 72 / max(down, 1e-3))


def _encode(image: Raster, lossless: bool) -> tuple[bytes, str, Image.Image]:
    if min(image.shape[:2]) < _MIN_PIXELS:
        raise ValueError(f"only {image.shape[1]} × {image.shape[0]} pixels")
    picture = Image.fromarray(image)
    buffer = BytesIO()
    if lossless:
        picture.save(buffer, "PNG", compress_level=6)
        return buffer.getvalue(), "png", picture
    picture.save(buffer, "JPEG", quality=_QUALITY, subsampling=0)
    # What is released is what JPEG made of it: its perceptual hash can be had again from the file.
    return buffer.getvalue(), "jpg", Image.open(BytesIO(buffer.getvalue()))


def _save(pixels: _Pixels, folder: Path) -> FigureImage:
    data, suffix, picture, origin, dpi = pixels
    digest = hashlib.sha256(data).hexdigest()
    name = f"{digest}.{suffix}"
    if not (folder / name).exists():
        part = folder / f".{uuid4().hex}"
        try:
            part.write_bytes(data)
            os.replace(part, folder / name)  # noqa: PTH105
        finally:
            part.unlink(missing_ok=True)
    phash = str(imagehash.phash(picture.convert("L")))
    return FigureImage(digest, name, picture.width, picture.height, origin, dpi, phash)
