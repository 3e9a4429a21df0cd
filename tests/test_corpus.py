"""Every PDF of a corpus of difficult files, CULTI_CORPUS=DIR: no traceback, no hang. Skipped without."""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path

import pytest
from book_making import read_report, run_culti

CORPUS = os.environ.get("CULTI_CORPUS", "")


@pytest.mark.skipif(not CORPUS, reason="CULTI_CORPUS names no folder of PDFs")
def test_every_file_ends_in_a_row(tmp_path):
    books = sorted(Path(CORPUS).rglob("*.pdf"))
    text = "".join(f"[[book]]\nfile = {json.dumps(str(b.resolve()))}\n" for b in books)
    (tmp_path / "sources.toml").write_text(text, encoding="utf-8")
    started = time.monotonic()
    done = run_culti("build", tmp_path / "sources.toml", "--out", tmp_path / "r", timeout=5400)
    assert done.returncode in (0, 1), done.stderr[-2000:]
    assert "Traceback" not in done.stderr
    report = read_report(tmp_path / "r.work")
    assert len(report["books"]) == len(books)
    for book in report["books"]:
        assert book["status"] in ("done", "partly", "failed")
        assert bool(book["error"]) == (book["status"] != "done")
        assert not re.search("took more than|crashed|worker process", book["error"]), book
    print(f"{len(books)} files in {time.monotonic() - started:.0f} s")  # noqa: T201
