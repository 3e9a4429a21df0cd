"""A validation's report in a real browser, without a network: it loads, complains of nothing, and fits."""

import pytest
from browsing import browse, find_browser
from vector_making import DrawnLearner, write_drawn_release

from baselines.corpus import read_corpus
from baselines.laclip import LaclipSettings
from baselines.validation import validate_release
from baselines.validation_settings import ValidationSettings

pytestmark = pytest.mark.skipif(not find_browser(), reason="no Chromium on this machine (chromium, chrome)")


@pytest.fixture(scope="module")
def tab(tmp_path_factory):
    folder = tmp_path_factory.mktemp("seen")
    release = write_drawn_release(folder)
    presets = (LaclipSettings("wca", crops=6),)
    settings = ValidationSettings(release, folder / "report", seeds=2, presets=presets)
    validate_release(settings, DrawnLearner(read_corpus(release)))
    with browse(tmp_path_factory.mktemp("profile")) as tab:
        tab.resize(1200, 900)
        tab.open(folder / "report" / "report.html")
        yield tab


def test_opens_without_a_complaint_or_a_request(tab):
    assert tab.complaints == []
    assert [address for address in tab.fetched if not address.startswith(("file:", "data:"))] == []
    text = tab.evaluate("document.body.innerText")
    assert "In short" in text and "验证报告" in text and "fine-tuned" in text


def test_pictures_load_and_crops_show_pixels(tab):
    broken = "[...document.images].filter(i => !i.complete || !i.naturalWidth).length"
    assert tab.evaluate(broken) == 0
    assert tab.evaluate("document.images.length") > 20
    pieces = "[...document.querySelectorAll('.pieces use')].map(u => u.getBoundingClientRect().width)"
    widths = tab.evaluate(pieces)
    assert len(widths) >= 20 and min(widths) > 20, "a crop that refers to no picture has no size"


def test_charts_draw_what_they_say(tab):
    charts = tab.evaluate("document.querySelectorAll('svg.chart').length")
    assert charts >= 5, "bars, two plots of gains, loss, recall"
    inside = """[...document.querySelectorAll('svg.chart *')].filter(e => e.getBBox).every(e => {
      const box = e.getBBox(), view = e.ownerSVGElement.viewBox.baseVal;
      return box.x >= -60 && box.x + box.width <= view.width + 60;
    })"""
    assert tab.evaluate(inside), "a mark lies outside its plot"


@pytest.mark.parametrize("width", [1200, 420])
def test_nothing_needs_scrolling_sideways(tab, width):
    tab.resize(width, 900)
    extra = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert tab.evaluate(extra) <= 0
