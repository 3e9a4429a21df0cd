"""The review page at 50,000 pairs: how soon it is there, from key to painted, what memory it takes.

    python -m benchmarks.review [--pairs N] [--few N] [--items N] [--drawn N] [--folder DIR]

A release is written of drawn pairs (of `drawn` images of 100 KB, each used many times; it stays in DIR where
that is given). Its books are one PDF of pictures, so that pages are rendered as in use. A headless Chromium
accepts one item after another with the key `a`, a second and a half apart; the time runs from the key's event
in the page until the frame that has the next item's picture, page and texts is painted. Linux only.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.release.drawing import INDEX, draw_rows
from benchmarks.review.writing import write_release_of
from flows.console import say

_PAUSE_MS = 1_500
# From the key's event on every frame is looked at; once one begins with the next item and its pictures in the
# document, it is painted when the message that is sent from there comes back.
_WATCH = """() => {
  const times = window.keyTimes = [];
  const isThere = selector => document.querySelector(selector)?.complete;
  addEventListener('keydown', event => {
    const before = document.body.dataset.shown;
    const look = () => {
      const { shown } = document.body.dataset;
      if (!shown || shown === before || !isThere('.crop img') || !isThere('.paper img')) {
        requestAnimationFrame(look);
        return;
      }
      const channel = new MessageChannel();
      channel.port1.onmessage = () => times.push(performance.now() - event.timeStamp);
      channel.port2.postMessage(0);
    };
    requestAnimationFrame(look);
  }, true);
}"""


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds by the clock and of the processor until the address is printed."""

    seconds: float
    processor: float


def main() -> None:
    """Writes, measures, reports."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.review", description="The review page.")
    parser.add_argument("--pairs", type=int, default=50_000)
    parser.add_argument("--few", type=int, default=5_000, help="pairs of a release whose memory is compared")
    parser.add_argument("--items", type=int, default=100, help="that are accepted")
    parser.add_argument("--drawn", type=int, default=1_000, help="images")
    parser.add_argument("--folder", type=Path, help="keeps images and releases, 110 KB a pair")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.folder or Path(scratch)
        images = folder / "images"
        if not (images / INDEX).is_file():
            draw_rows(images, options.drawn, 1)
        for pairs in (options.few, options.pairs):
            release = folder / f"release-{pairs}"
            if not release.is_dir():
                write_release_of(images, options.drawn, pairs, release)
            report(pairs, measure(release, options.items))


def measure(release: Path, items: int) -> dict[str, Any]:
    """Two starts, the second with an index that is there; times from key to painted in ms; memory in MiB."""
    work = release.with_name(f"{release.name}.work")
    shutil.rmtree(work / "review", ignore_errors=True)
    (work / "decisions.jsonl").unlink(missing_ok=True)
    with serve(release) as (_, first, _):
        pass
    with serve(release) as (address, second, process):
        idle = read_memory(process.pid)
        times = accept_items(address, items)
        return {
            "first": first.seconds,
            "first_processor": first.processor,
            "second": second.seconds,
            "second_processor": second.processor,
            "idle": idle,
            "after": read_memory(process.pid),
            "times": times,
        }


@contextmanager
def serve(release: Path) -> Iterator[tuple[str, Start, subprocess.Popen[str]]]:
    """The server: its address, what it took until it gave it, its process."""
    call = [sys.executable, "-m", "flows", "review", str(release), "--no-open", "--port", "0"]
    began = time.monotonic()
    process = subprocess.Popen(call, stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline() if process.stdout else ""
        found = re.search(r"http://\S+", line)
        if found is None:
            raise RuntimeError(f"the server did not start: {line}")
        yield found.group(0), Start(time.monotonic() - began, read_processor(process.pid)), process
    finally:
        process.terminate()
        process.communicate(timeout=20)


def accept_items(address: str, items: int) -> list[float]:
    """Milliseconds from key to painted of each item."""
    from playwright.sync_api import sync_playwright

    browser_path = next(p for n in ("chromium", "google-chrome", "chrome") if (p := shutil.which(n)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(address)
        page.wait_for_selector("body[data-ready]", timeout=60_000)
        page.wait_for_selector(".paper img", timeout=60_000)
        page.wait_for_timeout(3_000)
        page.evaluate(_WATCH)
        for _ in range(items):
            page.keyboard.press("a")
            page.wait_for_timeout(_PAUSE_MS)
        times: list[float] = page.evaluate("window.keyTimes")
        browser.close()
    return times


def read_processor(process: int) -> float:
    """Seconds that a process has run so far, its own and the system's."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def read_memory(process: int, name: str = "RssAnon") -> float:
    """MiB that a process has of its own, mapped files aside."""
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    found = re.search(rf"{name}:\s+(\d+) kB", status)
    return int(found.group(1)) / 1024 if found else float("nan")


def report(pairs: int, found: dict[str, Any]) -> None:
    """A line of the table."""
    times = np.array(found["times"])
    p50, p95, p99 = np.percentile(times, (50, 95, 99))
    say(json.dumps({"pairs": pairs, **found}))
    say(
        f"| {pairs} | {found['first']:.1f} ({found['first_processor']:.1f}) | {found['second']:.1f} "
        f"({found['second_processor']:.1f}) | {p50:.0f} | {p95:.0f} | {p99:.0f} | "
        f"{times.max():.0f} | {len(times)} | {found['idle']:.0f} | {found['after']:.0f} |"
    )


if __name__ == "__main__":
    main()
