"""report.html: what it tells, whose pixels it shows, and how large it gets."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from html_reading import Tags
from PIL import Image
from release_making import make_build, make_info, make_rows, make_source

from export import report
from export.counts import tabulate_rows
from export.info import BookReport, BuildReport, DroppedItem
from export.leakage import measure_leakage
from export.outlines import draw_outline
from export.plan import plan_release
from export.report import render_report, write_report
from export.report_matter import ReportMatter
from export.report_parts import choose_size, group_dropped, hide_folders, spread
from export.rows import Row
from export.thumbnails import Thumbnails, encode_thumbnail
from extractors.records import Dropped

OPEN = make_source("vol1.pdf")
CLOSED = make_source("plates.pdf", "dunhuang", "no-redistribution")


@pytest.fixture(scope="module")
def matter(tmp_path_factory: pytest.TempPathFactory) -> ReportMatter:
    folder = tmp_path_factory.mktemp("figures")
    rows = make_rows(folder, "vol1.pdf", 20) + make_rows(folder, "plates.pdf", 12, "no-redistribution", 40)
    overlays = {}
    for source, pages in ((OPEN, range(1, 6)), (CLOSED, range(21, 25))):
        for page in pages:
            path = folder / f"{source.name}-{page}.jpg"
            Image.effect_noise((1000, 1400), 60).convert("RGB").save(path)
            overlays[source.sha256, page] = path
    build = replace(make_build(OPEN, CLOSED), overlays=overlays)
    return make_matter(rows, build)


def make_matter(rows: list[Row], build: BuildReport) -> ReportMatter:
    plan = plan_release(rows)
    info = make_info(*(b.source for b in build.books))
    return ReportMatter(rows, plan, info, build, tabulate_rows(rows, plan), measure_leakage(rows, plan))


def test_page_is_whole_and_needs_nothing_from_outside(matter: ReportMatter) -> None:
    for show_all in (False, True):
        html = render_report(matter, Thumbnails(), show_all=show_all)
        tags = Tags()
        tags.feed(html)
        assert not tags.open and not tags.outside and "<script" not in html


def test_pixels_of_restricted_books_are_withheld(matter: ReportMatter) -> None:
    html = render_report(matter, Thumbnails())
    for row in matter.rows:
        shown = Thumbnails().get(row.image_file, 240) in html
        assert shown == (row.document == "vol1.pdf"), row.document
    for (sha256, _), path in matter.build.overlays.items():
        assert (Thumbnails().get(path, 700) in html) == (sha256 == OPEN.sha256)
    assert "work directory shows everything" in html and html.count('class="outline"') == 6
    assert "4 of 4" not in html.split('id="pages"')[0]


def test_full_report_shows_them(matter: ReportMatter) -> None:
    html = render_report(matter, Thumbnails(), show_all=True)
    assert all(Thumbnails().get(row.image_file, 240) in html for row in matter.rows)
    assert "pixels withheld" not in html and 'class="outline"' not in html


def test_lowest_scores_come_first(matter: ReportMatter) -> None:
    html = render_report(matter, Thumbnails())
    section = html.split('id="lowest"')[1].split('id="pages"')[0]
    scores = [float(s) for s in re.findall(r'class="score \w+">([\d.]+)<', section)]
    assert len(scores) == sum(r.has_text for r in matter.rows) and scores == sorted(scores)


def test_all_pairs_are_there_with_their_texts(matter: ReportMatter) -> None:
    section = render_report(matter, Thumbnails()).split('id="pairs"')[1]
    for row in matter.rows:
        assert f'id="{row.pair_id}"' in section and row.description in section


def test_size_is_kept_and_what_is_left_out_is_said(matter: ReportMatter) -> None:
    limit = 90_000
    html = render_report(matter, Thumbnails(), show_all=True, limit=limit)
    assert len(html.encode()) <= limit
    assert "pages are left out to keep this file small" in html
    assert re.search(r"\d+ more figures of this book are left out", html)
    titles = [part for part in html.split('<details class="book">')[1:] if '<article class="pair"' in part]
    assert len(titles) == 2, "each book has its share"


def test_the_file_is_the_page(matter: ReportMatter, tmp_path: Path) -> None:
    write_report(tmp_path / "report.html", matter, tmp_path / "work" / "report.html")
    for path, show_all in (("report.html", False), ("work/report.html", True)):
        html = render_report(matter, Thumbnails(), show_all=show_all)
        assert (tmp_path / path).read_text(encoding="utf-8") == html


def test_rows_that_are_left_out_are_not_read(matter: ReportMatter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "_LOWEST", 0)
    rows = CountedRows(matter.rows)
    html = render_report(replace(matter, rows=rows), Thumbnails(), show_all=True, limit=60_000)
    shown = [r for r in matter.rows if f'id="{r.pair_id}"' in html]
    # Of each of the two books one more, for which there was no room.
    assert 2 <= len(shown) < 24 and len(rows.read) <= len(shown) + 2


def test_of_a_large_release_each_book_shows_its_share_of_so_many_pairs(
    matter: ReportMatter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "_MOST_PAIRS", 9)
    html = render_report(matter, Thumbnails(), show_all=True).split('id="pairs"')[1]
    shown = [part.count('<article class="pair') for part in html.split('<details class="book">')[1:]]
    sizes = [sum(row.document == name for row in matter.rows) for name in ("vol1.pdf", "plates.pdf")]
    assert shown == [6, 3]
    for n, size in zip(shown, sizes, strict=True):
        assert f"{n} of {size} figures" in html and f"{size - n} more figures of this book are left" in html


class CountedRows(Sequence[Row]):
    """Rows, and the numbers of those that were looked at."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows
        self.read: set[int] = set()

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, number):
        self.read.add(number)
        return self._rows[number]


