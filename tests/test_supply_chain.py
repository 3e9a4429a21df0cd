"""Reports on what is installed: they name what matters and fail nothing."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parent.parent / "scripts"


@pytest.mark.skipif(shutil.which("sh") is None, reason="no shell")
def test_reports_are_made_without_a_network_and_say_what_is_missing(tmp_path):
    (tmp_path / "scripts").mkdir()
    shutil.copy(SCRIPTS / "list_licences.py", tmp_path / "scripts")
    done = subprocess.run(
        ["sh", SCRIPTS / "supply_chain.sh", sys.executable],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin", "AUDIT_SECONDS": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0 and done.stderr == ""
    said = done.stdout.splitlines()
    assert said[0] == "licences: reports/licences.md"
    assert said[-1].startswith("vulnerabilities: ")
    table = (tmp_path / "reports" / "licences.md").read_text(encoding="utf-8")
    strict, _, every = table.partition("## All")
    assert "| pymupdf " in strict and "AFFERO" in strict and "`--reader pdfplumber`" in strict
    assert "| numpy " in every and "| numpy " not in strict
