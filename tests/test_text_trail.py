"""The trail of a text: edits lead from what was printed to what is released and back again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from page_making import make_page, paragraph, picture, text_line

from alignment.pairing import align_book
from alignment.records import MachinePair
from alignment.text.composing import Piece, finish_fields, join_raw
from alignment.text.trail import (
    FIELDS,
    STEPS,
    TrailError,
    apply_edits,
    find_changes,
    list_states,
    make_changes,
    select,
    undo_edits,
)

# What is printed, what is not, and what rules look for.
TEXT = st.text(alphabet="纹龍图圖一二3,.，。（(）)[]1　 \n\u00ad\u200b-ab⼀\ue000乾緙絲窠见", max_size=40)
PIECES = st.lists(
    st.tuples(st.sampled_from(["title", "caption", "collection", "body", "note", "reference"]), TEXT),
    max_size=4,
).map(lambda items: [Piece(role, raw, raw.replace("\n", "").strip()) for role, raw in items])


@given(before=TEXT, after=TEXT)
def test_changes_make_one_text_of_another_whatever_they_are(before: str, after: str) -> None:
    changes = find_changes(before, after)
    assert make_changes(before, changes) == after
    assert all(a < b or word for a, b, word in changes) and changes == sorted(changes)
    assert bool(changes) == (before != after)


@given(words=st.lists(st.text(alphabet="花草鸟兽ab", min_size=1, max_size=5), min_size=1, max_size=6))
def test_joined_lines_are_told_by_their_breaks_alone(words: list[str]) -> None:
    changes = find_changes("\n".join(words), "".join(words))
    assert [(b - a, word) for a, b, word in changes] == [(1, "")] * (len(words) - 1)


@settings(deadline=None)
@given(pieces=PIECES, title=TEXT, caption=TEXT, description=TEXT)
def test_raw_can_be_had_of_every_field_and_its_trail(
    pieces: list[Piece], title: str, caption: str, description: str
) -> None:
    done = finish_fields(pieces, title, caption, description)
    raw = join_raw([piece.raw for piece in pieces])
    for field in FIELDS:
        edits = select(done.trail, field)
        assert apply_edits(raw, edits) == getattr(done, field)
        assert undo_edits(getattr(done, field), edits) == raw
        steps = [STEPS.index(edit.step) for edit in edits]
        assert steps == sorted(steps), "a step is done before the next begins"
        states = list_states(raw, edits)
        assert states[0].text == raw and states[-1].text == getattr(done, field)


def test_an_edit_that_does_not_fit_is_refused() -> None:
    done = finish_fields([Piece("caption", "图3　團窠\n對鹿紋", "图3　團窠對鹿紋")], "", "", "团窠对鹿纹")
    edits = select(done.trail, "description")
    with pytest.raises(TrailError, match="description: line_break at 5"):
        apply_edits("图3　團窠", edits)
    with pytest.raises(TrailError):
        undo_edits("团窠", edits)
    with pytest.raises(TrailError):
        apply_edits("图3　團窠\n對鹿紋", [replace(edits[0], start=-1), *edits[1:]])


def align_plate(*lines, notes=()) -> MachinePair:
    pages = [make_page(1, lines, [picture(100, 80, 400, 500)]), *notes]
    (pair,) = [p for p in align_book(pages, "dunhuang").pairs if p.page == 1]
    return pair


def test_each_field_has_its_own_steps() -> None:
    words = "此鋪壁畫,繪於窟頂（見圖3）。天人持 花,飛 舞於雲間,衣帶飄揚[1]。"
    pair = align_plate(
        text_line("三　供養菩薩　盛唐　第四五窟北壁", 100, 510, 9), paragraph(words, 100, 540, 200, 9)
    )
    assert (pair.title, pair.caption) == ("供養菩薩", "三　供養菩薩　盛唐　第四五窟北壁")
    assert pair.description == "此铺壁画，绘于窟顶。天人持花，飞舞于云间，衣带飘扬。"
    steps = {
        field: [s.step for s in list_states(pair.text_raw, select(pair.trail, field))] for field in FIELDS
    }
    assert steps == {
        "title": ["raw", "regions", "rules"],
        "caption": ["raw", "regions"],
        "description": ["raw", "regions", "joined", "rules"],
    }
    told = {e.rule: (e.before, e.after) for e in select(pair.trail, "description") if e.step == "rules"}
    assert told["cited_figures"] == ("（見圖3）", "") and told["note_marks"] == ("[1]", "")
    assert told["marks"] == (",", "，") and told["simplified"][1] in pair.description
    assert pair.fields.references == ("（見圖3）", "[1]")


def test_a_number_that_is_left_out_of_the_description_is_in_the_trail() -> None:
    pair = align_plate(text_line("图3　缠枝牡丹纹锦", 100, 510, 9))
    assert pair.description == "缠枝牡丹纹锦" and pair.caption == "图3　缠枝牡丹纹锦"
    (edit,) = select(pair.trail, "description")
    assert (edit.rule, edit.before, edit.start, edit.end) == ("number_or_key", "图3　", 0, 3)


def test_a_note_is_without_the_heading_that_says_the_caption_again() -> None:
    words = "元代所绘，画面以山峦分隔上下，山前立树三株，绘鹿四只，昂首缓行，身有白斑；上方流云三朵。"
    for heading in ("三　鹿群　元　第四五窟北壁", "三　鹿群", "三　鹿群　第四五窟北壁"):
        note = make_page(2, [text_line(heading, 60, 80, 9), *paragraph(words, 60, 100, 200, 9)])
        filler = paragraph(words, 60, 400, 200, 9)
        pair = align_plate(
            text_line("三　鹿群　元　第四五窟北壁", 100, 510, 9), notes=[make_page(2, [*note.lines, *filler])]
        )
        assert pair.description.startswith("元代所绘，画面"), "元 of the text is no field of the caption"
