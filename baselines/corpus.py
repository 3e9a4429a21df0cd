"""A release as retrieval sees it: distinct texts, distinct images, and which belong together.

Only the release directory is read. A text that stands in several rows is one text with several images, an
image (by `image_sha256`) in several rows is one image with several texts: so neither counts as a wrong answer
of itself. Rows without text are left out and counted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from baselines.errors import CorpusError
from export.reading import ReleaseError, open_release
from export.schema import SPLITS

_COLUMNS = (
    "pair_id",
    "description",
    "image_sha256",
    "group_id",
    "series",
    "kind",
    "review_status",
    "rights",
    "width",
    "height",
)


@dataclass(frozen=True, slots=True)
class Picture:
    """One distinct image of a release. What is not about pixels is that of the first row that has it;
    `shard` and `row` (in the whole file, from 0) say where its bytes are. Sizes in pixels."""

    image_sha256: str
    pair_id: str
    split: str
    group_id: str
    series: str
    kind: str
    review_status: str
    rights: str
    shard: Path
    row: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class RetrievalSet:
    """One split. `text_ids` and `text_groups` are pair_id and group_id of the first row that has the text;
    the last two fields hold places in `pictures` and `texts`, ascending."""

    name: str
    texts: tuple[str, ...]
    text_ids: tuple[str, ...]
    text_groups: tuple[str, ...]
    pictures: tuple[Picture, ...]
    images_of_text: tuple[tuple[int, ...], ...]
    texts_of_image: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Corpus:
    """A release for validation; `release_sha256` is the digest of its manifest, `left_out` counts rows
    without text."""

    root: Path
    name: str
    version: str
    release_sha256: str
    splits: Mapping[str, RetrievalSet]
    left_out: int


def read_corpus(root: Path) -> Corpus:
    """Reads a release directory. CorpusError where it is none, a shard is missing or cut short, a column is
    missing, or no row of it has text."""
    try:
        release = open_release(root)
        shards = {name: release.list_shards(name) for name in SPLITS}
    except ReleaseError as error:
        raise CorpusError(str(error)) from error
    manifest = release.manifest
    left_out = 0
    splits: dict[str, RetrievalSet] = {}
    for name in SPLITS:
        gathered = _Gathered(name)
        for shard in shards[name]:
            for number, row in enumerate(_read_rows(shard)):
                text = row["description"].strip()
                if text:
                    gathered.add(text, row, shard, number)
                else:
                    left_out += 1
        splits[name] = gathered.finish()
    if not any(split.texts for split in splits.values()):
        raise CorpusError(f"{root}: no row of this release has a text; there is nothing to validate")
    return Corpus(root, manifest["name"], manifest["version"], manifest["digest"], splits, left_out)


def read_image_bytes(picture: Picture) -> bytes:
    """The released bytes (JPEG or PNG) of a picture. Pictures read in the order of their set cost one read
    of each row group; CorpusError where the file cannot be read."""
    try:
        starts = _find_groups(picture.shard)
        group = max(n for n, start in enumerate(starts) if start <= picture.row)
        content = _read_group(picture.shard, group)[picture.row - starts[group]].as_py()
    except (OSError, pa.ArrowException, IndexError, ValueError) as error:
        raise CorpusError(f"{picture.shard}: row {picture.row} cannot be read ({_first(error)})") from error
    return bytes(content)


@lru_cache(maxsize=256)
def _find_groups(shard: Path) -> tuple[int, ...]:
    """First row of each row group."""
    metadata = pq.read_metadata(shard)
    starts = [0]
    for n in range(metadata.num_row_groups):
        starts.append(starts[-1] + metadata.row_group(n).num_rows)
    return tuple(starts[:-1])


# A row group is up to 100 MB; two cover a reader that goes through one split while another begins.
@lru_cache(maxsize=2)
def _read_group(shard: Path, group: int) -> pa.Array:
    table = pq.ParquetFile(shard).read_row_group(group, columns=["image"])
    return pa.concat_arrays([chunk.field("bytes") for chunk in table["image"].chunks])


def _read_rows(shard: Path) -> Iterator[dict[str, Any]]:
    try:
        rows: list[dict[str, Any]] = pq.read_table(shard, columns=list(_COLUMNS)).to_pylist()
    except (OSError, pa.ArrowException) as error:
        raise CorpusError(f"{shard}: cannot be read ({_first(error)}); copy the release again") from error
    if rows and (missing := [name for name in _COLUMNS if name not in rows[0]]):
        raise CorpusError(f"{shard}: without the columns {', '.join(missing)}")
    yield from rows


def _first(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]


@dataclass(slots=True)
class _Gathered:
    """A split in the making: texts and pictures by first appearance."""

    name: str
    texts: dict[str, int] = field(default_factory=dict)
    text_rows: list[dict[str, Any]] = field(default_factory=list)
    images: dict[str, int] = field(default_factory=dict)
    pictures: list[Picture] = field(default_factory=list)
    edges: set[tuple[int, int]] = field(default_factory=set)

    def add(self, text: str, row: dict[str, Any], shard: Path, number: int) -> None:
        if text not in self.texts:
            self.texts[text] = len(self.texts)
            self.text_rows.append(row)
        if row["image_sha256"] not in self.images:
            self.images[row["image_sha256"]] = len(self.pictures)
            known = {name: row[name] for name in _COLUMNS if name != "description"}
            self.pictures.append(Picture(**known, split=self.name, shard=shard, row=number))
        self.edges.add((self.texts[text], self.images[row["image_sha256"]]))

    def finish(self) -> RetrievalSet:
        images_of_text: list[list[int]] = [[] for _ in self.texts]
        texts_of_image: list[list[int]] = [[] for _ in self.pictures]
        for text, image in sorted(self.edges):
            images_of_text[text].append(image)
            texts_of_image[image].append(text)
        return RetrievalSet(
            name=self.name,
            texts=tuple(self.texts),
            text_ids=tuple(row["pair_id"] for row in self.text_rows),
            text_groups=tuple(row["group_id"] for row in self.text_rows),
            pictures=tuple(self.pictures),
            images_of_text=tuple(map(tuple, images_of_text)),
            texts_of_image=tuple(map(tuple, texts_of_image)),
        )
