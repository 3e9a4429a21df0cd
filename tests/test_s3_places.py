"""Books, store and release on S3, against a server that speaks it: the same bytes as on this machine, shared
work, and what happens when something is missing, damaged, changed or away."""

from __future__ import annotations

import hashlib
import pickle
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from book_making import list_bytes, read_report, run_culti, write_book, write_sources
from publish_making import SECRETS, label, set_secrets

pytest.importorskip("moto", reason="moto is in the extra dev")
pytest.importorskip("s3fs", reason="s3fs is in the extras s3 and dev")

from s3_server import BUCKET, Door, ask, list_keys, make_bucket, run_moto

from export.convert.conversion import convert_release
from export.reading import open_release
from extractors.errors import DocumentMissing
from flows.book_fetching import Fetched, bring_book, fetch_books, list_books_at
from flows.cli import main
from flows.s3_store import S3Store
from flows.store import StoreAddress, StoreError, make_key

NOWHERE = "http://127.0.0.1:9"
GATED = '[gated.fields]\nName = "text"\n'


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """A server with a bucket, and the environment as a user sets it."""
    nothing = str(tmp_path_factory.mktemp("no") / "aws-file")
    with run_moto() as port, pytest.MonkeyPatch.context() as patch:
        make_bucket(port)
        door = Door(port)
        set_secrets(
            patch,
            AWS_ENDPOINT_URL=door.url,
            AWS_DEFAULT_REGION="us-east-1",
            AWS_CONFIG_FILE=nothing,
            AWS_SHARED_CREDENTIALS_FILE=nothing,
            AWS_MAX_ATTEMPTS="3",
        )
        yield door
        door.shutdown()


@pytest.fixture
def door(server: Door) -> Door:
    server.open()
    return server


@pytest.fixture(scope="module")
def shelf(server: Door, built: Path) -> list[str]:
    """The addresses of the books of `built`."""
    for book in ("甲.pdf", "乙.pdf"):
        ask(server, "PUT", f"books/{book}", (built / book).read_bytes())
    return [f"s3://{BUCKET}/books/{book}" for book in ("甲.pdf", "乙.pdf")]


