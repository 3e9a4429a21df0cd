"""Many different born-digital books for little: three designs, pictures and words of each page from its seed.

A picture has a ground and shapes of its own, so that no two show the same; a page costs some 15 ms.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pymupdf
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
_PAGE_PT = (595.0, 842.0)
_LEFT, _RIGHT, _TOP = 76.0, 519.0, 80.0
_BODY_PT, _CAPTION_PT, _HEADING_PT, _LEADING = 10.0, 8.5, 16.0, 1.6
_QUALITY = 85
_SHAPES = 16
# Characters in use, the first level of GB 2312: a text of rare ones is taken for one without usable Unicode,
# and its pages are read by OCR.
_CHARACTERS = "".join(bytes((0xB0 + n // 94, 0xA1 + n % 94)).decode("gb2312") for n in range(0, 3_750, 2))
_THINGS = ("牡丹纹", "莲花纹", "云龙纹", "团窠对鸟纹", "缠枝花卉纹", "折枝梅纹", "海水纹", "菱格纹")
DESIGNS = ("album", "pairs", "entries")
"""album: a figure with its caption, and text; pairs: two figures side by side; entries: those of a silk
volume, a heading, a pattern, the photograph that the 图： line names, and a paragraph."""
SERIES = {"album": "other", "pairs": "other", "entries": "silk"}


def write_book(path: Path, seed: int, pages: int, design: str) -> None:
    """A book of so many pages; the same for the same seed."""
    document = pymupdf.open()
    for number in range(1, pages + 1):
        rng = np.random.default_rng((seed, number))
        page = document.new_page(width=_PAGE_PT[0], height=_PAGE_PT[1])
        _SET[design](page, number, rng)
        _put_line(page, _PAGE_PT[0] / 2 - 6, 806, str(number), _CAPTION_PT)
    document.save(path, deflate=True, no_new_id=True)
    document.close()


def _set_album(page: pymupdf.Page, number: int, rng: np.random.Generator) -> None:
    bottom = _put_figure(page, rng, _LEFT + 40, _RIGHT - 40, _TOP, rng.uniform(200, 330))
    _put_line(page, _LEFT + 40, bottom + 16, f"图{number}　{_name(rng)}", _CAPTION_PT)
    _put_paragraphs(page, rng, bottom + 48)


def _set_pairs(page: pymupdf.Page, number: int, rng: np.random.Generator) -> None:
    middle, high = (_LEFT + _RIGHT) / 2, rng.uniform(170, 260)
    for side, (left, right) in enumerate(((_LEFT, middle - 12), (middle + 12, _RIGHT))):
        bottom = _put_figure(page, rng, left, right, _TOP, high)
        _put_line(page, left, bottom + 16, f"图{2 * number - 1 + side}　{_name(rng)}", _CAPTION_PT)
    _put_paragraphs(page, rng, bottom + 48)


def _set_entry(page: pymupdf.Page, number: int, rng: np.random.Generator) -> None:
    name = _name(rng)
    _put_line(page, _LEFT, _TOP, f"{number}  {name}", _HEADING_PT)
    bottom = _put_figure(page, rng, _LEFT, _LEFT + 280, _TOP + 24, rng.uniform(230, 280))
    bottom = _put_figure(page, rng, _LEFT, _LEFT + 130, bottom + 14, rng.uniform(90, 130))
    _put_line(page, _LEFT, bottom + 22, f"图：{name}袍", _BODY_PT)
    _put_line(page, _LEFT, bottom + 40, "私人收藏", _CAPTION_PT)
    _put_paragraphs(page, rng, bottom + 66)


_SET: dict[str, Callable[[pymupdf.Page, int, np.random.Generator], None]] = {
    "album": _set_album,
    "pairs": _set_pairs,
    "entries": _set_entry,
}


def _put_figure(
    page: pymupdf.Page, rng: np.random.Generator, left: float, right: float, top: float, high: float
) -> float:
    """Puts a picture there and gives where it ends."""
    wide_px = int(right - left) * 2
    pixels = draw_picture(rng, wide_px, int(wide_px * high / (right - left)))
    stream = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1].tobytes()
    page.insert_image(pymupdf.Rect(left, top, right, top + high), stream=stream, keep_proportion=False)
    return top + high


def draw_picture(rng: np.random.Generator, wide: int, high: int) -> Pixels:
    """A ground of soft blots with shapes on it, (height, width, 3)."""
    coarse = rng.uniform(90, 220, (7, 9, 3)).astype(np.float32)
    fine = rng.normal(0, 14, (high // 6, wide // 6, 3)).astype(np.float32)
    ground = cv2.resize(coarse, (wide, high), interpolation=cv2.INTER_CUBIC)
    ground += cv2.resize(fine, (wide, high), interpolation=cv2.INTER_LINEAR)
    pixels: Pixels = np.clip(ground, 0, 255).astype(np.uint8)
    for _ in range(_SHAPES):
        corners = rng.integers(0, (wide, high), (int(rng.integers(3, 7)), 2)).astype(np.int32)
        colour = tuple(int(v) for v in rng.integers(256, size=3))
        small = (corners.mean(0) + (corners - corners.mean(0)) * 0.4).astype(np.int32)
        if rng.random() < 0.6:
            cv2.fillPoly(pixels, [small], colour, cv2.LINE_AA)
        else:
            cv2.polylines(pixels, [small], True, colour, int(rng.integers(2, 7)), cv2.LINE_AA)
    return pixels


def _put_paragraphs(page: pymupdf.Page, rng: np.random.Generator, top: float) -> None:
    """Running text down to the foot of the page or a little less."""
    wide = int((_RIGHT - _LEFT) / _BODY_PT)
    y, foot = top, rng.uniform(640, 780)
    while y < foot:
        words = _write_words(rng, int(rng.integers(60, 180)))
        lines = ["　　" + words[: wide - 2]]
        lines += [words[n : n + wide] for n in range(wide - 2, len(words), wide)]
        for line in lines:
            if y < 785:
                _put_line(page, _LEFT, y, line, _BODY_PT)
            y += _BODY_PT * _LEADING


def _put_line(page: pymupdf.Page, x: float, y: float, words: str, size: float) -> None:
    page.insert_text((x, y), words, fontname="china-s", fontsize=size)


def _name(rng: np.random.Generator) -> str:
    return _pick(rng, 3) + _THINGS[int(rng.integers(len(_THINGS)))]


def _write_words(rng: np.random.Generator, count: int) -> str:
    """Sentences of so many characters in all, or a few more."""
    words = ""
    while len(words) < count:
        words += _pick(rng, int(rng.integers(6, 14))) + "，" + _pick(rng, int(rng.integers(5, 12))) + "。"
    return words


def _pick(rng: np.random.Generator, count: int) -> str:
    """Characters by Zipf's law."""
    ranks = np.exp(rng.uniform(0, np.log(len(_CHARACTERS)), count)).astype(np.int64) - 1
    return "".join(_CHARACTERS[n] for n in ranks)
