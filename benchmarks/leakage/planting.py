"""Pictures with planted doubles: details, other colours, second scans, each as an entry of its own."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from export.joins import Item
from samples.art import draw_entry, draw_plate
from samples.spec import plan_pattern

Pixels = NDArray[np.uint8]
PLATES_PX = ((700, 900), (850, 1100), (900, 700))
SIDE_PX = 820


@dataclass(frozen=True, slots=True)
class Planted:
    """A picture of the benchmark. `source` is the one that it comes from, `plant` what was done to it (empty
    for a picture as drawn), `shows` what is drawn on it: motifs with the scheme of their colours, a motif
    alone, or a scene. What shows the same can be one picture to who sees it."""

    item: Item
    source: str
    plant: str
    shows: frozenset[str]


def plant_pictures(folder: Path, count: int, seed: int) -> Iterator[Planted]:
    """`count` silk entries (a pattern, its textile, two details) and `count` mural plates, put into `folder`;
    every third pattern and plate has six doubles."""
    folder.mkdir(parents=True, exist_ok=True)
    for n in range(count):
        entry = draw_entry(1000 * seed + n, side_px=SIDE_PX)
        name = f"silk {seed} {n}"
        spec = plan_pattern(random.Random(1000 * seed + n))
        motifs = {part for part in (spec.main, spec.second, spec.corner) if part}
        parts = frozenset(f"{spec.scheme.name} {part}" for part in motifs)
        pixels = np.asarray(entry.pattern.image)
        yield _save(folder, pixels, name, name, "", parts, "silk", "pattern")
        yield _save(folder, np.asarray(entry.textile.image), name, name, "", parts, "silk", "textile")
        for detail in entry.details:
            shown = np.asarray(detail.image)
            yield _save(
                folder,
                shown,
                name,
                name,
                "",
                parts | {motif for motif in motifs if motif in detail.name},
                "silk",
                "cropped_pattern",
            )
        wide, high = random.Random(f"{seed} {n}").choice(PLATES_PX)
        plate = draw_plate(1000 * seed + n, width_px=wide, height_px=high)
        scene = frozenset({f"scene {plate.title}"})
        mural = f"mural {seed} {n}"
        yield _save(folder, np.asarray(plate.image), mural, mural, "", scene, "dunhuang", "mural")
        if n % 3 == 0:
            yield from _plant(folder, pixels, name, parts, "silk", seed + n)
            yield from _plant(folder, np.asarray(plate.image), mural, scene, "dunhuang", seed + n)


def _plant(
    folder: Path, pixels: Pixels, source: str, shows: frozenset[str], series: str, seed: int
) -> Iterator[Planted]:
    rng = np.random.default_rng((seed, len(source)))
    doubles = {
        "detail": cut_detail(pixels, rng, 0.27, 0.45),
        "large detail": cut_detail(pixels, rng, 0.45, 0.7),
        "scanned detail": scan_again(cut_detail(pixels, rng, 0.3, 0.7), rng),
        "other colours": recolour(pixels, rng),
        "scanned again": scan_again(pixels, rng),
        "grey": np.repeat(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)[..., None], 3, 2),
    }
    for plant, double in doubles.items():
        yield _save(
            folder, double.astype(np.uint8), f"{source} {plant}", source, plant, shows, series, "figure"
        )


def cut_detail(pixels: Pixels, rng: np.random.Generator, least: float, most: float) -> Pixels:
    """A part of `least` to `most` of the sides, at another size."""
    high, wide = pixels.shape[:2]
    share, shape = rng.uniform(least, most), rng.uniform(0.75, 1.33)
    w, h = min(wide, round(wide * share * shape**0.5)), min(high, round(high * share / shape**0.5))
    x, y = int(rng.integers(0, wide - w + 1)), int(rng.integers(0, high - h + 1))
    scale = float(rng.uniform(0.8, 2.0))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    cut: Pixels = cv2.resize(pixels[y : y + h, x : x + w], None, fx=scale, fy=scale, interpolation=way)
    return cut


def recolour(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Channels mixed and bent, now and then light for dark."""
    real = pixels.astype(np.float32)[..., rng.permutation(3)] / 255
    mix = rng.uniform(-0.35, 0.35, (3, 3)).astype(np.float32)
    np.fill_diagonal(mix, 1)
    real = np.clip(real @ mix.T, 0, 1) ** rng.uniform(0.6, 1.7, 3).astype(np.float32)
    if rng.random() < 0.4:
        real = 1 - real
    return np.round(real * 255).astype(np.uint8)


def scan_again(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Turned, blurred, yellowed, noisy, at another size, as a JPEG."""
    high, wide = pixels.shape[:2]
    turn = cv2.getRotationMatrix2D((wide / 2, high / 2), float(rng.uniform(-2, 2)), 1)
    turned = cv2.warpAffine(pixels, turn, (wide, high), borderValue=(245, 240, 230))
    real = cv2.GaussianBlur(turned, (0, 0), float(rng.uniform(0.5, 1.2))).astype(np.float32)
    real = (22 + real * 0.91) * np.array((0.98, 0.95, 0.88), np.float32)
    real += rng.normal(0, 4, real.shape).astype(np.float32)
    scale = float(rng.uniform(0.6, 1.3))
    small = cv2.resize(np.clip(real, 0, 255).astype(np.uint8), None, fx=scale, fy=scale, interpolation=3)
    coded = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(70, 88))])[1]
    again: Pixels = cv2.imdecode(coded, cv2.IMREAD_COLOR)
    return again


def _save(
    folder: Path,
    pixels: Pixels,
    entry: str,
    source: str,
    plant: str,
    shows: frozenset[str],
    series: str,
    kind: str,
) -> Planted:
    picture = Image.fromarray(np.ascontiguousarray(pixels))
    part = folder / "part.jpg"
    picture.save(part, quality=90)
    digest = hashlib.sha256(part.read_bytes()).hexdigest()
    path = part.rename(folder / f"{digest}.jpg")
    pair_id = hashlib.sha256(f"{entry} {kind} {digest}".encode()).hexdigest()[:16]
    phash = str(imagehash.phash(picture.convert("L")))
    item = Item(pair_id, 0, series, kind, "planted", entry, "", "", digest, phash, path)
    return Planted(item, source, plant, shows)
