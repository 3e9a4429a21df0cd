"""Numbers that stand apart: in a column before a list, before a title in large type, by a running head."""

from dataclasses import replace

from page_making import make_page, paragraph, picture, text_line

from alignment.counted_lines import join_counted
from alignment.furniture import find_furniture
from alignment.marks import read_mark
from alignment.pairing import align_book

WORDS = ("讲解员每天要走两万步", "驼队装水用的陶壶", "藏在耳洞里的小佛像", "三危山的早晨")
NOTE = "罐内尚存丝线一束，可能是船员盛放针线的杂物罐，腹部小花与同船所载绸缎的花样相同，因此一并展出。"
PLACES = [(40.0, 76.0), (220.0, 76.0), (400.0, 76.0), (40.0, 260.0)]


def number_column(x: float = 58.0, *, tab: float = 18.0) -> list:
    lines = []
    for n, words in enumerate(WORDS, 1):
        lines += [
            text_line(str(n), x, 480 + 20 * n, 8.5, bold=True),
            text_line(words, x + tab, 480 + 20 * n, 9),
        ]
    return lines


def test_a_list_whose_numbers_stand_in_a_column_of_their_own_is_of_the_badges():
    pictures = [picture(x, y, x + 160, y + 160) for x, y in PLACES]
    badges = [text_line(str(n), x + 10, y + 10, 10, bold=True) for n, (x, y) in enumerate(PLACES, 1)]
    pairs = align_book([make_page(1, [*badges, *number_column()], pictures)]).pairs
    assert [p.title for p in sorted(pairs, key=lambda p: PLACES.index(p.box[:2]))] == list(WORDS)


def test_numbers_far_from_the_words_or_in_pictures_are_of_no_list():
    assert [line.text for line in join_counted(number_column())] == [
        f"{n}\u3000{words}" for n, words in enumerate(WORDS, 1)
    ]
    assert len(join_counted(number_column(tab=60))) == 8
    assert len(join_counted(number_column(), [(50.0, 480.0, 70.0, 580.0)])) == 8


def test_a_number_beside_a_running_head_is_the_folio_though_it_does_not_count_with_the_pages():
    pages = [
        make_page(
            n,
            [
                text_line(str(f), 30, 810, 8),
                text_line("海上丝路织物展", 54, 810, 7),
                *paragraph(NOTE, 60, 200, 400),
            ],
        )
        for n, f in enumerate((34, 36, 41), 1)
    ]
    assert [{line.text for line in found} for found in find_furniture(pages).folios.values()] == [
        {"34"},
        {"36"},
        {"41"},
    ]


def test_a_number_in_the_margin_beside_a_title_in_large_type_is_the_titles():
    lines = [
        text_line("15", 30, 303, 9),
        text_line("联珠团花纹披肩", 52, 301, 13),
        *paragraph(NOTE, 60, 400, 400),
    ]
    assert not find_furniture([make_page(1, lines)]).folios


def test_a_ruled_off_head_with_a_colon_is_no_caption():
    head = [text_line("98", 60, 36, 9), text_line("武明远：连珠纹在陇东的传播", 390, 36, 9)]
    page = make_page(1, [*head, *paragraph(NOTE, 60, 400, 400)])
    assert not find_furniture([page]).heads
    ruled = replace(page, rules=((60.0, 50.0, 535.0, 50.0),))
    assert [line.text for line in find_furniture([ruled]).heads[1]] == ["武明远：连珠纹在陇东的传播"]


def test_numerals_with_a_place_in_brackets_are_plates_and_with_a_page_are_of_that_page():
    upper, facing = read_mark("二一（上）　第四二〇窟内景"), read_mark("二〇　（左页）执莲菩萨")
    assert upper and (upper.style, upper.number) == ("plate", 21)
    assert facing and (facing.style, facing.label, facing.rest) == ("page", "左页", "二〇　执莲菩萨")
    own = read_mark("二〇　（本页）执莲菩萨")
    assert own and (own.style, own.number) == ("plate", 20)


def test_two_plates_one_over_the_other_have_the_captions_for_the_upper_and_the_lower():
    pictures = [picture(40, 90, 500, 350), picture(40, 364, 500, 624)]
    lines = [
        text_line("二一（上）　窟内景　隋", 40, 638, 9),
        text_line("二二（下）　法华经变局部　隋", 40, 654, 9),
    ]
    pairs = align_book([make_page(1, lines, pictures)]).pairs
    assert [(p.box[1], p.caption[:2]) for p in pairs] == [(90, "二一"), (364, "二二")]
