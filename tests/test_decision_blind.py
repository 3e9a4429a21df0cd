"""Decisions of a second look that is blind: what goes along with the first reviewer's, and what beside it."""

from __future__ import annotations

import pytest
from decision_making import decide, list_decisions, make_target
from hypothesis import HealthCheck, given, settings

from alignment.decisions.lines import read_line, write_line
from alignment.decisions.payloads import is_blind
from alignment.decisions.records import Decision
from alignment.decisions.states import PairState, fold
from alignment.review.agreement import find_judgements

_SLOW = settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow])
REGION = {"page": 1, "bbox": [0, 0, 9, 9], "role": "caption", "text": "图一"}


def look(action, payload=None, *, reviewer="李", **options) -> Decision:
    return decide(action, {**(payload or {}), "blind": True}, reviewer=reviewer, **options)


def come_to(*made: Decision) -> PairState:
    return fold(made)["p1"]


def list_sides(state: PairState) -> list[tuple[str, str, list[str]]]:
    return [(c.field, c.standing.reviewer, [d.reviewer for d in c.others]) for c in state.conflicts]


def test_a_blind_acceptance_goes_with_an_acceptance():
    state = come_to(decide("accept"), look("accept"))
    assert (state.status, state.reviewer, state.conflicts) == ("accepted", "王", ())


@pytest.mark.parametrize(
    "changes",
    [
        [("edit", {"title": "一"})],
        [("edit", {"title": "一"}), ("accept", {})],
        [("kind", {"kind": "mural"}), ("move", {"bbox": [0, 0, 9, 9]}), ("accept", {})],
        [("repair", {"texts": [REGION]})],
    ],
)
def test_a_blind_acceptance_stands_beside_what_another_changed(changes):
    made = [decide(action, payload) for action, payload in changes]
    state = come_to(*made, look("accept"))
    assert (state.status, state.reviewer) == ("edited", "王")
    assert list_sides(state) == [("verdict", "王", ["李"])]
    # Who saw the change accepts it.
    assert come_to(*made, decide("accept", reviewer="李")).conflicts == ()


def test_a_change_that_was_accepted_by_a_third_is_one_all_the_same():
    made = [decide("edit", {"title": "一"}), decide("accept", reviewer="张"), look("accept")]
    assert list_sides(come_to(*made)) == [("verdict", "王", ["李"])]
    gone = decide("undo", {"of": made[0].id})
    assert (come_to(*made, gone).status, come_to(*made, gone).conflicts) == ("accepted", ())


@pytest.mark.parametrize("then", [(), ("accept",)])
def test_an_equal_blind_change_agrees_also_with_what_was_accepted(then):
    first = [decide("edit", {"title": "一"}), decide("kind", {"kind": "mural"})]
    second = [look("kind", {"kind": "mural"}), look("edit", {"title": "一"})]
    accepted = [decide(action) for action in then]
    # To accept after that is to accept what he made of it himself.
    for own in (second, [*second, look("accept")]):
        state = come_to(*first, *accepted, *own)
        assert (state.status, state.conflicts) == ("edited", ())


def test_another_blind_change_is_a_conflict():
    state = come_to(decide("edit", {"title": "一"}), look("edit", {"title": "二"}))
    assert state.new_texts == {"title": ("一", "王")}
    assert list_sides(state) == [("title", "王", ["李"])]
    state = come_to(decide("edit", {"title": "一"}), decide("accept"), look("edit", {"title": "二"}))
    assert state.new_texts == {"title": ("一", "王")}
    assert list_sides(state) == [("verdict", "王", ["李"])]


def test_who_changes_what_was_accepted_waits_with_all_that_he_changed():
    for say in (decide, look):
        first, edit = decide("accept"), say("edit", {"title": "二"}, reviewer="李")
        state = come_to(first, edit, say("kind", {"kind": "mural"}, reviewer="李"))
        assert (state.status, state.new_texts, state.kind) == ("accepted", {}, None)
        assert list_sides(state) == [("verdict", "王", ["李"])]


