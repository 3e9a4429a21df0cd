"""What `pair_score` says: that it falls with what speaks against a pair, and that books are compared."""

from __future__ import annotations

from page_making import make_page, picture, text_line

from alignment.confidence import estimate
from alignment.pairing import align_book

SURE = {"constant": 1.0, "rule caption:figure": 1.0, "cost": 0.5, "margin": 6.0, "neighbours": 1.0}


def test_a_sure_pair_scores_high_and_each_doubt_lowers_it():
    sure = estimate(SURE)
    assert sure > 0.9
    for doubt in ({"cost": 5.0}, {"margin": 0.0}, {"widows": 1.0}, {"small": 1.0}, {"unusual size": 1.0}):
        assert estimate(SURE | doubt) < sure, doubt


def test_a_feature_that_was_never_fitted_counts_nothing():
    assert estimate(SURE | {"colour of the cover": 100.0}) == estimate(SURE)


def test_a_figure_without_text_beside_it_makes_a_pair_less_sure():
    def align(*more):
        pictures = [picture(100, 100, 300, 300), *more]
        lines = [text_line("图1　缠枝莲纹", 150, 306, 10)]
        (pair,) = [p for p in align_book([make_page(1, lines, pictures)]).pairs if p.texts]
        return pair

    alone = align()
    beside = align(picture(100, 450, 300, 650))
    assert beside.score < alone.score
    assert dict(beside.features)["widows"] > 0 and "widows" not in dict(alone.features)
