"""Checks of many rows at once leave out none that a row of them fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from export.batch_rows import list_rows
from export.reading import LIGHT
from export.schema import light_schema
from export.verify_batch import choose_checks
from export.verify_row import ROW_CHECKS, check_boxes, check_indexes, check_plain, check_row

BOX = [10.0, 10.0, 20.0, 20.0]
WRONG: list[dict[str, Any]] = [
    {"kind": "vase"},
    {"kind": None},
    {"rights": None},
    {"pair_score": 1.5},
    {"kind_score": float("nan")},
    {"ocr_confidence": -0.1},
    {"dpi": 0.0},
    {"dpi": float("inf")},
    {"width": 0},
    {"page": 0},
    {"refinement": "polished"},
    {"figure_bbox": [10.0, 10.0, 20.0]},
    {"figure_bbox": [10.0, 10.0, 5.0, 20.0]},
    {"figure_bbox": [10.0, None, 20.0, 20.0]},
    {"figure_bbox": [10.0, 10.0, 5000.0, 20.0]},
    {"figure_bbox": [float("nan"), 10.0, 20.0, 20.0]},
    {"figure_bbox": [-9.0, 10.0, 20.0, 20.0]},
    {"text_pages": [1], "text_roles": ["body"], "text_bboxes": [None]},
    {"text_pages": [1], "text_roles": ["body"], "text_bboxes": [BOX, BOX]},
    {"text_pages": None, "text_roles": ["body"], "text_bboxes": [BOX]},
    {"text_pages": [1], "text_roles": ["body"], "text_bboxes": [[9.0, 9.0, 5000.0, 20.0]], "page": 1},
    {"figure_index": 3},
    {"figure_number": "一六", "figure_index": 3},
]


@pytest.fixture(scope="module")
def batch(release: Path) -> pa.RecordBatch:
    """The train split of a release, without its images."""
    table = pq.read_table(release / "data/train-00000-of-00001.parquet", columns=list(LIGHT))
    return table.combine_chunks().to_batches()[0]


def test_rows_are_those_that_arrow_gives(batch: pa.RecordBatch) -> None:
    assert list_rows(batch) == batch.to_pylist()
    part = batch.slice(2, 3)
    assert list_rows(part) == part.to_pylist() and list_rows(batch.slice(1, 0)) == []


def test_a_whole_batch_is_spared_what_can_be_told_at_once(batch: pa.RecordBatch) -> None:
    spared = {check_plain, check_boxes, check_indexes}
    assert set(choose_checks(batch)) == set(ROW_CHECKS) - spared
    assert not [found for row in list_rows(batch) for found in check_row(row)]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_no_check_is_spared_that_a_row_fails(batch: pa.RecordBatch, wrong: dict[str, Any]) -> None:
    rows = batch.to_pylist()
    rows[1] |= wrong
    forged = pa.RecordBatch.from_pylist(rows, schema=light_schema())
    read = list_rows(forged)
    found = list(check_row(read[1]))
    assert found and list(check_row(read[1], choose_checks(forged))) == found


def test_a_box_on_another_page_is_not_held_to_this_page(batch: pa.RecordBatch) -> None:
    rows = batch.to_pylist()
    page = rows[1]["page"]
    far = [9.0, 9.0, 5000.0, 20.0]
    rows[1] |= {"text_pages": [page + 1], "text_roles": ["body"], "text_bboxes": [far]}
    forged = pa.RecordBatch.from_pylist(rows, schema=light_schema())
    assert check_boxes not in choose_checks(forged) and not list(check_boxes(list_rows(forged)[1]))
