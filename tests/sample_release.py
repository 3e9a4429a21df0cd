"""A release of drawn figures with true words, as the sample books print them, without books in between."""

from __future__ import annotations

import hashlib
import random
from dataclasses import replace
from pathlib import Path

import imagehash
from release_making import make_build, make_info, make_pair, make_source

from export.release import write_release
from export.rows import Row, build_rows
from extractors.records import FigureImage
from samples.art import Art, draw_entry, draw_plate


def write_sample_release(folder: Path, entries: int, plates: int, seed: int = 0) -> Path:
    """Silk entries of four figures each and mural plates. Seeds are below 2**31, as those of sample books."""
    rng = random.Random(f"sample release {seed}")
    rows: list[Row] = []
    for n in range(entries):
        entry = draw_entry(rng.getrandbits(31), side_px=320, details=2)
        words = "\n".join(entry.paragraphs)
        figures = [(entry.pattern, words), (entry.textile, f"{entry.textile.text}\n{words}")]
        figures += [(detail, detail.text) for detail in entry.details]
        rows += [_make_row(folder, len(rows) + k, f"silk-{n}", *f) for k, f in enumerate(figures)]
    for n in range(plates):
        plate = draw_plate(rng.getrandbits(31), width_px=300, height_px=400)
        rows.append(_make_row(folder, len(rows), f"mural-{n}", Art(plate.image, "", ""), plate.note))
    source = make_source("drawn.pdf")
    write_release(folder / "release", rows, make_info(source), make_build(source))
    return folder / "release"


def _make_row(folder: Path, number: int, entry: str, art: Art, text: str) -> Row:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{number}.jpg"
    art.image.convert("RGB").save(path, quality=92)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    path.rename(folder / f"{sha256}.jpg")
    phash = str(imagehash.phash(art.image.convert("L")))
    image = FigureImage(sha256, f"{sha256}.jpg", *art.image.size, "embedded", None, phash)
    row = build_rows([make_pair("drawn.pdf", number)], [image], folder, "CC-BY-4.0")[0]
    return replace(row, description=text, entry_id=entry)
