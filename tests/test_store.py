"""The store: what is put in comes out, damage counts as absence, and half-done things are never seen."""

from __future__ import annotations

import gzip
from dataclasses import replace

import pytest

from extractors.records import Cut, DocumentInfo
from flows.jobs import Book, CutJob, ReadJob, ReadOptions, Receipt, cut_into_shards
from flows.stages import find_receipt, save
from flows.store import LocalStore, StoreAddress, StoreError, make_key, write_atomically


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
        (tray / "a.jpg").write_bytes(b"1")
        raise RuntimeError
    assert not store.has_blobs(["a.jpg"])
    with store.open_tray() as tray:
        (tray / "a.jpg").write_bytes(b"1")
    assert store.has_blobs(["a.jpg"])
    assert not list((tmp_path / "trays").iterdir())


def test_a_receipt_whose_blob_is_gone_does_not_count(tmp_path):
    store = LocalStore(tmp_path)
    job = CutJob(
        make_address(tmp_path), make_book(tmp_path / "a.pdf"), (Cut(1, (0, 0, 9, 9), (), "scan"),), 200.0
    )
    store.put(job.key, b"[]")
    with store.open_tray() as tray:
        (tray / "a.jpg").write_bytes(b"1")
    save(store, make_key("receipt", job.key), Receipt, Receipt(job.key, blobs=("a.jpg",)))
    assert find_receipt(store, job) is not None
    (tmp_path / "blobs" / "a.jpg").unlink()
    assert find_receipt(store, job) is None
    with pytest.raises(StoreError, match="gone from the store; run the same command again"):
        store.bring_blobs(["a.jpg"])


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
    assert file.read_bytes() == gzip.compress(b"same", compresslevel=6, mtime=0)


def test_shards_lie_on_a_fixed_grid():
    assert cut_into_shards(tuple(range(10, 40))) == [
        tuple(range(10, 17)),
        tuple(range(17, 33)),
        tuple(range(33, 40)),
    ]
