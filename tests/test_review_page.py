"""The review page in a real browser: every action by keyboard and by mouse, and what the log then holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from browsing import find_browser
from review_making import PAGES, Reviewer, build_reviewed, open_browser, read_log, serve, wait_until

pytestmark = pytest.mark.skipif(not find_browser(), reason="no Chromium on this machine (chromium, chrome)")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("reviewed")
    build_reviewed(path)
    return path


@pytest.fixture(scope="module")
def browser():
    with open_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def address(folder):
    with serve(folder / "release") as (address, _):
        yield address


@pytest.fixture(scope="module")
def page(browser, address) -> Iterator[Reviewer]:
    reviewer = Reviewer(browser, address)
    yield reviewer
    assert reviewer.errors == []


def take(page: Reviewer, folder, act: Callable[[], None], lines: int = 1) -> list[dict]:
    """The lines that an act adds to the log."""
    before = len(read_log(folder))
    act()
    wait_until(lambda: len(read_log(folder)) >= before + lines)
    page.settle()
    return read_log(folder)[before:]


def undo(page: Reviewer, folder) -> None:
    """The last act undone, so that the next test meets the release as it was."""
    (line, *_) = take(page, folder, lambda: page.press("u"))
    assert line["action"] == "undo"
    wanted = line["target"]["pair_id"]
    page.wait(f"document.querySelector('.facts code')?.innerText === '{wanted}'")
    page.wait("document.body.dataset.state === 'open'")


def test_shows_the_riskiest_pair_with_its_page_picture_and_texts(page):
    first = page.page.inner_text(".line.current .words")
    assert first in page.page.inner_text(".fields")
    assert page.page.locator(".paper img").evaluate("i => i.naturalWidth") > 500
    assert page.page.locator(".crop img").evaluate("i => i.naturalWidth") > 100
    assert page.page.locator(".shapes .figure.current").count() == 1
    assert page.page.locator(".shapes .text.own").count() == 1


def test_the_trail_is_shown_as_a_diff(page):
    page.show("折枝花罗")
    page.page.click("[data-field='description'] summary")
    steps = page.page.locator("[data-field='description'] .trail")
    assert steps.count() >= 1
    assert page.page.locator("[data-field='description'] del", has_text="图8").count() >= 1


def test_what_a_book_prints_stays_text(page):
    page.show("script")
    assert "<script>" in page.text("caption")
    assert page.page.title() == "culti"
    assert page.page.locator(".fields script, .fields img, .queue img").count() == 0


PICTURES = sum(len(pictures) for pictures, _ in PAGES)
BY = ("keyboard", "mouse")


@pytest.mark.parametrize("by", BY)
@pytest.mark.parametrize(
    "key, command, action", [("a", "accept", "accept"), ("x", "reject", "reject"), ("d", "defer", "defer")]
)
def test_verdicts_go_on_to_the_next(page, folder, by, key, command, action):
    page.show("折枝花罗")
    number = page.shown
    (line,) = take(page, folder, lambda: page.press(key) if by == "keyboard" else page.click(command))
    assert (line["action"], line["reviewer"], line["payload"]) == (action, "甲", {})
    assert line["target"]["page"] == 6 and line["target"]["text"] == "折枝花罗"
    page.wait(f"document.body.dataset.shown !== '{number}'")
    undo(page, folder)
    assert page.shown == number


@pytest.mark.parametrize("by", BY)
def test_a_whole_page_is_accepted_and_undone_at_once(page, folder, by):
    page.show("对鸟纹锦")
    done = take(page, folder, lambda: page.press("A") if by == "keyboard" else page.click("acceptPage"), 2)
    assert [line["action"] for line in done] == ["accept", "accept"]
    assert {line["target"]["page"] for line in done} == {1}
    assert len(take(page, folder, lambda: page.press("u"), 2)) == 2
    page.wait("document.body.dataset.state === 'open'")


@pytest.mark.parametrize("by", BY)
def test_texts_are_edited_in_place(page, folder, by):
    page.show("缠枝莲绞锦")

    def act() -> None:
        page.press("e") if by == "keyboard" else page.click("edit")
        field = page.page.get_by_label("图注")
        field.fill("图3　缠枝莲妆锦")
        if by == "keyboard":
            page.press("Control+Enter")
        else:
            page.page.click(".editing button.primary")

    (line,) = take(page, folder, act)
    assert (line["action"], line["payload"]) == ("edit", {"caption": "图3　缠枝莲妆锦"})
    page.wait("document.body.dataset.state === 'changed'")
    assert page.text("caption") == "图3　缠枝莲妆锦"
    undo(page, folder)
    assert page.text("caption") == "图3　缠枝莲绞锦"


def test_leaving_the_editor_changes_nothing(page, folder):
    page.show("缠枝莲绞锦")
    before = len(read_log(folder))
    page.press("e")
    page.page.get_by_label("图注").fill("别的")
    page.press("Escape")
    assert page.text("caption") == "图3　缠枝莲绞锦"
    assert len(read_log(folder)) == before


@pytest.mark.parametrize("by", BY)
def test_the_next_candidate_is_taken_by_one_key(page, folder, by):
    page.show("对鸟纹锦")
    (line,) = take(page, folder, lambda: page.press("r") if by == "keyboard" else page.click("next"))
    assert line["action"] == "repair"
    assert [text["text"] for text in line["payload"]["texts"]] == ["图2　团窠花纹绫"]
    undo(page, folder)


@pytest.mark.parametrize("by", BY)
def test_a_text_is_picked_for_a_figure(page, folder, by):
    page.show("对鸟纹锦")

    def act() -> None:
        if by == "mouse":
            page.click("pick")
            page.click_at(300, 245)
            page.page.click("[data-mode='save']")
            return
        page.press("p")
        for _ in range(30):
            page.press("ArrowDown")
            if page.page.evaluate(FOCUSED).startswith("图2"):
                break
        # What it had goes, what it gets comes.
        page.press(" ")
        for _ in range(30):
            page.press("ArrowDown")
            if page.page.evaluate(FOCUSED).startswith("图1　"):
                break
        page.press(" ", "Enter")

    (line,) = take(page, folder, act)
    assert line["action"] == "repair"
    assert [text["text"] for text in line["payload"]["texts"]] == ["图2　团窠花纹绫"]
    undo(page, folder)


FOCUSED = """() => {
  const focus = document.querySelector('.shapes .focus');
  if (!focus) return '';
  const at = name => Number(focus.getAttribute(name));
  const texts = Array.from(document.querySelectorAll('.shapes .text'));
  const found = texts.find(t => ['x', 'y'].every(n => Math.abs(Number(t.getAttribute(n)) - at(n)) < 1));
  return found ? found.textContent.split('\\n')[1] : '';
}"""


@pytest.mark.parametrize("by", BY)
def test_a_box_is_moved(page, folder, by):
    page.show("云气纹绢")

    def act() -> None:
        page.press("b") if by == "keyboard" else page.click("box")
        if by == "keyboard":
            page.press(*["ArrowRight"] * 5, *["Shift+ArrowUp"] * 10, "Enter")
        else:
            page.drag((360, 280), (330, 250))
            page.page.click("[data-mode='save']")

    (line,) = take(page, folder, act)
    assert line["action"] == "move"
    wanted = [70, 100, 370, 260] if by == "keyboard" else [60, 100, 330, 250]
    assert line["payload"]["bbox"] == pytest.approx(wanted, abs=1.5)
    page.page.wait_for_selector(".crop .piece")
    undo(page, folder)


@pytest.mark.parametrize("by", BY)
def test_a_missed_figure_is_drawn(page, folder, by):
    page.show("云气纹绢")
    number = page.shown

    def act() -> None:
        page.press("n") if by == "keyboard" else page.click("add")
        if by == "keyboard":
            page.press(*["ArrowDown"] * 3, "Shift+ArrowRight", "Enter")
        else:
            page.drag((60, 440), (200, 540))
            page.page.click("[data-mode='save']")

    (line,) = take(page, folder, act)
    assert line["action"] == "add" and line["target"]["page"] == 7
    assert line["payload"]["texts"] == [] and len(line["payload"]["bbox"]) == 4
    if by == "mouse":
        assert line["payload"]["bbox"] == pytest.approx([60, 440, 200, 540], abs=1.5)
    page.wait(f"document.body.dataset.shown !== '{number}'")
    page.page.wait_for_selector(".crop .piece")
    (line,) = take(page, folder, lambda: page.press("u"))
    assert line["action"] == "undo"
    page.wait("document.body.dataset.shown !== '' && !document.querySelector('.crop .piece')")
    assert page.page.locator(".line").count() == PICTURES


@pytest.mark.parametrize("by", BY)
def test_a_detail_is_cut(page, folder, by):
    page.show("飞天藻井")

    def act() -> None:
        page.press("c") if by == "keyboard" else page.click("cut")
        page.page.get_by_label("细部的说明").fill("飞天")
        if by == "keyboard":
            page.press("Enter")
        else:
            page.drag((100, 120), (200, 200))
            page.page.click("[data-mode='save']")

    (line,) = take(page, folder, act)
    assert line["action"] == "cut" and line["payload"]["words"] == "飞天"
    if by == "mouse":
        assert line["payload"]["bbox"] == pytest.approx([100, 120, 200, 200], abs=1.5)
    undo(page, folder)


@pytest.mark.parametrize("by", BY)
def test_two_figures_become_one(page, folder, by):
    page.show("左半幅")

    def act() -> None:
        if by == "keyboard":
            page.press("m", "Enter")
        else:
            page.click("merge")
            page.click_at(300, 160)
            page.page.click("[data-mode='save']")

    (line,) = take(page, folder, act)
    assert line["action"] == "merge"
    assert [other["text"] for other in line["payload"]["with"]] == ["右半幅"]
    page.wait("document.querySelectorAll('.line.rejected').length === 1")
    undo(page, folder)
    assert page.page.locator(".line.rejected").count() == 0


@pytest.mark.parametrize("by", BY)
def test_a_figure_is_split(page, folder, by):
    page.show("双联壁画")

    def act() -> None:
        page.press("s") if by == "keyboard" else page.click("split")
        if by == "keyboard":
            page.press("ArrowRight", "ArrowRight", "Enter")
        else:
            page.drag((210, 190), (150, 190))
            page.page.click("[data-mode='save']")

    (line,) = take(page, folder, act)
    assert line["action"] == "split"
    first, second = (part["bbox"] for part in line["payload"]["parts"])
    assert first[2] == pytest.approx(216 if by == "keyboard" else 150, abs=1.5)
    assert (first[0], second[2]) == pytest.approx((60, 360), abs=1.5)
    undo(page, folder)


@pytest.mark.parametrize("by", BY)
def test_the_kind_is_set(page, folder, by):
    page.show("飞天藻井")
    (line,) = take(
        page, folder, lambda: page.press("4") if by == "keyboard" else page.page.click("[data-kind='mural']")
    )
    assert (line["action"], line["payload"]) == ("kind", {"kind": "mural"})
    assert page.page.get_attribute("[data-kind='mural']", "aria-checked") == "true"
    undo(page, folder)


@pytest.mark.parametrize("by", BY)
def test_a_note_is_written(page, folder, by):
    page.show("飞天藻井")

    def act() -> None:
        page.press("t") if by == "keyboard" else page.click("note")
        page.page.locator("dialog input").fill("查对原件 <b>")
        page.press("Enter") if by == "keyboard" else page.page.click("dialog button.primary")

    (line,) = take(page, folder, act)
    assert (line["action"], line["payload"]) == ("note", {"note": "查对原件 <b>"})
    page.page.wait_for_selector(".note")
    assert page.page.inner_text(".note") == "甲查对原件 <b>"
    take(page, folder, lambda: page.press("u"))


@pytest.mark.parametrize("by", BY)
def test_redo_does_it_again(page, folder, by):
    page.show("飞天藻井")
    (line,) = take(page, folder, lambda: page.press("5", "2"), 2)[1:]
    undone = take(page, folder, lambda: page.press("u") if by == "keyboard" else page.click("undo"))
    assert undone[0]["payload"] == {"of": line["id"]}
    done = take(page, folder, lambda: page.press("U") if by == "keyboard" else page.click("redo"))
    assert (done[0]["action"], done[0]["payload"]) == ("redo", {"of": line["id"]})
    page.page.wait_for_selector("[data-kind='textile'][aria-checked='true']")
    take(page, folder, lambda: page.press("u"))
    undo(page, folder)


def test_queue_is_walked_searched_and_narrowed(page):
    page.show("折枝花罗")
    first = page.shown
    page.press("j")
    page.wait(f"document.body.dataset.shown !== '{first}'")
    page.press("k")
    page.wait(f"document.body.dataset.shown === '{first}'")
    page.press("/")
    page.page.keyboard.type("团窠")
    page.press("Enter")
    page.wait("document.querySelectorAll('.line').length === 1")
    assert "团窠" in page.page.inner_text(".line.current")
    page.press("f")
    page.page.wait_for_selector(".filters:not([hidden])")
    page.page.click(".filters button")
    page.wait(f"document.querySelectorAll('.line').length === {PICTURES}")
    page.page.select_option("[data-filter='state']", "accepted")
    page.wait("document.querySelectorAll('.line').length === 0")
    page.page.click(".filters button")
    page.wait(f"document.querySelectorAll('.line').length === {PICTURES}")
    page.page.focus(".queue-lines")
    page.press("Escape")


def test_help_and_language(page):
    page.press("?")
    assert "撤销" in page.page.inner_text("dialog")
    page.press("Escape")
    page.press("l")
    page.wait("document.querySelector('[data-command=accept]').innerText.includes('Accept')")
    page.page.wait_for_selector("body[data-shown]:not([data-shown=''])")
    page.page.click("[data-command='language']")
    page.wait("document.querySelector('[data-command=accept]').innerText.includes('接受')")
    page.page.wait_for_selector("body[data-shown]:not([data-shown=''])")


def test_zoom_by_key_and_wheel_pan_by_drag(page):
    page.show("折枝花罗")
    wide = page.page.locator(".paper").bounding_box()["width"]
    page.press("+")
    assert page.page.locator(".paper").bounding_box()["width"] == pytest.approx(1.3 * wide, rel=0.01)
    page.page.mouse.move(*page.to_window(200, 200))
    page.page.mouse.wheel(0, 200)
    page.wait(f"document.querySelector('.paper').getBoundingClientRect().width < {1.25 * wide}")
    left = page.page.locator(".paper").bounding_box()["x"]
    page.drag((100, 480), (150, 480))
    assert page.page.locator(".paper").bounding_box()["x"] > left + 20
    page.press("0")
    assert page.page.locator(".paper").bounding_box()["width"] == pytest.approx(wide, rel=0.01)


def test_another_page_is_leafed_to_for_its_text(page, folder):
    page.show("折枝花罗")

    def act() -> None:
        page.press("p", "]")
        page.wait("document.querySelector('.tools .page').innerText.includes('7')")
        page.click_at(150, 297)
        page.press("Enter")

    (line,) = take(page, folder, act)
    assert [(text["page"], text["text"]) for text in line["payload"]["texts"]] == [(7, "图9　云气纹绢")]
    undo(page, folder)


@pytest.mark.parametrize("width, height", [(1400, 900), (900, 700), (390, 844)])
def test_nothing_lies_beside_the_window(page, width, height):
    page.page.set_viewport_size({"width": width, "height": height})
    page.page.wait_for_timeout(150)
    assert page.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.page.set_viewport_size({"width": 1400, "height": 900})


def test_a_reload_keeps_place_decisions_and_undo(page, folder):
    page.show("菱格纹锦")
    number = page.shown
    take(page, folder, lambda: page.press("4"))
    page.page.reload()
    page.page.wait_for_selector(f"body[data-shown='{number}']")
    page.page.wait_for_selector("[data-kind='mural'][aria-checked='true']")
    undo(page, folder)
    page.press("U")
    page.page.wait_for_selector("[data-kind='mural'][aria-checked='true']")
    page.settle()
    undo(page, folder)


def test_two_reviewers_get_two_items_and_see_their_disagreement(page, folder, browser, address):
    other = Reviewer(browser, address, "乙")
    try:
        page.show("菱格纹锦")
        page.settle()
        other.wait("document.querySelector('.line.taken')")
        number = page.shown
        other.press(*"jkjjjkkk")
        other.page.wait_for_timeout(400)
        assert other.shown != number
        take(page, folder, lambda: page.press("4"))
        other.show("菱格纹锦")
        other.page.wait_for_selector("[data-kind='mural'][aria-checked='true']")
        take(other, folder, lambda: other.press("1"))
        other.page.wait_for_selector(".dispute")
        assert other.state() == "conflict"
        (line,) = take(other, folder, lambda: other.page.click(".dispute [data-side='甲']"))
        assert line["payload"]["kind"] == "mural" and len(line["payload"]["over"]) == 2
        other.wait("document.body.dataset.state === 'changed'")
        take(other, folder, lambda: other.press("u"))
        other.page.wait_for_selector(".dispute")
        take(other, folder, lambda: other.press("u"))
        other.wait("document.body.dataset.state === 'changed'")
        page.page.focus(".queue-lines")
        undo(page, folder)
        assert other.errors == []
    finally:
        other.context.close()


def test_undo_to_the_start_leaves_nothing(page, folder):
    for words in ("折枝花罗", "云气纹绢", "飞天藻井"):
        page.show(words)
        take(page, folder, lambda: page.press("4"))
        take(page, folder, lambda: page.press("a"))
    for _ in range(6):
        take(page, folder, lambda: page.press("u"))
    before = len(read_log(folder))
    page.press("u")
    page.wait("document.querySelector('.toast.shown')?.textContent === '没有可撤销的'")
    assert len(read_log(folder)) == before
    page.wait("document.querySelectorAll('.line:not(.open)').length === 0")
