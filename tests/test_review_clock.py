"""Decisions under a clock that is put back: what was decided last has the last word, whatever its time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from secrets import token_hex

import pytest

from alignment.decisions.log import DecisionLog
from alignment.decisions.states import States
from alignment.review.desk import Desk
from alignment.review.index import ItemIndex, write_index
from alignment.review.items import Item

BOX = (10.0, 10.0, 90.0, 90.0)
ITEM = Item(
    pair_id="a" * 16,
    document="a.pdf",
    document_sha256="0" * 64,
    page=1,
    page_size=(100.0, 100.0),
    bbox=BOX,
    kind="pattern",
    title="云纹",
    caption="图1　云纹",
    description="云纹",
    score=0.9,
    rule="caption",
    entry_id="e",
    phash="0" * 16,
    image_sha256="",
    width_px=80,
    height_px=80,
    origin="scan",
    ocr_confidence=None,
    review_status="unreviewed",
    reviewer="",
    risk=0.1,
    stratum="s",
)


class Source:
    """A release that the machine alone made."""

    def find_machine(self, item: Item) -> Item:
        return item


class Clock(datetime):
    """Says what it is set to."""

    moment = datetime(2026, 5, 1, tzinfo=UTC)

    @classmethod
    def now(cls, tz=None):
        return cls.moment


@pytest.fixture
def desk(tmp_path, monkeypatch):
    write_index(tmp_path / "index.sqlite", "digest", [ITEM])
    monkeypatch.setattr("alignment.review.desk.datetime", Clock)
    index = ItemIndex(tmp_path / "index.sqlite")
    yield Desk(Source(), index, DecisionLog(tmp_path / "decisions.jsonl"))
    index.close()


def edit(desk: Desk, title: str) -> None:
    desk.decide("甲", {"id": token_hex(16), "action": "edit", "items": [1], "payload": {"title": title}})


def test_a_clock_that_is_put_back_does_not_bring_back_what_was_decided_before(desk, tmp_path, monkeypatch):
    edit(desk, "团窠云纹")
    for days, title in ((-400, "云气纹"), (0, "连云纹"), (-30, "卷云纹")):
        monkeypatch.setattr(Clock, "moment", datetime(2026, 5, 1, tzinfo=UTC) + timedelta(days=days))
        edit(desk, title)
        assert desk.judge(ITEM.pair_id).fields["title"] == title
    desk.undo("甲")
    assert desk.judge(ITEM.pair_id).fields["title"] == "连云纹"
    desk.redo("甲")
    assert desk.judge(ITEM.pair_id).fields["title"] == "卷云纹"
    # A build, which has the log alone, sees the same.
    decisions, troubles = DecisionLog(tmp_path / "decisions.jsonl").read()
    assert troubles == [] and [d.time for d in decisions] == sorted(d.time for d in decisions)
    assert "卷云纹" in States(decisions).get(ITEM.pair_id).new_texts["title"]
