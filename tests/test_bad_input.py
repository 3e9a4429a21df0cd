"""Bad books and full disks: one clear line each, the other books done, a row in the build report."""

from __future__ import annotations

import pymupdf
import pytest
from book_making import list_bytes, read_report, run_culti, write_book, write_sources
from pdf_making import FONT


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    """One build of all kinds of bad books, and a good one."""
    folder = tmp_path_factory.mktemp("bad")
    (folder / "text.pdf").write_text("a letter")
    (folder / "empty.pdf").write_bytes(b"")
    (folder / "damaged.pdf").write_bytes(b"%PDF-1.7\n" + b"\xff\x00rubbish" * 90)
    (folder / "pageless.pdf").write_bytes(
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n"
        b"trailer<</Root 1 0 R>>\n"
    )
    write_book(folder / "locked.pdf", 1, encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="a", owner_pw="b")
    write_book(
        folder / "opened.pdf", 1, 5, encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="钥匙", owner_pw="b"
    )
    write_book(folder / "good.pdf", 2, 7)
    with pymupdf.open() as plain:
        plain.new_page().insert_text((72, 100), "只有文字，没有图。", fontname=FONT)
        plain.save(folder / "plain.pdf")
    names = ["text", "empty", "damaged", "pageless", "locked", "missing", "opened", "good", "plain"]
    path = write_sources(folder, *(f"{name}.pdf" for name in names))
    text = path.read_text(encoding="utf-8").replace(
        'file = "opened.pdf"', 'file = "opened.pdf"\npassword = "钥匙"'
    )
    path.write_text(text, encoding="utf-8")
    return folder, run_culti("build", path, "--out", folder / "release")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("text", "not a PDF"),
        ("empty", "empty"),
        ("damaged", "damaged"),
        ("pageless", "no page"),
        ("locked", "password"),
        ("missing", "no such file"),
    ],
)
def test_each_bad_book_has_its_line_and_its_row(outcome, name, words):
    folder, done = outcome
    (line,) = [line for line in done.stderr.splitlines() if f"{name}.pdf" in line]
    assert line.startswith("culti: ") and words in line
    (row,) = [
        b for b in read_report(folder / "release.work")["books"] if b["source"]["file"] == f"{name}.pdf"
    ]
    assert row["status"] == "failed" and words in row["error"]


def test_the_others_are_done(outcome):
    folder, done = outcome
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    status = {b["source"]["file"]: b["status"] for b in read_report(folder / "release.work")["books"]}
    assert [status[f"{n}.pdf"] for n in ("opened", "good", "plain")] == ["done"] * 3
    assert "3 of 9 books, 4 pages, 3 figures" in done.stdout


def test_the_release_says_no_path_and_no_password(outcome):
    folder, _ = outcome
    for name, data in list_bytes(folder / "release").items():
        assert str(folder).encode() not in data, name
        assert "钥匙".encode() not in data, name


def test_a_page_given_twice_is_refused(tmp_path):
    write_book(tmp_path / "a.pdf", 3)
    path = write_sources(tmp_path, "a.pdf", "a.pdf", "a.pdf")
    text = path.read_text(encoding="utf-8")
    first, second, third = text.split("[[book]]")[1:]
    books = [first + 'pages = "1-2"\n', second + 'pages = "3"\n', third + 'pages = "2-3"\n']
    path.write_text("[[book]]".join([text.split("[[book]]")[0], *books]), encoding="utf-8")
    done = run_culti("build", path, "--out", tmp_path / "r")
    assert done.returncode == 1
    assert "the same file as a.pdf above" in done.stderr
    assert "2 of 3 books, 3 pages, 3 figures" in done.stdout


def test_a_proxy_does_not_come_between(tmp_path, monkeypatch):
    """Curators sit behind proxies; the server that a build talks to is in its own process."""
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("all_proxy", "socks5://127.0.0.1:9")
    done = run_culti("build", write_book(tmp_path / "a.pdf", 1), "--out", tmp_path / "r")
    assert done.returncode == 0, done.stderr


def test_no_book_at_all_leaves_the_old_release(built, tmp_path):
    out = tmp_path / "r"
    good = write_book(tmp_path / "a.pdf", 1)
    assert run_culti("build", good, "--out", out).returncode == 0
    before = list_bytes(out)
    good.unlink()
    done = run_culti("build", good, "--out", out)
    assert done.returncode == 1
    assert "no such file" in done.stderr
    assert list_bytes(out) == before


def test_a_book_without_figures_is_a_release(tmp_path):
    with pymupdf.open() as plain:
        plain.new_page()
        plain.save(tmp_path / "blank.pdf")
    done = run_culti("build", tmp_path / "blank.pdf", "--out", tmp_path / "r")
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "r" / "data").iterdir())) == 3


def test_a_disk_without_room_for_a_work_directory_is_one_line(tmp_path, mount_disk):
    book = write_book(tmp_path / "a.pdf", 12)
    done = run_culti("build", book, "--out", tmp_path / "r", "--work", mount_disk("1m") / "w")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "No space left" in done.stderr
    assert len(done.stderr.splitlines()) == 1
