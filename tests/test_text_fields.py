"""Fields are read where they are printed, as profiles say; profiles are data that a curator can add to."""

from __future__ import annotations

from pathlib import Path

import pytest
from page_making import make_page, picture, text_line

from alignment.pairing import align_book
from alignment.text.composing import Piece
from alignment.text.fields import FIELD_COLUMNS, NO_FIELDS, TextFields, parse_fields
from alignment.text.profiles import (
    BUILT_IN,
    FIELD_NAMES,
    ProfileError,
    find_profile,
    load_profile,
    name_dynasty,
    read_dynasties,
)


def read(series: str, *texts: tuple[str, str], words: str = "") -> dict[str, object]:
    fields = parse_fields(
        find_profile(series), [Piece(role, t, t.replace("\n", "")) for role, t in texts], (), words
    )
    return {name: value for name in FIELD_COLUMNS if (value := getattr(fields, name)) is not None}


@pytest.mark.parametrize(
    ("caption", "expected"),
    [
        (
            "一六　伎乐天　西秦　第一六九窟六号龛左侧",
            {"plate_number": "一六", "plate_index": 16, "dynasty": "西秦"}
            | {"cave": "第一六九窟", "cave_index": 169, "position": "六号龛左侧"},
        ),
        (
            "图版三　供養菩薩　初唐　莫高窟第220窟北壁",
            {"plate_number": "三", "plate_index": 3, "dynasty": "初唐", "site": "莫高窟"}
            | {"cave": "第220窟", "cave_index": 220, "position": "北壁"},
        ),
        (
            "圖12　龕楣　東魏　第二窟窟頂北披",
            {"figure_number": "12", "figure_index": 12, "dynasty": "東魏"}
            | {"cave": "第二窟", "cave_index": 2, "position": "窟頂北披"},
        ),
        (
            "图3　莫高窟第45窟南壁观音经变（盛唐）",
            {"figure_number": "3", "figure_index": 3, "dynasty": "盛唐", "site": "莫高窟"}
            | {"cave": "第45窟", "cave_index": 45, "position": "南壁"},
        ),
        (
            "五　说法图　第257窟　西魏",
            {"plate_number": "五", "plate_index": 5, "dynasty": "西魏", "cave": "第257窟", "cave_index": 257},
        ),
        ("一二　地藏　五代", {"plate_number": "一二", "plate_index": 12, "dynasty": "五代"}),
    ],
)
def test_fields_of_a_plate(caption: str, expected: dict[str, object]) -> None:
    assert read("dunhuang", ("caption", caption)) == expected


def test_fields_of_a_silk_entry() -> None:
    references = "[1] 林一苇：《样书》，第3页。\n[2] 沈知白：《织物小识》，\n第4页。"
    assert read(
        "silk",
        ("title", "10  海东青逐兔纹"),
        ("caption", "图：妆金海东青逐兔纹胸背袍"),
        ("collection", "私人收藏"),
        ("body", "此袍团窠径约12厘米，唐人亦用之。"),
        ("reference", references),
    ) == {
        "technique": "妆金",
        "collection": "私人收藏",
        "references": ("[1] 林一苇：《样书》，第3页。", "[2] 沈知白：《织物小识》，第4页。"),
    }
    assert read("silk", ("caption", "图：绛红地团窠对鹤纹锦袍"))["technique"] == "锦"


def test_fields_of_a_label_and_of_a_long_caption() -> None:
    assert read(
        "other", ("caption", "图1-2　缠枝牡丹纹，高120厘米，宽88.5厘米，青禾丝绸博物馆藏。图为原件的一部分")
    ) == {"figure_number": "1-2", "dimensions": "高120厘米，宽88.5厘米", "collection": "青禾丝绸博物馆藏"}
    assert read(
        "other",
        ("title", "缠枝牡丹纹缎"),
        ("body", "清乾隆"),
        ("body", "长63厘米　宽42厘米"),
        ("collection", "现藏于松月堂美术馆"),
    ) == {"dynasty": "清乾隆", "dimensions": "长63厘米　宽42厘米", "collection": "松月堂美术馆"}
    assert read("other", ("caption", "图5　锦残片，1972年湖南长沙马王堆一号汉墓出土"))["site"].endswith(
        "一号汉墓"
    )