def test_the_earlier_undone_the_blind_look_stands():
    edit = decide("edit", {"title": "一"})
    state = come_to(edit, look("accept"), decide("undo", {"of": edit.id}))
    assert (state.status, state.reviewer, state.conflicts) == ("accepted", "李", ())


def test_the_machines_own_is_chosen():
    edit, kind = decide("edit", {"title": "一"}), decide("kind", {"kind": "mural"})
    second = look("accept")
    over = {"over": [kind.id, second.id]}
    state = come_to(edit, kind, second, decide("accept", {**over, "machine": True}, reviewer="张"))
    assert (state.status, state.reviewer, state.new_texts, state.kind) == ("accepted", "张", {}, None)
    assert state.conflicts == ()
    # To accept what stands is to accept the change, as ever.
    state = come_to(edit, kind, second, decide("accept", over, reviewer="张"))
    assert (state.status, state.kind, state.conflicts) == ("edited", "mural", ())
    # Of a change that was not seen nothing is said.
    state = come_to(edit, kind, second, decide("accept", {"machine": True}, reviewer="张"))
    assert (state.status, list_sides(state)) == ("edited", [("verdict", "王", ["李", "张"])])


def test_who_accepts_what_stands_drops_what_waits():
    for say in (decide, look):
        first, edit = decide("accept"), say("edit", {"title": "二"}, reviewer="李")
        kind = say("kind", {"kind": "mural"}, reviewer="李")
        settled = decide("accept", {"over": [first.id, kind.id]}, reviewer="张")
        state = come_to(first, edit, kind, settled)
        assert (state.status, state.new_texts, state.kind, state.conflicts) == ("accepted", {}, None, ())


def test_repairs_of_three_are_told_without_an_end():
    state = come_to(
        decide("edit", {"title": "一"}),
        decide("repair", {"texts": [REGION]}, reviewer="李"),
        decide("repair", {"texts": []}, reviewer="张"),
    )
    assert state.new_texts == {"title": ("一", "王")}
    assert list_sides(state) == [("title", "王", ["李", "张"])]


@_SLOW
@given(list_decisions())
def test_who_waits_does_not_count_and_who_counts_does_not_wait(made):
    for state in fold(made).values():
        waiting = {d.id for c in state.conflicts if c.field == "verdict" for d in c.others}
        assert not waiting & {d.id for d in state.stands.values()}
        assert all(c.standing.id not in {d.id for d in c.others} for c in state.conflicts)


@_SLOW
@given(list_decisions())
def test_a_log_with_marks_is_read_and_keeps_them(made):
    for decision in made:
        assert is_blind(read_line(write_line(decision))) == is_blind(decision)


def judge(*made: Decision):
    return find_judgements("p1", made)


def test_judgements_are_those_of_before_either_knew_the_other():
    edit, accept = decide("edit", {"title": "一"}), decide("accept")
    second = look("accept")
    assert judge(edit, accept, second) == ("changed", "right")
    assert judge(accept, look("reject")) == ("right", "rejected")
    assert judge(accept, look("edit", {"title": "二"}), look("accept")) == ("right", "changed")
    # What was decided when both were seen, or taken back then, changes nothing.
    later = [
        decide("accept", {"over": [edit.id, second.id]}),
        decide("undo", {"of": edit.id}),
        decide("undo", {"of": second.id}, reviewer="李"),
        decide("reject", reviewer="李"),
    ]
    assert judge(edit, second, *later) == ("changed", "right")
    # Taken back while it was blind it is none.
    slip = look("undo", {"of": second.id})
    assert judge(edit, second, slip) is None
    assert judge(edit, second, slip, look("reject")) == ("changed", "rejected")


def test_what_is_not_blind_or_says_nothing_is_no_judgement():
    assert judge(decide("accept"), decide("reject", reviewer="李")) is None
    assert judge(decide("accept"), look("defer"), look("note", {"note": "？"})) is None
    assert judge(look("accept"), decide("accept")) is None
    other = make_target("p2")
    values = {name: getattr(other, name) for name in other.__slots__}
    made = [decide("accept"), decide("accept", target=other), look("merge", {"with": [values]})]
    assert judge(*made) == ("right", "changed")
    # At what was taken in nobody looked.
    assert find_judgements("p2", made) is None
