"""A recipe as it is read again, to make the release from it and the books."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from alignment.text.trail import Edit
from export.convert.conversion import CONVERSION, INDEX
from export.convert.recipe import NO_CUTS, RELEASE_MANIFEST, name_rows
from export.info import Gated, ReleaseInfo, Source
from export.making import CUTS, Making, read_making
from export.manifest import hash_file, read_manifest
from export.previous import Previous
from export.rows import Row
from export.schema import SPLITS
from export.text_trail import read_trail
from extractors.errors import CultiError

_BATCH_ROWS = 500
_STORED = frozenset(f.name for f in fields(Row)) - {"image_file", "cut", "trail"}


class RecipeError(CultiError):
    """A folder is no recipe, is damaged, or cannot be rehydrated."""


@dataclass(frozen=True)
class Recipe:
    """`manifest` is that of the release; `rows` are its rows without pixels, in the order of the build, with
    the column `split`; `trails` are those of their texts by pair_id."""

    root: Path
    manifest: Mapping[str, Any]
    making: Making
    rows: pa.Table
    trails: Mapping[str, tuple[Edit, ...]]

    @property
    def info(self) -> ReleaseInfo:
        """The release as it describes itself."""
        sources = tuple(
            Source(
                file=s["file"],
                sha256=s["sha256"] or "",
                series=s["series"],
                title=s["title"],
                rights=s["rights"],
                page_count=s["page_count"],
                pages=s["pages"] or "",
                profile=s.get("profile") or "",
            )
            for s in self.manifest["sources"]
        )
        asked = self.manifest.get("gated")
        return ReleaseInfo(
            name=self.manifest["name"],
            version=self.manifest["version"],
            settings=dict(self.manifest["settings"]),
            sources=sources,
            gated=Gated(asked["prompt"], tuple((f[0], f[1]) for f in asked["fields"])) if asked else None,
        )

    def read_rows(self) -> Iterator[dict[str, Any]]:
        """The rows in order, a few in memory at a time."""
        for batch in self.rows.to_batches(_BATCH_ROWS):
            yield from batch.to_pylist()

    @property
    def previous(self) -> Previous | None:
        """What the manifest tells of the release before: of its splits those of the rows that moved."""
        told = self.manifest.get("splits") or {}
        if not (before := told.get("previous")):
            return None
        moved = {row["pair_id"]: row["before"] for row in told["moved"]}
        return Previous(before["name"], before["version"], before["content_sha256"], moved)

    def list_splits(self) -> dict[str, str]:
        """pair_id → split."""
        columns = [self.rows[name].to_pylist() for name in ("pair_id", "split")]
        return dict(zip(*columns, strict=True))


def read_recipe(root: Path) -> Recipe:
    """Reads a recipe and checks its files. RecipeError in one line where it is none, was changed, or does not
    say how pixels were cut."""
    if not root.is_dir():
        raise RecipeError(f"{root}: no such folder; a recipe is made by `culti convert RELEASE --to recipe`")
    index = read_manifest(root, INDEX, CONVERSION.form)
    if index is None or index.get("to") != "recipe":
        why = f"its {INDEX} is damaged" if (root / INDEX).exists() and index is None else "it is no recipe"
        raise RecipeError(f"{root}: {why}; make one by `culti convert RELEASE --to recipe`")
    for entry in index["files"]:
        path = root / entry["path"]
        if not path.is_file() or hash_file(path) != entry["sha256"]:
            raise RecipeError(f"{path}: missing or changed; get the recipe again")
    if not (root / CUTS).exists():
        raise RecipeError(f"{root}: {NO_CUTS}")
    try:
        making = read_making(root)
        manifest = json.loads((root / RELEASE_MANIFEST).read_text(encoding="utf-8"))
        trails = dict(read_trail(root))
        return Recipe(root, manifest, making, _read_table(root, list(making.cuts)), trails)
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0][:120]
        raise RecipeError(f"{root}: cannot be read ({reason}); was it made by a newer version?") from error


def _read_table(root: Path, order: list[str]) -> pa.Table:
    tables = []
    for split in SPLITS:
        table = pq.read_table(root / name_rows(split))
        tables.append(table.append_column("split", pa.array([split] * len(table), pa.string())))
    rows = pa.concat_tables(tables)
    place = {pair_id: n for n, pair_id in enumerate(rows["pair_id"].to_pylist())}
    return rows.take(pa.array([place[pair_id] for pair_id in order], pa.int64()))


def make_row(stored: Mapping[str, Any], recipe: Recipe, image_file: Path) -> Row:
    """A row as the build had it, with its pixels in `image_file`."""
    values: dict[str, Any] = {name: _freeze(stored[name]) for name in _STORED}
    pair_id = stored["pair_id"]
    cut = recipe.making.cuts[pair_id][1]
    return Row(**values, image_file=image_file, cut=cut, trail=recipe.trails.get(pair_id, ()))


def _freeze(value: object) -> object:
    return tuple(map(_freeze, value)) if isinstance(value, list) else value
