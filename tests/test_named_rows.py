"""Small and thin things in rows: with names under them they are figures, without them ornament or dirt."""

from __future__ import annotations

from dataclasses import replace

import pytest
from page_making import make_page, paragraph, picture, text_line

from alignment.pairing import align_book
from extractors.records import Dropped, Page, Picture

BODY = "乐器分为木管、铜管、弓弦与打击四组，各组又有高低之分，合在一起便是一支完整的乐队。"
NAMES = ("短笛", "长笛", "双簧管", "大管")
TOO_SMALL = "too small for a figure"


def make_row(names=NAMES, bottom: float = 300.0) -> tuple[list, list[tuple[float, float, float, float]]]:
    """Names on one line, and over each a box, 12 points wide but for the last."""
    lines, boxes = [], []
    for k, name in enumerate(names):
        x = 120.0 + 100 * k
        lines.append(text_line(name, x - 5 * len(name), bottom + 14))
        half = 24 if k == len(names) - 1 else 6
        boxes.append((x - half, bottom - 90, x + half, bottom))
    return lines, boxes


def find_boxes(page: Page) -> set[tuple[float, ...]]:
    return {pair.box for pair in align_book([page]).pairs}


@pytest.mark.parametrize("kind", ["image", "drawing"])
def test_thin_things_with_names_beside_a_larger_one_are_figures(kind):
    lines, boxes = make_row()
    pictures = [Picture(box, kind, f"{kind} {box}", 0.01) for box in boxes]
    assert find_boxes(make_page(1, [paragraph(BODY, 60, 60, 400), *lines], pictures)) == set(boxes)


def test_what_a_scan_left_out_as_too_small_is_a_figure_by_its_name():
    lines, boxes = make_row()
    page = make_page(1, [paragraph(BODY, 60, 60, 400), *lines], [picture(*boxes[-1])])
    dropped = tuple(Dropped(1, "picture", TOO_SMALL, box) for box in boxes[:-1])
    pairs = align_book([replace(page, dropped=dropped, source="scan")])
    assert {p.box: p.caption for p in pairs.pairs} == dict(zip(boxes, NAMES, strict=True))
    assert not [d for d in pairs.dropped if d.box in boxes]


def test_small_things_without_names_or_a_row_are_none():
    lines, boxes = make_row()
    pictures = [Picture(box, "drawing", f"drawn {box}", 0.01) for box in boxes[:-1]]
    unnamed = make_page(1, paragraph(BODY, 60, 60, 400), pictures)
    alone = make_page(1, [paragraph(BODY, 60, 60, 400), lines[0]], pictures[:1])
    assert find_boxes(unnamed) == find_boxes(alone) == set()


def test_pieces_over_one_name_are_none():
    lines, boxes = make_row()
    x0, y0, _, y1 = boxes[0]
    halves = [(x0 - 6, y0, x0 + 4, y1), (x0 + 8, y0, x0 + 18, y1)]
    pictures = [Picture(box, "drawing", f"drawn {box}", 0.01) for box in (*halves, boxes[-1])]
    assert find_boxes(make_page(1, [lines[0], lines[-1]], pictures)) == {boxes[-1]}
