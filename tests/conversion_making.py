"""A release with everything that conversions must get right: shared texts and images, images of odd modes."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from book_making import make_environment
from PIL import Image
from release_making import UNKNOWN, make_build, make_info, make_rows, make_source

from export.convert.conversion import Converted, convert_release
from export.reading import open_release
from export.release import write_release
from export.rows import Row

LONG = "缠枝莲纹，" * 4000
LINES = "第一行\n第二行\t制表\u2028分行\r末行"


def encode(image: Image.Image, kind: str, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def draw_modes() -> dict[str, bytes]:
    """Images by what is odd about them; each is pale red but for one, which is grey."""
    red = Image.new("RGB", (64, 48), (230, 120, 110))
    clear = red.convert("RGBA")
    clear.paste((0, 0, 0, 0), (0, 0, 64, 24))
    palette = clear.quantize(8)
    grey = np.full((48, 64), 40_000, np.uint16)
    return {
        "palette": encode(red.quantize(16), "PNG"),
        "clear": encode(clear, "PNG"),
        "clear palette": encode(palette, "PNG", transparency=palette.getpixel((0, 0))),
        "cmyk": encode(red.convert("CMYK"), "JPEG", quality=95),
        "16 bits": encode(Image.fromarray(grey), "PNG"),
        "webp": encode(red, "WEBP", lossless=True),
        "one bit": encode(red.convert("1"), "PNG"),
    }


def with_image(row: Row, content: bytes, folder: Path, suffix: str = "") -> Row:
    """The row with other pixels."""
    with Image.open(io.BytesIO(content)) as image:
        size, kind = image.size, (image.format or "").lower()
    sha256 = hashlib.sha256(content).hexdigest()
    file = folder / f"{sha256}.{suffix or {'jpeg': 'jpg'}.get(kind, kind)}"
    file.write_bytes(content)
    return replace(row, image_file=file, image_sha256=sha256, width=size[0], height=size[1])


def write_mixed_release(folder: Path) -> Path:
    """40 rows of train, 6 of validation, 44 of test; each seventh is without text.

    In test, rows 50 and 51 have one text, 52 and 53 one image, 54 a very long text, 55 one of several lines;
    from row 60 on images have the modes of `draw_modes`. Row 0, of train, has the text of row 50.
    """
    rows = make_rows(folder / "figures", count=90)
    rows[51] = replace(rows[51], description=rows[50].description)
    rows[0] = replace(rows[0], description=rows[50].description)
    rows[53] = with_image(rows[53], rows[52].image_file.read_bytes(), folder / "figures")
    rows[54] = replace(rows[54], description=LONG)
    rows[57] = replace(rows[57], description=f"  {LINES} ")
    for n, content in enumerate(draw_modes().values()):
        rows[63 + n] = with_image(replace(rows[63 + n], description=f"第{n}式"), content, folder / "figures")
    places = ["train"] * 40 + ["validation"] * 6 + ["test"] * 44
    given = {row.pair_id: split for row, split in zip(rows, places, strict=True)}
    write_release(folder / "release", rows, make_info(make_source("vol1.pdf")), make_build(), given=given)
    return folder / "release"


def write_imported_release(folder: Path, change: Callable[[Row], Row] = lambda row: row) -> Path:
    """A release that knows nothing of books: no page, box, hash or score."""
    rows = [
        change(replace(row, origin="imported", pair_rule="imported", **UNKNOWN))
        for row in make_rows(folder / "figures", count=30)
    ]
    write_release(folder / "release", rows, make_info(make_source("texts.jsonl")), make_build())
    return folder / "release"


def convert(release: Path, to: str, out: Path) -> Converted:
    return convert_release(open_release(release), to, out, lambda *_: None)


def run_python(script: str, *arguments: object, home: Path | None = None) -> str:
    """A script in a process of its own: torch and datasets stay out of this one."""
    offline = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(home), "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}
    command = [sys.executable, "-c", script, *map(str, arguments)]
    environment = make_environment() | (offline if home else {})
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def find_rows(release: Path, split: str) -> list[dict]:
    return [r for f in sorted((release / "data").glob(f"{split}-*")) for r in pq.read_table(f).to_pylist()]


def read_lines(path: Path) -> list[dict]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]
