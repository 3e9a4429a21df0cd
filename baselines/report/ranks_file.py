"""ranks.parquet: the rank of every query under every method and seed, for tests of one's own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from baselines.corpus import RetrievalSet
from baselines.findings import Findings
from baselines.metrics import DIRECTIONS, Direction, Ranks

RANKS = "ranks.parquet"


def write_ranks(path: Path, findings: Findings) -> None:
    """A row a query: method, seed, split, direction, query (pair_id or image_sha256), group_id, rank."""
    parts = []
    for summary in findings.summaries:
        for run in summary.method.runs:
            for split, ranks in (("validation", run.validation), ("test", run.test)):
                if ranks is not None:
                    parts.append(_tabulate(summary.name, run.seed, findings.corpus.splits[split], ranks))
    pq.write_table(pa.concat_tables(parts), path, compression="zstd")


def _tabulate(method: str, seed: int, split: RetrievalSet, ranks: Ranks) -> pa.Table:
    return pa.concat_tables([_tabulate_direction(method, seed, split, ranks, d) for d in DIRECTIONS])


def _tabulate_direction(
    method: str, seed: int, split: RetrievalSet, ranks: Ranks, direction: Direction
) -> pa.Table:
    if direction == "text_to_image":
        queries, groups = list(split.text_ids), list(split.text_groups)
    else:
        queries = [picture.image_sha256 for picture in split.pictures]
        groups = [picture.group_id for picture in split.pictures]
    count = len(queries)
    return pa.table(
        {
            "method": pa.array([method] * count).dictionary_encode(),
            "seed": np.full(count, seed, dtype=np.int32),
            "split": pa.array([split.name] * count).dictionary_encode(),
            "direction": pa.array([direction] * count).dictionary_encode(),
            "query": pa.array(queries, type=pa.string()),
            "group_id": pa.array(groups, type=pa.string()),
            "rank": ranks.get(direction),
        }
    )
