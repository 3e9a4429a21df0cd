"""A release as its recipe: everything but the pixels, to be published where those of the books may not be."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from export.card import escape_cell
from export.convert.tally import Tally, Tell
from export.making import BUILD, CUTS, MAKING, PAGES
from export.manifest import MANIFEST
from export.reading import LIGHT, StoredRelease
from export.schema import SPLITS, light_schema
from export.text_trail import TRAIL

RELEASE_MANIFEST = "release.json"
_BATCH_ROWS = 1_000
NO_CUTS = (
    "this release does not say how its pixels were cut (it was imported, or built by an older version): "
    "its recipe has the texts, but cannot be rehydrated from books"
)
_CARD = """\
---
{front}
---

# {name}: the recipe

All of the release but its pixels: texts, boxes, ids, splits, hashes and versions. `{manifest}` is the
manifest of the release, `data/` its rows without `image`, `{making}/` how the pixels were cut{trail}.

{how}

| book | title | pages | rights | sha256 |
|---|---|---|---|---|
{sources}
"""
_HOW = "Who has the books makes the release again: `culti rehydrate RECIPE --books DIR --out DIR`."


def write_recipe(release: StoredRelease, folder: Path, tally: Tally, tell: Tell) -> None:
    """Writes `data/<split>.parquet` (all rows, with text or without), the release's manifest, and how the
    pixels were cut, where the release says it."""
    (folder / "data").mkdir()
    for split in SPLITS:
        with pq.ParquetWriter(folder / name_rows(split), light_schema(), compression="zstd") as writer:
            for rows in _batch(release, split, tell):
                writer.write_table(pa.Table.from_pylist(rows, schema=light_schema()))
                tally.counts["rows"] += len(rows)
    shutil.copyfile(release.root / MANIFEST, folder / RELEASE_MANIFEST)
    known = {str(entry["path"]) for entry in release.manifest["files"]}
    can = {CUTS, BUILD, PAGES} <= known
    if can:
        shutil.copytree(release.root / MAKING, folder / MAKING, copy_function=shutil.copyfile)
    else:
        tally.notes.append(NO_CUTS)
    if TRAIL in known:
        shutil.copyfile(release.root / TRAIL, folder / TRAIL)
    card = _CARD.format(
        name=release.name,
        front=_make_front(release),
        manifest=RELEASE_MANIFEST,
        making=MAKING,
        trail=f", `{TRAIL}` how the texts came of what was read" if TRAIL in known else "",
        how=_HOW if can else NO_CUTS[:1].upper() + NO_CUTS[1:] + ".",
        sources="\n".join(_describe_source(source) for source in release.manifest["sources"]),
    )
    (folder / "README.md").write_text(card, encoding="utf-8", newline="\n")


def name_rows(split: str) -> str:
    """Where a recipe has the rows of a split."""
    return f"data/{split}.parquet"


def _batch(release: StoredRelease, split: str, tell: Tell) -> Iterator[list[dict[str, Any]]]:
    held: list[dict[str, Any]] = []
    for done, row in enumerate(release.read_rows(split, LIGHT), 1):
        held.append(row)
        tell(f"{split}: rows", done, release.count_rows(split))
        if len(held) == _BATCH_ROWS:
            yield held
            held = []
    if held:
        yield held


def _make_front(release: StoredRelease) -> str:
    files = [{"split": s, "path": name_rows(s)} for s in SPLITS if release.count_rows(s)]
    front = {
        "pretty_name": f"{release.name} (recipe)",
        "language": ["zh"],
        "license": "other",
        "license_name": "as-stated-by-each-source",
        "configs": [{"config_name": "default", "data_files": files}],
    }
    return str(yaml.safe_dump(front, allow_unicode=True, sort_keys=False, width=110)).rstrip()


def _describe_source(source: dict[str, Any]) -> str:
    names = ("file", "title", "pages", "rights", "sha256")
    cells = [source[name] or ("all" if name == "pages" else "") for name in names]
    return "| " + " | ".join(escape_cell(cell) for cell in cells) + " |"
