"""The card's plots, as one PNG: pairs by series, kind and origin; lengths of texts, sizes of images, scores.

Drawn by Pillow with the font that it carries, so that the same rows give the same bytes everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from PIL import Image, ImageDraw, ImageFont

from export.counts import count_values

PLOTS = "images/plots.png"
_PANEL = (560, 330)
_COLUMNS = 3
_MOST_BARS = 8
_BINS = 24
_INK, _SOFT, _LINE, _BAR, _GROUND = "#25221d", "#6f695f", "#e4ded3", "#9b2d1f", "#ffffff"
_LEFT, _RIGHT, _TOP, _BOTTOM = 28, 28, 64, 46
_COUNTED = ("series", "kind", "origin")
# Only where books print them; in English, for Pillow's own font has no Han.
_COUNTED_WHERE_KNOWN = ("dynasty",)


@dataclass(frozen=True, slots=True)
class _Histogram:
    """Values to be shown from 0 to `last`, at the place of `last` all that are larger."""

    title: str
    unit: str
    values: npt.NDArray[np.float64]
    last: float


def write_plots(release: Path, table: pd.DataFrame) -> None:
    """Writes the picture; `table` is that of `export.counts.tabulate_rows`."""
    (release / PLOTS).parent.mkdir(exist_ok=True)
    draw_plots(table).save(release / PLOTS, "PNG", optimize=True)


def draw_plots(table: pd.DataFrame) -> Image.Image:
    """All panels on white, in a palette of a few colours."""
    known = [n for n in _COUNTED_WHERE_KNOWN if n in table and table[n].notna().any()]
    columns = [*(n for n in _COUNTED if n in table), *known]
    counted = [(f"pairs by {n}", list(count_values(table, n).items())) for n in columns]
    histograms = [
        _measure("characters of a description", "", table.loc[table["with_text"].astype(bool), "characters"]),
        _measure("longest side of an image", " px", table["longest_px"]),
        _measure(
            "pair_score of pairs with text", "", table.loc[table["with_text"].astype(bool), "score"], 1.0
        ),
    ]
    panels = len(counted) + len(histograms)
    width, height = _PANEL
    across = min(_COLUMNS, panels)
    picture = Image.new("RGB", (across * width, -(-panels // across) * height), _GROUND)
    for number in range(panels):
        panel = Image.new("RGB", _PANEL, _GROUND)
        draw = ImageDraw.Draw(panel)
        if number < len(counted):
            _draw_bars(draw, *counted[number])
        else:
            _draw_histogram(draw, histograms[number - len(counted)])
        picture.paste(panel, (number % across * width, number // across * height))
    return picture.quantize(32, dither=Image.Dither.NONE)


def _measure(title: str, unit: str, values: pd.Series[float], last: float = 0.0) -> _Histogram:
    """Long tails are gathered in the last bar: what is beyond 98 of 100 values."""
    known = np.asarray(values.astype(float).dropna(), np.float64)
    end = last or (float(np.ceil(np.quantile(known, 0.98))) if len(known) else 1.0)
    return _Histogram(title, unit, known, max(end, 1.0))


def _draw_bars(draw: ImageDraw.ImageDraw, title: str, counts: Sequence[tuple[str, int]]) -> None:
    _write(draw, (_LEFT, 20), title, 20, _INK)
    if not counts:
        _write(draw, (_LEFT, _TOP), "none", 16, _SOFT)
        return
    shown = list(counts[:_MOST_BARS])
    if rest := sum(n for _, n in counts[_MOST_BARS:]):
        shown[-1] = ("others", shown[-1][1] + rest)
    largest = max(n for _, n in shown)
    names = max(_find_width(name, 16) for name, _ in shown)
    start = _LEFT + names + 12
    room = _PANEL[0] - _RIGHT - start - 70
    step = (_PANEL[1] - _TOP - 20) / max(4, len(shown))
    for place, (name, n) in enumerate(shown):
        y = _TOP + step * place
        middle = y + step / 2 - 10
        _write(draw, (_LEFT, round(middle)), name, 16, _INK)
        end = start + max(2.0, room * n / largest)
        draw.rectangle((start, round(y + step * 0.18), round(end), round(y + step * 0.78)), fill=_BAR)
        _write(draw, (round(end) + 8, round(middle)), str(n), 16, _SOFT)


def _draw_histogram(draw: ImageDraw.ImageDraw, histogram: _Histogram) -> None:
    _write(draw, (_LEFT, 20), histogram.title, 20, _INK)
    bottom, width = _PANEL[1] - _BOTTOM, _PANEL[0] - _LEFT - _RIGHT
    values = np.minimum(histogram.values, histogram.last)
    counts, _ = np.histogram(values, _BINS, (0.0, histogram.last))
    largest = max(1, int(counts.max(initial=0)))
    draw.line((_LEFT, bottom, _LEFT + width, bottom), fill=_LINE, width=2)
    for place, n in enumerate(counts.tolist()):
        if n:
            left, right = (_LEFT + width * edge / _BINS for edge in (place, place + 1))
            top = bottom - max(2.0, (bottom - _TOP) * n / largest)
            draw.rectangle((round(left) + 1, round(top), round(right) - 2, bottom - 1), fill=_BAR)
    for share in (0.0, 0.5, 1.0):
        value = histogram.last * share
        label = f"{value:.0f}{histogram.unit}" if histogram.last > 10 else f"{value:.1f}{histogram.unit}"
        if share == 1.0 and len(values) and histogram.values.max() > histogram.last:
            label += " and more"
        x = _LEFT + width * share - _find_width(label, 15) * share
        _write(draw, (round(x), bottom + 10), label, 15, _SOFT)
    told = f"{len(values)} values, at most {largest} in a bar"
    _write(draw, (_PANEL[0] - _RIGHT - _find_width(told, 14), 24), told, 14, _SOFT)


def _write(draw: ImageDraw.ImageDraw, place: tuple[int, int], text: str, size: int, colour: str) -> None:
    draw.text(place, text, fill=colour, font=ImageFont.load_default(size))


def _find_width(text: str, size: int) -> int:
    font = ImageFont.load_default(size)
    return round(font.getlength(text))
