"""Releases to publish, the command on them, and what every test of publishing asks of it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from release_making import SOURCE, make_build, make_info, make_rows

from export.convert.conversion import convert_release
from export.manifest import digest_manifest, hash_file
from export.reading import open_release
from export.release import write_release
from flows.cli import main

# What must never be seen. The names are those that the libraries read.
SECRETS = {
    "AWS_ACCESS_KEY_ID": "AKIAsecretPUBLISH0001",
    "AWS_SECRET_ACCESS_KEY": "awsSecretPublish/+0002",
    "AWS_SESSION_TOKEN": "awsSessionPublish0003",
}


@dataclass(frozen=True)
class Releases:
    """`first` and `other` are 1.0.0 with other content; `next` is 1.1.0; `folder` holds them."""

    folder: Path
    first: Path
    other: Path
    next: Path


def write_releases(folder: Path) -> Releases:
    rows = make_rows(folder / "figures", count=20)
    for name, version, kept in (("first", "1.0.0", 20), ("other", "1.0.0", 12), ("next", "1.1.0", 16)):
        info = replace(make_info(SOURCE), version=version)
        write_release(folder / name, rows[:kept], info, make_build(SOURCE))
    return Releases(folder, folder / "first", folder / "other", folder / "next")


def publish(
    capsys: pytest.CaptureFixture[str], *arguments: object
) -> SimpleNamespace:  # fields as of subprocess.CompletedProcess
    """`culti publish` in this process. Whatever happens: no secret is shown, and trouble is one line."""
    capsys.readouterr()
    status = main(["publish", *map(str, arguments)])
    shown = capsys.readouterr()
    done = SimpleNamespace(returncode=status, stdout=shown.out, stderr=shown.err)
    check_output(done, *SECRETS.values())
    return done


def check_output(done: SimpleNamespace, *secrets: str) -> None:
    for secret in secrets:
        assert secret not in done.stdout + done.stderr
    assert len(done.stderr.splitlines()) <= 1 or "would be refused" in done.stderr
    assert "Traceback" not in done.stderr


def label(release: Path) -> str:
    manifest = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
    return f"{manifest['version']}-{manifest['digest'][:8]}"


def hash_files(release: Path) -> dict[str, str]:
    """sha256 of all files by path."""
    return {
        p.relative_to(release).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in release.rglob("*")
        if p.is_file()
    }


def rewrite_manifest(release: Path, change: Callable[[dict], object] = lambda _: None) -> None:
    """Makes the manifest tell the files as they are now, after `change`; its digest holds."""
    path = release / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    for entry in manifest["files"]:
        file = release / entry["path"]
        entry |= {"bytes": file.stat().st_size, "sha256": hash_file(file)}
    change(manifest)
    manifest["digest"] = digest_manifest(manifest)
    path.write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def flip_bit(path: Path, at: int = 100) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(bytes(content))


def write_recipe(release: Path, folder: Path, to: str = "recipe") -> Path:
    """A conversion, as `culti convert` makes it."""
    convert_release(open_release(release), to, folder, lambda *_: None)
    return folder


def set_secrets(monkeypatch: pytest.MonkeyPatch, **more: str) -> None:
    for name in [n for n in os.environ if n.startswith(("AWS_", "HF_", "FSSPEC_"))]:
        monkeypatch.delenv(name)
    for name, value in {**SECRETS, "AWS_EC2_METADATA_DISABLED": "true", **more}.items():
        monkeypatch.setenv(name, value)
