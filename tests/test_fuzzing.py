"""Small PDFs with damage of all kinds: whatever it is, a file is read, refused in a line, or ended.

60 runs here, 5,000 in `make soak`: `-s` then prints what crashed a library or was ended.
"""

from __future__ import annotations

import os
import re
from collections import Counter

import pymupdf
import pytest
from book_making import write_book
from hostile_making import attachments, make_page, recursive_font
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from benchmarks.robustness.watched import WatchedReader
from extractors.reader import READERS
from flows.limits import Limits

_TOKEN = re.compile(rb"[^\s<>\[\]()/]+")
_NUMBER = re.compile(rb"(?<=[\s\[])-?\d+\.?\d*(?=[\s\]/>])")
_LENGTH = re.compile(rb"/Length \d+")
_WRONG = (
    b"0",
    b"-1",
    b"99999999999",
    b"1e30",
    b"-2147483648",
    b"65536",
    b"nan",
    b"4294967295",
    b".",
    b"7 0 R",
)
_NAMES = (b"/Type", b"/Kids", b"/Filter", b"/FlateDecode", b"/DCTDecode", b"/XObject", b"/Font", b"/Length")
PLACE = st.floats(0, 1, exclude_max=True)

DAMAGE = st.one_of(
    st.tuples(st.just("flip"), PLACE, st.integers(1, 255)),
    st.tuples(st.just("truncate"), PLACE, st.just(0)),
    st.tuples(st.just("remove"), PLACE, st.integers(1, 400)),
    st.tuples(st.just("repeat"), PLACE, st.integers(1, 400)),
    st.tuples(st.just("swap"), PLACE, PLACE),
    st.tuples(st.just("number"), PLACE, st.sampled_from(_WRONG)),
    st.tuples(st.just("length"), PLACE, st.sampled_from(_WRONG)),
    st.tuples(st.just("name"), PLACE, st.sampled_from(_NAMES)),
)


def damage(data: bytes, how: str, place: float, by) -> bytes:
    """The file with one more thing wrong, at `place` (0–1) of it."""
    at = int(place * len(data))
    if how == "flip" and data:
        return data[:at] + bytes([data[at] ^ by]) + data[at + 1 :]
    if how == "truncate":
        return data[:at]
    if how == "remove":
        return data[:at] + data[at + by :]
    if how == "repeat":
        return data[: at + by] + data[at:]
    if how == "swap":
        return swap(data, place, by)
    found = list({"number": _NUMBER, "length": _LENGTH}.get(how, re.compile(rb"/\w+")).finditer(data))
    if not found:
        return data
    one = found[int(place * len(found))]
    return data[: one.start()] + (b"/Length " if how == "length" else b"") + by + data[one.end() :]


def swap(data: bytes, one: float, other: float) -> bytes:
    """The file with two of its tokens in each other's place."""
    tokens = list(_TOKEN.finditer(data))
    if not tokens:
        return data
    first, second = sorted(
        (tokens[int(one * len(tokens))], tokens[int(other * len(tokens))]), key=re.Match.start
    )
    if first is second:
        return data
    middle = data[first.end() : second.start()]
    return data[: first.start()] + second[0] + middle + first[0] + data[second.end() :]


@pytest.fixture(scope="module")
def seeds(tmp_path_factory):
    """Sound files: as programs write them, with and without streams of objects, and by hand."""
    folder = tmp_path_factory.mktemp("seeds")
    plain = write_book(folder / "plain.pdf", 1)
    with pymupdf.open(plain) as document:
        document.save(folder / "packed.pdf", garbage=3, deflate=True, use_objstms=1)
        document.save(folder / "open.pdf", expand=255, garbage=3)
    made = [path.read_bytes() for path in sorted(folder.iterdir())]
    return [*made, make_page(), recursive_font(), attachments()]


@pytest.fixture(scope="module")
def process(tmp_path_factory):
    with WatchedReader(tmp_path_factory.mktemp("reader"), Limits(20.0, 600.0, 2000.0), 1) as reader:
        yield reader


def fuzz(runs: int, process: WatchedReader, seeds: list[bytes], folder) -> Counter[str]:
    """What came of `runs` damaged files; AssertionError with damage that breaks a promise."""
    ends: Counter[str] = Counter()

    @settings(
        max_examples=runs,
        deadline=None,
        derandomize=True,
        database=None,
        # To look for the least damage takes too long where each try takes until the limit.
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(
        st.sampled_from(range(len(seeds))), st.sampled_from(READERS), st.lists(DAMAGE, min_size=1, max_size=4)
    )
    def read_damaged(seed, reader, damages):
        data = seeds[seed]
        for each in damages:
            data = damage(data, *each)
        path = folder / "damaged.pdf"
        path.write_bytes(data)
        first = process.read(path, reader)
        assert first.strange == () and list(process.home.iterdir()) == []
        ends[first.died or ("refused" if first.error else "read")] += 1
        if first.died:
            assert re.match(r"took more than|crashed a native library", first.died), first.died
            return
        assert all("\n" not in line for line in (first.error, *first.page_errors))
        assert process.read(path, reader) == first

    read_damaged()
    return ends


@pytest.mark.skipif(os.name != "posix", reason="Windows ends processes in another way")
@pytest.mark.parametrize("runs", [60, pytest.param(5_000, marks=pytest.mark.soak)])
def test_no_damage_does_harm(runs, process, seeds, tmp_path):
    ends = fuzz(runs, process, seeds, tmp_path)
    print(dict(ends))  # noqa: T201
    assert sum(ends.values()) >= runs and ends["read"] and ends["refused"]
