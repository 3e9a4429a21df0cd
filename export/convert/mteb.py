"""A release as MTEB's retrieval tasks have them on the hub: corpus, queries and qrels, in both directions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from export.convert.distinct import COLUMNS, Numbers, SplitPairs, gather_pairs
from export.convert.pictures import as_jpeg_or_png
from export.convert.tally import REENCODED, Tally, Tell, read_pairs
from export.reading import StoredRelease
from export.schema import SPLITS

_STRING = {"dtype": "string", "_type": "Value"}
_TEXT = {"id": _STRING, "modality": _STRING, "text": _STRING}
_IMAGE = {"id": _STRING, "modality": _STRING, "image": {"_type": "Image"}}
_QRELS = {"query-id": _STRING, "corpus-id": _STRING, "score": {"dtype": "int32", "_type": "Value"}}
_ARROW = {
    "string": pa.string(),
    "int32": pa.int32(),
    "Image": pa.struct([pa.field("bytes", pa.binary()), pa.field("path", pa.string())]),
}
_GROUP_BYTES = 50_000_000
_CARD = """\
---
{front}
---

# {name}, for MTEB

Retrieval between figures and their descriptions in simplified Chinese, in both directions, in the form that
MTEB's retrieval tasks read: `corpus`, `queries` and `qrels` (text to image), and the same for both directions
as `text-to-image-…` and `image-to-text-…`, which MTEB's loader finds by its `config`. Texts and images that
stand in several pairs are one item with several answers. Ids are pair_ids of the release, after `t-` or `i-`.
"""


def write_mteb(release: StoredRelease, folder: Path, tally: Tally, tell: Tell) -> None:
    """Writes `texts/`, `images/`, `text-to-image/` and `image-to-text/` with `<split>.parquet` each, and a
    README.md whose configs name them. A split without pairs is left out."""
    splits = []
    for split in SPLITS:
        pairs = gather_pairs(read_pairs(release, split, tally, tell, COLUMNS), Numbers(), Numbers())
        if not pairs.links:
            continue
        splits.append(split)
        tally.counts["texts"] += len(pairs.texts)
        tally.counts["images"] += len(pairs.images)
        text_ids = [f"t-{pair_id}" for pair_id in _find_first(pairs)]
        image_ids = [f"i-{pair_id}" for pair_id in pairs.images.values()]
        texts = [
            {"id": name, "modality": "text", "text": text}
            for name, text in zip(text_ids, pairs.texts.values(), strict=True)
        ]
        _write(folder / f"texts/{split}.parquet", _TEXT, texts)
        there = [
            (text_ids[text], image_ids[image])
            for text, images in pairs.list_images_of_texts().items()
            for image in images
        ]
        _write_qrels(folder / f"text-to-image/{split}.parquet", there)
        _write_qrels(folder / f"image-to-text/{split}.parquet", [(image, text) for text, image in there])
        rows = read_pairs(release, split, None, tell, ("pair_id", "description", "image"))
        _write(folder / f"images/{split}.parquet", _IMAGE, _list_images(rows, pairs, tally))
    card = _CARD.format(front=_make_front(release, splits), name=release.name)
    (folder / "README.md").write_text(card, encoding="utf-8", newline="\n")


def _find_first(pairs: SplitPairs) -> Iterable[str]:
    """The pair_id of the first row of each text."""
    first: dict[int, str] = {}
    for link in pairs.links:
        first.setdefault(link.text, link.pair_id)
    return first.values()


def _list_images(
    rows: Iterable[Mapping[str, Any]], pairs: SplitPairs, tally: Tally
) -> Iterable[dict[str, Any]]:
    wanted = set(pairs.images.values())
    for row in rows:
        if row["pair_id"] in wanted:
            content, suffix, changed = as_jpeg_or_png(row["image"]["bytes"], row["pair_id"])
            tally.counts[REENCODED] += changed
            image = {"bytes": content, "path": f"{row['pair_id']}.{suffix}"}
            yield {"id": f"i-{row['pair_id']}", "modality": "image", "image": image}


def _write_qrels(path: Path, pairs: Iterable[tuple[str, str]]) -> None:
    _write(path, _QRELS, ({"query-id": query, "corpus-id": item, "score": 1} for query, item in pairs))


def _write(path: Path, features: Mapping[str, Mapping[str, str]], rows: Iterable[Mapping[str, Any]]) -> None:
    """A Parquet file whose features `datasets` knows, written some 50 MB at a time."""
    path.parent.mkdir(exist_ok=True)
    schema = pa.schema(
        [(name, _ARROW[about.get("dtype") or about["_type"]]) for name, about in features.items()],
        metadata={"huggingface": json.dumps({"info": {"features": features}}, separators=(",", ":"))},
    )
    compression = "none" if "image" in features else "zstd"
    with pq.ParquetWriter(path, schema, compression=compression, write_page_index=True) as writer:
        held: list[Mapping[str, Any]] = []
        size = 0
        for row in rows:
            held.append(row)
            size += len(row["image"]["bytes"]) if "image" in row else 200
            if size >= _GROUP_BYTES:
                writer.write_table(pa.Table.from_pylist(held, schema=schema))
                held, size = [], 0
        if held:
            writer.write_table(pa.Table.from_pylist(held, schema=schema))


def _make_front(release: StoredRelease, splits: Iterable[str]) -> str:
    """The YAML of the card: each config with its files."""
    named = {
        "corpus": "images",
        "queries": "texts",
        "qrels": "text-to-image",
        "text-to-image-corpus": "images",
        "text-to-image-queries": "texts",
        "text-to-image-qrels": "text-to-image",
        "image-to-text-corpus": "texts",
        "image-to-text-queries": "images",
        "image-to-text-qrels": "image-to-text",
    }
    front = {
        "pretty_name": release.name,
        "language": ["zh"],
        "task_categories": ["text-to-image", "image-to-text"],
        "tags": ["mteb", "image-text-retrieval"],
        "configs": [
            {
                "config_name": config,
                "data_files": [{"split": split, "path": f"{place}/{split}.parquet"} for split in splits],
            }
            for config, place in named.items()
        ],
    }
    return str(yaml.safe_dump(front, allow_unicode=True, sort_keys=False, width=110)).rstrip()
