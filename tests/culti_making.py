"""Folders in the form of the official CulTi files, drawn here; nothing of the published set is in them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image, ImageDraw

MOTIFS = ("牡丹", "莲花", "飞天", "团龙", "凤鸟", "联珠", "宝相花", "云气", "鹿", "狮子")
GROUNDS = ("红地", "绿地", "蓝地", "黄地", "白地", "紫地", "褐地")
MODES = ("RGBA", "RGB", "P", "L", "LA")


def describe(seed: int) -> str:
    """A short text of its own for each seed."""
    return f"{GROUNDS[seed % 7]}{MOTIFS[seed % 10]}纹，第{seed}幅，枝叶相连，布局匀称。"


def draw_image(path: Path, seed: int, size: tuple[int, int] = (96, 72), mode: str = "RGBA") -> Path:
    """A picture of its own for each seed, the corners of an RGBA one transparent."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.new("RGBA", size, (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.ellipse((0, 0, *size), fill=(60 + seed * 37 % 180, 40 + seed * 61 % 180, 50 + seed * 17 % 150, 255))
    for n in range(5):
        x, y = (seed * 53 + n * 71) % size[0], (seed * 29 + n * 43) % size[1]
        draw.rectangle(
            (x, y, x + size[0] // 8, y + size[1] // 4), fill=(240, (seed * 7 + n * 40) % 255, 150, 255)
        )
    image.convert(mode).save(path)
    return path


def write_texts(path: Path, rows: Sequence[tuple[object, str, Sequence[object]]]) -> Path:
    """A file of texts from (text_id, text, image_ids)."""
    lines = [
        json.dumps({"text_id": text_id, "text": text, "image_ids": list(images)}, ensure_ascii=False) + "\n"
        for text_id, text, images in rows
    ]
    path.write_bytes("".join(lines).encode())
    return path


def write_single(folder: Path, count: int = 30) -> Path:
    """`sample_texts.jsonl` with images in a folder below it: every fifth text has three images, texts 1 and 2
    share image 1, texts 3 and 4 are the same words, sizes go to 6:1 and modes go around."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for n in range(count):
        images = [n, 100 + n, 200 + n] if n % 5 == 0 else [n]
        rows.append((n, describe(3 if n == 4 else n), [*images, 1] if n == 2 else images))
        for image in images:
            size = (600, 100) if image % 4 == 1 else (90, 540) if image % 4 == 2 else (96, 72)
            draw_image(folder / "images" / f"{image}.png", image, size, MODES[image % 5])
    write_texts(folder / "sample_texts.jsonl", rows)
    return folder


def write_official(folder: Path, sizes: Mapping[str, int] | None = None) -> Path:
    """`train_`, `valid_` and `test_texts.jsonl`, ids on from one to the next. The first test text and the
    second test image stand in train too; the first validation text does in test."""
    sizes = sizes or {"train": 14, "valid": 4, "test": 6}
    folder.mkdir(parents=True, exist_ok=True)
    start = 0
    first: dict[str, int] = {}
    for name, count in sizes.items():
        first[name] = start
        rows = [(n, describe(n), [n]) for n in range(start, start + count)]
        if name == "test":
            rows[0] = (start, describe(first["train"]), [start])
            rows[1] = (start + 1, describe(start + 1), [start + 1, first["train"] + 1])
            rows[2] = (start + 2, describe(first["valid"]), [start + 2])
        for n in range(start, start + count):
            draw_image(folder / "CulTi" / f"{n}.png", n)
        write_texts(folder / f"{name}_texts.jsonl", rows)
        start += count
    return folder
