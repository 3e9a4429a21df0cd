"""Details that curators cut: rows of their own, in their parent's page, entry and leakage group."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from release_making import make_pair

from alignment.details import make_detail
from alignment.text.trail import apply_edits
from extractors.geometry import height, iou, to_page_frame, to_upright_frame, width
from extractors.records import Box

PARENT = make_pair("vol1.pdf", 3)
X0, Y0, X1, Y1 = PARENT.figure_bbox
INNER: Box = (X0 + 10, Y0 + 12, X0 + 60, Y0 + 52)


def test_a_detail_is_a_row_of_its_own_with_the_curators_words() -> None:
    detail = make_detail(PARENT, INNER, "团窠中的对鹤", reviewer="lin")
    assert (detail.kind, detail.description, detail.text_raw) == ("cropped_pattern", "团窠中的对鹤", "")
    assert (detail.title, detail.caption, detail.texts, detail.score) == ("", "", (), 1.0)
    assert detail.parent_pair_id == PARENT.pair_id != detail.pair_id
    assert detail.machine.entry_id == PARENT.machine.entry_id
    assert (detail.review_status, detail.reviewer) == ("added", "lin")
    assert detail.figure_bbox == INNER and detail.parts == (detail.box,)
    assert apply_edits(detail.text_raw, detail.trail) == detail.description
    assert [(e.field, e.step, e.rule) for e in detail.trail] == [("description", "review", "lin")]


def test_without_words_a_detail_has_no_text_and_says_so() -> None:
    detail = make_detail(PARENT, INNER)
    assert (detail.description, detail.trail, detail.score) == ("", (), 0.0)
    assert detail.rule.startswith("none:")


def test_what_overshoots_the_figure_by_a_hair_is_cut_off() -> None:
    detail = make_detail(PARENT, (X0 - 0.6, Y0 + 10, X0 + 40, Y0 + 50))
    assert detail.figure_bbox[0] == detail.box[0] == X0


@pytest.mark.parametrize(
    ("box", "why"),
    [
        ((X0 - 30, Y0, X0 + 20, Y0 + 20), "does not lie in the figure's"),
        ((X0 + 10, Y0 + 10, X0 + 12, Y0 + 60), "at least 4 points"),
        ((X0 + 60, Y0 + 60, X0 + 10, Y0 + 10), "at least 4 points"),
        ((X0 + 0.2, Y0, X1, Y1), "is the whole figure"),
    ],
)
def test_a_box_that_is_no_part_is_refused_in_one_line(box: Box, why: str) -> None:
    with pytest.raises(ValueError, match=f"^vol1.pdf, page {PARENT.machine.page}: the box .*{why}[^\n]*$"):
        make_detail(PARENT, box)


def test_on_a_turned_scan_the_detail_is_cut_from_the_upright_page() -> None:
    turned = replace(PARENT.machine, skew=1.2)
    on_page = to_page_frame(turned.box, 1.2, turned.page_width, turned.page_height)
    parent = replace(PARENT, machine=turned, figure_bbox=on_page)
    wanted: Box = (X0 + 10, Y0 + 12, X0 + 60, Y0 + 52)
    drawn = to_page_frame(wanted, 1.2, turned.page_width, turned.page_height)
    detail = make_detail(parent, drawn)
    assert detail.figure_bbox == drawn
    assert detail.box == pytest.approx(wanted, abs=0.01)


@given(
    skew=st.floats(-3, 3),
    x=st.floats(150, 250),
    y=st.floats(150, 350),
    wide=st.floats(60, 140),
    share=st.floats(0.5, 2),
)
def test_the_way_back_from_the_page_gives_the_upright_box(
    skew: float, x: float, y: float, wide: float, share: float
) -> None:
    box = (x, y, x + wide, y + share * wide)
    back = to_upright_frame(to_page_frame(box, skew, 540, 760), skew, 540, 760)
    assert back == pytest.approx(box, abs=1e-6)


def test_a_box_too_narrow_to_be_turned_keeps_an_area_and_its_place() -> None:
    box = to_upright_frame((100, 100, 106, 500), 3.0, 540, 760)
    assert width(box) >= 3 and height(box) > 300
    assert iou(to_page_frame(box, 3.0, 540, 760), (100, 100, 106, 500)) > 0.1
