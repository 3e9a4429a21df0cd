"""The queue: what became of decisions in a rebuild brings a pair forward, until someone decides again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from release_making import SOURCE, make_build, make_info

from alignment.decisions.log import DecisionLog
from alignment.decisions.records import Decision, Target, digest_seen
from alignment.review.desk import Desk, Rebased
from alignment.review.index import ItemIndex
from alignment.review.items import Item, Query
from export.reading import open_release
from export.release import write_release
from export.rows import Row
from flows.review_source import ReleaseSource
from flows.reviewing import make_index, open_index
from flows.workspace import Workspace


@pytest.fixture(scope="module")
def likely(rows: list[Row], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release whose pairs are likely right, those without text aside."""
    out = tmp_path_factory.mktemp("likely") / "release"
    sure = [replace(row, kind_score=0.75, pair_score=0.875) for row in rows]
    write_release(out, sure, make_info(SOURCE), make_build(SOURCE))
    return out


def decide(item: Item, number: int, who: str, action: str, payload: dict) -> Decision:
    box = item.bbox or (0.0, 0.0, 0.0, 0.0)
    target = Target(
        item.pair_id, item.document, item.document_sha256, item.page, box, item.phash, item.description
    )
    seen = digest_seen(item.pair_id, box, item.title, item.caption, item.description, item.kind)
    time = f"2026-11-30T08:00:{number:02d}.000000+00:00"
    return Decision(f"{number:032x}", time, who, action, target, seen, payload)


def list_numbers(index: ItemIndex) -> list[int]:
    data = index.list_queue(Query())
    return np.frombuffer(data[: len(data) // 5 * 4], "<u4").tolist()


def test_stale_rebased_and_disputed_pairs_come_before_their_own_risk(likely: Path, tmp_path: Path) -> None:
    stored, workspace = open_release(likely), Workspace(tmp_path)
    index = open_index(stored, workspace)
    stale, rebased, disputed = (index.get(n) for n in list_numbers(index)[-3:])
    log = DecisionLog(tmp_path / "decisions.jsonl")
    lines = [
        decide(stale, 1, "甲", "accept", {}),
        decide(rebased, 2, "甲", "accept", {}),
        decide(disputed, 3, "甲", "edit", {"title": "一名"}),
        decide(disputed, 4, "乙", "edit", {"title": "又名"}),
    ]
    for line in lines:
        log.append(line)
    told = Rebased({}, frozenset([lines[0].id]), frozenset([lines[1].id]))
    desk = Desk(ReleaseSource(stored, workspace, []), index, log, told)
    where = {number: place for place, number in enumerate(list_numbers(index))}
    assert where[disputed.number] == 0
    flagged = {item.number for item in (stale, rebased, disputed)}
    certain = [n for n in where if index.get(n).risk < 0.4 and n not in flagged]
    assert certain and all(where[stale.number] < where[n] for n in certain)
    assert all(where[rebased.number] < where[n] for n in certain)
    log.append(decide(stale, 5, "甲", "accept", {}))
    log.append(decide(rebased, 6, "乙", "note", {"note": "a note is no decision"}))
    desk.follow()
    where = {number: place for place, number in enumerate(list_numbers(index))}
    assert all(where[stale.number] > where[n] for n in certain)
    assert all(where[rebased.number] < where[n] for n in certain)
    index.close()


def test_an_index_is_made_once_for_a_release(release: Path, tmp_path: Path) -> None:
    stored, workspace = open_release(release), Workspace(tmp_path)
    path = make_index(stored, workspace)
    before = path.stat()
    open_index(stored, workspace).close()
    assert make_index(stored, workspace).stat().st_ino == before.st_ino
    path.write_bytes(b"damaged")
    open_index(stored, workspace).close()
    assert path.stat().st_size == before.st_size
