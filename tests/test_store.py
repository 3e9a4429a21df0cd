"""The store: what is put in comes out, damage counts as absence, and half-done things are never seen."""

from __future__ import annotations

import gzip
import random
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from book_making import make_environment

from extractors.records import Cut, DocumentInfo
from extractors.whole_files import write_atomically
from flows.jobs import Book, CutJob, ReadJob, ReadOptions, Receipt, cut_into_shards
from flows.stages import find_receipt, save
from flows.store import LocalStore, StoreAddress, StoreError, make_key

# The sha256 of the byte "1".
BLOB = "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b.jpg"


def make_book(path) -> Book:
    info = DocumentInfo("a.pdf", "0" * 64, 40)
    return Book(path, info, "silk", "silk", "", "", "", tuple(range(1, 41)))


def make_address(folder) -> StoreAddress:
    return StoreAddress(str(folder / "store"), str(folder))


def test_records_come_back(tmp_path):
    store = LocalStore(tmp_path)
    key = make_key("a", 1)
    assert store.get(key) is None
    store.put(key, "团窠".encode())
    assert LocalStore(tmp_path).get(key) == "团窠".encode()


@pytest.mark.parametrize("damage", ["cut", "flip", "empty"])
def test_a_damaged_record_is_absent(tmp_path, damage):
    store = LocalStore(tmp_path)
    key = make_key("a")
    store.put(key, b"x" * 1000)
    (file,) = (p for p in (tmp_path / "records").rglob("*") if p.is_file())
    data = bytearray(file.read_bytes())
    if damage == "flip":
        data[len(data) // 2] ^= 0xFF
    file.write_bytes(b"" if damage == "empty" else bytes(data[:-6]) if damage == "cut" else bytes(data))
    assert store.get(key) is None


def test_keys_are_stable_and_tell_settings_apart(tmp_path):
    book = make_book(tmp_path / "a.pdf")
    here = make_address(tmp_path)
    job = ReadJob(here, book, (1, 2), ReadOptions())
    assert job.key == ReadJob(make_address(tmp_path / "elsewhere"), book, (1, 2), ReadOptions()).key
    others = [
        ReadJob(here, book, (1, 3), ReadOptions()),
        ReadJob(here, book, (1, 2), ReadOptions(ocr="other")),
        ReadJob(here, replace(book, info=DocumentInfo("a.pdf", "1" * 64, 40)), (1, 2), ReadOptions()),
    ]
    assert len({job.key, *(o.key for o in others)}) == 4
    # What does not change the pages does not change the key: a title is no reason to read again.
    assert job.key == ReadJob(here, replace(book, title="x", rights="y"), (1, 2), ReadOptions()).key


def test_a_tray_is_kept_as_a_whole_or_not_at_all(tmp_path):
    store = LocalStore(tmp_path)
    with pytest.raises(RuntimeError), store.open_tray() as tray:
        (tray / BLOB).write_bytes(b"1")
        raise RuntimeError
    assert not store.has_blobs([BLOB])
    with store.open_tray() as tray:
        (tray / BLOB).write_bytes(b"1")
    assert store.has_blobs([BLOB])
    assert not list((tmp_path / "trays").iterdir())


def test_a_receipt_whose_blob_is_gone_does_not_count(tmp_path):
    store = LocalStore(tmp_path)
    job = CutJob(
        make_address(tmp_path), make_book(tmp_path / "a.pdf"), (Cut(1, (0, 0, 9, 9), (), "scan"),), 200.0
    )
    store.put(job.key, b"[]")
    with store.open_tray() as tray:
        (tray / BLOB).write_bytes(b"1")
    save(store, make_key("receipt", job.key), Receipt, Receipt(job.key, blobs=(BLOB,)))
    assert find_receipt(store, job) is not None
    (tmp_path / "blobs" / BLOB).unlink()
    assert find_receipt(store, job) is None
    with pytest.raises(StoreError, match="gone from the store; run the same command again"):
        store.bring_blobs([BLOB])


def test_writing_is_atomic(tmp_path):
    path = tmp_path / "deep" / "file"
    write_atomically(path, b"old")
    with pytest.raises(TypeError):
        write_atomically(path, "text, not bytes")  # type: ignore[arg-type]
    assert path.read_bytes() == b"old"
    assert [p.name for p in path.parent.iterdir()] == ["file"]


def test_records_hold_no_clock(tmp_path):
    store = LocalStore(tmp_path)
    store.put(make_key("a"), b"same")
    (file,) = (p for p in (tmp_path / "records").rglob("*") if p.is_file())
    key = file.name.encode()
    assert file.read_bytes() == gzip.compress(key + b"\nsame", compresslevel=6, mtime=0)


def test_a_record_in_the_place_of_another_is_absent(tmp_path):
    store = LocalStore(tmp_path)
    for name in ("a", "b"):
        store.put(make_key(name), name.encode())
    one, other = (tmp_path / "records" / make_key(n)[:2] / make_key(n) for n in ("a", "b"))
    one.write_bytes(other.read_bytes())
    assert store.get(make_key("a")) is None and store.get(make_key("b")) == b"b"


def test_a_record_of_a_store_before_this_form_is_absent(tmp_path):
    store = LocalStore(tmp_path)
    store.put(make_key("a"), b"[]")
    (file,) = (p for p in (tmp_path / "records").rglob("*") if p.is_file())
    file.write_bytes(gzip.compress(b"[]", mtime=0))
    assert store.get(make_key("a")) is None


@pytest.mark.parametrize("data", [b"", b"2", b"1 and more"])
def test_a_blob_whose_bytes_are_not_those_of_its_name_is_absent(tmp_path, data):
    store = LocalStore(tmp_path)
    with store.open_tray() as tray:
        (tray / BLOB).write_bytes(b"1")
    (tmp_path / "blobs" / BLOB).write_bytes(data)
    assert not store.has_blobs([BLOB])


def test_a_full_disk_while_a_tray_is_filled_ends_the_build_and_not_a_page(mount_disk):
    store = LocalStore(mount_disk("64k"))
    store.put(make_key("a"), b"before")
    with pytest.raises(StoreError, match="No space left") as caught, store.open_tray() as tray:
        (tray / BLOB).write_bytes(b"x" * 100_000)
    assert "\n" not in str(caught.value) and store.get(make_key("a")) == b"before"
    with store.open_tray() as tray:
        (tray / BLOB).write_bytes(b"1")
    assert store.has_blobs([BLOB]), "room was made, for the tray is gone"


# Run by Python alone: writes records for ever, each under the key that its number makes.
_WRITE_FOR_EVER = """\
import itertools, sys
from pathlib import Path
from flows.store import LocalStore, StoreAddress, StoreError, make_key

# The sha256 of the byte "1".
BLOB = "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b.jpg"
store = LocalStore(Path(sys.argv[1]))
for n in itertools.count():
    store.put(make_key(n % 40), str(n % 40).encode() * 5000)
    print(n, flush=True)
"""


def test_writers_that_are_killed_leave_whole_records_only(tmp_path):
    """Two at once on one store, killed together."""
    moments = random.Random(0)
    for _ in range(4):
        call = [sys.executable, "-c", _WRITE_FOR_EVER, tmp_path]
        writers = [subprocess.Popen(call, stdout=subprocess.PIPE, env=make_environment()) for _ in range(2)]
        for writer in writers:
            assert writer.stdout.readline()
        time.sleep(moments.uniform(0, 0.3))
        for writer in writers:
            writer.kill()
        for writer in writers:
            writer.communicate(timeout=60)
        store = LocalStore(tmp_path)
        found = {n: store.get(make_key(n)) for n in range(40)}
        assert found[0] is not None
        assert all(value in (None, str(n).encode() * 5000) for n, value in found.items())
        names = {make_key(n) for n in range(40)}
        store.begin()
        assert {p.name for p in (tmp_path / "records").glob("*/*") if p.name not in names} == set()


def test_shards_lie_on_a_fixed_grid():
    assert cut_into_shards(tuple(range(10, 40))) == [
        tuple(range(10, 17)),
        tuple(range(17, 33)),
        tuple(range(33, 40)),
    ]
