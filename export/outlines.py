"""A page as an outline: where figures and their texts stand, with no pixel of the book."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from export.rows import Row
from extractors.geometry import centre
from extractors.records import Box


def draw_outline(page: int, rows: Sequence[Row]) -> Markup:
    """An SVG of one page: its figures, their texts by role, and a line from each figure to its texts.

    `rows` are the figures of the page, at least one; texts on other pages are named by their page.
    """
    width, height = rows[0].page_width or 595.0, rows[0].page_height or 842.0
    parts = [_draw_figure(page, row) for row in rows]
    return Markup(
        '<svg viewBox="0 0 {} {}" class="outline" role="img" aria-label="outline of page {}">{}</svg>'
    ).format(round(width), round(height), page, Markup("").join(parts))


def _draw_figure(page: int, row: Row) -> Markup:
    if row.figure_bbox is None:
        return Markup("")
    regions = list(zip(row.text_pages or (), row.text_roles or (), row.text_bboxes or (), strict=True))
    here = [(role, box) for number, role, box in regions if number == page]
    elsewhere = sorted({number for number, _, _ in regions if number != page})
    x, y = centre(row.figure_bbox)
    drawn = [_draw_box(row.figure_bbox, "figure" if regions else "figure alone")]
    for role, box in here:
        tx, ty = centre(box)
        drawn.append(_draw_box(box, role))
        drawn.append(
            Markup('<line x1="{}" y1="{}" x2="{}" y2="{}"/>').format(round(x), round(y), round(tx), round(ty))
        )
    words = f"{row.pair_score or 0:.2f}" if regions else "no text"
    if elsewhere:
        words += f" → p. {', '.join(map(str, elsewhere))}"
    drawn.append(
        Markup('<text x="{}" y="{}">{}</text>').format(
            round(row.figure_bbox[0]) + 6, round(row.figure_bbox[1]) + 22, words
        )
    )
    return Markup("").join(drawn)


def _draw_box(box: Box, role: str) -> Markup:
    x0, y0, x1, y1 = (round(v) for v in box)
    return Markup('<rect class="{}" x="{}" y="{}" width="{}" height="{}"/>').format(
        role, x0, y0, max(1, x1 - x0), max(1, y1 - y0)
    )
