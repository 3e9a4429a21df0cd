"""Slower checks: a release in `datasets` old and new, and the whole demo built twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from book_making import list_bytes, run_culti

from export.schema import COLUMNS

pytestmark = pytest.mark.soak

# Run by the other environment's Python, which has nothing of this project.
_LOAD = """\
import json, sys
import datasets

def describe(value):
    return value.size if hasattr(value, "convert") else value

loaded = datasets.load_dataset(sys.argv[1])
json.dump({
    "version": datasets.__version__,
    "columns": {split: part.column_names for split, part in loaded.items()},
    "rows": [{k: describe(v) for k, v in row.items()} for part in loaded.values() for row in part],
    "decoded": [list(row["image"].convert("RGB").resize((1, 1)).getpixel((0, 0)))
                for part in loaded.values() for row in part],
}, sys.stdout)
"""


@pytest.mark.parametrize("wanted", ["datasets==3.6.0", "datasets"])
def test_a_release_loads_offline(built, tmp_path, wanted):
    python = make_environment(tmp_path / "venv", wanted)
    done = subprocess.run(
        [python, "-c", _LOAD, built / "release"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**os.environ, "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "HF_HOME": str(tmp_path)},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    seen = json.loads(done.stdout)
    assert seen["version"] == "3.6.0" if "==" in wanted else int(seen["version"].split(".")[0]) >= 5
    assert set(seen["columns"]) <= {"train", "validation", "test"}
    for columns in seen["columns"].values():
        assert columns == [c.name for c in COLUMNS]
    assert len(seen["rows"]) == 5
    for row, colour in zip(seen["rows"], seen["decoded"], strict=True):
        assert row["image"] == [row["width"], row["height"]]
        assert row["figure_bbox"] == pytest.approx([80, 100, 320, 280], abs=1)
        assert [len(b) for b in row["text_bboxes"]] == [4] * len(row["text_roles"])
        assert "缠枝莲纹锦" in row["caption"] and row["parent_pair_id"] is None
        assert max(colour) > 10 and min(colour) < 250


def test_the_demo_is_the_same_with_one_process_and_with_two(tmp_path):
    for workers in ("1", "2"):
        done = run_culti("demo", "--out", tmp_path / workers, "--workers", workers, timeout=1500)
        assert done.returncode == 0, done.stderr[-2000:]
    one, two = (list_bytes(tmp_path / workers / "release") for workers in ("1", "2"))
    assert sorted(one) == sorted(two)
    assert [name for name in one if one[name] != two[name]] == []
    books = [list_bytes(tmp_path / workers / "books") for workers in ("1", "2")]
    assert books[0] == books[1]
    train = (tmp_path / "1" / "release" / "data").glob("train-*.parquet")
    assert sum(path.stat().st_size for path in train) > 10_000_000


def make_environment(folder: Path, *packages: str) -> Path:
    """A virtual environment with `packages` and nothing else; its Python."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = folder / "bin" / "python"
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--prefer-binary"]
    # Pillow decodes the images; datasets does not ask for it itself.
    subprocess.run([*install, *packages, "pillow"], check=True)
    return python