@pytest.mark.parametrize(
    "text", ["此图唐人所绘，第3窟与之相似。", "金碧辉煌", "地藏菩萨", "图为元宝形，3米之外可见", "清风明月"]
)
def test_prose_and_titles_give_no_fields(text: str) -> None:
    assert read("dunhuang", ("body", text), ("title", text.partition("，")[0])) == {}
    assert read("other", ("body", text)) == {}


def test_a_part_has_the_number_of_the_whole_and_the_words_of_its_own() -> None:
    whole = ("caption", "图7　左：缂丝团龙，明；右：妆花蟒纹，清")
    assert read("silk", whole, words="右：妆花蟒纹，清") == {
        "figure_number": "7",
        "figure_index": 7,
        "technique": "妆花",
        "dynasty": "清",
    }


def test_only_a_figures_own_texts_are_read() -> None:
    lines = [text_line("图1　团窠纹　唐", 100, 310, 9), text_line("图2　缠枝纹　元", 100, 710, 9)]
    page = make_page(1, lines, [picture(100, 80, 400, 300), picture(100, 480, 400, 700)])
    found = [(p.fields.figure_index, p.fields.dynasty) for p in align_book([page]).pairs]
    assert found == [(1, "唐"), (2, "元")]


def test_every_profile_of_ours_loads_and_says_what_it_is_for() -> None:
    assert {find_profile(s).name for s in ("silk", "dunhuang", "other")} == set(BUILT_IN)
    for name in BUILT_IN:
        profile = find_profile(name)
        assert profile.about and {rule.name for rule in profile.rules} <= set(FIELD_NAMES)
    assert TextFields() == NO_FIELDS


def test_a_curators_profile_extends_one_of_ours(tmp_path: Path) -> None:
    (tmp_path / "lacquer.toml").write_text(
        """
about = "Lacquer."
extends = "general"
leave_out = ["site"]
[words]
technique = ["剔红", "剔犀"]
[[field]]
name = "technique"
from = ["caption"]
pattern = '(?P<value>{technique})'
""",
        encoding="utf-8",
    )
    profile = load_profile(tmp_path / "lacquer.toml")
    page = make_page(
        1, [text_line("图1　剔红山水盒　明　长沙出土", 100, 310, 9)], [picture(100, 80, 400, 300)]
    )
    (pair,) = align_book([page], "other", profile).pairs
    assert (pair.fields.technique, pair.fields.dynasty, pair.fields.site) == ("剔红", "明", None)
    assert align_book([page]).pairs[0].fields.technique is None
    assert profile.label.startswith("lacquer ") and find_profile("other").label == "general"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fields = 1", "unknown key 'fields'; allowed are"),
        ("kind = 'lacquer'", "'kind': one of pattern"),
        ("[[field]]\nname = 'colour'", "has the name 'colour'; allowed are figure_number"),
        ("[[field]]\nname = 'site'\nfrom = ['captions']", "'from' has 'captions'; allowed are title"),
        (
            "[[field]]\nname = 'site'\nfrom = ['title']\npattern = '(?P<value>{places})'",
            "names the words {places}",
        ),
        ("[[field]]\nname = 'site'\nfrom = ['title']\npattern = '(?P<value>'", "no regular expression"),
        ("[[field]]\nname = 'site'\nfrom = ['title']\npattern = 'x'", "(?P<value>…), are wanted"),
        ("[words]\nplace = []", "words.place: a list of words is wanted"),
        ("extends = 'own.toml'", "leads back to own.toml"),
        ("extends = 'none.toml'", "cannot be read (No such file"),
        ("about = ", "not valid TOML"),
    ],
)
def test_a_wrong_profile_is_told_in_one_line(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ProfileError) as told:
        load_profile(tmp_path / "own.toml")
    assert message in str(told.value) and str(told.value).count("\n") == 0


def test_dynasties_have_english_names() -> None:
    printed = ("唐", "唐代", "清乾隆", "盛唐", "乾隆", "西夏", "火星")
    assert [name_dynasty(p) for p in printed] == [
        "Tang",
        "Tang",
        "Qing",
        "High Tang",
        "Qing",
        "Western Xia",
        "other",
    ]
    assert all(name.isascii() or "–" in name for name in read_dynasties().values())
