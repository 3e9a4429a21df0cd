"""A figure's kind follows from named evidence, and the score says how clear it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from page_making import make_page, paragraph, picture, text_line

from alignment.pairing import align_book
from alignment.records import MachinePair, Series
from alignment.text.profiles import ProfileError, find_profile, load_profile
from benchmarks.text.kinds import KindVerdict, list_calibration, list_confusion, measure_accuracy
from extractors.records import Tones

GREY, RED = Tones((150, 150, 148), (150, 150, 148), 0.9), Tones((140, 30, 36), (140, 30, 36), 0.5)


def find_kind(caption: str, tones: Tones | None = None, series: Series = "silk") -> MachinePair:
    """The pair of a figure with a caption under it, outside of any entry."""
    shown = replace(picture(100, 80, 400, 300), tones=tones)
    (pair,) = align_book([make_page(1, [text_line(caption, 110, 306, 9)], [shown])], series).pairs
    assert pair.caption
    return pair


@pytest.mark.parametrize(
    ("caption", "kind"),
    [
        ("图3　团窠对鹿纹", "pattern"),
        ("图3　團窠對鹿紋錦", "textile"),
        ("图3　团窠对鹿纹锦袍（局部）", "cropped_pattern"),
        ("图3　对鹿纹样复原图", "pattern"),
        ("图3　莲花细节", "cropped_pattern"),
        ("图3　小花楼织机", "figure"),
    ],
)
def test_outside_of_entries_the_noun_of_the_title_tells_the_kind(caption: str, kind: str) -> None:
    pair = find_kind(caption)
    assert pair.kind == kind
    assert pair.kind_rule.split("+")[0] in ("title-noun", "word", "aside")


def test_looks_that_agree_with_the_words_make_it_surer_and_others_less_sure() -> None:
    caption = "图3　团窠对鹿纹锦袍"
    alone, backdrop, ground = (find_kind(caption, tones) for tones in (None, GREY, RED))
    assert {p.kind for p in (alone, backdrop, ground)} == {"textile"}
    assert ground.kind_score < alone.kind_score < backdrop.kind_score <= 1
    assert backdrop.kind_rule == "title-noun+backdrop"


def test_in_books_of_anything_a_figure_is_a_figure_and_of_murals_a_mural() -> None:
    assert find_kind("图3　团窠对鹿纹锦袍", GREY, "other").kind == "figure"
    mural = find_kind("一六　伎乐天　西秦　第一六九窟北壁", None, "dunhuang")
    assert (mural.kind, mural.kind_rule) == ("mural", "profile+word")
    assert mural.kind_score > find_kind("一六　莲花　西秦", None, "dunhuang").kind_score
    assert find_kind("图3　第一六九窟平面图", None, "dunhuang").kind == "figure"


def make_entry(tones: dict[str, Tones], boxes: dict[str, tuple[float, ...]]) -> list[MachinePair]:
    lines = [
        text_line("10  海东青逐兔纹", 60, 50, 16),
        text_line("图：妆金海东青逐兔纹胸背袍", 60, 660, 10.5),
        text_line("私人收藏", 60, 676, 9),
        *paragraph("胸背袍为圆领右衽，前后各织海东青一只，俯冲逐兔，四周饰以流云。", 60, 700, 470),
    ]
    shown = [replace(picture(*box), tones=tones.get(name)) for name, box in boxes.items()]
    return list(align_book([make_page(1, lines, shown)], "silk").pairs)


def test_in_an_entry_place_and_size_tell_and_likeness_of_the_small_ones_makes_doubt() -> None:
    boxes = {
        "pattern": (60.0, 80.0, 500.0, 460.0),
        "detail": (60.0, 480.0, 220.0, 640.0),
        "photo": (260.0, 480.0, 420.0, 640.0),
    }
    clear = make_entry({"pattern": RED, "detail": RED, "photo": GREY}, boxes)
    alike = make_entry({"pattern": RED, "detail": RED, "photo": RED}, boxes)
    assert [p.kind for p in clear] == ["pattern", "cropped_pattern", "textile"]
    assert clear[0].kind_rule.startswith("largest+near-heading")
    assert clear[2].kind_rule.startswith("photo-line+title-noun")
    assert min(p.kind_score for p in clear) > 0.9
    for kind in ("cropped_pattern", "textile"):
        sure, unsure = (next(p for p in pairs if p.kind == kind) for pairs in (clear, alike))
        assert unsure.kind_score < sure.kind_score


def test_a_profile_of_ones_own_adds_words(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text('extends = "silk"\n[kinds]\npattern = ["意匠稿$"]\n', encoding="utf-8")
    own = load_profile(tmp_path / "own.toml")
    assert dict(own.kinds)["pattern"] == ("意匠稿$",)
    assert dict(own.kinds)["textile"] == dict(find_profile("silk").kinds)["textile"]
    lines = [text_line("图3　团窠对鹿意匠稿", 110, 306, 9)]
    (pair,) = align_book([make_page(1, lines, [picture(100, 80, 400, 300)])], "silk", own).pairs
    assert pair.kind == "pattern"
    (tmp_path / "bad.toml").write_text('[kinds]\npot = ["罐$"]\n', encoding="utf-8")
    with pytest.raises(ProfileError, match=r"bad.toml: \[kinds\] has the kind 'pot'; allowed are pattern"):
        load_profile(tmp_path / "bad.toml")


def test_the_benchmark_counts_kinds_and_leaves_out_what_was_not_found() -> None:
    verdicts = [
        KindVerdict("pattern", "pattern", 0.98),
        KindVerdict("pattern", "textile", 0.6),
        KindVerdict("textile", "not found", 0.0),
    ]
    assert measure_accuracy(verdicts) == 0.5
    assert list(list_confusion(verdicts)) == [
        "| is | pattern | textile | not found |",
        "| --- | ---: | ---: | ---: |",
        "| pattern | 1 | 1 | 0 |",
        "| textile | 0 | 0 | 1 |",
    ]
    assert list(list_calibration(verdicts))[2:] == ["| 0.50–0.70 | 1 | 0 |", "| 0.97–1.00 | 1 | 1 |"]
