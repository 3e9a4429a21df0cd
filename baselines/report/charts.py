"""Plots as inline SVG: recall bars with intervals, gains around zero, curves of loss and recall.

Colours come from the page's style sheet, so that plots follow its light and dark looks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup, escape

from baselines.statistics import Interval


@dataclass(frozen=True, slots=True)
class Series:
    """A named group of bars, or a line: `tone` is the number of its colour in the style sheet."""

    name: str
    tone: int
    intervals: Sequence[Interval]


@dataclass(frozen=True, slots=True)
class Line:
    """Points of a curve, in the plot's units; `mark` is the x of the point that was kept."""

    name: str
    tone: int
    x: Sequence[float]
    y: Sequence[float]
    mark: float | None = None


@dataclass(frozen=True, slots=True)
class _Frame:
    """The drawing area in SVG units, and the values at its edges."""

    left: float
    top: float
    right: float
    bottom: float
    x0: float
    x1: float
    y0: float
    y1: float

    def x(self, value: float) -> float:
        span = self.x1 - self.x0
        return self.left + (self.right - self.left) * (value - self.x0) / (span or 1)

    def y(self, value: float) -> float:
        span = self.y1 - self.y0
        return self.bottom - (self.bottom - self.top) * (value - self.y0) / (span or 1)


