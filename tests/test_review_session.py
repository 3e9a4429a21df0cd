"""A session at the review page over a book with planted faults, and the release that is built from it."""

from __future__ import annotations

import pyarrow.parquet as pq
import pytest
from book_making import read_report, run_culti
from browsing import find_browser
from review_making import Reviewer, build_reviewed, open_browser, read_log, serve

pytestmark = pytest.mark.skipif(not find_browser(), reason="no Chromium on this machine (chromium, chrome)")

DRAWN = (60, 440, 200, 540)


def review(page: Reviewer) -> None:
    """Puts right what is wrong: see the test for what that is."""
    for words in ("对鸟纹锦", "团窠花纹绫"):
        page.show(words)
        page.press("r")
        page.settle()
    page.show("缠枝莲绞锦")
    page.press("e")
    for label, text in (("题名", "缠枝莲妆锦"), ("图注", "图3　缠枝莲妆锦"), ("描述", "缠枝莲妆锦")):
        page.page.get_by_label(label, exact=True).fill(text)
    page.press("Control+Enter")
    page.settle()
    page.show("左半幅")
    page.press("m", "Enter")
    page.settle()
    page.show("双联壁画")
    page.press("s", "Enter")
    page.settle()
    page.show("出版社标志")
    page.press("x")
    page.show("折枝花罗")
    page.press("b")
    page.drag((360, 280), (330, 250))
    page.press("Enter")
    page.settle()
    page.show("云气纹绢")
    page.press("2")
    page.settle()
    page.show("飞天藻井")
    page.press("c")
    page.drag((100, 120), (200, 200))
    page.page.get_by_label("细部的说明").fill("飞天")
    page.press("Enter")
    page.settle()
    page.show("菱格纹锦")
    number = page.shown
    page.press("n")
    page.drag(DRAWN[:2], DRAWN[2:])
    page.press("Enter")
    page.wait(f"!['', '{number}'].includes(document.body.dataset.shown)")
    page.press("e")
    page.page.get_by_label("描述", exact=True).fill("补画的图")
    page.press("Control+Enter")
    page.settle()
    page.show("script")
    page.press("a")
    page.settle()


def read_rows(release) -> dict[int, list[dict]]:
    rows: dict[int, list[dict]] = {}
    for shard in sorted((release / "data").iterdir()):
        for row in pq.read_table(shard).to_pylist():
            rows.setdefault(row["page"], []).append(row)
    return {page: sorted(found, key=lambda r: r["figure_bbox"]) for page, found in rows.items()}


def test_planted_faults_are_right_in_the_rebuilt_release(tmp_path):
    release = build_reviewed(tmp_path)
    with serve(release) as (address, _), open_browser() as browser:
        page = Reviewer(browser, address)
        review(page)
        assert page.errors == []
    actions = [line["action"] for line in read_log(tmp_path)]
    assert sorted(set(actions)) == sorted(
        ["repair", "edit", "merge", "split", "reject", "move", "kind", "cut", "add", "accept"]
    )

    build_reviewed(tmp_path)
    done = run_culti("verify", release)
    assert done.returncode == 0, done.stderr + done.stdout
    rows = read_rows(release)
    box = {
        page: [pytest.approx(row["figure_bbox"], abs=1.5) for row in found] for page, found in rows.items()
    }
    # Two captions that stood under each other's figures.
    assert [row["description"] for row in rows[1]] == ["团窠花纹绫", "对鸟纹锦"]
    # A character that was read wrong.
    (edited,) = rows[2]
    assert (edited["title"], edited["caption"]) == ("缠枝莲妆锦", "图3　缠枝莲妆锦")
    assert (edited["description"], edited["review_status"], edited["reviewer"]) == (
        "缠枝莲妆锦",
        "edited",
        "甲",
    )
    # One figure that was taken for two, and two that were taken for one.
    assert box[3] == [[40, 90, 380, 230]]
    assert box[4] == [[60, 100, 210, 280], [210, 100, 360, 280]]
    # A publisher's mark.
    assert 5 not in rows
    # A box that reached too far.
    assert box[6] == [[60, 100, 330, 250]]
    assert [row["kind"] for row in rows[7]] == ["textile"]
    # A detail, and a figure that was missed.
    whole, detail = rows[8]
    assert box[8] == [[60, 100, 360, 280], [100, 120, 200, 200]]
    assert (detail["parent_pair_id"], detail["description"]) == (whole["pair_id"], "飞天")
    drawn = next(row for row in rows[9] if row["review_status"] == "added")
    assert drawn["figure_bbox"] == pytest.approx(DRAWN, abs=1.5) and drawn["description"] == "补画的图"
    assert rows[10][0]["review_status"] == "accepted"
    assert "stale" not in str(read_report(tmp_path / "release.work").get("decisions", {}).get("fates", ""))

    # The page shows what stands, and everything can still be taken back.
    with serve(release) as (address, _), open_browser() as browser:
        page = Reviewer(browser, address)
        page.show("缠枝莲妆锦")
        assert page.state() == "changed"
        for _ in actions:
            page.press("u")
            page.settle()
        page.wait("document.querySelectorAll('.line:not(.open)').length === 0")
        assert page.errors == []
