"""A second look by the server's door: in what it answers is nothing of what others decided."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from book_making import write_sources
from review_calling import Caller
from review_making import (
    LEFT,
    RIGHT,
    WIDE,
    bring_into_sample,
    build_reviewed,
    read_log,
    serve,
    write_review_book,
)

FIRST, SECOND = "第一人", "第二人"
NEW = "改过的题名"
# Page and box of those that a second reviewer is to see.
EDITED, MOVED, REJECTED, LEFT_ALONE = SAMPLE = ((1, LEFT), (6, WIDE), (7, WIDE), (8, WIDE))
NEIGHBOUR, PAIRED = (1, RIGHT), (3, LEFT)


def build(folder: Path) -> Path:
    write_review_book(folder / "book.pdf")
    write_sources(folder, "book.pdf")
    bring_into_sample(folder / "book.pdf", *SAMPLE)
    build_reviewed(folder)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("blind"))


def enter(address: str, name: str) -> Caller:
    caller = Caller(address)
    caller.enter()
    assert caller.post("api/name", {"name": name})[0] == 200
    return caller


def find_items(caller: Caller, second: str = "") -> dict[tuple[int, tuple[int, ...]], int]:
    """The items of the queue by page and box."""
    found = {}
    for number in list_queue(caller, second):
        item = caller.read(f"api/item/{number}{second}")
        found[item["page"], tuple(round(v) for v in item["machine"]["bbox"])] = number
    return found


def list_queue(caller: Caller, query: str = "") -> dict[int, int]:
    """The numbers of the queue and the states that it gives them."""
    status, _, body = caller.ask(f"api/queue{query}")
    assert status == 200, body
    count = len(body) // 5
    return dict(zip(np.frombuffer(body[: 4 * count], "<u4").tolist(), body[4 * count :], strict=True))


def list_answers(caller: Caller, items: list[int]) -> dict[str, bytes]:
    """All that a second look at these items asks for, as it comes."""
    numbers = ",".join(map(str, items))
    paths = [f"api/entries?numbers={numbers}&second=1"]
    for number in items:
        paths += [f"api/item/{number}?second=1", f"picture/{number}/large?second=1"]
        paths += [f"picture/{number}/small?second=1"]
        paths += [f"api/sheet/{number}/{page}?second=1" for page in (1, 3, 6, 7, 8)]
    return {path: caller.ask(path)[2] for path in paths}


def review(caller: Caller, items: dict[Any, int]) -> None:
    """What the first reviewer decides, of each sort something."""

    def decide(place: object, action: str, payload: object = None) -> None:
        status, answer = caller.decide(action, [items[place]], payload)
        assert status == 200, answer

    texts = caller.read(f"api/item/{items[PAIRED]}")["texts"]
    decide(EDITED, "edit", {"title": NEW, "caption": f"图1　{NEW}", "description": NEW})
    decide(EDITED, "note", {"note": "问过作者"})
    decide(EDITED, "kind", {"kind": "mural"})
    decide(EDITED, "cut", {"bbox": [60, 100, 120, 160], "words": "鸟首"})
    decide(EDITED, "accept")
    decide(MOVED, "move", {"bbox": [60, 100, 330, 250]})
    decide(REJECTED, "reject", {"reason": "出版社的标志"})
    decide(LEFT_ALONE, "accept")
    decide(NEIGHBOUR, "edit", {"caption": NEW})
    decide(NEIGHBOUR, "add", {"bbox": [60, 440, 200, 540], "texts": [], "kind": "mural"})
    decide(PAIRED, "repair", {"texts": texts[:0]})
    decide(PAIRED, "merge", {"with": [items[3, RIGHT]]})


def pulse(caller: Caller, **more: object) -> dict[str, Any]:
    status, answer = caller.post("api/pulse", {"client": "tab", "since": 0, "progress": True, **more})
    assert status == 200
    return answer


def agree(caller: Caller) -> dict[str, Any]:
    return pulse(caller)["progress"]["agreement"]


@pytest.fixture
def callers(folder: Path) -> Iterator[tuple[Caller, Caller]]:
    (folder / "decisions.jsonl").unlink(missing_ok=True)
    with serve(folder / "release") as (address, _):
        yield enter(address, FIRST), enter(address, SECOND)


def test_a_second_look_is_told_what_it_would_be_told_had_nobody_decided(folder, callers):
    first, second = callers
    items = find_items(first)
    before = list_answers(second, list(items.values()))
    assert list_queue(second, "?second=1") == {}
    review(first, items)
    after = list_answers(second, list(items.values()))
    assert {path for path in before if before[path] != after[path]} == set()
    assert any(NEW.encode() in first.ask(f"api/item/{n}")[2] for n in items.values())

    # The sample, all of it open, whatever is asked of what others made of it.
    sample = {items[place] for place in SAMPLE}
    assert list_queue(second, "?second=1") == dict.fromkeys(sample, 0)
    assert list_queue(first, "?second=1") == {}
    assert list_queue(second, f"?second=1&words={quote(NEW)}") == {}
    assert list_queue(second, "?second=1&kind=mural") == list_queue(second, "?second=1&state=accepted") == {}
    assert list_queue(second, f"?second=1&words={quote('对鸟')}") == {items[EDITED]: 0}

    # Nothing comes by way of the changes, and nobody is said to be at anything.
    first.post("api/pulse", {"client": "other", "want": [items[EDITED]]})
    told = pulse(second, blind=True, want=[items[EDITED]])
    assert told.pop("upto") > 0 and told == {"refused": {}, "others": {}, "entries": []}
    assert second.read("api/start?second=1")["progress"] is None
    added = max(list_queue(first))
    assert second.ask(f"api/item/{added}?second=1")[0] == 404
    assert second.read(f"api/entries?numbers={added}&second=1") == []

    # What one decided oneself is there.
    assert first.read(f"api/item/{items[EDITED]}?second=1")["title"] == NEW


def test_what_is_decided_blind_is_marked_and_stands_beside_the_first(folder, callers):
    first, second = callers
    items = find_items(first)
    review(first, items)
    seen = [second.read(f"api/item/{items[EDITED]}?second=1")["seen"]]
    assert second.decide("accept", [items[EDITED]], seen=["0" * 16], blind=True)[0] == 409
    lines = len(read_log(folder))
    assert second.decide("accept", [items[EDITED]], seen=seen, blind=True)[0] == 200
    (line,) = read_log(folder)[lines:]
    assert (line["reviewer"], line["payload"], line["seen"]) == (SECOND, {"blind": True}, seen[0])
    assert line["target"]["text"] == "对鸟纹锦"

    item = second.read(f"api/item/{items[EDITED]}")
    assert (item["state"], item["title"]) == ("conflict", NEW)
    (dispute,) = item["disputes"]
    assert [side["reviewer"] for side in dispute["sides"]] == [FIRST, SECOND]
    assert dispute["sides"][1]["payload"] == {"blind": True}
    # While the look goes on it stays blind; what was decided is out of it.
    item = second.read(f"api/item/{items[EDITED]}?second=1")
    assert (item["state"], item["title"], item["who"]) == ("accepted", "对鸟纹锦", [SECOND])
    assert [line["reviewer"] for line in item["history"]] == [SECOND] and item["disputes"] == []
    assert items[EDITED] not in list_queue(second, "?second=1")
    assert [e["number"] for e in pulse(second, blind=True)["entries"]] == [items[EDITED]]

    # What agrees, and what does not.
    assert second.decide("accept", [items[LEFT_ALONE]], blind=True)[0] == 200
    assert second.decide("move", [items[MOVED]], {"bbox": [60, 100, 330, 250]}, blind=True)[0] == 200
    assert second.decide("accept", [items[REJECTED]], blind=True)[0] == 200
    states = {place: first.read(f"api/item/{items[place]}")["state"] for place in SAMPLE}
    assert list(states.values()) == ["conflict", "changed", "conflict", "accepted"]
    told = agree(second)
    assert (told["pairs"], told["observed"]) == (4, 0.5) and 0 < told["kappa"] < 0.5
    # A judgement of one who saw the other's is none that agreement counts.
    second.decide("accept", [items[NEIGHBOUR]])
    assert agree(second) == told

    # Taken back in the look, it is open again; taken back by one who knows, it is not forgotten.
    assert second.post("api/undo", {"blind": True})[1]["numbers"] == [items[NEIGHBOUR]]
    assert second.post("api/undo", {"blind": True})[1]["numbers"] == [items[REJECTED]]
    assert list_queue(second, "?second=1") == {items[REJECTED]: 0}
    assert agree(second)["pairs"] == 3
    assert second.post("api/redo", {"blind": True})[0] == 200
    assert second.post("api/undo", {})[1]["numbers"] == [items[REJECTED]]
    assert agree(second) == told


def test_only_what_is_for_a_second_look_is_decided_blind(folder, callers):
    first, second = callers
    items = find_items(first)
    review(first, items)
    lines = read_log(folder)
    page = [items[EDITED], items[NEIGHBOUR]]
    for action, numbers, payload in (
        ("accept", [items[NEIGHBOUR]], {}),
        ("accept", page, {}),
        ("add", [items[EDITED]], {"bbox": [60, 440, 200, 540], "texts": [], "kind": "mural"}),
        ("cut", [items[EDITED]], {"bbox": [60, 100, 120, 160], "words": "鸟首"}),
    ):
        status, answer = second.decide(action, numbers, payload, blind=True)
        assert (status, answer["error"]) == (400, "payload") and answer["words"].startswith("blind")
    assert first.decide("accept", [items[EDITED]], blind=True)[0] == 400
    assert read_log(folder) == lines
    # Who puts it off sees it again, at the end.
    assert second.decide("defer", [items[MOVED]], blind=True)[0] == 200
    queue = list_queue(second, "?second=1")
    assert list(queue)[-1] == items[MOVED] and sorted(queue.values()) == [0, 0, 0, 4]


def test_a_side_of_a_conflict_is_chosen(folder, callers):
    first, second = callers
    items = find_items(first)
    review(first, items)
    assert second.decide("accept", [items[EDITED]], blind=True)[0] == 200

    def choose(payload: object) -> dict[str, Any]:
        (dispute,) = first.read(f"api/item/{items[EDITED]}")["disputes"]
        over = [side["id"] for side in dispute["sides"]]
        assert first.decide("accept", [items[EDITED]], payload, over=over)[0] == 200
        return first.read(f"api/item/{items[EDITED]}")

    item = choose({"machine": True})
    assert (item["state"], item["title"], item["kind"]) == ("accepted", "对鸟纹锦", item["machine"]["kind"])
    assert first.post("api/undo", {})[0] == 200
    item = choose({})
    assert (item["state"], item["title"], item["kind"]) == ("changed", NEW, "mural")


def test_a_release_that_was_built_since_is_looked_at_as_the_machine_made_it(tmp_path):
    folder = build(tmp_path)
    with serve(folder / "release") as (address, _):
        first, second = enter(address, FIRST), enter(address, SECOND)
        items = find_items(first)
        before = {place: second.read(f"api/item/{n}?second=1") for place, n in items.items()}
        sheets = {page: second.read(f"api/sheet/1/{page}?second=1") for page in (1, 3, 6, 7, 8)}
        review(first, items)
    build_reviewed(folder)
    with serve(folder / "release") as (address, _):
        first, second = enter(address, FIRST), enter(address, SECOND)
        assert first.read(f"api/item/{find_items(first)[EDITED]}")["title"] == NEW
        now = find_items(second, "?second=1")
        assert set(now) == set(SAMPLE)
        for place, number in now.items():
            item, then = second.read(f"api/item/{number}?second=1"), before[place]
            for told in (item, then):
                told.pop("number")
                told["neighbours"] = sorted(({**n, "number": 0} for n in told["neighbours"]), key=json.dumps)
            assert item == then
            assert second.ask(f"picture/{number}/large?second=1")[0] == 200
        anchor = now[EDITED]
        for page, then in sheets.items():
            sheet = second.read(f"api/sheet/{anchor}/{page}?second=1")
            for figure in (*sheet["figures"], *then["figures"]):
                figure.pop("number")
            assert sheet == then
        assert second.decide("accept", [now[EDITED]], blind=True)[0] == 200
        assert read_log(folder)[-1]["target"]["text"] == "对鸟纹锦"
        assert second.read(f"api/item/{now[EDITED]}")["state"] == "conflict"
    release = build_reviewed(folder)
    told = json.loads((release.with_name("release.work") / "build_report.json").read_text("utf-8"))[
        "decisions"
    ]
    assert told["conflict"] == 1
