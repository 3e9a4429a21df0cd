"""A small book to be reviewed, its release, the review server on it, and a browser before that."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pymupdf
from book_making import BODY, make_environment, run_culti, write_sources
from browsing import find_browser
from pdf_making import FONT, encode, make_photo
from playwright.sync_api import Browser, Page, sync_playwright

from alignment.records import make_pair_id
from alignment.review.items import is_sampled

Box = tuple[int, int, int, int]
WIDTH, HEIGHT = 420, 595
LEFT, RIGHT = (40, 90, 195, 230), (225, 90, 380, 230)
WIDE = (60, 100, 360, 280)
SCRIPT = "图12　<script>alert(1)</script><b>"
# Page, pictures, captions (where, what).
PAGES: list[tuple[list[Box], list[tuple[tuple[int, int], str]]]] = [
    ([LEFT, RIGHT], [((60, 248), "图1　对鸟纹锦"), ((245, 248), "图2　团窠花纹绫")]),
    ([WIDE], [((120, 300), "图3　缠枝莲绞锦")]),
    ([LEFT, RIGHT], [((60, 248), "图4　左半幅"), ((245, 248), "图5　右半幅")]),
    ([WIDE], [((120, 300), "图6　双联壁画")]),
    ([WIDE], [((120, 300), "图7　出版社标志")]),
    ([WIDE], [((120, 300), "图8　折枝花罗")]),
    ([WIDE], [((120, 300), "图9　云气纹绢")]),
    ([WIDE], [((120, 300), "图10　飞天藻井")]),
    ([WIDE], [((120, 300), "图11　菱格纹锦")]),
    ([WIDE], [((60, 300), SCRIPT)]),
]


def write_review_book(path: Path) -> Path:
    """Ten pages with pictures whose captions stand under them."""
    document = pymupdf.open()
    for number, (pictures, captions) in enumerate(PAGES, 1):
        page = document.new_page(width=WIDTH, height=HEIGHT)
        page.insert_text((50, 60), f"第{number}节", fontname=FONT, fontsize=15)
        for nth, box in enumerate(pictures):
            size = (box[2] - box[0], box[3] - box[1])
            photo = make_photo(*size, seed=40 * number + nth)
            page.insert_image(pymupdf.Rect(box), stream=encode(photo, quality=85))
        for place, words in captions:
            page.insert_text(place, words, fontname=FONT, fontsize=9)
        for row in range(6):
            words = BODY[5 * (row + number) % 9 :]
            page.insert_text((50, 370 + 16 * row), words, fontname=FONT, fontsize=10)
        page.insert_text((205, 580), str(number), fontname=FONT, fontsize=8)
    document.save(path)
    document.close()
    return path


def bring_into_sample(path: Path, *places: tuple[int, Box]) -> None:
    """Makes the pairs at (page, box) those that a second reviewer is to see, and no others of the book: what
    stands behind a PDF's end changes its hash, and with that the ids of its pairs."""
    others = [(n, box) for n, (boxes, _) in enumerate(PAGES, 1) for box in boxes if (n, box) not in places]
    whole = path.read_bytes()
    begun = hashlib.sha256(whole)
    for number in itertools.count():
        behind = b"%%%d\n" % number
        tried = begun.copy()
        tried.update(behind)
        sha256 = tried.hexdigest()
        if all(is_sampled(make_pair_id(sha256, *place)) for place in places) and not any(
            is_sampled(make_pair_id(sha256, *place)) for place in others
        ):
            path.write_bytes(whole + behind)
            return


def build_reviewed(folder: Path) -> Path:
    """Builds (again) the release of the book in `folder`, with the decisions that lie there."""
    if not (folder / "book.pdf").exists():
        write_review_book(folder / "book.pdf")
        write_sources(folder, "book.pdf")
    done = run_culti("build", folder / "sources.toml", "--out", folder / "release", "--workers", "1")
    assert done.returncode == 0, done.stderr
    return folder / "release"


