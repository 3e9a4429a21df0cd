"""The command: what it says and with which status, as a user meets it."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys

import pytest
from book_making import make_environment, run_culti, write_book, write_sources
from PIL import Image

from flows.configuration import read_sources


def test_help_is_quick_to_import():
    """No heavy package may be loaded for --help: the list is of those that take seconds."""
    code = (
        "import sys, flows.cli\n"
        "try: flows.cli.main(['build', '--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'prefect', 'torch', 'pymupdf', 'cv2', 'pandas', 'pyarrow'} & set(sys.modules)\n"
        "sys.exit(str(sorted(heavy)) if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=make_environment()
    )
    assert done.returncode == 0, done.stderr
    assert "--workers" in done.stdout


def test_doctor_names_what_is_there_and_what_is_not():
    done = run_culti("doctor")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "main job: complete" in done.stdout
    assert "pymupdf" in done.stdout and "OCR models" in done.stdout


def test_init_writes_what_build_reads(tmp_path):
    write_book(tmp_path / '第"一"卷.pdf', 2)
    write_book(tmp_path / "locked.pdf", 1, encryption=5, user_pw="x", owner_pw="y")
    out = tmp_path / "sub" / "sources.toml"
    done = run_culti("init", tmp_path / '第"一"卷.pdf', tmp_path / "locked.pdf", "--out", out)
    assert done.returncode == 0, done.stderr
    sources = read_sources(out)
    assert [b.file for b in sources.book] == ['../第"一"卷.pdf', "../locked.pdf"]
    assert sources.book[1].password.get_secret_value() == "…"
    again = run_culti("init", tmp_path / "locked.pdf", "--out", out)
    assert again.returncode == 2 and "there already" in again.stderr


def test_inspect_draws_pages(tmp_path):
    write_book(tmp_path / "b.pdf", 3)
    done = run_culti("inspect", tmp_path / "b.pdf", "--pages", "2-3", "--out", tmp_path / "look")
    assert done.returncode == 0, done.stderr
    assert "2 pages, 2 figures, 2 of them with text" in done.stdout
    made = sorted(p.name for p in (tmp_path / "look").iterdir())
    tables = ["candidates.csv", "edits.csv", "fields.csv"]
    assert made == [*tables, "p0002.png", "p0003.png", "pairs.csv"]
    with (tmp_path / "look" / "fields.csv").open(encoding="utf-8-sig") as file:
        assert [row["figure_number"] for row in csv.DictReader(file)] == ["2", "3"]
    with (tmp_path / "look" / "edits.csv").open(encoding="utf-8-sig") as file:
        assert {row["rule"] for row in csv.DictReader(file)} >= {"number_or_key"}
    with (tmp_path / "look" / "candidates.csv").open(encoding="utf-8-sig") as file:
        weighed = list(csv.DictReader(file))
    chosen = [row for row in weighed if row["chosen"] == "1"]
    assert [row["page"] for row in chosen] == ["2", "3"]
    assert all(float(row["cost"]) < 6.5 and row["side"] == "below" for row in chosen)
    with Image.open(tmp_path / "look" / "p0002.png") as picture:
        # The figure's frame is drawn in colour on a page whose text is black.
        reds = sum(1 for r, g, b in picture.convert("RGB").getdata() if r > 180 and g < 80 and b < 80)
    assert reds > 300


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["build", "no.toml", "--out", "o"], "no.toml: no such file"),
        (["build", ".", "--out", "o"], "is a folder"),
        (["build", "b.pdf", "--pages", "x", "--out", "o"], "5-212"),
        (["build", "b.pdf", "--name", "a/b", "--out", "o"], "name"),
        (["build", "sources.toml", "--series", "silk", "--out", "o"], "--series"),
        (["build", "b.pdf", "--out", "full"], "not a release"),
        (["build", "b.pdf", "--out", "o", "--work", "o/w"], "lies in the release"),
        (["build", "b.pdf", "--out", "."], "no folder of its own"),
        (["build", "b.pdf", "--out", "o", "--ocr", "./typo/models"], "no such folder of OCR models"),
        (["build", "b.pdf", "--out", "o", "--ocr", "nonsense"], "PP-OCRv5_server"),
        (["build", "b.pdf", "--out", "o", "--name", ""], "letters, digits"),
        (["inspect", "b.pdf", "--pages", "9", "--out", "o"], "has 1 pages"),
        (["inspect", "b.pdf", "--out", "sources.toml"], "choose a folder"),
    ],
)
def test_a_wrong_call_begins_nothing(tmp_path, arguments, words):
    write_book(tmp_path / "b.pdf", 1)
    write_sources(tmp_path, "b.pdf")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.doc").write_text("mine")
    before = sorted(tmp_path.rglob("*"))
    done = run_culti(*arguments, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("culti: ") and words in line
    assert sorted(tmp_path.rglob("*")) == before


def test_a_name_that_is_no_text_is_said(tmp_path):
    """Archives made on Chinese Windows give names in GBK."""
    source = write_book(tmp_path / "b.pdf", 1)
    name = os.fsencode(tmp_path) + b"/\xca\xe9.pdf"
    try:
        source.rename(os.fsdecode(name))
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    done = run_culti("init", os.fsdecode(name), "--out", tmp_path / "s.toml")
    assert done.returncode == 1 and "not UTF-8" in done.stderr and "Traceback" not in done.stderr
    done = run_culti("build", os.fsdecode(name), "--out", tmp_path / "r")
    assert done.returncode == 2 and "not UTF-8" in done.stderr and "Traceback" not in done.stderr


def test_nobody_listens(tmp_path):
    """`culti doctor | head -1` ends quietly."""
    done = subprocess.run(
        f"{sys.executable} -m flows doctor | head -n 1; exit ${{PIPESTATUS[0]}}",
        shell=True,
        executable="/bin/bash",
        capture_output=True,
        text=True,
        check=False,
        env=make_environment(),
    )
    assert done.stderr == ""


def test_build_report_is_json(built):
    report = json.loads((built / "release.work" / "build_report.json").read_text(encoding="utf-8"))
    assert [b["status"] for b in report["books"]] == ["done", "done"]
