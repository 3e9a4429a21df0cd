"""A sample book as a scanner gives it: turned, tinted, unevenly lit, noisy, and without a text layer."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import pymupdf
from PIL import Image

from samples.truth import Box, Figure, Row, make_rows, read_figures

Pixels = npt.NDArray[np.uint8]
Reals = npt.NDArray[np.float32]
Affine = npt.NDArray[np.float64]

MAX_SKEW = 1.5


@dataclass(frozen=True, slots=True)
class Wear:
    """What one scan does to a page: degrees, channel factors, grey levels, pixels, JPEG quality."""

    skew: float
    paper: tuple[float, float, float]
    noise: float
    blur: float
    quality: int


def scan_volume(
    born_digital: Path,
    out: Path,
    *,
    seed: int,
    truth: Sequence[Row],
    pages: Sequence[int] | None = None,
    dpi: int = 200,
) -> list[Row]:
    """Write a scan of a book, or of some of its pages (1-based), and return the truth of the scan.

    A figure's box is the upright box around the turned figure, in points.
    """
    with pymupdf.open(born_digital) as source, pymupdf.open() as scan:
        chosen = list(pages) if pages is not None else list(range(1, source.page_count + 1))
        figures = read_figures(truth)
        turned: list[Figure] = []
        for number, old in enumerate(chosen, 1):
            rng = np.random.default_rng((seed, old))
            wear = _choose_wear(rng)
            page = source[old - 1]
            image = _render(page, dpi)
            turn = _turn_about_centre(image, wear.skew)
            new = scan.new_page(width=page.rect.width, height=page.rect.height)
            new.insert_image(new.rect, stream=_wear_down(image, turn, wear, rng), keep_proportion=False)
            for figure in figures:
                if figure.page == old:
                    box = _turn_box(figure.box, turn, dpi / 72, new.rect.width, new.rect.height)
                    turned.append(replace(figure, page=number, box=box))
        out.parent.mkdir(parents=True, exist_ok=True)
        scan.set_metadata({"producer": "samples", "creator": "samples"})
        scan.save(out, garbage=3, deflate=True, no_new_id=True)
    return make_rows(out.name, len(chosen), turned)


def _choose_wear(rng: np.random.Generator) -> Wear:
    return Wear(
        skew=float(rng.uniform(-MAX_SKEW, MAX_SKEW)),
        paper=(
            float(rng.uniform(0.96, 0.99)),
            float(rng.uniform(0.93, 0.97)),
            float(rng.uniform(0.84, 0.93)),
        ),
        noise=float(rng.uniform(2.0, 5.0)),
        blur=float(rng.uniform(0.45, 0.8)),
        quality=int(rng.integers(72, 86)),
    )


def _render(page: pymupdf.Page, dpi: int) -> Pixels:
    pixmap = page.get_pixmap(dpi=dpi, alpha=False)
    flat = np.frombuffer(pixmap.samples, np.uint8)
    return flat.reshape(pixmap.height, pixmap.width, 3)


def _turn_about_centre(image: Pixels, degrees: float) -> Affine:
    """The 2×3 matrix that takes a pixel of the page to its place on the scan."""
    high, wide = image.shape[:2]
    return np.asarray(cv2.getRotationMatrix2D((wide / 2, high / 2), degrees, 1.0), np.float64)


def _wear_down(image: Pixels, turn: Affine, wear: Wear, rng: np.random.Generator) -> bytes:
    """Turn, tint, light, blur and roughen the page; return it as JPEG."""
    high, wide = image.shape[:2]
    edge = tuple(float(value) for value in np.median(image[:8], axis=(0, 1)))
    turned = cv2.warpAffine(image, turn, (wide, high), flags=cv2.INTER_LINEAR, borderValue=edge)
    real: Reals = turned.astype(np.float32)
    # Ink on a scan is never quite black.
    real = 22.0 + real * (233.0 / 255.0)
    real *= np.asarray(wear.paper, np.float32) * _light(high, wide, rng)[:, :, None]
    real = np.asarray(cv2.GaussianBlur(real, (0, 0), wear.blur), np.float32)
    grain = rng.standard_normal((high, wide), np.float32)[:, :, None] * wear.noise
    worn = np.clip(real + grain, 0, 255).astype(np.uint8)
    stream = io.BytesIO()
    Image.fromarray(worn).save(stream, "JPEG", quality=wear.quality)
    return stream.getvalue()


def _light(high: int, wide: int, rng: np.random.Generator) -> Reals:
    """Light that falls off towards one side and wavers a little, as factors about 1."""
    coarse = rng.uniform(0.97, 1.0, (5, 4)).astype(np.float32)
    wavering = cv2.resize(coarse, (wide, high), interpolation=cv2.INTER_CUBIC)
    falloff = np.linspace(1.0, float(rng.uniform(0.9, 1.0)), wide, dtype=np.float32)
    if rng.random() < 0.5:
        falloff = falloff[::-1]
    return np.asarray(wavering * falloff[None, :], np.float32)


def _turn_box(box: Box, turn: Affine, scale: float, width: float, height: float) -> Box:
    """The upright box around a turned box, in points, within the page; `scale` is pixels per point."""
    x0, y0, x1, y1 = (value * scale for value in box)
    corners = np.array([(x0, y0, 1), (x1, y0, 1), (x0, y1, 1), (x1, y1, 1)]) @ turn.T / scale
    (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
    return (max(0.0, float(left)), max(0.0, float(top)), min(width, float(right)), min(height, float(bottom)))
