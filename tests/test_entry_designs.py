"""Silk entries as publishers set them: numbers in any form, the piece under, over or beside its line."""

from __future__ import annotations

from dataclasses import replace

import pytest
from page_making import boxes_close, make_page, paragraph, picture, text_line

from alignment.pairing import align_book
from extractors.records import Tones

TITLES = ("团窠对鹿纹", "宝相花纹", "凤衔折枝纹", "缠枝莲托八宝纹")
PATTERN = "{}以联珠为环，环内双鹿相对立于花台之上，颈系绶带，窠与窠之间以十样小花补白。"
PIECE = "{}袍为交领右衽，大袖，衣长一百三十二厘米，出土时套穿于尸身第三层，领缘另镶素绢。"
DETAIL = "{}花心以两色丝线退晕"
KEEPERS = ("江西德安县博物馆藏", "私人收藏", "故宫博物院藏", "清华大学艺术博物馆")
TONES = {
    "pattern": Tones((140, 30, 36), (140, 30, 36), 0.5),
    "detail": Tones((40, 60, 80), (40, 60, 80), 0.6),
    "piece": Tones((60, 80, 100), (240, 240, 238), 0.8),
}
# Places of: heading, pattern and its text; detail, its sentence; piece, its line and its text (width).
DESIGNS = {
    "below": (
        (60, 80, 500, 400),
        (60, 420),
        (60, 480, 190, 610),
        (60, 615),
        (280, 470, 520, 630),
        (60, 650, 470),
    ),
    "beside": (
        (60, 150, 380, 440),
        (60, 80),
        (400, 150, 530, 295),
        (400, 300),
        (60, 470, 310, 760),
        (330, 480, 200),
    ),
    "above": (
        (60, 80, 500, 385),
        (60, 400),
        (380, 560, 500, 685),
        (380, 690),
        (60, 560, 340, 785),
        (60, 460, 470),
    ),
}


def make_entry(n: int, number: str, word: str, design: str):
    """A page whose pictures are named by their tones."""
    title, first = TITLES[n], TITLES[n][0]
    pattern, words, detail, sentence, piece, (x, y, wide) = DESIGNS[design]
    lines = [
        text_line(number.format(n + 3, "三四五六"[n]) + title, 60, 50, 16),
        *paragraph(PATTERN.format(title), *words, 470),
        text_line(DETAIL.format(first), *sentence, 8),
        text_line(f"{word}{title}锦袍", x, y, 10),
        text_line(KEEPERS[n], x, y + 16, 8.5),
        *paragraph(PIECE.format(title), x, y + 40, wide),
    ]
    boxes = {"pattern": pattern, "detail": detail, "piece": piece}
    return make_page(n + 1, lines, [replace(picture(*box), tones=TONES[k]) for k, box in boxes.items()])


def check(number: str, word: str, design: str) -> None:
    pairs = align_book([make_entry(n, number, word, design) for n in range(4)], "silk").pairs
    places = DESIGNS[design]
    for n, title in enumerate(TITLES):
        pattern, detail, piece = (
            next(p for p in pairs if p.page == n + 1 and boxes_close(p.box, places[k])) for k in (0, 2, 4)
        )
        assert (pattern.title, pattern.description) == (title, PATTERN.format(title))
        assert detail.description == DETAIL.format(title[0])
        assert (piece.title, piece.description) == (f"{title}锦袍", PIECE.format(title))
        assert KEEPERS[n] in piece.caption


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize(
    "number", ["", "{1}　", "纹样{}　", "第{}　", "{} / ", "{}｜", "0{} ", "No.{}　", "【{}】", "[{}] "]
)
def test_numbers_in_any_form_or_none(number: str, design: str):
    check(number, "图：", design)


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("word", ["实物：", "纹样来源：", "出自：", "原件　", "图片："])
def test_words_for_the_piece(word: str, design: str):
    check("{}　", word, design)
