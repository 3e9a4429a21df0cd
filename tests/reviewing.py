"""A reviewer at work on a release: targets made of its rows, as the review page makes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from alignment.decisions.log import DecisionLog
from alignment.decisions.records import Decision, Target, digest_seen

Row = dict[str, Any]


def read_rows(release: Path) -> list[Row]:
    """All rows by document, page and place, without pixels."""
    names = [n for n in pq.read_schema(next((release / "data").glob("*.parquet"))).names if n != "image"]
    rows = [r for f in (release / "data").iterdir() for r in pq.read_table(f, columns=names).to_pylist()]
    return sorted(rows, key=lambda r: (r["document"], r["page"], r["figure_bbox"]))


def aim(row: Row, **changes: Any) -> Target:
    """The target that a row is."""
    values = {name: row[name] for name in ("pair_id", "document", "document_sha256", "page", "phash")}
    values |= {"bbox": tuple(row["figure_bbox"]), "text": row["description"][:200]}
    return Target(**{**values, **changes})


def list_target(target: Target) -> dict[str, Any]:
    """The target as a payload holds it."""
    return {name: getattr(target, name) for name in Target.__slots__} | {"bbox": list(target.bbox)}


def digest_row(row: Row) -> str:
    """What the page says was seen of a row that nobody changed yet."""
    texts = (row[name] for name in ("title", "caption", "description"))
    return digest_seen(row["pair_id"], tuple(row["figure_bbox"]), *texts, row["kind"])


def write_log(path: Path, decisions: list[Decision]) -> None:
    log = DecisionLog(path)
    for decision in decisions:
        log.append(decision)
