"""A page with everything that was seen on it: boxes by role, and lines from each figure to its texts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from alignment.records import Candidate, MachinePair, Region
from extractors.geometry import centre
from extractors.records import Box, Page

FIGURE_COLOUR = (214, 39, 40)
UNPAIRED_COLOUR = (255, 140, 0)
DROPPED_COLOUR = (150, 150, 150)
CANDIDATE_COLOUR = (90, 90, 200)
ROLE_COLOURS = {
    "title": (31, 119, 180),
    "caption": (44, 160, 44),
    "collection": (23, 190, 207),
    "note": (148, 103, 189),
    "body": (140, 86, 75),
    "heading": (31, 119, 180),
    "rubric": (127, 127, 127),
    "reference": (188, 189, 34),
    "label": (227, 119, 194),
    "running_head": (190, 190, 190),
    "folio": (190, 190, 190),
}


def draw_overlay(
    image: NDArray[np.uint8],
    page: Page,
    regions: Sequence[Region],
    pairs: Sequence[MachinePair],
    candidates: Sequence[Candidate] = (),
) -> Image.Image:
    """The page's image (h, w, 3; RGB, upright as `page` is) with boxes and links drawn on it.

    Figures are red with kind and pair, the score and rule of each; orange without text. Texts are coloured by
    role; what was dropped is grey. A link that leaves the page ends in a word that says where to. Texts that
    were weighed and not taken have a thin blue link with their cost.
    """
    canvas = Image.fromarray(image).convert("RGB")
    draw = ImageDraw.Draw(canvas, "RGBA")
    scale = canvas.width / page.width
    font = ImageFont.load_default(size=max(9, round(5.5 * scale)))
    for dropped in page.dropped:
        if dropped.box:
            _frame(draw, dropped.box, scale, DROPPED_COLOUR, 1)
    for region in regions:
        if region.page == page.number:
            colour = ROLE_COLOURS[region.role]
            _frame(draw, region.box, scale, colour, 1)
            x, y = region.box[2] * scale, region.box[1] * scale
            draw.text((x, y), region.role, fill=colour, font=font, anchor="rb")
    for candidate in candidates:
        if candidate.page == page.number and not candidate.chosen:
            _draw_candidate(draw, candidate, scale, font)
    for pair in pairs:
        if pair.page == page.number:
            _draw_pair(draw, pair, scale, font)
    return canvas


def _draw_candidate(
    draw: ImageDraw.ImageDraw,
    candidate: Candidate,
    scale: float,
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
) -> None:
    """A thin link from the middle of the figure to that of the text, its cost near the text."""
    fx, fy = (v * scale for v in centre(candidate.figure))
    tx, ty = (v * scale for v in centre(candidate.text))
    draw.line((fx, fy, tx, ty), fill=(*CANDIDATE_COLOUR, 90), width=1)
    x, y = fx + 0.85 * (tx - fx), fy + 0.85 * (ty - fy)
    draw.text((x, y), f"{candidate.cost:.1f}", fill=CANDIDATE_COLOUR, font=font, anchor="mm")


def _draw_pair(
    draw: ImageDraw.ImageDraw,
    pair: MachinePair,
    scale: float,
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
) -> None:
    colour = FIGURE_COLOUR if pair.texts else UNPAIRED_COLOUR
    _frame(draw, pair.box, scale, colour, 3)
    cx, cy = (v * scale for v in centre(pair.box))
    elsewhere = set()
    for region in pair.texts:
        if region.page != pair.page:
            elsewhere.add(region.page)
            continue
        tx, ty = (v * scale for v in centre(region.box))
        draw.line((cx, cy, tx, ty), fill=(*colour, 160), width=2)
    words = f"{pair.kind} {pair.kind_score:.2f} {pair.kind_rule} | {pair.score:.2f} {pair.rule}"
    if elsewhere:
        words += " -> p. " + ", ".join(str(p) for p in sorted(elsewhere))
    x, y = pair.box[0] * scale + 3, pair.box[1] * scale + 3
    draw.rectangle(draw.textbbox((x, y), words, font=font), fill=(255, 255, 255, 210))
    draw.text((x, y), words, fill=colour, font=font)


def _frame(
    draw: ImageDraw.ImageDraw, box: Box, scale: float, colour: tuple[int, int, int], width: int
) -> None:
    x0, y0, x1, y1 = (v * scale for v in box)
    draw.rectangle((x0, y0, max(x0, x1), max(y0, y1)), outline=colour, width=width)
