"""Small releases made by hand for the tests of export: drawn images, pairs with stated texts."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import imagehash
import pyarrow.parquet as pq
from PIL import Image, ImageDraw

from alignment.records import DecidedPair, Kind, MachinePair, Region, Series, release_as_is
from alignment.text.composing import Piece, finish_fields
from export.info import BookReport, BuildReport, ReleaseInfo, Source
from export.rows import Row, build_rows
from extractors.records import FigureImage

KINDS: tuple[Kind, ...] = ("pattern", "textile", "cropped_pattern", "mural")


# What a row of files without books does not know.
UNKNOWN = dict.fromkeys(
    (
        "document_sha256",
        "page",
        "page_width",
        "page_height",
        "figure_bbox",
        "text_pages",
        "text_roles",
        "text_bboxes",
        "dpi",
        "ocr_confidence",
        "pair_score",
    )
)


def draw_figure(folder: Path, seed: int, size: tuple[int, int] = (240, 180)) -> FigureImage:
    """A drawn image of its own for each seed; every third is a PNG."""
    folder.mkdir(parents=True, exist_ok=True)
    image = Image.new("RGB", size, (60 + seed * 37 % 180, 40 + seed * 61 % 180, 50 + seed * 17 % 150))
    draw = ImageDraw.Draw(image)
    rng = random.Random(seed)
    for _ in range(9):
        x, y, high, wide = (
            rng.random() * size[0],
            rng.random() * size[1],
            rng.uniform(6, 60),
            rng.uniform(6, 60),
        )
        colour = tuple(rng.randrange(256) for _ in range(3))
        shape = rng.choice((draw.ellipse, draw.rectangle))
        shape(
            (x - wide, y - high, x + wide, y + high), fill=rng.choice((None, colour)), outline=colour, width=4
        )
    suffix = "png" if seed % 3 == 0 else "jpg"
    path = folder / f"drawn.{suffix}"
    image.save(path, quality=90)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    path.rename(folder / f"{sha256}.{suffix}")
    origin = "scan" if seed % 5 == 0 else "embedded"
    dpi = 200.0 if origin == "scan" else None
    phash = str(imagehash.phash(image.convert("L")))
    return FigureImage(sha256, f"{sha256}.{suffix}", *size, origin, dpi, phash)


def make_pair(document: str, seed: int, series: Series = "silk", *, with_text: bool = True) -> DecidedPair:
    """A pair on page seed // 2 + 1; two neighbours share an entry."""
    entry, second = divmod(seed, 2)
    box = (60.0 + 250 * second, 80.25, 280.5 + 250 * second, 300.0)
    caption = Region(entry + 1, "caption", (60.0, 310.0, 280.0, 322.0), f"圖{seed + 1}　折枝牡丹紋", None)
    body = Region(
        entry + 1, "body", (60.0, 330.0, 500.0, 420.0), f"第{seed}件\n地色明黃，四合如意雲間飾雜寶。", 0.9
    )
    composed = finish_fields(
        [Piece(r.role, r.text, r.text.replace("\n", "")) for r in (caption, body)],
        "折枝牡丹紋",
        caption.text,
        f"第{seed}件地色明黃，四合如意雲間飾雜寶。",
    )
    machine = MachinePair(
        document=document,
        document_sha256=hashlib.sha256(document.encode()).hexdigest(),
        page=entry + 1,
        page_width=595.28,
        page_height=841.89,
        page_source="born-digital",
        skew=0.0,
        box=box,
        figure_bbox=box,
        parts=(box,),
        series=series,
        kind=KINDS[seed % 4] if series == "silk" else "mural",
        title=composed.title if with_text else "",
        caption=composed.caption if with_text else "",
        description=composed.description if with_text else "",
        texts=(caption, body) if with_text else (),
        text_bboxes=(caption.box, body.box) if with_text else (),
        score=(seed * 37 % 100) / 100 if with_text else 0.0,
        rule="caption:figure:below" if with_text else "none:no caption near",
        entry_id=f"{hashlib.sha256(document.encode()).hexdigest()[:12]}-{entry}",
        trail=composed.trail if with_text else (),
    )
    return release_as_is(machine)


def make_source(document: str, series: Series = "silk", rights: str = "CC-BY-4.0") -> Source:
    """A book whose hash is that of its name."""
    sha256 = hashlib.sha256(document.encode()).hexdigest()
    return Source(f"/somewhere/else/{document}", sha256, series, f"《{document}》", rights, 120)


SOURCE = make_source("vol1.pdf")


def make_rows(
    folder: Path, document: str = "vol1.pdf", count: int = 20, rights: str = "CC-BY-4.0", first: int = 0
) -> list[Row]:
    """`count` rows of one book; each seventh is without text."""
    seeds = range(first, first + count)
    pairs = [make_pair(document, seed, with_text=seed % 7 != 6) for seed in seeds]
    images = [draw_figure(folder, seed) for seed in seeds]
    return build_rows(pairs, images, folder, rights)


def make_info(*sources: Source) -> ReleaseInfo:
    """A release of the given books."""
    return ReleaseInfo("drawn-figures", "1.0.0", {"reader": "pymupdf", "scan_dpi": "200"}, sources)


def make_build(*sources: Source) -> BuildReport:
    """All books done."""
    return BuildReport(tuple(BookReport(s, "done", pages=60, figures=20, pairs=17) for s in sources))


def without_text(row: Row) -> Row:
    """The same figure with nothing printed for it."""
    return replace(row, title="", caption="", description="", text_raw="", pair_score=0.0)


def with_true_phash(rows: list[Row]) -> list[Row]:
    """The rows as a build makes them: with the perceptual hash of each image, not a stated one."""
    found = []
    for row in rows:
        with Image.open(row.image_file) as picture:
            found.append(replace(row, phash=str(imagehash.phash(picture))))
    return found


def read_all(release: Path) -> list[dict]:
    """All rows that are stored in a release's shards."""
    return [r for f in sorted((release / "data").iterdir()) for r in pq.read_table(f).to_pylist()]


def load_offline(release: Path, checks: str, home: Path) -> None:
    """Loads a release as `d` in a process of its own and runs `checks` there."""
    script = f"import sys, datasets\nd = datasets.load_dataset(sys.argv[1])\n{checks}"
    offline = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(home), "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}
    command = [sys.executable, "-c", script, str(release)]
    done = subprocess.run(command, env=os.environ | offline, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
