"""Entries whose texts stand under rubrics that come again, and the piece that a line names as 实物：…"""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest
from page_making import make_page, paragraph, picture, text_line

from alignment.overlay import ROLE_COLOURS
from alignment.pairing import align_book
from alignment.records import Role
from extractors.records import Tones

TITLES = ("团窠对鹿纹锦", "宝相花纹夹缬绢", "凤衔折枝花纹绫", "缠枝莲纹缎")
PATTERN = "双鹿相对立于花台之上颈系绶带窠与窠之间以十样小花补白"
PIECE = "锦残片长三十八厘米某某博物馆藏残片原为枕套的一端上缘尚存缝线"
DETAIL = "联珠环的四正位置各嵌一枚回纹"


def make_entry(n: int, rubrics: tuple[str, str, str], order: str, head: str):
    """A sheet of two pages: the pattern on the left, on the right the texts under their rubrics."""
    x, first = 640.0, TITLES[n][0]
    lines = [text_line(head.format(n + 3) + TITLES[n], x, 60, 18)]
    lines += [text_line(rubrics[0], x, 110, 9.5), *paragraph(first + PATTERN, x, 126, 420, 9)]
    lines.append(text_line(rubrics[1], x, 190, 9.5))
    words = first + PIECE
    if order == "picture first":
        piece, text = (x, 206, x + 240, 400), paragraph(words, x, 410, 420, 9)
    elif order == "text first":
        piece, text = (x, 260, x + 240, 440), paragraph(words, x, 206, 420, 9)
    else:
        piece, text = (x, 206, x + 200, 400), paragraph(words, x + 214, 220, 240, 9)
    lines += [*text, text_line(rubrics[2], x, 470, 9.5), text_line(first + DETAIL, x + 120, 560, 8)]
    pictures = [picture(*piece), picture(x, 486, x + 110, 580), picture(0, 0, 590, 842)]
    return make_page(n + 1, lines, pictures, size=(1190, 842))


@pytest.mark.parametrize("head", ["", "{}  "])
@pytest.mark.parametrize("order", ["picture first", "text first", "side by side"])
@pytest.mark.parametrize(
    "rubrics",
    [("纹样", "实物", "细节"), ("纹样赏析", "原件信息", "局部放大"), ("Pattern", "Textile", "Detail")],
)
def test_what_stands_under_a_rubric_is_of_the_picture_under_it(rubrics, order: str, head: str):
    pages = [make_entry(n, rubrics, order, head) for n in range(4)]
    pairs = align_book(pages, "silk").pairs
    assert len(pairs) == 12
    for n, title in enumerate(TITLES):
        pattern, piece, detail = sorted(
            (p for p in pairs if p.page == n + 1),
            key=lambda p: -p.box[2] * p.box[3] * (p.box[0] < 9) + p.box[1],
        )
        assert pattern.title == title and pattern.description == title[0] + PATTERN
        assert piece.description == title[0] + PIECE and detail.description == title[0] + DETAIL


@pytest.mark.parametrize("word", ["图", "实物", "纹样来源", "所属文物", "织物名称"])
def test_a_line_that_names_the_piece_heads_what_is_said_of_it(word: str):
    """Pattern on a page of its own, the piece beside its name, the paragraph under a rubric."""
    pages = []
    for n, title in enumerate(TITLES[:3]):
        lines = [
            text_line(f"{n + 3}  {title}", 60, 60, 18),
            text_line("纹样说明", 60, 110, 8, bold=True),
            *paragraph(title[0] + PATTERN, 60, 126, 460, 9),
            text_line(f"{word}：{title}袍", 360, 210, 9, bold=True),
            text_line("某某博物馆藏", 360, 226, 8),
            text_line("实物说明", 360, 250, 8, bold=True),
            *paragraph(title[0] + PIECE, 360, 266, 200, 9),
        ]
        pages += [make_page(2 * n + 1, [], [picture(0, 0, 595, 842)])]
        pages += [make_page(2 * n + 2, lines, [picture(60, 200, 340, 480)])]
    pairs = align_book(pages, "silk").pairs
    for n, title in enumerate(TITLES[:3]):
        pattern, piece = pairs[2 * n], pairs[2 * n + 1]
        assert pattern.title == title and pattern.description == title[0] + PATTERN
        assert piece.title == f"{title}袍" and piece.description == title[0] + PIECE
        assert "某某博物馆藏" in piece.caption


def test_every_role_can_be_drawn():
    """A page with a role that has no colour would lose its overlay."""
    assert set(ROLE_COLOURS) == set(get_args(Role))


def test_words_that_recur_under_pictures_are_captions():
    pages = [
        make_page(
            n,
            [text_line("局部", 180, 305, 9), *paragraph(PATTERN * 6, 60, 340, 460)],
            [picture(60, 80, 320, 300)],
        )
        for n in range(1, 5)
    ]
    assert [p.title for p in align_book(pages).pairs] == ["局部"] * 4


def test_a_paragraph_under_the_photographs_line_is_no_sentence_of_what_stands_beside_it():
    lines = [
        text_line("25  海棠纹", 60, 40, 16),
        *paragraph(PATTERN, 60, 420, 400),
        text_line("图：绿绸马面裙", 60, 480, 10),
        text_line("山东博物馆藏", 60, 498, 9),
        *paragraph(PIECE, 60, 520, 290),
    ]
    pictures = [picture(60, 70, 400, 400), picture(420, 70, 540, 190), picture(360, 470, 500, 600)]
    pairs = align_book([make_page(1, lines, pictures)], "silk").pairs
    found = {p.box[:2]: p for p in pairs}
    assert found[360, 470].description == PIECE and "马面裙" in found[360, 470].caption
    assert found[60, 70].description == PATTERN


