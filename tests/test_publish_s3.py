"""`culti publish` to S3, against a server that speaks it: order, breaks, checks, errors, secrets."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

import pytest
from book_making import kill, start_culti
from publish_making import SECRETS, Releases, hash_files, label, publish, set_secrets, write_releases

pytest.importorskip("moto", reason="moto is in the extra dev")
pytest.importorskip("s3fs", reason="s3fs is in the extras s3 and dev")

from s3_server import BUCKET, Door, ask, list_keys, make_bucket, run_moto


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Releases:
    return write_releases(tmp_path_factory.mktemp("publish"))


@pytest.fixture(scope="module")
def server() -> Iterator[Door]:
    with run_moto() as port:
        make_bucket(port)
        door = Door(port)
        yield door
        door.shutdown()


@pytest.fixture
def door(server: Door, monkeypatch: pytest.MonkeyPatch, tmp_path) -> Door:
    """The way to the server, open, with the environment as a user sets it."""
    server.open()
    nothing = str(tmp_path / "no-aws-file")
    set_secrets(
        monkeypatch,
        AWS_ENDPOINT_URL=server.url,
        AWS_DEFAULT_REGION="us-east-1",
        AWS_CONFIG_FILE=nothing,
        AWS_SHARED_CREDENTIALS_FILE=nothing,
    )
    return server


def hash_keys(door: Door, prefix: str) -> dict[str, str]:
    keys = list_keys(door, prefix)
    return {key: hashlib.sha256(ask(door, "GET", f"{prefix}/{key}")).hexdigest() for key in keys}


def test_the_manifest_goes_after_the_data_and_the_pointer_last(releases, door, capsys):
    done = publish(capsys, releases.first, f"s3://{BUCKET}/new/sets/")
    place = f"new/sets/{label(releases.first)}"
    assert done.returncode == 0 and f"published: s3://{BUCKET}/{place}" in done.stdout
    assert door.puts[-2:] == [f"{place}/manifest.json", "new/sets/latest.json"]
    assert hash_keys(door, place) == hash_files(releases.first)
    pointer = json.loads(ask(door, "GET", "new/sets/latest.json"))
    assert (pointer["version"], pointer["path"]) == ("1.0.0", label(releases.first))


def test_readers_load_it_from_its_address(releases, door, tmp_path, capsys):
    publish(capsys, releases.first, f"s3://{BUCKET}/load")
    from datasets import load_dataset

    place = f"s3://{BUCKET}/load/{label(releases.first)}/data"
    files = {split: f"{place}/{split}-*.parquet" for split in ("train", "validation", "test")}
    loaded = load_dataset(
        "parquet",
        data_files=files,
        cache_dir=str(tmp_path / "cache"),
        storage_options={"client_kwargs": {"endpoint_url": door.url}},
    )
    assert sum(split.num_rows for split in loaded.values()) == 20
    assert loaded["train"][0]["image"].size == (240, 180)


def test_a_second_time_sends_nothing(releases, door, capsys):
    publish(capsys, releases.first, f"s3://{BUCKET}/twice")
    door.open()
    done = publish(capsys, releases.first, f"s3://{BUCKET}/twice")
    assert done.returncode == 0 and "nothing to do" in done.stdout
    assert not [call for call in door.asked if not call.startswith(("GET", "HEAD"))]


def test_dry_run_only_reads(releases, door, capsys):
    done = publish(capsys, releases.first, f"s3://{BUCKET}/dry", "--dry-run")
    assert done.returncode == 0 and f"to go: {len(hash_files(releases.first))} files" in done.stdout
    assert not [call for call in door.asked if not call.startswith(("GET", "HEAD"))]


def test_an_upload_that_is_refused_midway_goes_on(releases, door, capsys):
    door.shut(2, "AccessDenied")
    done = publish(capsys, releases.first, f"s3://{BUCKET}/midway")
    assert done.returncode == 1 and "permission denied" in done.stderr
    assert "run the same command again" in done.stderr
    place = f"midway/{label(releases.first)}"
    assert len(door.puts) == 2 and "manifest.json" not in list_keys(door, place)
    sent = set(door.puts)
    door.open()
    done = publish(capsys, releases.first, f"s3://{BUCKET}/midway")
    assert done.returncode == 0 and "there already: 2 files" in done.stdout
    assert not sent & set(door.puts) and hash_keys(door, place) == hash_files(releases.first)


def test_an_upload_that_is_killed_goes_on(releases, door, capsys):
    """A reader meanwhile finds the version before, whole."""
    publish(capsys, releases.first, f"s3://{BUCKET}/killed")
    door.shut(3)
    process = start_culti("publish", releases.next, f"s3://{BUCKET}/killed")
    try:
        assert door.held.wait(120), "it did not come as far"
    finally:
        kill(process)
    sent = set(door.puts)
    pointer = json.loads(ask(door, "GET", "killed/latest.json"))
    assert pointer["path"] == label(releases.first)
    assert hash_keys(door, f"killed/{pointer['path']}") == hash_files(releases.first)
    door.open()
    assert publish(capsys, releases.next, f"s3://{BUCKET}/killed").returncode == 0
    assert len(sent) == 3 and not sent & set(door.puts)
    assert hash_keys(door, f"killed/{label(releases.next)}") == hash_files(releases.next)


def test_another_content_needs_replace_and_then_takes_its_place(releases, door, capsys):
    address = f"s3://{BUCKET}/replaced"
    publish(capsys, releases.first, address)
    publish(capsys, releases.next, address)
    assert publish(capsys, releases.other, address).returncode == 2
    assert hash_keys(door, f"replaced/{label(releases.first)}") == hash_files(releases.first)
    assert publish(capsys, releases.other, address, "--replace").returncode == 0
    assert not list_keys(door, f"replaced/{label(releases.first)}")
    for release in (releases.other, releases.next):
        assert hash_keys(door, f"replaced/{label(release)}") == hash_files(release)


def test_an_object_that_is_not_as_it_was_sent_is_sent_again(releases, door, capsys):
    publish(capsys, releases.first, f"s3://{BUCKET}/harm")
    key = f"harm/{label(releases.first)}/report.html"
    ask(door, "PUT", key, b"x" * (releases.first / "report.html").stat().st_size)
    door.open()
    done = publish(capsys, releases.first, f"s3://{BUCKET}/harm")
    assert done.returncode == 0 and door.puts == [key]
    assert hash_keys(door, f"harm/{label(releases.first)}") == hash_files(releases.first)


@pytest.mark.parametrize(
    ("url", "environment", "words"),
    [
        ("s3://nowhere/sets", {}, "no such bucket nowhere"),
        ("s3://my sets/x", {}, "my sets is no name of a bucket"),
        (f"s3://{BUCKET}/e", {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "cannot be reached"),
        (
            f"s3://{BUCKET}/e",
            {"AWS_ENDPOINT_URL": "http://me:hunter22@127.0.0.1:9"},
            "AWS_ENDPOINT_URL is no",
        ),
        (f"s3://{BUCKET}/e", {"AWS_ENDPOINT_URL": "museum"}, "AWS_ENDPOINT_URL is no"),
        (f"s3://{BUCKET}/e", {"AWS_PROFILE": "curator"}, "no such profile"),
        (f"s3://{BUCKET}/e", {"AWS_SECRET_ACCESS_KEY": ""}, "credentials are not complete"),
        (f"s3://{BUCKET}/e", dict.fromkeys(SECRETS, ""), "no credentials"),
    ],
)
def test_what_cannot_begin_is_said_in_one_line(releases, door, monkeypatch, capsys, url, environment, words):
    for name, value in {"AWS_MAX_ATTEMPTS": "1", **environment}.items():
        monkeypatch.setenv(name, value) if value else monkeypatch.delenv(name)
    done = publish(capsys, releases.first, url)
    assert done.returncode == 2 and words in done.stderr
    assert not door.puts and "hunter22" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("AccessDenied", "permission denied"),
        ("InvalidAccessKeyId", "the credentials are not accepted"),
        ("QuotaExceeded", "no room left"),
        ("SomethingNew", "permission denied"),
    ],
)
def test_a_refusal_of_the_first_file_has_begun_nothing(releases, door, capsys, code, words):
    door.shut(0, code)
    done = publish(capsys, releases.first, f"s3://{BUCKET}/refused")
    assert done.returncode == 2 and words in done.stderr and not list_keys(door, "refused")


def test_no_object_holds_a_secret(releases, door, capsys):
    publish(capsys, releases.first, f"s3://{BUCKET}/quiet")
    for key in list_keys(door, "quiet"):
        content = ask(door, "GET", f"quiet/{key}")
        assert not [name for name, secret in SECRETS.items() if secret.encode() in content], key
