"""The rules for Chinese print: what each does, that it does it once, and that it leaves clean text alone."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from alignment.text.rules import RULES, apply_rules
from alignment.text.simplifying import find_traditional, read_terms, simplify
from alignment.text.trail import make_changes

BY_NAME = {rule.name: rule for rule in RULES}
HAN = "花草鸟兽纹锦袍团窠对鹿敦煌莫高窟唐宋元明清的在上下乾徵著于其一二三"
# Simplified Chinese as it is set: full-width marks, no white, Latin words and numbers with their own.
PART = st.one_of(
    st.text(alphabet=HAN, min_size=1, max_size=8),
    st.sampled_from(["，", "。", "；", "：", "、", "《对鹿》", "（局部）", "“宝花”", "——", "…", "\n", "　"]),
    st.sampled_from(["Pelliot chinois 4518", "1368—1644", "12.5厘米", "3,000", "10:30", "C-14"]),
)
CLEAN = st.lists(PART, max_size=12).map("".join)
TRADITIONAL = "龍鳳紋團窠緙絲妝花闥婆乾陀羅麴氏於闐苧薴著畢昇鍾馗須彌座錦繡後徵"
DIRTY = st.text(
    alphabet=HAN
    + TRADITIONAL
    + "图圖见見()（）[]［］,;:!?，。、 \t\n　\u00a0\u00ad\u200b\ufeff⼀⾦金12３¹²a\ue001\x07",
    max_size=30,
)


@settings(deadline=None)
@given(CLEAN)
@example("文徵明与乾隆，麴氏于乾符年间")
def test_no_rule_changes_clean_text(text: str) -> None:
    for rule in RULES:
        assert rule.find(text) == [], rule.name


@pytest.mark.parametrize("name", BY_NAME)
@settings(deadline=None)
@given(text=DIRTY)
@example(text="花(草)(木),鸟")
@example(text="花（见图3）（见图4）,草")
@example(text="薴苧畢昇")
def test_each_rule_has_nothing_left_to_do(name: str, text: str) -> None:
    find = BY_NAME[name].find
    once = make_changes(text, find(text))
    assert find(once) == []


@pytest.mark.parametrize(
    ("rule", "text", "expected"),
    [
        ("unprinted", "缠\u200b枝\u00ad纹\ufe0f", "缠枝纹"),
        ("radicals", "⾦⼀\uf90a", "金一金"),
        ("blanks", "缠 枝 \u00a0纹 a b", "缠枝纹 a b"),
        ("field_blanks", "飞天 伎乐\u00a0盛唐 刘 悦", "飞天\u3000伎乐\u3000盛唐刘悦"),
        ("cited_figures", "此为团窠（见图3）与对鹿（参見圖版一六、一七），", "此为团窠与对鹿，"),
        ("cited_figures", "鹿纹（图 1-2～1-4所示）及（Fig. 3）", "鹿纹及"),
        ("note_marks", "据考证[1]，为唐物²。［3、4］[1999]", "据考证，为唐物。[1999]"),
        ("literature", "唐物。\n参考文献：《样书》", "唐物。"),
        ("brackets", "锦袍(局部)与(左)，f(x) (12 cm)", "锦袍（局部）与（左），f(x) (12 cm)"),
        ("marks", "花,鸟;兽:3,000 a,b 高12,宽", "花，鸟；兽:3,000 a,b 高12,宽"),
        ("simplified", "團窠對鹿紋緙絲", "团窠对鹿纹缂丝"),
    ],
)
def test_what_a_rule_does(rule: str, text: str, expected: str) -> None:
    assert make_changes(text, BY_NAME[rule].find(text)) == expected


def test_captions_stay_as_printed() -> None:
    text = "圖3　團窠,對鹿紋（見圖4）[1]"
    for field in ("title", "caption"):
        assert apply_rules(field, text) == (text, [])
    assert apply_rules("description", text)[0] == "图3　团窠，对鹿纹"


def test_a_figure_that_a_text_begins_with_is_no_citation() -> None:
    assert BY_NAME["cited_figures"].find("（图3）团窠") == []


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("乾闥婆與緊那羅", "乾闼婆与紧那罗"),
        ("麴氏高昌時期的聯珠紋錦", "麴氏高昌时期的联珠纹锦"),
        ("鍾馗", "钟馗"),
        ("唐乾符年間，於闐國王", "唐乾符年间，于阗国王"),
        ("文徵明題，絁與縠", "文徵明题，絁与縠"),
    ],
)
def test_terms_are_not_left_to_opencc(printed: str, expected: str) -> None:
    from opencc import OpenCC

    assert simplify(printed) == expected != OpenCC("t2s").convert(printed)


def test_simplified_texts_keep_what_only_looks_traditional() -> None:
    assert simplify("乾元、文徵明、麴文泰、摺扇") == "乾元、文徵明、麴文泰、摺扇"


def test_terms_are_a_list_of_some_hundreds_whose_forms_are_as_long_as_printed() -> None:
    terms = read_terms()
    assert len(terms) >= 6 and 300 <= len({t for forms in terms.values() for t in forms.values()}) <= 900
    for wanted in ("窠", "团窠", "妆花", "缂丝", "联珠", "宝相花", "藻井", "龛楣", "帔帛"):
        assert any(wanted in forms for forms in terms.values()), wanted
    for forms in terms.values():
        for form, term in forms.items():
            assert len(form) == len(term), (form, term)
            assert find_traditional(term) == [], "the simplified form is not changed again"


def test_no_traditional_form_is_said_to_stand_for_two() -> None:
    seen: dict[str, str] = {}
    for forms in read_terms().values():
        for form, term in forms.items():
            assert seen.setdefault(form, term) == term
