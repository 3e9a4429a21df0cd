"""Pages as a worse extraction would have read them: the wrong pairs from which confidence is learned."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from extractors.geometry import gap, overlap_share
from extractors.records import Box, Page, Picture, TextLine

TRIALS = 20


@dataclass(frozen=True, slots=True)
class Rates:
    """How often each thing goes wrong: for each picture, or for each page."""

    missed: float = 0.05
    split: float = 0.02
    invented: float = 0.06
    caption_lost: float = 0.05


def damage_pages(pages: list[Page], rng: random.Random, rates: Rates) -> list[Page]:
    """The same pages with figures missed, cut in two or invented, and texts beside figures lost."""
    return [_damage(page, rng, rates) for page in pages]


def _damage(page: Page, rng: random.Random, rates: Rates) -> Page:
    pictures: list[Picture] = []
    lines = page.lines
    for picture in page.pictures:
        chance = rng.random()
        if chance < rates.missed:
            continue
        if chance < rates.missed + rates.split:
            pictures += _split(picture)
        else:
            pictures.append(picture)
        if rng.random() < rates.caption_lost:
            lines = _lose_text_beside(picture, lines)
    if rng.random() < rates.invented:
        pictures += _invent(page, rng)
    return replace(page, pictures=tuple(pictures), lines=lines)


def _split(picture: Picture) -> list[Picture]:
    """Two halves with a strip between them lost, as where a white cloud or sky crosses a picture."""
    x0, y0, x1, y1 = picture.box
    third = (y1 - y0) * 0.4
    return [
        replace(picture, box=(x0, y0, x1, y0 + third), fingerprint=picture.fingerprint + "a"),
        replace(picture, box=(x0, y1 - third, x1, y1), fingerprint=picture.fingerprint + "b"),
    ]


def _lose_text_beside(picture: Picture, lines: tuple[TextLine, ...]) -> tuple[TextLine, ...]:
    """Without the nearest line and what goes on below it in its size: a caption that was not read."""
    outside = [line for line in lines if overlap_share(line.box, picture.box) < 0.5]
    if not outside:
        return lines
    first = min(outside, key=lambda line: gap(picture.box, line.box))
    lost = {first}
    for line in outside:
        if abs(line.size - first.size) < 0.5 and gap(first.box, line.box) < first.size:
            lost.add(line)
    return tuple(line for line in lines if line not in lost)


def _invent(page: Page, rng: random.Random) -> list[Picture]:
    """A box where nothing is printed, as an ornament or a stain would give; none where no place was found.

    Pictures under text, or on other ones, are told from figures by the readers.
    """
    taken = [*(line.box for line in page.lines), *(picture.box for picture in page.pictures)]
    for _ in range(TRIALS):
        wide, high = rng.uniform(0.06, 0.5) * page.width, rng.uniform(0.05, 0.4) * page.height
        x0 = rng.uniform(0.04 * page.width, 0.96 * page.width - wide)
        y0 = rng.uniform(0.04 * page.height, 0.96 * page.height - high)
        box: Box = (x0, y0, x0 + wide, y0 + high)
        if not any(overlap_share(printed, box) > 0 for printed in taken):
            share = wide * high / (page.width * page.height)
            return [Picture(box, "image", f"invented {rng.random()}", share)]
    return []
