"""A release's report as a curator sees it: opened from the folder in a real browser, without a network."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from browsing import Tab, browse, find_browser
from PIL import Image

pytestmark = pytest.mark.skipif(not find_browser(), reason="no Chromium on this machine (chromium, chrome)")

_OPEN_ALL = "document.querySelectorAll('details').forEach(d => { d.open = true }), 0"
# Pictures are loaded lazily, as the reader scrolls to them.
_LOAD_ALL = """(async () => {
  const broken = [];
  for (const image of document.images) {
    image.scrollIntoView({behavior: 'instant'});
    await image.decode().catch(() => broken.push(image.src.slice(0, 60)));
  }
  return {count: document.images.length, broken};
})()"""
_SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def tab(built, tmp_path_factory):
    with browse(tmp_path_factory.mktemp("profile")) as tab:
        tab.resize(1200, 900)
        tab.open(built / "release" / "report.html")
        yield tab


def view(tab: Tab) -> np.ndarray:
    """The window's pixels, (h, w, 3)."""
    return np.asarray(Image.open(io.BytesIO(tab.shoot())).convert("RGB"))


def test_opens_without_a_complaint_and_in_chinese(tab):
    assert tab.complaints == []
    text = tab.evaluate("document.body.innerText")
    assert "缠枝莲纹锦" in text and "样书" in text


def test_all_pictures_load(tab, built):
    tab.evaluate(_OPEN_ALL)
    result = tab.evaluate(_LOAD_ALL)
    assert result["broken"] == []
    # The report is one file, of which nothing else is asked for.
    assert tab.fetched == [(built / "release" / "report.html").as_uri()]
    # Five pages; five pairs, shown under the lowest scores and among all.
    assert result["count"] >= 5 + 2 * 5


def test_a_pair_shows_the_colours_of_its_picture(tab):
    tab.evaluate(_OPEN_ALL)
    box = tab.evaluate("""(async () => {
      const image = document.querySelector('article.pair img');
      image.scrollIntoView({block: 'center', behavior: 'instant'});
      await image.decode();
      const b = image.getBoundingClientRect();
      return [b.left, b.top, b.right, b.bottom].map(Math.round);
    })()""")
    source = tab.evaluate("document.querySelector('article.pair img').src")
    wanted = np.asarray(Image.open(io.BytesIO(base64.b64decode(source.split(",")[1]))).convert("RGB"))
    left, top, right, bottom = box
    shown = view(tab)[top:bottom, left:right]
    assert shown.size
    assert np.abs(shown.mean((0, 1)) - wanted.mean((0, 1))).max() < 12
    assert shown.std() > 5


@pytest.mark.parametrize("width", [1200, 390])
def test_nothing_lies_outside_the_window(tab, width):
    tab.resize(width, 900)
    tab.evaluate(_OPEN_ALL)
    assert tab.evaluate(_SIDEWAYS) == 0


def test_a_click_enlarges_a_page(tab):
    tab.resize(1200, 900)
    tab.evaluate(_OPEN_ALL)
    # It is loaded when it comes into sight, and only then it can be clicked.
    tab.evaluate(
        "(async () => { const image = document.querySelector('figure.page img');"
        " image.scrollIntoView({behavior: 'instant'}); await image.decode() })()"
    )
    width = "document.querySelector('figure.page img').getBoundingClientRect().width"
    before = tab.evaluate(width)
    tab.evaluate("document.querySelector('figure.page label').click(), 0")
    assert tab.evaluate(width) > 1.5 * before
