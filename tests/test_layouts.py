"""Every layout of the gallery, read and aligned: all figures and no other, each with its own words."""

from __future__ import annotations

import pytest
from layout_judging import find_faults, read_pairs

from samples.layouts.__main__ import write_case
from samples.layouts.registry import CASES, VOLUMES

SEED = 1
SCANNED = ("below", "cell_rows")
SLOW = ("strips", "mojibake", "wrong_layer")

# What is not read right yet, and why; a mark that no longer holds fails.
BROKEN: dict[str, str] = {}
BROKEN_SEEDS: dict[tuple[str, int], str] = {}
BROKEN_SCANS: dict[str, str] = {}


def list_cases(names, broken):
    """The cases, those that fail marked with the reason."""
    for name in names:
        marks = [pytest.mark.xfail(reason=broken[name], strict=True)] if name in broken else []
        yield pytest.param(CASES[name], marks=marks, id=name)


QUICK = [name for name in CASES if name not in SLOW and not name.startswith("album_")]
# The volumes have scans of their own in `samples.demo`.
SCANNABLE = [name for name, case in CASES.items() if case.can_be_scanned and case not in VOLUMES]


@pytest.mark.parametrize("case", list_cases(QUICK, BROKEN))
def test_layout(case, tmp_path):
    rows = write_case(tmp_path, case, SEED)
    assert find_faults(rows, read_pairs(tmp_path / f"{case.name}.pdf", case.series)) == []


@pytest.mark.soak
@pytest.mark.parametrize("case", list_cases([name for name in CASES if name not in QUICK], BROKEN))
def test_layout_that_takes_long(case, tmp_path):
    rows = write_case(tmp_path, case, SEED)
    assert find_faults(rows, read_pairs(tmp_path / f"{case.name}.pdf", case.series)) == []


@pytest.mark.soak
@pytest.mark.parametrize("seed", [2, 3])
@pytest.mark.parametrize("name", [name for name in QUICK if CASES[name] not in VOLUMES])
def test_layout_of_another_seed(name, seed, tmp_path, request):
    if reason := BROKEN_SEEDS.get((name, seed)):
        request.applymarker(pytest.mark.xfail(reason=reason, strict=True))
    rows = write_case(tmp_path, CASES[name], seed)
    assert find_faults(rows, read_pairs(tmp_path / f"{name}.pdf", CASES[name].series)) == []


@pytest.mark.parametrize("case", list_cases(SCANNED, {}))
def test_scanned_layout(case, tmp_path):
    rows = write_case(tmp_path, case, SEED, scanned=True, pages=[1])
    assert find_faults(rows, read_pairs(tmp_path / f"{case.name}.pdf", case.series)) == []


@pytest.mark.soak
@pytest.mark.parametrize("case", list_cases(SCANNABLE, BROKEN_SCANS))
def test_whole_scanned_layout(case, tmp_path):
    rows = write_case(tmp_path, case, SEED, scanned=True)
    assert find_faults(rows, read_pairs(tmp_path / f"{case.name}.pdf", case.series)) == []


@pytest.mark.parametrize("name", ["below", "cells", "rotated_left"])
def test_another_seed_gives_another_book(name, tmp_path):
    first = write_case(tmp_path / "1", CASES[name], SEED)
    again = write_case(tmp_path / "2", CASES[name], SEED)
    other = write_case(tmp_path / "3", CASES[name], SEED + 1)
    assert first == again != other
    path = f"{name}.pdf"
    assert (tmp_path / "1" / path).read_bytes() == (tmp_path / "2" / path).read_bytes()
