"""What decisions come to: undo and redo, what replaces what, conflicts and how they are settled."""

from __future__ import annotations

from decision_making import decide, list_decisions, make_target
from hypothesis import HealthCheck, given, settings

from alignment.decisions.states import States, fold

_SLOW = settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow])


def undo(decision, **options):
    return decide("undo", {"of": decision.id}, target=decision.target, **options)


def redo(decision, **options):
    return decide("redo", {"of": decision.id}, target=decision.target, **options)


@_SLOW
@given(list_decisions())
def test_undone_to_the_start_nothing_is_decided(made):
    own = [d for d in made if d.action not in ("undo", "redo")]
    undone = [undo(d, at=100 + n) for n, d in enumerate(reversed(own))]
    assert fold([*own, *undone]) == {}


@_SLOW
@given(list_decisions())
def test_undone_and_redone_it_is_as_before(made):
    own = [d for d in made if d.action not in ("undo", "redo")]
    undone = [undo(d, at=100 + n) for n, d in enumerate(own)]
    redone = [redo(d, at=200 + n) for n, d in enumerate(own)]
    assert fold([*own, *undone, *redone]) == fold(own)


@_SLOW
@given(list_decisions())
def test_one_by_one_it_is_as_all_at_once(made):
    states = States()
    before: dict[str, object] = {}
    for decision in made:
        changed = states.add(decision)
        now = {p: s for p in states if (s := states.get(p))}
        # Whose state is another now was named.
        assert {p for p in {*before, *now} if before.get(p) != now.get(p)} <= changed
        before = now
    assert before == fold(made)


@_SLOW
@given(list_decisions())
def test_undo_takes_back_the_own_last_and_redo_brings_it_again(made):
    states = States(made)
    taken = []
    while decision := states.find_undo("王"):
        taken.append(decision.id)
        states.add(undo(decision, reviewer="王"))
    back = []
    while decision := states.find_redo("王"):
        back.append(decision.id)
        states.add(redo(decision, reviewer="王"))
    assert back[: len(taken)] == taken[::-1] and set(taken) <= set(back)
    assert all(d.reviewer == "王" for d in made if d.id in back)


def test_an_undo_can_be_undone():
    accept = decide("accept")
    back = undo(accept)
    assert fold([accept, back]) == {}
    assert fold([accept, back, undo(back)])["p1"].status == "accepted"


def test_undos_of_each_other_end():
    one = decide("undo", {"of": "x"})
    other = decide("undo", {"of": one.id})
    loop = decide("undo", {"of": other.id})
    object.__setattr__(one, "payload", {"of": loop.id})
    assert fold([one, other, loop, decide("accept")])["p1"].status == "accepted"


def test_the_own_later_decision_replaces_the_earlier():
    state = fold([decide("reject"), decide("edit", {"title": "一"}), decide("edit", {"title": "二"})])["p1"]
    assert state.new_texts == {"title": ("二", "王")}
    assert (state.status, state.conflicts) == ("edited", ())


def test_who_accepts_after_a_change_accepts_the_change():
    state = fold([decide("edit", {"title": "一"}), decide("accept", reviewer="李")])["p1"]
    assert (state.status, state.conflicts) == ("edited", ())


def test_another_reviewers_other_text_waits_and_the_first_stands():
    first = decide("edit", {"title": "一", "description": "同"})
    second = decide("edit", {"title": "二", "description": "同"}, reviewer="李")
    state = fold([first, second])["p1"]
    assert state.new_texts["title"] == ("一", "王")
    assert [(c.field, c.standing.id, [d.id for d in c.others]) for c in state.conflicts] == [
        ("title", first.id, [second.id])
    ]


def test_a_change_of_what_another_accepted_waits_as_a_whole():
    state = fold([decide("accept"), decide("kind", {"kind": "mural"}, reviewer="李")])["p1"]
    assert (state.status, state.kind) == ("accepted", None)
    assert [c.field for c in state.conflicts] == ["verdict"]


def test_who_saw_both_settles_it():
    first, second = decide("accept"), decide("edit", {"title": "二"}, reviewer="李")
    over = {"over": [first.id, second.id]}
    state = fold([first, second, decide("edit", {"title": "三", **over}, reviewer="张")])["p1"]
    assert state.conflicts == () and state.new_texts == {"title": ("三", "张")}


def test_undoing_one_side_settles_it():
    first, second = decide("reject"), decide("accept", reviewer="李")
    assert fold([first, second])["p1"].status == "rejected"
    state = fold([first, second, undo(first)])["p1"]
    assert (state.status, state.conflicts) == ("accepted", ())


def test_the_first_may_mend_the_own_text_while_another_waits():
    first = decide("edit", {"title": "一"})
    second = decide("edit", {"title": "二"}, reviewer="李")
    state = fold([first, second, decide("edit", {"title": "三"})])["p1"]
    assert state.new_texts == {"title": ("三", "王")} and len(state.conflicts) == 1


def test_texts_chosen_anew_are_not_what_was_typed_before():
    region = {"page": 1, "bbox": [0, 0, 9, 9], "role": "caption", "text": "图一"}
    made = [
        decide("edit", {"title": "一"}),
        decide("repair", {"texts": [region]}),
        decide("edit", {"caption": "二"}),
    ]
    state = fold(made)["p1"]
    assert state.new_texts == {"caption": ("二", "王")} and state.regions is not None


def test_what_a_merge_takes_in_is_no_row_until_it_is_undone():
    other = make_target("p2")
    values = {name: getattr(other, name) for name in other.__slots__}
    merge = decide("merge", {"with": [values]})
    found = fold([merge])
    assert (found["p1"].status, found["p2"].status) == ("edited", "merged")
    assert fold([merge, undo(merge)]) == {}


def test_putting_off_a_note_and_a_detail_leave_a_pair_unreviewed():
    assert fold([decide("defer")])["p1"].status == "deferred"
    assert fold([decide("note", {"note": "？"})])["p1"].status == "unreviewed"
    assert fold([decide("cut", {"bbox": [0, 0, 9, 9], "words": ""})])["p1"].status == "unreviewed"
    assert fold([decide("accept"), decide("defer")])["p1"].status == "accepted"
