"""What pixels tell where one picture is laid on another: a copy, a copy in other colours, a shared motif."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from benchmarks.leakage.planting import recolour, scan_again
from export.comparing import rate_likeness
from export.overlap import Overlap
from export.pixel_check import NO_AGREEMENT, Agreement, compare_pixels

Pixels = np.ndarray
SAME_PLACE = np.eye(2, 3)
ALL_FOUND = {"area": 1.0, "whole": 1.0, "share": 1.0, "spread": 1.0, "matched": 500, "off": 5.0}


def draw_cloth(seed: int, ground: tuple[int, int, int]) -> Pixels:
    """Small shapes of a darker and a lighter tone on a ground of one colour, 480 px square."""
    noise = cv2.GaussianBlur(np.random.default_rng(seed).normal(0, 1, (480, 480)), (0, 0), 5)
    cloth = np.empty((480, 480, 3), np.uint8)
    cloth[:] = ground
    for tone, some in ((0.6, noise > 0.05), (1.25, noise < -0.06)):
        cloth[some] = np.clip(np.array(ground) * tone, 0, 255)
    return cloth


def lay_motif(cloth: Pixels) -> Pixels:
    """The same flower in the middle of any cloth, on nearly half of it."""
    flower, laid = draw_cloth(99, (190, 60, 50)), cloth.copy()
    inside = np.zeros((480, 480), np.uint8)
    cv2.circle(inside, (240, 240), 175, 1, -1)
    laid[inside == 1] = flower[inside == 1]
    return laid


@pytest.fixture(scope="module")
def picture() -> Pixels:
    return lay_motif(draw_cloth(1, (180, 150, 190)))


def is_same(agreement: Agreement, **found: float) -> bool:
    return Overlap(**{**ALL_FOUND, **found}).shows_same(agreement)


def test_a_detail_where_it_was_cut(picture: Pixels) -> None:
    detail = cv2.resize(picture[100:340, 60:360], None, fx=1.5, fy=1.5)
    agreement = compare_pixels(detail, picture, np.array([[1 / 1.5, 0, 60], [0, 1 / 1.5, 100]]))
    assert agreement.drawn > 0.95 and agreement.off < 3 and is_same(agreement, whole=0.3)
    elsewhere = compare_pixels(detail, picture, np.array([[1 / 1.5, 0, 100], [0, 1 / 1.5, 60]]))
    assert elsewhere.drawn < 0.5 and not is_same(elsewhere)


def test_a_second_scan_with_the_paper_around_it(picture: Pixels) -> None:
    scan = cv2.resize(scan_again(picture, np.random.default_rng(2)), (480, 480))
    agreement = compare_pixels(picture, scan, SAME_PLACE)
    assert agreement.drawn > 0.9 and agreement.off < 7 and is_same(agreement)


def test_other_colours_are_the_same_where_it_is_whole_and_no_more(picture: Pixels) -> None:
    for seed in range(4):
        agreement = compare_pixels(recolour(picture, np.random.default_rng(seed)), picture, SAME_PLACE)
        assert agreement.drawn > 0.97 and agreement.mapped > 0.97, seed
        assert is_same(agreement)
        assert agreement.off < 7 or not is_same(agreement, area=0.5)


def test_a_motif_on_another_ground_is_not_the_same_whatever_features_are_found(picture: Pixels) -> None:
    other = lay_motif(draw_cloth(1, (150, 185, 140)))
    same_lines = compare_pixels(other, picture, SAME_PLACE)
    assert same_lines.drawn > 0.95 and same_lines.off > 8 and not is_same(same_lines, area=0.7)
    same_colours = compare_pixels(lay_motif(draw_cloth(2, (180, 150, 190))), picture, SAME_PLACE)
    assert same_colours.drawn < 0.8 and not is_same(same_colours)


def test_a_shared_motif_does_not_lead_what_is_nearly_the_same(picture: Pixels) -> None:
    """By features alone a motif in other colours had 1.00 in common."""
    found = Overlap(**ALL_FOUND)
    assert found.likeness == 1
    recoloured = compare_pixels(draw_cloth(1, (40, 70, 150)), draw_cloth(1, (180, 150, 190)), SAME_PLACE)
    redrawn = compare_pixels(lay_motif(draw_cloth(2, (180, 150, 190))), picture, SAME_PLACE)
    near = compare_pixels(cv2.GaussianBlur(picture, (0, 0), 2), picture, SAME_PLACE)
    assert rate_likeness(found, near) > 0.8
    motif = Overlap(**ALL_FOUND | {"whole": 0.1})
    assert max(rate_likeness(motif, recoloured), rate_likeness(found, redrawn)) < 0.6
    assert rate_likeness(Overlap(**ALL_FOUND | {"off": 20.0}), None) < 0.2


def test_nothing_in_common_agrees_in_nothing(picture: Pixels) -> None:
    assert compare_pixels(picture, picture, np.array([[1.0, 0, 500], [0, 1, 0]])) == NO_AGREEMENT
    assert compare_pixels(picture, picture, np.array([[1.0, 0, 470], [0, 1, 0]])) == NO_AGREEMENT


def test_blank_pictures_have_no_lines_that_agree() -> None:
    """OpenCV calls the correlation with a plain block 1."""
    blank = np.full((300, 300, 3), 200, np.uint8)
    assert compare_pixels(blank, blank, SAME_PLACE).drawn == 0
