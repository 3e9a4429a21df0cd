"""Where a release goes: only over nothing or over a release of our own, and all at once."""

from __future__ import annotations

import ctypes
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from export.manifest import FORMAT, MANIFEST, list_files, read_manifest
from extractors.errors import CultiError
from extractors.whole_files import make_folder, sync, sync_tree

# Left by file browsers in every folder that they show.
HARMLESS = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
_RENAME_EXCHANGE = 2
_AT_FDCWD = -100


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of folder that we write: what it is called, and the file in it that lists all others."""

    name: str
    index: str
    form: str


RELEASE = Kind("release", MANIFEST, FORMAT)


def is_release(path: Path) -> bool:
    """Whether a folder is a release and holds nothing else."""
    return path.is_dir() and not find_foreign(path)


def find_foreign(folder: Path, kind: Kind = RELEASE) -> str:
    """What keeps a folder from being one of ours that may be written over; empty where nothing does."""
    manifest = read_manifest(folder, kind.index, kind.form)
    if manifest is None:
        return f"its {kind.index} is changed" if (folder / kind.index).exists() else f"it has no {kind.index}"
    own = {kind.index, *(entry["path"] for entry in manifest["files"])}
    foreign = [p for p in list_files(folder) if p not in own and Path(p).name not in HARMLESS]
    return f"it also holds {foreign[0]}" if foreign else ""


def check_output(path: Path, kind: Kind = RELEASE) -> None:
    """CultiError where a folder of this kind cannot go to `path`: a file, a folder that holds anything but
    what is ours, or a place that cannot be written. Nothing is created."""
    if path.is_symlink() and not path.exists():
        raise CultiError(f"{path} is a link to nothing; remove it or choose another folder")
    out = path.resolve()
    if out.exists() and not out.is_dir():
        raise CultiError(f"{path} is a file; choose a folder for the {kind.name}")
    if out.is_dir() and (out == Path.cwd() or os.path.ismount(out)):
        raise CultiError(f"{path} cannot be replaced as a whole; choose a folder below it")
    if out.is_dir() and any(out.iterdir()) and (why := find_foreign(out, kind)):
        raise CultiError(
            f"{path} is not a {kind.name} that may be written over ({why}); choose another folder"
        )
    parent = next(p for p in out.parents if p.exists())
    if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
        raise CultiError(f"{path} cannot be written: no permission in {parent}; choose another folder")


@contextmanager
def replace_folder(path: Path, kind: Kind = RELEASE) -> Iterator[Path]:
    """Gives an empty folder beside `path`, which takes the place of `path` when the block ends well.

    On an error, `path` is as it was, and after a power cut it is the old or the new one, whole. CultiError as
    in `check_output`, and for a full disk.
    """
    out = path.resolve()
    new, old = out.with_name(f".{out.name}.culti-new"), out.with_name(f".{out.name}.culti-old")
    try:
        _clean_up(out, new, old)
        check_output(path, kind)
        make_folder(new)
        yield new
        sync_tree(new)
        if not _exchange(new, out):
            if out.exists():
                out.rename(old)
            new.rename(out)
        sync(out.parent)
    except OSError as error:
        raise CultiError(
            f"{path} could not be written: {error.strerror or error}; what was there before is unchanged"
        ) from error
    finally:
        for rest in (new, old) if out.exists() else (new,):
            shutil.rmtree(rest, ignore_errors=True)


def _clean_up(out: Path, new: Path, old: Path) -> None:
    """Puts right what a killed build left: an old release that was moved aside goes back."""
    if old.is_dir() and not out.exists():
        old.rename(out)
    for rest in (new, old):
        if rest.exists():
            shutil.rmtree(rest)


def _exchange(new: Path, out: Path) -> bool:
    """Swaps two folders in one step where the system can (Linux), so that a reader always finds a release."""
    try:
        rename = ctypes.CDLL(None).renameat2
    except (AttributeError, OSError, TypeError):
        return False
    paths = (os.fsencode(new), os.fsencode(out))
    return bool(rename(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], _RENAME_EXCHANGE) == 0)
