"""The log on disk: torn tails, several writers, kills, merges by git, and what is no decision."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from book_making import make_environment
from decision_making import decide, list_decisions, make_target
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alignment.decisions.lines import read_line, write_line
from alignment.decisions.log import DecisionLog, LogError
from alignment.decisions.states import fold

_SLOW = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])

# Appends decisions and says each id only when the log has it.
_WRITER = """
import sys
from alignment.decisions.log import DecisionLog
from alignment.decisions.records import Decision, Target
name, count = sys.argv[2], int(sys.argv[3])
log = DecisionLog(__import__("pathlib").Path(sys.argv[1]))
target = Target("p", "a.pdf", "ab", 1, (0.0, 0.0, 9.0, 9.0), "", "")
for n in range(count):
    id, note = f"{name}-{n}", {"note": "x" * (n * 37 % 5000)}
    log.append(Decision(id, "2026-01-01T00:00:00+00:00", name, "note", target, "", note))
    print(id, flush=True)
"""


def start_writer(path: Path, name: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(path), name, str(count)],
        stdout=subprocess.PIPE,
        text=True,
        env=make_environment(),
    )


@_SLOW
@given(list_decisions())
def test_a_line_is_the_decision(made):
    for decision in made:
        line = write_line(decision)
        assert line.endswith(b"\n") and line.count(b"\n") == 1
        assert write_line(read_line(line)) == line


@_SLOW
@given(list_decisions(), st.data())
def test_a_torn_tail_loses_that_line_only(tmp_path_factory, made, data):
    path = tmp_path_factory.mktemp("log") / "decisions.jsonl"
    whole = b"".join(write_line(d) for d in made)
    cut = data.draw(st.integers(0, len(whole)))
    path.write_bytes(whole[:cut])
    kept = whole[:cut].count(b"\n")
    log = DecisionLog(path)
    found, troubles = log.read()
    # A line whole but for its end is a decision.
    assert [d.id for d in found[:kept]] == [d.id for d in made[:kept]]
    assert len(found) + len(troubles) <= kept + 1
    last = decide("accept")
    log.append(last)
    again, troubles = log.read()
    assert [d.id for d in again] == [*(d.id for d in found), last.id]
    assert troubles == []


def test_what_was_torn_is_kept_beside(tmp_path):
    path = tmp_path / "decisions.jsonl"
    log = DecisionLog(path)
    log.append(decide("accept"))
    line = write_line(decide("note", {"note": "半"}))
    path.write_bytes(path.read_bytes() + line[:40])
    assert "line 2: no decision" in log.read()[1][0]
    log.append(decide("reject"))
    assert (tmp_path / "decisions.jsonl.torn").read_bytes() == line[:40] + b"\n"
    assert [d.action for d in log.read()[0]] == ["accept", "reject"]


@_SLOW
@given(list_decisions(), st.randoms(use_true_random=False))
def test_lines_in_any_order_and_twice_come_to_the_same(made, rng):
    shuffled = [*made, *(d for d in made if rng.random() < 0.3)]
    rng.shuffle(shuffled)
    one, other = fold(made), fold(shuffled)
    assert one == other


def test_two_processes_lose_nothing(tmp_path):
    path = tmp_path / "decisions.jsonl"
    writers = [start_writer(path, name, 60) for name in ("a", "b")]
    said = [line for writer in writers for line in writer.communicate(timeout=120)[0].split()]
    found, troubles = DecisionLog(path).read()
    assert troubles == [] and sorted(d.id for d in found) == sorted(said) and len(said) == 120


def test_a_kill_in_a_burst_loses_nothing_that_was_acknowledged(tmp_path):
    path = tmp_path / "decisions.jsonl"
    for round_ in range(3):
        writer = start_writer(path, f"r{round_}", 100_000)
        deadline = time.monotonic() + 60
        size = path.stat().st_size if path.exists() else 0
        while time.monotonic() < deadline and (not path.exists() or path.stat().st_size < size + 60_000):
            time.sleep(0.01)
        os.kill(writer.pid, signal.SIGKILL)
        said = writer.communicate(timeout=30)[0].split("\n")[:-1]
        assert said
        found = {d.id for d in DecisionLog(path).read()[0]}
        assert set(said) <= found


def test_follow_tells_what_others_wrote(tmp_path):
    path = tmp_path / "decisions.jsonl"
    mine, other = DecisionLog(path), DecisionLog(path)
    assert mine.follow() == []
    first, second = decide("accept"), decide("reject")
    mine.append(first)
    other.append(second)
    assert [d.id for d in mine.follow()] == [first.id, second.id]
    assert mine.follow() == []


def test_follow_waits_for_a_line_to_be_whole(tmp_path):
    path = tmp_path / "decisions.jsonl"
    log = DecisionLog(path)
    line = write_line(decide("accept"))
    path.write_bytes(line[:30])
    assert log.follow() == []
    path.write_bytes(line)
    assert len(log.follow()) == 1


def test_follow_survives_a_merge_of_git(tmp_path):
    path = tmp_path / "decisions.jsonl"
    ours, theirs, later = decide("accept"), decide("reject"), decide("defer")
    log = DecisionLog(path)
    log.append(ours)
    assert [d.id for d in log.follow()] == [ours.id]
    merged = b"".join(map(write_line, (theirs, ours, later)))
    part = tmp_path / "part"
    part.write_bytes(merged)
    part.replace(path)
    assert {d.id for d in log.follow()} == {theirs.id, later.id}
    path.write_bytes(write_line(theirs))
    assert log.follow() == []


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"<<<<<<< HEAD", "JSON"),
        (b"[]", "object"),
        (write_line(decide("accept")).replace(b'"accept"', b'"praise"'), "action"),
        (write_line(decide("accept")).replace(b"+00:00", b""), "zone"),
        (write_line(decide("kind", {"kind": "mural"})).replace(b"mural", b"fresco"), "kind"),
        (write_line(decide("move", {"bbox": [0, 0, 5, 5]})).replace(b"[0,0,5,5]", b"[5,0,5,5]"), "box"),
        ("折".encode("gbk"), "JSON"),
    ],
)
def test_what_is_no_decision_is_one_line_and_the_rest_is_read(tmp_path, line, why):
    path = tmp_path / "decisions.jsonl"
    path.write_bytes(write_line(decide("accept")) + line + b"\n" + write_line(decide("reject")))
    found, troubles = DecisionLog(path).read()
    assert [d.action for d in found] == ["accept", "reject"]
    assert len(troubles) == 1 and troubles[0].startswith("decisions.jsonl, line 2: ") and why in troubles[0]
    assert "\n" not in troubles[0]


def test_what_would_not_be_read_is_not_written(tmp_path):
    log = DecisionLog(tmp_path / "decisions.jsonl")
    for bad in (
        decide("edit", {"title": "\ud800"}),
        decide("split", {"parts": []}),
        decide("accept", reviewer=" "),
    ):
        with pytest.raises(ValueError):
            log.append(bad)
    assert log.read() == ([], [])


def test_other_separators_of_lines_stay_in_a_text(tmp_path):
    log = DecisionLog(tmp_path / "decisions.jsonl")
    text = "一\u2028二\x85三\r\n四\n五"
    log.append(decide("edit", {"description": text}, target=make_target(text=text)))
    assert log.read()[0][0].payload["description"] == text


def test_a_full_disk_leaves_the_log_as_it_was(mount_disk):
    disk = mount_disk("64k")
    log = DecisionLog(disk / "decisions.jsonl")
    log.append(decide("accept"))
    before = log.path.read_bytes()
    with pytest.raises(LogError, match="cannot be written"):
        log.append(decide("note", {"note": "x" * 200_000}))
    assert log.path.read_bytes() == before
