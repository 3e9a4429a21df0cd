"""Marks: how captions, headings and notes begin, and what only looks like it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alignment.marks import read_mark
from alignment.numerals import parse_number
from alignment.parts import order_parts, split_lines, split_parts


@pytest.mark.parametrize(
    ("text", "style", "number", "rest"),
    [
        ("图1-2 缠枝莲纹锦", "figure", None, "缠枝莲纹锦"),
        ("图版三　说法图", "figure", 3, "说法图"),
        ("圖一〇三　供養人", "figure", 103, "供養人"),
        ("Fig. 3 Lattice", "figure", 3, "Lattice"),
        ("图12(a) 花叶", "figure", 12, "(a) 花叶"),
        ("▲图7 云鹤", "figure", 7, "云鹤"),
        ("▲ 织机", "pointer", None, "织机"),
        ("《云鹤图》局部", "quoted", None, "《云鹤图》局部"),
        ("3. 团窠", "list", 3, "团窠"),
        ("③ 团窠", "list", 3, "团窠"),
        ("12  团窠对鹿纹", "heading", 12, "团窠对鹿纹"),
        ("35—37　玉饰三件", "heading", 35, "玉饰三件"),
        ("35―37　玉饰三件", "heading", 35, "玉饰三件"),
        ("2107　秋壑聽泉圖", "heading", 2107, "秋壑聽泉圖"),
        ("LOT 2107", "heading", 2107, ""),
        ("拍品12：青花瓶", "heading", 12, "青花瓶"),
        ("一六　飞天　盛唐　北壁", "plate", 16, "飞天　盛唐　北壁"),
        ("一、前言", "outline", 1, "前言"),
        ("图：妆花缎袍", "photo", None, "妆花缎袍"),
        ("图片：团窠纹妆花缎袍", "photo", None, "团窠纹妆花缎袍"),
        ("（图一）团窠对鹿", "figure", 1, "团窠对鹿"),
        ("图1，团窠对鹿", "figure", 1, "团窠对鹿"),
        ("［图5］团窠对鹿", "figure", 5, "团窠对鹿"),
        ("线图三　襟袍", "figure", 3, "襟袍"),
        ("彩版一二　漆器", "figure", 12, "漆器"),
        ("图版叁　铜镜", "figure", 3, "铜镜"),
        ("图版拾贰", "figure", 12, ""),
        ("图版 Ⅳ　铜镜", "figure", 4, "铜镜"),
        ("PL. XIV　铜镜", "figure", 14, "铜镜"),
        ("【三】飞天", "plate", 3, "飞天"),
        ("图版二四局部　手印", "figure", 24, "局部　手印"),
        ("图12～14　飞天", "figure", None, "飞天"),
        ("上左：团窠对鹿", "panel", None, "团窠对鹿"),
        ("左　团窠对鹿", "panel", None, "团窠对鹿"),
        ("圖、團窠對鹿", "pointer", None, "團窠對鹿"),
        ("a. Lattice", "panel", None, "Lattice"),
        ("左页：团窠对鹿", "page", None, "团窠对鹿"),
        ("本页：团窠对鹿", "pointer", None, "团窠对鹿"),
    ],
)
def test_marks_are_read_with_their_numbers(text, style, number, rest):
    mark = read_mark(text)
    assert mark is not None
    assert (mark.style, mark.number, mark.rest) == (style, number, rest)


@pytest.mark.parametrize(
    "text",
    [
        "图1所示，纹样",
        "图2、图3为局部",
        "如图1",
        "图三角形排列",
        "g.curve(sin, 5)",
        "图Ⅰ型剑",
        "一般的锦",
        "图1中的花",
        "图1～3为局部",
        "图1，其花叶舒展，配色沉稳。",
        "（图一）所示",
        "上　海　博　物　馆",
        "中　国丝绸",
        "Figures show",
        "图案",
    ],
)
def test_text_that_speaks_of_a_figure_is_no_caption(text):
    assert read_mark(text) is None


def test_pointer_says_where_the_picture_stands():
    sides = [read_mark(f"{sign} 鹤").points_to for sign in "▲▼◀▶"]
    assert sides == ["above", "below", "left", "right"]


def test_parts_with_words_of_their_own_are_split():
    assert split_parts("左：莲花；右：牡丹") == [("左", "莲花"), ("右", "牡丹")]
    assert split_parts("图4 (a) 花 (b) 鸟") == [("a", "花"), ("b", "鸟")]
    assert split_parts("图一　左图：莲花　右图：牡丹") == [("左", "莲花"), ("右", "牡丹")]
    assert split_parts("（左）莲花，（右）牡丹") == [("左", "莲花"), ("右", "牡丹")]
    assert split_parts("图3-1　莲花（上），牡丹（下）") == [("上", "莲花"), ("下", "牡丹")]
    assert split_parts("图 1. 比较：A 莲花；B 牡丹") == [("A", "莲花"), ("B", "牡丹")]
    assert split_parts("上图　莲花　下图　牡丹") == [("上", "莲花"), ("下", "牡丹")]
    assert split_parts("左上：莲花；右下：牡丹") == [("左上", "莲花"), ("右下", "牡丹")]
    assert split_parts("上左：莲花；下右：牡丹") == [("上左", "莲花"), ("下右", "牡丹")]
    assert split_parts("左　莲花　右　牡丹") == [("左", "莲花"), ("右", "牡丹")]
    assert split_parts("左/莲花　右/牡丹") == [("左", "莲花"), ("右", "牡丹")]
    assert split_parts("［左］莲花　［右］牡丹") == [("左", "莲花"), ("右", "牡丹")]
    assert split_parts("图5　纹样（1. 莲花　2. 牡丹　3. 菊花）")[1:] == [("2", "牡丹"), ("3", "菊花")]
    assert split_parts("图5　从左至右：莲花、牡丹") == [("1", "莲花"), ("2", "牡丹")]
    assert split_parts("瓷二种，左起：莲花、牡丹，均为清代") == [("1", "莲花"), ("2", "牡丹")]
    assert split_parts("由下而上依次为莲花，牡丹") == [("1", "牡丹"), ("2", "莲花")]


def test_a_lines_end_parts_words_or_breaks_one():
    assert split_lines(["莲花（上）", "牡丹（下）"]) == [("上", "莲花"), ("下", "牡丹")]
    assert split_lines(["图二　上图：莲花　下", "图：牡丹"]) == [("上", "莲花"), ("下", "牡丹")]
    assert split_lines(["图二　左：缠枝", "莲花；右：牡丹"]) == [("左", "缠枝莲花"), ("右", "牡丹")]
    assert split_lines(["花（左）与", "鸟（右）"]) == []


def test_parts_are_found_where_their_words_say():
    row = [((0.0, 0.0, 10.0, 10.0), "first"), ((20.0, 0.0, 30.0, 10.0), "second")]
    assert order_parts(row, ["右", "左"]) == ["second", "first"]
    stack = [((0.0, 20.0, 10.0, 30.0), "lower"), ((0.0, 0.0, 10.0, 10.0), "upper")]
    assert order_parts(stack, ["上", "下"]) == ["upper", "lower"]
    assert order_parts(row, ["a", "b"]) == ["first", "second"]
    assert order_parts(row, ["上", "右"]) is None
    grid = [((x, y, x + 10.0, y + 10.0), (x, y)) for y in (0.0, 20.0) for x in (0.0, 20.0)]
    assert order_parts(grid, ["右下", "左上", "右上", "左下"]) == [(20, 20), (0, 0), (20, 0), (0, 20)]
    assert order_parts(row, ["左上", "右下"]) is None


@pytest.mark.parametrize(
    "text",
    [
        "左右对称的莲花",
        "花（左）与鸟（右）",
        "自上而下渐淡的色彩，是其特征",
        "图3 左：莲花",
        "(a)(b) 花鸟",
        "A study of B and C",
        "图2 三、A 型与 C 型",
    ],
)
def test_a_caption_without_words_for_each_part_stays_whole(text):
    assert split_parts(text) == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("一六九", 169),
        ("一百六十九", 169),
        ("廿一", 21),
        ("卅", 30),
        ("二〇", 20),
        ("十五", 15),
        ("１２", 12),
        ("⑫", 12),
    ],
)
def test_numerals_with_and_without_units(text, number):
    assert parse_number(text) == number


@given(st.integers(min_value=1, max_value=999))
def test_positional_numerals_are_read_back(number):
    printed = "".join("〇一二三四五六七八九"[int(d)] for d in str(number))
    assert parse_number(printed) == number


@given(st.text(max_size=40))
def test_any_text_can_be_read(text):
    mark = read_mark(text)
    assert mark is None or mark.rest in text
