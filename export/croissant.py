"""croissant.json: the release in the words of MLCommons Croissant 1.1 (https://docs.mlcommons.org/croissant)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from export.info import ReleaseInfo
from export.responsibility import RAI_VERSION, describe_responsibly
from export.schema import COLUMNS, Column
from export.shards import Shard

CROISSANT = "croissant.json"
_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "description": {"@container": "@language"},
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "name": {"@container": "@language"},
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_DATA_TYPES = {"image": "sc:ImageObject", "string": "sc:Text", "int32": "cr:Int32", "float32": "cr:Float32"}
_BY_OWNERS = "rights stated by the books' owners"
_SHAPES = {1: "-1", 2: "-1,4"}


def write_croissant(release: Path, info: ReleaseInfo, table: pd.DataFrame, shards: Sequence[Shard]) -> None:
    """Writes the file from the shards that already lie in `release`; `table` is that of
    `export.counts.tabulate_rows`."""
    described = describe(release, info, shards) | describe_responsibly(info, table)
    text = json.dumps(described, ensure_ascii=False, indent=2) + "\n"
    (release / CROISSANT).write_text(text, encoding="utf-8", newline="\n")


def describe(release: Path, info: ReleaseInfo, shards: Sequence[Shard]) -> dict[str, Any]:
    """One FileObject and one RecordSet a shard: a record set reads from one file, whose hash is then checked.

    A split in one shard has the split's name; in several, `train-00000` and so on.
    """
    rights = sorted({s.rights for s in info.sources})
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": ["http://mlcommons.org/croissant/1.1", RAI_VERSION],
        "name": info.name,
        "description": _describe_content(info),
        "version": info.version,
        "inLanguage": ["zh"],
        "license": [f"{'rights' if info.imported else _BY_OWNERS}: {r}" for r in rights] or ["no source"],
        "keywords": ["image-text retrieval", "Chinese silk", "Dunhuang murals", "cultural heritage"],
        "isLiveDataset": False,
        "citeAs": f"@misc{{culti, title = {{{info.name}}}, note = {{version {info.version}}}}}",
        "distribution": [_describe_file(release, shard) for shard in shards],
        "recordSet": [describe_records(shard, shards) for shard in shards],
    }


def _describe_content(info: ReleaseInfo) -> str:
    if info.imported:
        return "The official CulTi files: images of Chinese silk and murals with texts in simplified Chinese."
    return (
        "Figures of books on Chinese art, each with its own printed text in simplified Chinese and with the "
        "page and box that it comes from."
    )


def _describe_file(release: Path, shard: Shard) -> dict[str, Any]:
    path = release / shard.path
    return {
        "@type": "cr:FileObject",
        "@id": shard.path,
        "name": path.name,
        "contentUrl": shard.path,
        "contentSize": f"{path.stat().st_size} B",
        "encodingFormat": "application/x-parquet",
        "sha256": shard.sha256,
    }


def describe_records(shard: Shard, shards: Sequence[Shard]) -> dict[str, Any]:
    """The RecordSet of one shard of all `shards`."""
    in_split = Counter(s.split for s in shards)[shard.split]
    name = shard.split if in_split == 1 else Path(shard.path).stem.split("-of-")[0]
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": f"{shard.rows} rows of the split {shard.split}.",
        "key": {"@id": f"{name}/pair_id"},
        "field": [_describe_field(name, shard, column) for column in COLUMNS],
    }


def _describe_field(record_set: str, shard: Shard, column: Column) -> dict[str, Any]:
    source: dict[str, Any] = {"fileObject": {"@id": shard.path}, "extract": {"column": column.name}}
    if column.type == "image":
        source["transform"] = {"jsonPath": "bytes"}
    field: dict[str, Any] = {
        "@type": "cr:Field",
        "@id": f"{record_set}/{column.name}",
        "name": column.name,
        "description": column.about,
        "dataType": _DATA_TYPES[column.item_type],
        "source": source,
    }
    if column.depth:
        shape = "4" if column.name == "figure_bbox" else _SHAPES[column.depth]
        field |= {"isArray": True, "arrayShape": shape}
    return field