def read_log(folder: Path) -> list[dict[str, Any]]:
    """The decisions beside the sources file, in their order."""
    path = folder / "decisions.jsonl"
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@contextmanager
def serve(release: Path, *arguments: str, **environment: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A review server: its address, and its process."""
    call = [sys.executable, "-m", "flows", "review", str(release), "--no-open", *arguments]
    if "--port" not in arguments:
        call += ["--port", "0"]
    process = subprocess.Popen(
        call, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=make_environment() | environment
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"http://\S+", line)
        assert found, f"{line}{process.stderr.read() if process.stderr else ''}"
        yield found.group(0), process
    finally:
        process.terminate()
        process.communicate(timeout=60)


@contextmanager
def open_browser() -> Iterator[Browser]:
    """The machine's own Chromium under Playwright."""
    os.environ.setdefault("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


class Reviewer:
    """One page of one reviewer; `errors` are what its scripts complained of."""

    def __init__(self, browser: Browser, address: str, name: str = "甲", language: str = "zh") -> None:
        self.context = browser.new_context(viewport={"width": 1400, "height": 900})
        self.context.add_init_script(
            f"localStorage.getItem('culti-reviewer') || localStorage.setItem('culti-reviewer', {name!r});"
            f"localStorage.getItem('culti-language') || localStorage.setItem('culti-language', {language!r})"
        )
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(30_000)
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda m: m.type == "error" and self.errors.append(m.text))
        self.open(address)

    def open(self, address: str) -> None:
        self.page.goto(address)
        self.page.wait_for_selector("body[data-ready]")
        self.page.wait_for_selector("body[data-shown]:not([data-shown=''])")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def click(self, command: str) -> None:
        self.page.click(f"button[data-command='{command}']")

    def settle(self) -> None:
        """Until all that was decided is answered."""
        self.wait("!Number(document.body.dataset.waiting || 0)")
        self.page.wait_for_timeout(60)

    def wait(self, condition: str, seconds: float = 45.0) -> None:
        """Until JavaScript says so. Playwright's own waiting evaluates text in the page, which its policy
        forbids."""
        until = time.monotonic() + seconds
        while not self.page.evaluate(condition):
            assert time.monotonic() < until, f"never came to be: {condition}"
            self.page.wait_for_timeout(25)

    @property
    def shown(self) -> int:
        return int(self.page.get_attribute("body", "data-shown") or 0)

    def show(self, words: str) -> None:
        """Chooses the item with these words in the queue."""
        self.page.locator(".line", has_text=words).first.click()
        shown = json.dumps(words)
        self.wait(
            f"document.querySelector('.line.current')?.innerText.includes({shown}) && "
            "document.body.dataset.shown === document.querySelector('.line.current').dataset.number"
        )

    def text(self, name: str) -> str:
        return self.page.inner_text(f"[data-field='{name}'] .text")

    def state(self) -> str:
        return (self.page.get_attribute("body", "data-state")) or ""

    def to_window(self, x: float, y: float) -> tuple[float, float]:
        """A point of the book's page in the window."""
        box = self.page.locator(".paper").bounding_box()
        assert box
        return box["x"] + x / WIDTH * box["width"], box["y"] + y / HEIGHT * box["height"]

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """From one point of the book's page to another."""
        self.page.mouse.move(*self.to_window(*start))
        self.page.mouse.down()
        middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
        self.page.mouse.move(*self.to_window(*middle))
        self.page.mouse.move(*self.to_window(*end))
        self.page.mouse.up()

    def click_at(self, x: float, y: float, **options: Any) -> None:
        self.page.mouse.click(*self.to_window(x, y), **options)


def wait_until(is_so, seconds: float = 40.0) -> None:
    """Until something outside the browser is so."""
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, "it did not come to be so"
        time.sleep(0.05)
