"""Pictures side by side that something pale joins: what of it parts two, and what is of one."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw
from scan_making import DPI, PAPER, Sheet, make_photo, to_px

from extractors.geometry import iou
from extractors.ocr import Raster
from extractors.records import Box
from extractors.segmentation import find_figures

LEFT, RIGHT = (50.0, 80.0, 170.0, 240.0), (180.0, 80.0, 300.0, 240.0)
BOTH = (50.0, 80.0, 300.0, 240.0)
# Further from the paper than what passes for it, and not twice as far.
PALE = tuple(v - 18 for v in PAPER)


def find_boxes(raster: Raster) -> list[Box]:
    """The figures' boxes in points, in order of their corners."""
    boxes = [f.box for f in find_figures(raster, DPI, []).figures]
    return sorted(tuple(v * 72 / DPI for v in box) for box in boxes)  # type: ignore[misc]


def join_two(bridge: tuple[int, ...], width: float = 10.0) -> Sheet:
    """Two photographs with a lane of `width` points between them, half of it filled with a colour."""
    x = LEFT[2] + width
    sheet = Sheet()
    sheet.draw.rectangle([to_px(v) for v in (LEFT[2] - 5, 110, x + 5, 185)], fill=bridge)
    return sheet.paste(make_photo(120, 160, 1), *LEFT[:2]).paste(make_photo(120, 160, 2), x, RIGHT[1])


def is_close(found: list[Box], expected: list[Box]) -> bool:
    return len(found) == len(expected) and all(iou(a, b) > 0.93 for a, b in zip(found, expected, strict=True))


@pytest.mark.parametrize("turned", [False, True])
def test_a_pale_stain_between_two_photographs_does_not_join_them(turned: bool) -> None:
    raster = join_two(PALE).scan(noise=3, jpeg=75)
    found = find_boxes(np.ascontiguousarray(np.swapaxes(raster, 0, 1)) if turned else raster)
    expected = [(b[1], b[0], b[3], b[2]) if turned else b for b in (LEFT, RIGHT)]
    assert is_close(found, expected)


def test_what_is_as_dark_as_print_joins_two_photographs() -> None:
    assert is_close(find_boxes(join_two((110, 90, 70)).scan(noise=3)), [BOTH])


def test_a_pale_lane_across_a_photograph_that_is_hardly_paper_is_of_it() -> None:
    """A pillar against the sky: where it ends, the photograph is as light as paper."""
    photo = make_photo(250, 160).copy()
    photo[:, to_px(120) : to_px(130)] = PALE
    photo[: to_px(45), to_px(120) : to_px(130)] = PAPER
    assert is_close(find_boxes(Sheet().paste(photo, *BOTH[:2]).scan(noise=3)), [BOTH])


def test_the_pale_waist_of_an_object_is_of_it() -> None:
    """Beside a lane each photograph fills its height; an object grows narrower towards its waist."""
    sheet, box = Sheet(), (40.0, 80.0, 360.0, 240.0)
    sheet.draw.rectangle([to_px(v) for v in (180, 128, 220, 192)], fill=PALE)
    outline = Image.new("L", sheet.image.size, 0)
    draw = ImageDraw.Draw(outline)
    for x0, x1 in ((40, 210), (190, 360)):
        draw.ellipse([to_px(v) for v in (x0, 80, x1, 240)], fill=255)
    draw.rectangle([to_px(v) for v in (195, 80, 205, 240)], fill=0)
    photo = Sheet().paste(make_photo(320, 160), *box[:2]).image
    sheet.image.paste(photo, (0, 0), outline)
    assert is_close(find_boxes(sheet.scan(noise=3)), [box])
