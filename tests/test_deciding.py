"""Decisions laid on the machine's pairs of this build: what is applied, what is known again, what is not."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from decision_making import decide
from release_making import make_pair
from reviewing import list_target

from alignment.decisions.applying import (
    REBASED,
    Decided,
    apply_decisions,
    decide_details,
    digest_pair,
    tell_rest,
)
from alignment.decisions.finding import describe_pair, find_all
from alignment.decisions.recognising import Candidate, find_targets
from alignment.decisions.records import Target
from alignment.decisions.shaping import Book
from alignment.decisions.states import States
from alignment.details import Crop, cut_details
from alignment.records import MachinePair, Region, make_pair_id, release_as_is
from alignment.text.profiles import find_profile
from alignment.text.refining import Refinement, apply_refinement
from alignment.text.trail import apply_edits, select
from extractors.geometry import to_page_frame
from extractors.records import Page

DOCUMENT = "甲.pdf"
BLIND = {"blind": True}


def list_pairs(count: int = 6) -> list[MachinePair]:
    """Two on a page, as `make_pair` has them, each with its texts below it."""
    pairs = [make_pair(DOCUMENT, seed).machine for seed in range(count)]
    return [_move_texts(pair, 250.0 * (seed % 2)) for seed, pair in enumerate(pairs)]


def _move_texts(pair: MachinePair, by: float) -> MachinePair:
    boxes = [(x0 + by, y0, min(x1, 280.0) + by, y1) for x0, y0, x1, y1 in pair.text_bboxes]
    texts = tuple(replace(text, box=box) for text, box in zip(pair.texts, boxes, strict=True))
    return replace(pair, texts=texts, text_bboxes=tuple(boxes))


def aim(pair: MachinePair, phash: str = "") -> Target:
    return Target(
        pair.pair_id,
        pair.document,
        pair.document_sha256,
        pair.page,
        pair.figure_bbox,
        phash,
        pair.description[:200],
    )


def on(pair: MachinePair, action, payload=None, **options):
    return decide(action, payload, target=aim(pair), seen=digest_pair(pair), **options)


def shift(pair: MachinePair, by: float) -> MachinePair:
    box = tuple(v + by for v in pair.box)
    return replace(pair, box=box, figure_bbox=box, parts=(box,))


def lay(pairs: list[MachinePair], decisions, hashes: dict[str, str] | None = None) -> Decided:
    states = States(decisions)
    first = pairs[0]
    pages = {
        p.page: Page(
            p.document, p.document_sha256, p.page, p.page_width, p.page_height, "pymupdf", skew=p.skew
        )
        for p in pairs
    }
    regions = tuple({(r.page, r.box): r for p in pairs for r in p.texts}.values())
    book = Book(pages, regions, find_profile("silk"), "silk")
    found = find_all(states, [describe_pair(p, (hashes or {}).get(p.pair_id, "")) for p in pairs])
    decided = apply_decisions(pairs, first.document_sha256, book, states, found)
    told = {o.decision_id for o in decided.outcomes}
    return replace(decided, outcomes=(*decided.outcomes, *tell_rest(states, told)))


def list_fates(decided: Decided) -> list[str]:
    return sorted(o.fate for o in decided.outcomes)


def test_without_decisions_all_is_as_the_machine_made_it():
    pairs = list_pairs()
    decided = lay(pairs, [])
    assert [d.machine for d in decided.pairs] == pairs
    assert {(d.review_status, d.reviewer, d.marks) for d in decided.pairs} == {("unreviewed", None, ())}


def test_a_box_three_points_further_is_known_again_and_marked():
    pairs = list_pairs()
    edit = on(pairs[0], "edit", {"title": "手改"})
    decided = lay([shift(pairs[0], 3.0), *pairs[1:]], [edit, on(pairs[1], "accept")])
    assert list_fates(decided) == ["applied", "rebased"]
    first = decided.pairs[0]
    assert (first.title, first.marks, first.review_status) == ("手改", (REBASED,), "edited")
    assert decided.pairs[1].marks == () and decided.pairs[1].review_status == "accepted"


def test_decisions_before_and_after_a_change_of_the_box_both_count():
    pairs = list_pairs()
    moved = shift(pairs[0], 3.0)
    decided = lay(
        [moved, *pairs[1:]], [on(pairs[0], "edit", {"title": "先"}), on(moved, "kind", {"kind": "mural"})]
    )
    assert (decided.pairs[0].title, decided.pairs[0].kind) == ("先", "mural")
    assert list_fates(decided) == ["applied", "rebased"]


def test_an_accepted_text_that_is_another_now_is_looked_at_again():
    pairs = list_pairs()
    other = replace(pairs[0], description="第9件是另一段说明，不再是原来的话。")
    decided = lay([other, *pairs[1:]], [on(pairs[0], "accept"), on(pairs[1], "edit", {"title": "手改"})])
    assert [o.why for o in decided.outcomes if o.fate == "stale"] == [
        "its description is not the one that was accepted"
    ]
    assert decided.pairs[0].review_status == "unreviewed"


def test_an_accepted_pair_of_which_another_thing_changed_is_rebased():
    pairs = list_pairs()
    decided = lay([replace(pairs[0], kind="mural"), *pairs[1:]], [on(pairs[0], "accept")])
    assert list_fates(decided) == ["rebased"] and decided.pairs[0].review_status == "accepted"


def test_what_is_gone_is_stale_with_all_that_was_cut_from_it():
    pairs = list_pairs()
    box = [70, 90, 120, 150]
    cut = on(pairs[0], "cut", {"bbox": box, "words": "角"})
    made = replace(aim(pairs[0]), pair_id=make_pair_id(pairs[0].document_sha256, 1, box), bbox=tuple(box))
    decided = lay(pairs[2:], [cut, decide("accept", target=made), on(pairs[2], "accept")])
    assert list_fates(decided) == ["applied", "stale", "stale"]


def test_what_was_cut_is_decided_on_in_turn():
    pairs = list_pairs()
    box, inner = [70, 90, 170, 200], [80, 100, 120, 140]
    sha256 = pairs[0].document_sha256
    detail = replace(aim(pairs[0]), pair_id=make_pair_id(sha256, 1, box), bbox=tuple(box), text="角")
    decisions = [
        on(pairs[0], "cut", {"bbox": box, "words": "角"}),
        decide("edit", {"description": "角隅"}, target=detail),
        decide("cut", {"bbox": inner, "words": "更小"}, target=detail),
    ]
    decided = lay(pairs, decisions)
    assert list_fates(decided) == ["applied"] * 3
    rows = {d.pair_id: d for d in decided.pairs}
    assert (
        rows[detail.pair_id].description == "角隅" and rows[detail.pair_id].parent_pair_id == pairs[0].pair_id
    )
    assert rows[make_pair_id(sha256, 1, inner)].parent_pair_id == detail.pair_id


def test_parts_of_a_split_are_decided_on_in_turn():
    pairs = list_pairs()
    x0, y0, x1, y1 = pairs[0].figure_bbox
    left, right = [x0, y0, 170, y1], [170, y0, x1, y1]
    part = replace(aim(pairs[0]), pair_id=make_pair_id(pairs[0].document_sha256, 1, [round(v) for v in left]))
    decisions = [
        on(pairs[0], "split", {"parts": [{"bbox": left}, {"bbox": right, "words": "右幅"}]}),
        decide("kind", {"kind": "textile"}, target=replace(part, bbox=tuple(left))),
    ]
    decided = lay(pairs, decisions)
    one, other = (d for d in decided.pairs if d.machine.page == 1 and d.machine.pair_id != pairs[1].pair_id)
    assert list_fates(decided) == ["applied"] * 2 and one.kind == "textile"
    assert one.description == pairs[0].description and other.description == "右幅"
    assert apply_edits(other.text_raw, select(other.trail, "description")) == "右幅"


def test_a_part_that_is_the_whole_ends():
    pairs = list_pairs()
    whole = list(pairs[0].figure_bbox)
    decided = lay(pairs, [on(pairs[0], "split", {"parts": [{"bbox": whole}, {"bbox": [70, 90, 120, 150]}]})])
    assert list_fates(decided) == ["applied"] and len(decided.pairs) == len(pairs) + 1


def test_what_cannot_be_done_is_stale_and_the_rest_is_done():
    pairs = list_pairs()
    decisions = [
        on(pairs[0], "move", {"bbox": [900, 900, 990, 990]}),
        on(pairs[0], "edit", {"title": "手改"}),
        on(pairs[1], "cut", {"bbox": [1, 1, 20, 20], "words": ""}),
        on(pairs[2], "merge", {"with": [list_target(aim(pairs[4]))]}),
        on(pairs[5], "repair", {"texts": [{"page": 99, "bbox": [0, 0, 9, 9], "role": "body", "text": "？"}]}),
    ]
    decided = lay(pairs, decisions)
    assert list_fates(decided) == ["applied", "stale", "stale", "stale", "stale"]
    assert {o.why for o in decided.outcomes if o.why} == {
        "its box does not lie on the page",
        next(o.why for o in decided.outcomes if o.action == "cut"),
        f"{pairs[4].pair_id} lies on page 3 and cannot be a part of it",
        "page 99 is not read in this build",
    }
    assert len(decided.pairs) == len(pairs) and decided.pairs[0].title == "手改"
    assert [d.review_status for d in decided.pairs[1:]] == ["unreviewed"] * 5


def test_what_two_reviewers_say_is_told():
    pairs = list_pairs()
    decided = lay(pairs, [on(pairs[0], "accept"), on(pairs[0], "reject", reviewer="李")])
    assert list_fates(decided) == ["applied", "conflict"]
    assert decided.pairs[0].review_status == "accepted"


def test_a_blind_look_stands_beside_what_was_changed_also_in_another_build():
    pairs = list_pairs()
    edit, look = on(pairs[0], "edit", {"title": "手改"}), on(pairs[0], "accept", BLIND, reviewer="李")
    agreed = [on(pairs[1], "accept"), on(pairs[1], "accept", BLIND, reviewer="李")]
    for now, fate in ((pairs, "applied"), ([shift(pairs[0], 3.0), *pairs[1:]], "rebased")):
        decided = lay(now, [edit, look, *agreed])
        assert list_fates(decided) == sorted(["applied", "applied", fate, "conflict"])
        (told,) = (o for o in decided.outcomes if o.fate == "conflict")
        assert (told.decision_id, told.why) == (look.id, "王 decided otherwise (edit)")
        assert (decided.pairs[0].title, decided.pairs[0].reviewer) == ("手改", "王")
    # Without the other's it is what the release has.
    alone = lay(pairs, [look]).pairs[0]
    assert (alone.title, alone.review_status, alone.reviewer) == (pairs[0].title, "accepted", "李")


def test_a_blind_acceptance_of_a_text_that_is_another_now_is_stale_whatever_others_typed():
    pairs = list_pairs()
    other = replace(pairs[0], description="第9件是另一段说明，不再是原来的话。")
    typed = on(pairs[0], "edit", {"description": "手改"})
    decided = lay([other, *pairs[1:]], [typed, on(pairs[0], "accept", BLIND, reviewer="李")])
    assert list_fates(decided) == ["rebased", "stale"] and decided.pairs[0].description == "手改"
    decided = lay([other, *pairs[1:]], [typed, on(pairs[0], "accept", reviewer="李")])
    assert list_fates(decided) == ["rebased", "rebased"]


def test_a_figure_that_was_drawn_and_is_found_now_is_released_once():
    pairs = list_pairs()
    gone = pairs[3]
    target = replace(aim(gone), text="")
    add = decide("add", {"bbox": list(gone.figure_bbox), "texts": [], "kind": "textile"}, target=target)
    without = lay([*pairs[:3], *pairs[4:]], [add])
    assert list_fates(without) == ["applied"] and without.pairs[-1].pair_id == gone.pair_id
    found = shift(gone, 2.0)
    decided = lay([*pairs[:3], found, *pairs[4:]], [add])
    assert list_fates(decided) == ["rebased"]
    there = [d for d in decided.pairs if d.machine.page == 2]
    assert [d.pair_id for d in there] == [pairs[2].pair_id, gone.pair_id]
    assert there[1].kind == "textile" and there[1].marks == (REBASED,)
    assert [d.reason for d in decided.dropped] == ["a curator drew the same figure"]
    # The very box: then it is the machine's pair, with the curator's word for it.
    same = lay(pairs, [add])
    assert list_fates(same) == ["rebased"] and len(same.pairs) == len(pairs)


def test_merged_figures_are_one_with_the_texts_of_all():
    pairs = list_pairs()
    merge = on(pairs[0], "merge", {"with": [list_target(aim(pairs[1]))]})
    decided = lay(pairs, [merge])
    assert len(decided.pairs) == len(pairs) - 1 and decided.pairs[0].parts == (
        *pairs[0].parts,
        *pairs[1].parts,
    )
    assert decided.pairs[0].figure_bbox == (60.0, 80.25, 530.5, 300.0)
    raw = decided.pairs[0].text_raw
    assert pairs[0].texts[0].text in raw and pairs[1].texts[0].text in raw
    assert len(decided.dropped) == 1


def test_a_merge_that_cannot_be_made_leaves_both():
    pairs = list_pairs()
    decided = lay(pairs[:1] + pairs[2:], [on(pairs[0], "merge", {"with": [list_target(aim(pairs[1]))]})])
    assert len(decided.pairs) == len(pairs) - 1 and decided.dropped == ()
    assert "stale" in list_fates(decided)


def test_texts_chosen_are_read_where_they_lie_now_and_composed():
    pairs = list_pairs()
    body = pairs[2].texts[1]
    chosen = {"page": body.page, "bbox": list(body.box), "role": "body", "text": "读错的字"}
    decided = lay(pairs, [on(pairs[0], "repair", {"texts": [chosen]})])
    pair = decided.pairs[0]
    assert pair.text_raw == body.text and pair.caption == ""
    assert "地色明黄" in pair.description and (pair.score, pair.rule) == (1.0, "review:re-paired")
    assert apply_edits(pair.text_raw, select(pair.trail, "description")) == pair.description
    elsewhere = {**chosen, "page": 1, "bbox": [300, 700, 400, 740], "text": "没有人读到的一行"}
    typed = lay(pairs, [on(pairs[0], "repair", {"texts": [elsewhere]})]).pairs[0]
    assert typed.text_raw == "没有人读到的一行" and typed.texts[0] == Region(
        1, "body", (300, 700, 400, 740), "没有人读到的一行"
    )
    bare = lay(pairs, [on(pairs[0], "repair", {"texts": []})]).pairs[0]
    assert (bare.description, bare.score, bare.rule, bare.trail) == ("", 0.0, "none:review", ())


def test_on_a_turned_scan_a_box_is_that_of_the_page():
    pairs = list_pairs()
    figure_bbox = to_page_frame(pairs[0].box, 2.0, pairs[0].page_width, pairs[0].page_height)
    turned = replace(pairs[0], skew=2.0, page_source="scan", figure_bbox=figure_bbox)
    decided = lay([turned, *pairs[1:]], [on(turned, "move", {"bbox": list(figure_bbox)})])
    assert decided.pairs[0].box == pytest.approx(turned.box, abs=0.01)
    assert decided.pairs[0].figure_bbox == figure_bbox


def test_the_order_of_lines_means_nothing():
    pairs = list_pairs()
    decisions = [
        on(pairs[0], "edit", {"title": "一"}),
        on(pairs[0], "edit", {"title": "二"}, reviewer="李"),
        on(pairs[1], "cut", {"bbox": [320, 90, 400, 150], "words": "角"}),
        on(pairs[2], "merge", {"with": [list_target(aim(pairs[3]))]}),
        on(pairs[4], "reject"),
        on(pairs[4], "accept"),
    ]
    expected = lay(pairs, decisions)
    for seed in range(5):
        random.Random(seed).shuffle(decisions)
        found = lay(pairs, decisions)
        assert (found.pairs, found.dropped) == (expected.pairs, expected.dropped)


def make_candidate(pair_id: str, page: int, phash: str, text: str, sha256: str = "new") -> Candidate:
    return Candidate(pair_id, DOCUMENT, sha256, page, (60, 80, 280, 300), phash, text)


def make_old(pair_id: str, page: int, phash: str, text: str, sha256: str = "old") -> Target:
    return Target(pair_id, DOCUMENT, sha256, page, (60, 80, 280, 300), phash, text)


def test_a_new_file_is_known_by_pictures_and_texts():
    texts = [f"第{n}件，地色明黄，四合如意云间饰杂宝。" for n in range(4)]
    hashes = ["00ff00ff00ff00ff", "123456789abcdef0", "ffffffff00000000", "0f0f0f0f0f0f0f0f"]
    old = [make_old(f"o{n}", n + 1, hashes[n], texts[n]) for n in range(4)]
    now = [make_candidate(f"n{n}", n + 3, hashes[n], texts[n]) for n in range(4)]
    # Of one the image was rendered anew and a sign is read otherwise.
    now[3] = make_candidate("n3", 6, "0f0f0f0f0f0f0fff", texts[3].replace("杂", "雜"))
    assert {k: c.pair_id for k, c in find_targets(old, now).items()} == {f"o{n}": f"n{n}" for n in range(4)}


def test_another_book_with_the_same_ornament_is_another_book():
    old = [make_old("o1", 1, "00ff00ff00ff00ff", "第一件，地色明黄，四合如意云间饰杂宝。")]
    now = [make_candidate("n1", 1, "00ff00ff00ff00ff", "壁画西壁，绘说法图一铺，主尊结跏趺坐。")]
    assert find_targets(old, now) == {}


def test_two_that_are_equally_like_are_not_told_apart():
    old = [make_old("o1", 5, "00ff00ff00ff00ff", "", "new")]
    now = [make_candidate(f"n{page}", page, "00ff00ff00ff00ff", "") for page in (4, 6)]
    assert find_targets(old, now) == {}
    assert find_targets(old, now[:1])["o1"].pair_id == "n4"


def test_details_of_the_sources_file_are_decided_on_too():
    pairs = list_pairs(2)
    crop = Crop(1, (70.0, 90.0, 170.0, 200.0), "花心")
    whole, _ = cut_details([release_as_is(pair) for pair in pairs], [crop])
    detail = next(pair for pair in whole if pair.parent_pair_id)
    states = States(
        [decide("edit", {"description": "花心一处"}, target=replace(aim(detail.machine), text="花心"))]
    )
    book = Book({}, (), find_profile("silk"), "silk")
    found = find_all(states, [describe_pair(p, "") for p in pairs], {detail.pair_id})
    assert found.pairs == {}
    known = {pair.pair_id for pair in pairs}
    decided = decide_details(Decided(tuple(whole)), known, pairs[0].document_sha256, book, states)
    assert list_fates(decided) == ["applied"] and len(decided.pairs) == 3
    typed = next(pair for pair in decided.pairs if pair.parent_pair_id)
    assert (typed.description, typed.review_status, typed.reviewer) == ("花心一处", "added", "王")
    assert apply_edits(typed.text_raw, select(typed.trail, "description")) == typed.description


def test_a_file_with_one_short_caption_in_common_is_another_book():
    old = [make_old("o1", 1, "00ff00ff00ff00ff", "莲纹锦"), make_old("o2", 2, "123456789abcdef0", "菊纹锦")]
    now = [make_candidate("n1", 1, "00ff00ff00ff00ff", "莲纹锦"), make_candidate("n2", 2, "0" * 16, "狮纹锦")]
    assert find_targets(old, now) == {}
    same = [now[0], make_candidate("n2", 2, "123456789abcdef0", "菊纹锦")]
    assert {k: c.pair_id for k, c in find_targets(old, same).items()} == {"o1": "n1", "o2": "n2"}


def test_what_a_model_did_stays_with_the_texts_that_it_saw():
    pairs = list_pairs()
    said = "第0件地色明黄，四合如意云间饰杂宝"
    refined = apply_refinement(pairs[0], Refinement("refined", said, "黄地锦"), "model")
    rest = [replace(pairs[1], refinement="unchanged", summary="同"), *pairs[2:]]
    region = {"page": 1, "bbox": list(pairs[0].text_bboxes[0]), "role": "caption", "text": ""}
    box = [70, 90, 120, 150]
    cases = {
        "accept": ({}, "refined", "黄地锦"),
        "edit": ({"description": "手改"}, "refined", None),
        "repair": ({"texts": [region]}, None, None),
        "split": ({"parts": [{"bbox": box}, {"bbox": [130, 90, 180, 150]}]}, "refined", "黄地锦"),
    }
    for action, (payload, refinement, summary) in cases.items():
        pair = lay([refined, *rest], [on(refined, action, payload)]).pairs[0]
        assert (pair.refinement, pair.summary) == (refinement, summary), action
        # As `verify` has it.
        assert (pair.refinement == "refined") == any(edit.step == "model" for edit in pair.trail), action
        assert apply_edits(pair.text_raw, select(pair.trail, "description")) == pair.description, action
    detail = lay([refined, *rest], [on(refined, "cut", {"bbox": box, "words": "角"})]).pairs[1]
    assert (detail.description, detail.refinement, detail.summary) == ("角", None, None)
