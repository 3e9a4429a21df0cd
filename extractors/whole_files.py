"""Files that are whole after a kill, a full disk or a power cut: written aside, synced, then renamed.

All stages write what is to last by these few functions. A rename shows a file or folder as a whole or not at
all; the sync before it sees to it that its bytes are on the disk by then, the one after it that its name is.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# A hidden name beside the file's own, so that both are on one file system.
PART = ".part-"


def write_atomically(path: Path, data: bytes) -> None:
    """Writes a file so that after a kill or a power cut there is the old one or the new one; several may
    write it at once. OSError, and then the old one stays."""
    make_folder(path.parent)
    part = path.with_name(f"{PART}{uuid.uuid4().hex}")
    try:
        with part.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync(path.parent)


@contextmanager
def replace_file(path: Path) -> Iterator[Path]:
    """Gives a name to write to, for those who need one; the file takes the place of `path` when the block
    ends well. For who is alone in writing it: what a kill leaves there is written over by the next."""
    make_folder(path.parent)
    part = path.with_name(f"{PART}{path.name}")
    part.unlink(missing_ok=True)
    try:
        yield part
        sync(part)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync(path.parent)


def make_folder(folder: Path) -> None:
    """Makes a folder and those above it, their names safe on disk. OSError."""
    if folder.is_dir():
        return
    missing = [f for f in (folder, *folder.parents) if not f.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for made in missing:
        sync(made.parent)


def sweep_parts(folder: Path) -> None:
    """Removes what killed processes left half written in a folder; only for who is alone there."""
    for part in folder.glob(f"{PART}*"):
        if part.is_file():
            part.unlink(missing_ok=True)


def sync_tree(folder: Path) -> None:
    """Makes a folder with all that is in it safe on disk. OSError."""
    for place, _, names in os.walk(folder):
        for name in names:
            sync(Path(place) / name)
        sync(Path(place))


def sync(path: Path) -> None:
    """Makes a file's bytes, or a folder's names, safe on disk. OSError. Windows cannot sync folders."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except PermissionError:
        if path.is_dir():
            return
        raise
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