@pytest.fixture(scope="module")
def far(server: Door, shelf: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose `silk.work` built these books from S3, with its store and release there."""
    server.open()
    folder = tmp_path_factory.mktemp("far")
    sources = write_sources(folder, *shelf, extra=GATED)
    places = ("--store", f"s3://{BUCKET}/store", "--out", f"s3://{BUCKET}/releases/silk", "--workers", "2")
    done = run_culti("build", sources, *places, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert f"published s3://{BUCKET}/releases/silk/0.9.1-" in done.stdout
    for secret in SECRETS.values():
        assert secret not in done.stdout + done.stderr
    return folder


def make_store(folder: Path, prefix: str) -> S3Store:
    """The store as the machine with the work directory `folder` has it."""
    folder.mkdir(exist_ok=True)
    return S3Store(StoreAddress(f"s3://{BUCKET}/{prefix}", str(folder)))


def put_blob(store: S3Store, data: bytes) -> str:
    name = f"{hashlib.sha256(data).hexdigest()}.jpg"
    with store.open_tray() as tray:
        (tray / name).write_bytes(data)
    return name


def list_brought(door: Door) -> list[str]:
    """The books whose content was asked for."""
    gets = [call.removeprefix("GET ") for call in door.asked if call.startswith("GET ")]
    return [path for path in gets if path.endswith(".pdf")]


def check_line(shown: str, *words: str) -> None:
    """Trouble is told in one line, with no credential in it."""
    assert len(shown.splitlines()) == 1 and "Traceback" not in shown, shown
    for word in words:
        assert word in shown, shown
    assert not [secret for secret in SECRETS.values() if secret in shown]


def test_books_store_and_release_on_s3_give_the_bytes_of_local_ones(far, built, door):
    release = far / "silk.work" / "release"
    assert list_bytes(release) == list_bytes(built / "release")
    prefix = f"releases/silk/{label(release)}"
    published = {key: ask(door, "GET", f"{prefix}/{key}") for key in list_keys(door, prefix)}
    assert published == list_bytes(built / "release")


def test_another_work_directory_finds_all_results_on_s3(far, built, door, tmp_path):
    """With books on its own disk, which are the same books."""
    for name in ("甲.pdf", "乙.pdf", "sources.toml"):
        shutil.copy(built / name, tmp_path)
    store = ("--store", f"s3://{BUCKET}/store", "--runner", "threads")
    done = run_culti("build", tmp_path / "sources.toml", *store, "--out", tmp_path / "release")
    assert done.returncode == 0, done.stderr
    jobs = read_report(tmp_path / "release.work")["run"]["jobs"]
    assert jobs["jobs"] == jobs["from_store"] > 0
    assert not [key for key in door.puts if "/blobs/" in key]
    assert list_bytes(tmp_path / "release") == list_bytes(built / "release")


@pytest.mark.parametrize("runner", ["dask", pytest.param("ray", marks=pytest.mark.soak)])
def test_workers_of_a_cluster_share_a_store_on_s3(built, door, tmp_path, runner):
    pytest.importorskip(f"prefect_{runner}")
    place = f"s3://{BUCKET}/store-of-{runner}"
    call = ("--store", place, "--runner", runner, "--workers", "2")
    done = run_culti("build", built / "sources.toml", *call, "--out", tmp_path / "release", timeout=900)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    assert list_bytes(tmp_path / "release") == list_bytes(built / "release")
    assert [key for key in list_keys(door, f"store-of-{runner}") if "blobs/" in key]


def test_credentials_and_addresses_are_in_no_file(far):
    for name, data in list_bytes(far / "silk.work").items():
        assert not [secret for secret in SECRETS.values() if secret.encode() in data], name
        if name.startswith(("release/", "report.html", "build_report.json", "rejects.jsonl")):
            assert b"s3://" not in data, name


def test_a_missing_book_costs_itself_and_a_changed_one_is_read_anew(far, door, tmp_path):
    """The store breaks off before; the same command goes on from there. The version is taken on S3 then."""
    folder = tmp_path / "copy"
    shutil.copytree(far, folder)
    release, before = folder / "silk.work" / "release", list_bytes(far / "silk.work" / "release")
    write_book(tmp_path / "other.pdf", 1, 7)
    ask(door, "PUT", "changing/乙.pdf", (tmp_path / "other.pdf").read_bytes())
    files = [f"s3://{BUCKET}/{key}" for key in ("books/甲.pdf", "changing/乙.pdf", "books/丁.pdf")]
    sources = write_sources(folder, *files, extra=GATED)
    call = ("build", sources, "--store", f"s3://{BUCKET}/store", "--out", f"s3://{BUCKET}/releases/silk")
    call += ("--work", folder / "silk.work", "--runner", "threads")
    door.shut(2, "AccessDenied")
    done = run_culti(*call)
    assert done.returncode == 1
    check_line(done.stderr, f"s3://{BUCKET}/store: permission denied")
    assert list_bytes(release) == before
    assert set(list_brought(door)) == {quote(f"/{BUCKET}/changing/乙.pdf")}
    door.open()
    done = run_culti(*call)
    assert done.returncode == 1
    missing, taken = done.stderr.splitlines()
    check_line(missing, "丁.pdf: no such object")
    check_line(taken, "not published: version 0.9.1 is taken", "--replace", f"the release is in {release}")
    assert list_bytes(release) != before
    # The server repeats what it was asked by whom, and logs keep what went wrong.
    logs = b"".join(list_bytes(folder / "silk.work" / "logs").values())
    assert b"StoreError" in logs and not [s for s in SECRETS.values() if s.encode() in logs]
    books = {book["source"]["file"]: book for book in read_report(folder / "silk.work")["books"]}
    assert [books[name]["status"] for name in ("甲.pdf", "乙.pdf", "丁.pdf")] == ["done", "done", "failed"]
    assert books["乙.pdf"]["pages"] == 1 and "s3://" not in books["丁.pdf"]["error"]
    assert not list_brought(door)


def test_a_recipe_is_rehydrated_from_books_on_s3(shelf, built, door, tmp_path):
    convert_release(open_release(built / "release"), "recipe", tmp_path / "recipe", lambda *_: None)
    place = ("--books", f"s3://{BUCKET}/books", "--out", tmp_path / "again", "--runner", "threads")
    done = run_culti("rehydrate", tmp_path / "recipe", *place)
    assert done.returncode == 0, done.stderr
    assert list_bytes(tmp_path / "again") == list_bytes(built / "release")


def test_records_and_blobs_come_back_on_another_machine_and_once(door, tmp_path):
    here = make_store(tmp_path / "here", "own")
    key, value = make_key("a"), "团窠".encode()
    assert here.get(key) is None
    here.put(key, value)
    name = put_blob(here, b"pixels")
    there = make_store(tmp_path / "there", "own")
    assert there.get(key) == value and there.has_blobs([name])
    assert (there.bring_blobs([name]) / name).read_bytes() == b"pixels"
    door.open()
    assert there.get(key) == value and (there.bring_blobs([name]) / name).is_file()
    assert not door.asked


@pytest.mark.parametrize("damage", [b"", b"other bytes", None], ids=["empty", "other", "gone"])
def test_what_is_damaged_or_gone_on_s3_is_absent_and_made_again(door, tmp_path, damage):
    prefix = f"harm{damage!r:.4}".replace("'", "")
    first = make_store(tmp_path / "first", prefix)
    key = make_key("a")
    first.put(key, b"value")
    name = put_blob(first, b"pixels")
    for place in (f"{prefix}/records/{key[:2]}/{key}", f"{prefix}/blobs/{name}"):
        ask(door, "DELETE" if damage is None else "PUT", place, damage or b"")
    second = make_store(tmp_path / "second", prefix)
    second.begin()
    assert second.get(key) is None and not second.has_blobs([name])
    with pytest.raises(StoreError, match="a picture is gone, or damaged; run the same command again"):
        second.bring_blobs([name])
    second.put(key, b"value")
    put_blob(second, b"pixels")
    third = make_store(tmp_path / "third", prefix)
    assert third.get(key) == b"value" and third.has_blobs([name])


def test_a_build_does_not_trust_its_folder_for_what_is_gone_on_s3(door, tmp_path):
    """Else a worker of another machine would look for it in vain."""
    store = make_store(tmp_path / "here", "lost")
    key = make_key("a")
    store.put(key, b"value")
    name = put_blob(store, b"pixels")
    store.begin()
    assert store.get(key) == b"value" and store.has_blobs([name])
    for place in (f"lost/records/{key[:2]}/{key}", f"lost/blobs/{name}"):
        ask(door, "DELETE", place)
    store.begin()
    assert store.get(key) is None and not store.has_blobs([name])


def test_a_blob_that_is_not_what_its_name_says_is_refused(door, tmp_path):
    store = make_store(tmp_path / "here", "refused")
    with pytest.raises(StoreError, match="not those that its name tells"), store.open_tray() as tray:
        (tray / f"{'0' * 64}.jpg").write_bytes(b"pixels")
    assert not list_keys(door, "refused")


def test_a_busy_server_is_asked_again_and_not_without_end(door, tmp_path):
    store = make_store(tmp_path / "here", "busy")
    door.busy = 2
    store.put(make_key("a"), b"value")
    assert make_store(tmp_path / "there", "busy").get(make_key("a")) == b"value"
    door.busy = 1000
    with pytest.raises(StoreError, match="the server is busy"):
        store.put(make_key("b"), b"value")
    assert door.busy > 900


def test_a_server_that_is_away_is_told_in_one_line(server, tmp_path, monkeypatch):
    store = make_store(tmp_path / "here", "away")
    monkeypatch.setenv("AWS_ENDPOINT_URL", NOWHERE)
    with pytest.raises(StoreError) as raised:
        store.begin()
    check_line(str(raised.value), f"s3://{BUCKET}/away: the server cannot be reached", "AWS_ENDPOINT_URL")


def test_the_address_of_a_store_goes_to_workers(tmp_path):
    address = StoreAddress(f"s3://{BUCKET}/store", str(tmp_path / "not here"))
    assert pickle.loads(pickle.dumps(address)) == address
    assert address.find_root() != Path(address.root) and address.find_root() == address.find_root()


def test_a_book_is_brought_once_and_again_when_it_changes(door, tmp_path):
    address = f"s3://{BUCKET}/shelf/卷 一.pdf"
    one, two = b"%PDF one" * 1_200_000, b"%PDF two"
    ask(door, "PUT", "shelf/卷 一.pdf", one)
    told: list[tuple[int, int]] = []
    first = fetch_books([address], tmp_path, lambda *counts: told.append(counts))[address]
    assert isinstance(first, Fetched) and first.path.name == "卷 一.pdf" and told[-2:] == [(9, 10), (10, 10)]
    assert first.path.read_bytes() == one and first.sha256 == hashlib.sha256(one).hexdigest()
    door.open()
    assert fetch_books([address], tmp_path)[address] == first
    assert [call.split()[0] for call in door.asked] == ["HEAD"]
    first.path.write_bytes(b"%PDF 0ne")
    assert fetch_books([address], tmp_path)[address] == first and first.path.read_bytes() == one
    ask(door, "PUT", "shelf/卷 一.pdf", two)
    second = fetch_books([address], tmp_path)[address]
    assert isinstance(second, Fetched) and second.path.read_bytes() == two and first.path.read_bytes() == one
    assert not list((tmp_path / "books").glob(".part-*"))


def test_books_that_cannot_be_had_have_their_line_and_others_come(door, tmp_path):
    ask(door, "PUT", "some/there.pdf", b"%PDF")
    there, gone = f"s3://{BUCKET}/some/there.pdf", f"s3://{BUCKET}/some/gone.pdf"
    nowhere = "s3://nowhere/some.pdf"
    books = fetch_books([gone, there, nowhere], tmp_path)
    assert isinstance(books[there], Fetched)
    assert books[gone] == f"{gone}: no such object; correct the address"
    assert str(books[nowhere]).startswith(f"{nowhere}: no such bucket nowhere")


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"AWS_ENDPOINT_URL": NOWHERE}, "cannot be reached"),
        (dict.fromkeys(SECRETS, ""), "no credentials"),
    ],
)
def test_no_server_and_no_credentials_are_told_of_each_book(door, tmp_path, monkeypatch, environment, words):
    for name, value in environment.items():
        monkeypatch.setenv(name, value) if value else monkeypatch.delenv(name)
    address = f"s3://{BUCKET}/some/book.pdf"
    check_line(str(fetch_books([address], tmp_path)[address]), address, words)


def test_a_worker_that_does_not_see_the_file_brings_its_own(door, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    ask(door, "PUT", "shelf/worker.pdf", b"%PDF")
    address, sha256 = f"s3://{BUCKET}/shelf/worker.pdf", hashlib.sha256(b"%PDF").hexdigest()
    elsewhere = Path("/not/on/this/machine/worker.pdf")
    store = StoreAddress(f"s3://{BUCKET}/store", "/not/on/this/machine")
    path = bring_book(elsewhere, address, sha256, store)
    assert path.read_bytes() == b"%PDF" and path.is_relative_to(tmp_path)
    assert bring_book(elsewhere, "", sha256, store) == elsewhere
    with pytest.raises(DocumentMissing, match=r"worker\.pdf: it was changed while the build ran"):
        bring_book(elsewhere, address, "0" * 64, store)


def test_a_prefix_is_the_pdfs_below_it(door, tmp_path, capsys):
    for key in ("乙.pdf", "sub/甲.PDF", "notes.txt"):
        ask(door, "PUT", f"many/{key}", b"%PDF")
    books = [f"s3://{BUCKET}/many/sub/甲.PDF", f"s3://{BUCKET}/many/乙.pdf"]
    assert list_books_at(f"s3://{BUCKET}/many/") == books
    assert main(["init", f"s3://{BUCKET}/many/", "--out", str(tmp_path / "sources.toml")]) == 0
    text = (tmp_path / "sources.toml").read_text(encoding="utf-8")
    assert all(f'file = "{book}"' in text for book in books) and "2 books" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((f"s3://{BUCKET}/none/",), "no PDF lies there"),
        (("s3://me:hunter22@museum/a.pdf",), "with a login, a revision or a query"),
        ((f"s3://{BUCKET}/a.toml",), "a sources file lies on this machine"),
        (("a.pdf", "--store", "results"), "s3://BUCKET/PREFIX is wanted"),
        (("a.pdf", "--store", "s3://nowhere/store"), "no such bucket nowhere"),
        (("a.pdf", "--replace"), "are for --out s3://"),
        (("a.pdf", "--out", "s3://nowhere/sets"), "no such bucket nowhere"),
        (("restricted.toml", "--out", f"s3://{BUCKET}/sets"), "its rights keep its pictures"),
        (("prefix.toml",), "is a prefix; name each of its books"),
        (("login.toml",), "with a login, a revision or a query"),
    ],
)
def test_what_cannot_begin_is_said_before_anything_does(
    door, tmp_path, monkeypatch, capsys, arguments, words
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    for name, file, rights in (
        ("restricted", "a.pdf", "no-redistribution"),
        ("prefix", f"s3://{BUCKET}/books/", ""),
        ("login", "s3://me:hunter22@museum/a.pdf", ""),
    ):
        text = f'[[book]]\nfile = "{file}"\nrights = "{rights}"\n'
        (tmp_path / f"{name}.toml").write_text(text, encoding="utf-8")
    out = () if "--out" in arguments else ("--out", "release")
    assert main(["build", *arguments, *out]) == 2
    shown = capsys.readouterr()
    check_line(shown.err, words)
    assert "hunter22" not in shown.out + shown.err and not door.puts
    assert not (tmp_path / "release").exists()