def find_ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Round numbers from `low` to `high`, about `count` of them."""
    span = high - low
    if not span > 0:
        return [low]
    raw = span / count
    power = 10.0 ** np.floor(np.log10(raw))
    step = float(power * min((m for m in (1, 2, 2.5, 5, 10) if m * power >= raw), default=10))
    first = np.ceil(low / step - 1e-9)
    # + 0.0 makes minus zero zero.
    return [round(float(n * step), 10) + 0.0 for n in np.arange(first, np.floor(high / step + 1e-9) + 1)]


def draw_bars(labels: Sequence[str], series: Sequence[Series], chance: Sequence[float] = ()) -> Markup:
    """Groups of bars, one group a label, per cent from 0; whiskers are 95 % intervals, dashes are chance."""
    width, height = 1120, 330
    top = max((i.high for s in series for i in s.intervals), default=1.0)
    frame = _Frame(44, 16, width - 8, height - 34, 0, len(labels), 0, min(100.0, max(1.0, 1.08 * top)))
    parts = [_draw_rows(frame)]
    slot = (frame.right - frame.left) / max(1, len(labels))
    bar = min(46.0, slot * 0.8 / max(1, len(series)))
    for place, label in enumerate(labels):
        middle = frame.left + slot * (place + 0.5)
        for n, one in enumerate(series):
            x = middle + (n - len(series) / 2) * bar
            parts.append(_draw_bar(frame, x, bar, one, one.intervals[place]))
        if len(chance) > place and chance[place] <= frame.y1:
            y, half = frame.y(chance[place]), bar * len(series) / 2 + 6
            parts.append(_line(middle - half, y, middle + half, y, "chance"))
        parts.append(_text(middle, height - 12, label, "label"))
    return _svg(width, height, "recall bars with 95 % intervals", parts)


def _draw_bar(frame: _Frame, x: float, width: float, one: Series, interval: Interval) -> Markup:
    y = frame.y(interval.value)
    title = f"{one.name}: {interval.value:.1f} [{interval.low:.1f}, {interval.high:.1f}]"
    middle = x + width / 2
    return Markup(
        '<g><title>{}</title><rect class="fill tone{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" '
        'height="{:.1f}" rx="2"/>{}{}</g>'
    ).format(
        title,
        one.tone,
        x + 1.5,
        y,
        width - 3,
        max(0.5, frame.bottom - y),
        _line(middle, frame.y(interval.low), middle, frame.y(interval.high), "whisker"),
        _text(middle, frame.y(interval.high) - 5, f"{interval.value:.1f}", "value"),
    )


def draw_gains(rows: Sequence[tuple[str, Sequence[Interval], Sequence[str]]], heads: Sequence[str]) -> Markup:
    """Dots with whiskers around zero: rows of (name, an interval for each head, a class for each)."""
    name_width, width, row_height = 300, 1120, 30
    height = 54 + row_height * len(rows)
    ends = [end for _, intervals, _ in rows for i in intervals for end in (i.low, i.high)]
    reach = 1.08 * max((abs(end) for end in ends), default=1.0) or 1.0
    panel = (width - name_width) / max(1, len(heads))
    parts = []
    for place, head in enumerate(heads):
        left = name_width + place * panel + 14
        frame = _Frame(left, 30, left + panel - 28, height - 24, -reach, reach, 0, len(rows))
        parts.append(_text((frame.left + frame.right) / 2, 16, head, "head"))
        for tick in find_ticks(-reach, reach, 4):
            x = frame.x(tick)
            parts.append(_line(x, frame.top, x, frame.bottom, "zero" if tick == 0 else "grid"))
            parts.append(_text(x, height - 8, f"{tick:+g}" if tick else "0", "tick"))
        for n, (name, intervals, kinds) in enumerate(rows):
            y = frame.top + row_height * (n + 0.5)
            interval = intervals[place]
            title = f"{name}, {head}: {interval.value:+.1f} [{interval.low:+.1f}, {interval.high:+.1f}]"
            parts.append(
                Markup('<g class="{}"><title>{}</title>{}<circle cx="{:.1f}" cy="{:.1f}" r="5"/></g>').format(
                    f"dot {kinds[place]}".strip(),
                    title,
                    _line(frame.x(interval.low), y, frame.x(interval.high), y, "reach"),
                    frame.x(interval.value),
                    y,
                )
            )
    parts += [_text(0, 34 + row_height * (n + 0.5), name, "name") for n, (name, _, _) in enumerate(rows)]
    return _svg(width, height, "gains over the baseline with 95 % intervals", parts)


def draw_lines(title: str, x_title: str, lines: Sequence[Line], *, from_zero: bool = False) -> Markup:
    """A line plot; a ring marks the point of each line that was kept."""
    width, height = 540, 260
    xs = [x for line in lines for x in line.x]
    ys = [y for line in lines for y in line.y if np.isfinite(y)]
    if not xs or not ys:
        return Markup("")
    low = 0.0 if from_zero else min(ys)
    spare = 0.06 * ((max(ys) - low) or 1)
    frame = _Frame(
        46, 30, width - 10, height - 38, min(xs), max(xs), low - (0 if from_zero else spare), max(ys) + spare
    )
    parts = [_draw_rows(frame), _text(frame.left, 14, title, "head start")]
    for tick in find_ticks(frame.x0, frame.x1, 6):
        parts.append(_text(frame.x(tick), height - 22, f"{tick:g}", "tick"))
    parts.append(_text((frame.left + frame.right) / 2, height - 5, x_title, "tick"))
    for line in lines:
        points = " ".join(f"{frame.x(x):.1f},{frame.y(y):.1f}" for x, y in zip(line.x, line.y, strict=True))
        parts.append(
            Markup('<g><title>{}</title><polyline class="stroke tone{}" points="{}"/></g>').format(
                line.name, line.tone, points
            )
        )
        if line.mark is not None and line.mark in list(line.x):
            y = line.y[list(line.x).index(line.mark)]
            parts.append(
                Markup(
                    '<circle class="kept tone{}" cx="{:.1f}" cy="{:.1f}" r="5"><title>{}</title></circle>'
                ).format(line.tone, frame.x(line.mark), frame.y(y), f"{line.name}: kept, {y:.1f}")
            )
    return _svg(width, height, title, parts)


def _draw_rows(frame: _Frame) -> Markup:
    parts = []
    for tick in find_ticks(frame.y0, frame.y1):
        y = frame.y(tick)
        parts.append(_line(frame.left, y, frame.right, y, "zero" if tick == 0 else "grid"))
        parts.append(_text(frame.left - 6, y + 4, f"{tick:g}", "tick end"))
    return Markup("").join(parts)


def _line(x0: float, y0: float, x1: float, y1: float, kind: str) -> Markup:
    return Markup('<line class="{}" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>').format(
        kind, x0, y0, x1, y1
    )


def _text(x: float, y: float, words: str, kind: str) -> Markup:
    return Markup('<text class="{}" x="{:.1f}" y="{:.1f}">{}</text>').format(kind, x, y, words)


def _svg(width: float, height: float, label: str, parts: Sequence[Markup]) -> Markup:
    return Markup('<svg class="chart" viewBox="0 0 {:g} {:g}" role="img" aria-label="{}">{}</svg>').format(
        width, height, escape(label), Markup("").join(parts)
    )
