"""`culti publish` to the Hugging Face Hub, against a server that speaks the calls used."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from book_making import kill, run_culti, start_culti
from hub_server import READER, WRITER, HubServer
from publish_making import Releases, check_output, hash_files, set_secrets, write_releases

pytest.importorskip("huggingface_hub", reason="huggingface_hub is in the extra release")


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Releases:
    return write_releases(tmp_path_factory.mktemp("publish"))


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[HubServer]:
    """The server, and the environment as a user sets it. Xet, the Hub's newer way for large files, is for its
    own servers alone, so the files go by Git LFS."""
    server = HubServer()
    home = str(tmp_path / "home")
    set_secrets(monkeypatch, HF_ENDPOINT=server.url, HF_TOKEN=WRITER, HF_HUB_DISABLE_XET="1", HF_HOME=home)
    yield server
    server.shutdown()
    for path in Path(home).rglob("*"):
        assert path.is_dir() or WRITER not in path.read_text(errors="replace"), path


def publish(*arguments: object) -> subprocess.CompletedProcess[str]:
    """In a process of its own: the library reads the environment once."""
    done = run_culti("publish", *arguments)
    check_output(done, WRITER, READER, "sIgNeD")
    return done


def hash_commit(hub: HubServer, name: str, revision: str) -> dict[str, str]:
    """sha256 of all files by path, but for what the Hub put there itself."""
    commit = hub.repositories[name].find(revision)
    assert commit is not None
    return {
        path: hashlib.sha256(content).hexdigest()
        for path, content in commit.files.items()
        if path != ".gitattributes"
    }


def test_one_commit_and_a_tag_behind_a_closed_door(releases, hub):
    done = publish(releases.first, "hf://museum/silk", "--private", "--gated", "manual")
    assert done.returncode == 0 and "published: hf://museum/silk at tag 1.0.0" in done.stdout
    made = hub.repositories["museum/silk"]
    settings = "settings ['gated', 'visibility']"
    assert made.log == ["created", settings, "committed", "tagged 1.0.0"]
    assert (made.private, made.gated, len(made.commits)) == (True, "manual", 2)
    for revision in ("main", "1.0.0"):
        assert hash_commit(hub, "museum/silk", revision) == hash_files(releases.first)


def test_a_second_time_writes_nothing(releases, hub):
    publish(releases.first, "hf://museum/silk")
    hub.open()
    done = publish(releases.first, "hf://datasets/museum/silk")
    assert done.returncode == 0 and "nothing to do" in done.stdout
    assert not [call for call in hub.asked if not call.startswith(("GET", "HEAD"))]


def test_settings_alone_are_changed_and_never_loosened(releases, hub):
    publish(releases.first, "hf://museum/silk", "--private")
    assert publish(releases.first, "hf://museum/silk", "--gated", "auto").returncode == 0
    made = hub.repositories["museum/silk"]
    assert (made.private, made.gated, len(made.commits)) == (True, "auto", 2)
    publish(releases.next, "hf://museum/silk")
    assert (made.private, made.gated) == (True, "auto")


def test_dry_run_only_reads(releases, hub):
    done = publish(releases.first, "hf://museum/silk", "--dry-run")
    assert done.returncode == 0 and f"to go: {len(hash_files(releases.first))} files" in done.stdout
    assert "data set museum/silk is made" in done.stdout and not hub.repositories
    assert not [call for call in hub.asked if not call.startswith(("GET", "HEAD"))]


def test_another_content_needs_replace_and_the_tag_moves(releases, hub):
    publish(releases.first, "hf://museum/silk")
    made = hub.repositories["museum/silk"]
    made.commit("by hand", {**made.commits[-1].files, "notes.txt": b"mine"})
    done = publish(releases.other, "hf://museum/silk")
    assert done.returncode == 2 and "tag 1.0.0 of museum/silk holds other content" in done.stderr
    assert len(made.commits) == 3
    assert publish(releases.other, "hf://museum/silk", "--replace").returncode == 0
    found = hash_commit(hub, "museum/silk", "1.0.0")
    assert found.pop("notes.txt"), "what others put there stays"
    assert found == hash_files(releases.other)


def test_versions_are_tags_that_stay(releases, hub):
    publish(releases.next, "hf://museum/silk")
    made = hub.repositories["museum/silk"]
    stale = {**made.commits[-1].files, "data/train-00001-of-00002.parquet": b"of an older release"}
    listed = stale["manifest.json"].replace(
        b'"files": [', b'"files": [{"path": "data/train-00001-of-00002.parquet"},'
    )
    made.commit("as if it had one more shard", {**stale, "manifest.json": listed})
    done = publish(releases.first, "hf://museum/silk")
    assert done.returncode == 0 and "main goes back to 1.0.0; tag 1.1.0 is newer" in done.stdout
    assert hash_commit(hub, "museum/silk", "1.1.0") == hash_files(releases.next)
    assert hash_commit(hub, "museum/silk", "1.0.0") == hash_files(releases.first), "no shard is left over"


def test_an_upload_that_is_refused_midway_goes_on(releases, hub):
    hub.make("museum/silk")
    hub.shut(1, 403)
    done = publish(releases.first, "hf://museum/silk")
    assert done.returncode == 1 and "run the same command again" in done.stderr
    made = hub.repositories["museum/silk"]
    assert len(made.commits) == 1 and not made.tags, "a reader sees nothing of it"
    sent = set(hub.uploads)
    hub.open()
    assert publish(releases.first, "hf://museum/silk").returncode == 0
    assert len(sent) == 1 and len(hub.uploads) == 3 and not sent & set(hub.uploads)
    assert hash_commit(hub, "museum/silk", "1.0.0") == hash_files(releases.first)


def test_an_upload_that_is_killed_goes_on(releases, hub):
    hub.shut(1)
    process = start_culti("publish", releases.first, "hf://museum/silk")
    try:
        assert hub.held.wait(120), "it did not come as far"
    finally:
        kill(process)
    sent = set(hub.uploads)
    assert not hub.repositories["museum/silk"].tags
    hub.open()
    assert publish(releases.first, "hf://museum/silk").returncode == 0
    assert not sent & set(hub.uploads)
    assert hash_commit(hub, "museum/silk", "1.0.0") == hash_files(releases.first)


def test_a_tag_that_was_not_set_any_more_is_set(releases, hub):
    publish(releases.first, "hf://museum/silk")
    made = hub.repositories["museum/silk"]
    made.tags.clear()
    done = publish(releases.first, "hf://museum/silk")
    assert done.returncode == 0 and "to go: 0 files" in done.stdout
    assert made.tags == {"1.0.0": made.commits[-1].oid} and len(made.commits) == 2


def test_a_data_set_of_others_is_left_alone(releases, hub):
    hub.make("museum/murals", {"data/train.parquet": b"theirs", "README.md": b"theirs"})
    done = publish(releases.first, "hf://museum/murals")
    assert done.returncode == 2 and "holds data/train.parquet, which no release put there" in done.stderr
    assert len(hub.repositories["museum/murals"].commits) == 1


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"HF_TOKEN": READER}, "permission denied"),
        ({"HF_TOKEN": "hf_wrong0123456789"}, "the token is not accepted"),
        ({"HF_TOKEN": ""}, "no token; set HF_TOKEN"),
        ({"HF_ENDPOINT": "http://me:hunter22@127.0.0.1:9"}, "cannot be reached"),
        ({"HF_HUB_OFFLINE": "1"}, "HF_HUB_OFFLINE is set"),
    ],
)
def test_what_cannot_begin_is_said_in_one_line(releases, hub, monkeypatch, environment, words):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    done = publish(releases.first, "hf://museum/silk")
    assert done.returncode == 2 and words in done.stderr and "hf_wrong" not in done.stderr
    assert "hunter22" not in done.stdout + done.stderr
    assert not hub.repositories