def test_failed_books_and_their_errors_are_told_without_folders(matter: ReportMatter) -> None:
    broken = BookReport(
        make_source("b.pdf"), "failed", error="/home/me/my.books/b.pdf: not a PDF; check <it>"
    )
    build = replace(matter.build, books=(*matter.build.books, broken))
    html = render_report(make_matter(list(matter.rows), build), Thumbnails())
    assert "1 of 3 books could not be used" in html
    assert "b.pdf: not a PDF; check &lt;it&gt;" in html and "/home/me" not in html


def test_texts_from_books_cannot_break_the_page(matter: ReportMatter) -> None:
    rows = [replace(r, title="</article><script>alert(1)</script>") for r in matter.rows]
    html = render_report(make_matter(rows, matter.build), Thumbnails())
    assert "<script" not in html and "&lt;script&gt;" in html


def test_dropped_are_grouped_by_reason() -> None:
    items = [DroppedItem("a.pdf", Dropped(n, "picture", "too small")) for n in range(1, 21)]
    items += [
        DroppedItem("b.pdf", Dropped(4, "picture", "too small")),
        DroppedItem("a.pdf", Dropped(0, "book", "x")),
    ]
    first, second = group_dropped(items)
    assert (first.reason, first.what, first.count) == ("too small", "picture", 21)
    assert first.examples == ("a.pdf p. 1, 2, 3, 4, 5, 6, 7, 8", "b.pdf p. 4")
    assert second.examples == ("a.pdf",)


def test_an_empty_release_has_a_report() -> None:
    html = render_report(make_matter([], BuildReport()), Thumbnails())
    assert "The release has no figure" in html


def test_thumbnails(tmp_path: Path) -> None:
    Image.new("RGBA", (900, 600), (0, 0, 0, 0)).save(tmp_path / "clear.png")
    Image.new("CMYK", (3000, 2000), (0, 200, 200, 0)).save(tmp_path / "print.jpg")
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8 no picture")
    assert encode_thumbnail(tmp_path / "broken.jpg", 240) == ""
    assert encode_thumbnail(tmp_path / "gone.jpg", 240) == ""
    for name, colour in (("clear.png", (255, 255, 255)), ("print.jpg", (255, 55, 55))):
        uri = encode_thumbnail(tmp_path / name, 240)
        with Image.open(io.BytesIO(base64.b64decode(uri.split(",")[1]))) as image:
            assert image.size == (240, 160)
            assert max(abs(a - b) for a, b in zip(image.getpixel((50, 50)), colour, strict=True)) < 12, name


def test_outline_has_boxes_and_links(matter: ReportMatter) -> None:
    row = next(r for r in matter.rows if r.has_text)
    elsewhere = replace(row, text_pages=(row.page, row.page + 9))
    svg = str(draw_outline(row.page, [elsewhere]))
    assert svg.count("<rect") == 2 and svg.count("<line") == 1 and f"→ p. {row.page + 9}" in svg


def test_small_rules() -> None:
    assert hide_folders("a/b 1/2 and 《x/y》") == "a/b 1/2 and 《x/y》"
    assert hide_folders(r"cannot open C:\books\vol 1.pdf") == "cannot open vol 1.pdf"
    assert [choose_size(n, 20e6) for n in (100, 2000, 50_000)] == [240, 160, 112]
    assert spread([("a", n) for n in range(10)], 3) == [("a", 0), ("a", 3), ("a", 6)]
