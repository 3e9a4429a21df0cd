"""Which of a page's pictures have their tones measured: those that colours may tell from others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from extractors.backend import OpenPage
from extractors.geometry import intersection, scale, union
from extractors.raster import limit_dpi
from extractors.records import Picture
from extractors.tones import can_measure, measure_tones

_DPI, _MOST_PIXELS = 30.0, 16_000_000
_FAIR_SHARE, _MANY_PICTURES = 0.005, 24
# One of two pictures is told by its size, unless both are details; emblems are smaller than any detail.
_CONFUSABLE, _DETAIL_SHARE, _EMBLEM_SHARE = 3, 0.25, 0.05


def add_tones(page: OpenPage, pictures: Sequence[Picture]) -> list[Picture]:
    """Pictures with their tones, where these may tell something: all of a few, else the small ones.

    A page of many icons is no page of figures, and a plate is known without its colours; drawing them would
    cost more than all else that is done with a page.
    """
    wanted = _choose(pictures)
    factor = limit_dpi(page.width, page.height, _DPI, _MOST_PIXELS) / 72
    if not any(can_measure(scale(p.box, factor)) for p in wanted):
        return list(pictures)
    clip = intersection((0.0, 0.0, page.width, page.height), union(p.box for p in wanted))
    raster = page.draw(factor * 72, clip)
    left, top = int(clip[0] * factor), int(clip[1] * factor)

    def measure(picture: Picture) -> Picture:
        x0, y0, x1, y1 = scale(picture.box, factor)
        tones = measure_tones(raster, (x0 - left, y0 - top, x1 - left, y1 - top))
        return replace(picture, tones=tones, pieces=tuple(measure(piece) for piece in picture.pieces))

    return [measure(p) if any(p is w for w in wanted) else p for p in pictures]


def _choose(pictures: Sequence[Picture]) -> list[Picture]:
    fair = sum(p.coverage > _FAIR_SHARE for whole in pictures for p in whole.pieces or (whole,))
    if not 1 <= fair <= _MANY_PICTURES:
        return []
    is_laid = any(len(p.pieces) > 1 for p in pictures)
    largest = 1.0 if fair >= _CONFUSABLE or is_laid else _DETAIL_SHARE if fair > 1 else _EMBLEM_SHARE
    return [p for p in pictures if p.coverage <= largest]
