"""A second look in a real browser: what the second reviewer sees is the machine's, whatever the first did."""

from __future__ import annotations

from pathlib import Path

import pytest
from book_making import write_sources
from browsing import find_browser
from playwright.sync_api import Response
from review_making import (
    LEFT,
    RIGHT,
    WIDE,
    Reviewer,
    bring_into_sample,
    build_reviewed,
    open_browser,
    read_log,
    serve,
    wait_until,
    write_review_book,
)

pytestmark = pytest.mark.skipif(not find_browser(), reason="no Chromium on this machine (chromium, chrome)")

NEW, NOTE = "改过的题名", "问过作者"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book of which both pictures of page 3, one of page 1, and that of page 6 are for a second look."""
    path = tmp_path_factory.mktemp("blind")
    write_review_book(path / "book.pdf")
    write_sources(path, "book.pdf")
    bring_into_sample(path / "book.pdf", (1, LEFT), (3, LEFT), (3, RIGHT), (6, WIDE))
    build_reviewed(path)
    return path


@pytest.fixture(scope="module")
def browser():
    with open_browser() as browser:
        yield browser


@pytest.fixture
def pages(folder, browser):
    (folder / "decisions.jsonl").unlink(missing_ok=True)
    with serve(folder / "release") as (address, _):
        first, second = Reviewer(browser, address, "甲"), Reviewer(browser, address, "乙")
        review(first, folder)
        yield first, second
        assert first.errors == [] and second.errors == []
        for page in (first, second):
            page.context.close()


def review(page: Reviewer, folder: Path) -> None:
    """What the first reviewer does: texts, kind, box, note, and acceptance."""
    page.show("对鸟纹锦")
    page.press("e")
    for label in ("题名", "图注", "描述"):
        page.page.get_by_label(label, exact=True).fill(NEW)
    page.press("Control+Enter")
    page.settle()
    page.press("4")
    page.settle()
    page.press("b", *["ArrowRight"] * 9, "Enter")
    page.settle()
    page.press("t")
    page.page.locator("dialog input").fill(NOTE)
    page.press("Enter")
    page.settle()
    page.press("a")
    page.settle()
    for words, key in (("团窠花纹绫", "a"), ("折枝花罗", "x"), ("左半幅", "a"), ("右半幅", "a")):
        page.show(words)
        page.press(key)
        page.settle()
    wait_until(lambda: len(read_log(folder)) == 9)


def begin_second_look(page: Reviewer) -> None:
    page.click("filters")
    page.page.check("[data-filter='second']")
    page.wait("document.body.dataset.blind === 'yes' && document.body.dataset.shown !== ''")


def take(page: Reviewer, folder: Path, *keys: str, lines: int = 1) -> list[dict]:
    before = len(read_log(folder))
    page.press(*keys)
    wait_until(lambda: len(read_log(folder)) >= before + lines)
    page.settle()
    return read_log(folder)[before:]


def test_the_second_reviewer_sees_the_machines_own(folder, pages):
    first, page = pages
    answers: list[str] = []

    def keep(response: Response) -> None:
        if "/api/" in response.url:
            answers.append(response.text())

    begin_second_look(page)
    page.page.on("response", keep)
    assert page.page.locator(".line").count() == 4
    page.show("对鸟纹锦")
    assert [page.text(name) for name in ("title", "caption", "description")] == [
        "对鸟纹锦",
        "图1　对鸟纹锦",
        "对鸟纹锦",
    ]
    assert page.state() == "open" and page.page.locator(".line:not(.open)").count() == 0
    assert page.page.locator("[data-kind='mural'][aria-checked='true']").count() == 0
    # Until the released pixels are there, a piece of the page stands for them; of a moved box it would stay.
    page.page.wait_for_selector(".crop img")
    for gone in (".note", ".history", ".dispute", ".stamp:not(.open)", ".figure.accepted", ".crop .piece"):
        assert page.page.locator(gone).count() == 0, gone
    left = page.page.locator(".figure.current").bounding_box()
    assert left and left["x"] == pytest.approx(page.to_window(40, 90)[0], abs=3)
    # The first goes on meanwhile; nothing of that comes by itself.
    first.show("折枝花罗")
    first.press("t")
    first.page.locator("dialog input").fill(NOTE)
    first.press("Enter")
    first.settle()
    page.page.wait_for_timeout(4000)
    for key in ("j", "j", "k", "k"):
        page.press(key)
        page.page.wait_for_timeout(150)
    shown = page.page.inner_text("body")
    assert not any(word in shown + "".join(answers) for word in (NEW, NOTE, "甲")), shown
    assert answers

    # A reload, or another language, is no way out.
    page.page.reload()
    page.page.wait_for_selector("body[data-blind='yes'][data-shown]:not([data-shown=''])")
    page.press("l")
    page.page.wait_for_selector("body[data-blind='yes'] .blind:has-text('Blind')")
    page.wait("document.body.dataset.shown !== ''")
    page.press("l")
    page.wait("document.querySelectorAll('.line').length === 4 && document.body.dataset.shown !== ''")
    assert NEW not in page.page.inner_text("body")


def test_what_is_decided_in_it_stands_beside_the_first_and_is_chosen_later(folder, pages):
    _, page = pages
    begin_second_look(page)
    page.show("对鸟纹锦")
    (line,) = take(page, folder, "a")
    assert (line["action"], line["reviewer"], line["payload"]) == ("accept", "乙", {"blind": True})
    page.show("折枝花罗")
    (line,) = take(page, folder, "4")
    assert line["payload"] == {"kind": "mural", "blind": True}
    page.wait("document.body.dataset.state === 'changed'")
    (line,) = take(page, folder, "u")
    assert line["payload"]["blind"] is True
    page.wait("document.body.dataset.state === 'open'")
    (line,) = take(page, folder, "U")
    page.wait("document.body.dataset.state === 'changed'")

    page.click("endSecond")
    page.wait("document.body.dataset.blind === 'no' && document.body.dataset.shown !== ''")
    page.show(NEW)
    assert page.state() == "conflict" and NOTE in page.page.inner_text(".panel-body")
    page.wait("document.querySelector('.estimate')?.innerText.includes('盲审 2 条')")
    sides = page.page.locator(".dispute button").all_inner_texts()
    assert ["".join(side.split()) for side in sides] == ["甲接受:改后的无误", "乙·盲审接受:机器所作无误"]
    page.page.click(".dispute [data-side='乙']")
    page.wait("document.body.dataset.state === 'accepted'")
    assert page.text("title") == "对鸟纹锦"
    page.settle()
    assert read_log(folder)[-1]["payload"]["machine"] is True
    take(page, folder, "u")
    page.page.wait_for_selector(".dispute")
    page.page.click(".dispute [data-side='甲']")
    page.wait("document.body.dataset.state !== 'conflict'")
    assert page.text("title") == NEW


def test_a_page_is_accepted_as_far_as_it_is_in_the_sample(folder, pages):
    _, page = pages
    begin_second_look(page)
    page.show("对鸟纹锦")
    (line,) = take(page, folder, "A")
    assert line["payload"] == {"blind": True} and line["target"]["text"] == "对鸟纹锦"
    page.show("左半幅")
    before = len(read_log(folder))
    page.click("acceptPage")
    wait_until(lambda: len(read_log(folder)) == before + 2)
    page.settle()
    assert {line["target"]["text"] for line in read_log(folder)[before:]} == {"左半幅", "右半幅"}
    assert len(take(page, folder, "u", lines=2)) == 2
    page.wait("document.querySelectorAll('.line.open').length === 3")


def test_what_is_not_for_a_second_look_is_not_opened_drawn_or_cut(folder, pages):
    _, page = pages
    begin_second_look(page)
    page.show("对鸟纹锦")
    number, lines = page.shown, len(read_log(folder))
    page.click_at(300, 160)
    page.wait("document.querySelector('.toast.shown')?.innerText.includes('复核')")
    for key in ("n", "c"):
        page.press(key)
        assert page.page.locator(".mode:not([hidden])").count() == 0
    page.page.locator(".stamp").first.click()
    page.page.wait_for_timeout(200)
    assert page.shown == number and len(read_log(folder)) == lines
    assert page.page.get_attribute("body", "data-blind") == "yes"


def test_all_looked_at_nothing_is_left(folder, pages):
    _, page = pages
    begin_second_look(page)
    for words in ("对鸟纹锦", "左半幅", "右半幅", "折枝花罗"):
        page.show(words)
        take(page, folder, "a")
    page.page.uncheck("[data-filter='second']")
    page.wait("document.body.dataset.blind === 'no' && document.body.dataset.shown !== ''")
    page.page.check("[data-filter='second']")
    page.wait("document.querySelector('.toast.shown')?.innerText === '没有待复核的条目'")
    assert page.page.locator(".line").count() == 0 and NEW not in page.page.inner_text("body")
    lines = len(read_log(folder))
    page.press("a", "A", "x")
    page.settle()
    assert len(read_log(folder)) == lines
    # What is taken back is there again.
    take(page, folder, "u")
    page.wait("document.querySelectorAll('.line').length === 1 && document.body.dataset.state === 'open'")