def test_a_piece_cut_out_on_paper_is_told_from_a_darker_detail():
    """The detail stands nearer to the line; its edge is no plainer than a cloth's."""
    paper, cloth, pattern = (255, 255, 255), (35, 50, 60), (242, 235, 209)
    lines = [
        text_line("27  立鸟纹", 60, 40, 16),
        *paragraph(PATTERN, 60, 380, 460),
        text_line("图：立鸟纹锦袍", 60, 620, 10),
        *paragraph(PIECE, 60, 650, 460),
    ]
    pictures = [
        replace(picture(60, 70, 480, 370), tones=Tones(pattern, pattern, 0.4)),
        replace(picture(60, 480, 180, 605), tones=Tones(cloth, (78, 70, 70), 0.45)),
        replace(picture(300, 440, 530, 605), tones=Tones(paper, (252, 252, 236), 0.4)),
    ]
    pairs = align_book([make_page(1, lines, pictures)], "silk").pairs
    assert [p.box[0] for p in pairs if "锦袍" in p.caption] == [300]


def test_a_backdrop_that_is_most_of_the_photograph_still_tells_it_from_details():
    """A robe before grey beside two details of the pattern's own colours, all as near to its line."""
    mauve, grey = (171, 139, 162), (144, 144, 148)
    tones = [
        Tones(mauve, (169, 137, 160), 0.77),
        Tones(grey, (139, 140, 144), 0.68),
        Tones(mauve, (159, 130, 147), 0.82),
        Tones(mauve, (170, 138, 161), 0.71),
    ]
    boxes = [(113, 103, 417, 407), (86, 419, 196, 524), (214, 419, 320, 524), (338, 419, 444, 524)]
    shown = [replace(picture(*box), tones=own) for box, own in zip(boxes, tones, strict=True)]
    lines = [
        text_line("20  海水地石榴葫芦纹", 62, 74, 16.5),
        text_line("图：藕荷地石榴葫芦纹绫袍", 62, 538, 10.5),
        *paragraph("袍为藕荷地，通体饰石榴葫芦纹，圆领大襟，两袖平展。" * 2, 62, 574, 406, 10.2),
    ]
    (robe,) = (p for p in align_book([make_page(1, lines, shown)], "silk").pairs if p.kind == "textile")
    assert robe.box == (86, 419, 196, 524)


def test_what_has_the_patterns_very_ground_is_a_detail_of_it_where_the_backdrop_is_like_that():
    """A border at a detail's edge and the photograph's backdrop differ from the pale ground alike."""
    ground = (197, 212, 219)
    tones = [
        Tones(ground, (100, 93, 92), 0.65),
        Tones(ground, (174, 182, 187), 0.73),
        Tones((200, 200, 196), (191, 190, 186), 0.68),
    ]
    boxes = [(115, 145, 447, 477), (150, 488, 250, 585), (268, 488, 398, 585)]
    shown = [replace(picture(*box), tones=own) for box, own in zip(boxes, tones, strict=True)]
    lines = [
        text_line("11  对波宝相花纹", 62, 74, 16.5),
        text_line("图：月白地对波宝相花纹锦袄", 62, 600, 10.5),
        *paragraph("袄为月白地，通体饰对波宝相花纹，对襟短身，两袖宽舒。" * 2, 62, 630, 406, 10.2),
    ]
    (coat,) = (p for p in align_book([make_page(1, lines, shown)], "silk").pairs if p.kind == "textile")
    assert coat.box == (268, 488, 398, 585)


@pytest.mark.parametrize(("high", "is_first"), [(230, True), (150, False)])
def test_the_pattern_stands_before_a_larger_photograph_over_its_line(high: int, is_first: bool):
    """Unless it is much smaller: then the largest picture is the pattern, wherever the line stands."""
    shown = [picture(60, 70, 300, 70 + high), picture(60, 330, 400, 580)]
    lines = [
        text_line("25  海棠纹", 60, 40, 16),
        text_line("图：绿绸马面裙", 60, 590, 10),
        *paragraph(PIECE, 60, 620, 400),
    ]
    pairs = align_book([make_page(1, lines, shown)], "silk").pairs
    assert next(p for p in pairs if p.kind == "pattern").box == shown[not is_first].box


@pytest.mark.parametrize(("side", "expected"), [(70, 60), (110, 310)])
def test_a_detail_much_smaller_than_its_piece_is_not_the_photograph(side: int, expected: int):
    """As near to the line as the piece, and behind it; of two alike the last is the piece."""
    shown = [picture(60, 70, 480, 410), picture(60, 440, 200, 580), picture(310, 580 - side, 310 + side, 580)]
    lines = [
        text_line("25  海棠纹", 60, 40, 16),
        text_line("图：绿绸马面裙，某某博物馆所藏的一件传世旧裙及其局部", 60, 592, 10),
        *paragraph(PIECE, 60, 620, 400),
    ]
    pairs = align_book([make_page(1, lines, shown)], "silk").pairs
    assert [p.box[0] for p in pairs if "马面裙" in p.caption] == [expected]
