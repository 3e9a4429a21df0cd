"""A release in another form, written as a whole or not at all, with a list of its files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from export.convert.chinese_clip import write_chinese_clip
from export.convert.imagefolder import write_imagefolder
from export.convert.mteb import write_mteb
from export.convert.recipe import write_recipe
from export.convert.tally import Tally, Tell, Writer
from export.convert.webdataset import write_webdataset
from export.manifest import digest_manifest, hash_file, list_files
from export.place import Kind, check_output, replace_folder
from export.reading import ReleaseError, StoredRelease
from extractors.errors import CultiError

INDEX = "conversion.json"
CONVERSION = Kind("conversion", INDEX, "culti-conversion")
_FORMAT_VERSION = 1
_WRITERS: Mapping[str, Writer] = {
    "chinese-clip": write_chinese_clip,
    "webdataset": write_webdataset,
    "imagefolder": write_imagefolder,
    "mteb": write_mteb,
    "recipe": write_recipe,
}


@dataclass(frozen=True, slots=True)
class Converted:
    """What was written: counts by what was counted, and sentences on what the reader should know."""

    path: Path
    counts: Mapping[str, int]
    notes: tuple[str, ...]


def check_conversion(release: StoredRelease, out: Path) -> None:
    """CultiError where a conversion of the release cannot go to `out`; nothing is created."""
    if out.resolve().is_relative_to(release.root.resolve()):
        raise CultiError(f"{out} lies in the release; choose another folder")
    check_output(out, CONVERSION)


def convert_release(release: StoredRelease, to: str, out: Path, tell: Tell) -> Converted:
    """Writes a release in the form `to` (one of FORMATS), over an older conversion or a free place only.

    `tell` is called with (step, done, total). The same release gives the same bytes. ReleaseError where the
    release is damaged, CultiError where `out` cannot be written; what was there before then stays.
    """
    if not release.manifest["counts"]["rows" if to == "recipe" else "rows_with_text"]:
        raise ReleaseError(f"{release.root}: no row of this release has a text; there is nothing to convert")
    tally = Tally()
    with replace_folder(out, CONVERSION) as folder:
        _WRITERS[to](release, folder, tally, tell)
        _write_index(folder, to, release, tally)
    return Converted(out, dict(tally.counts), tuple(tally.notes))


def _write_index(folder: Path, to: str, release: StoredRelease, tally: Tally) -> None:
    index: dict[str, Any] = {
        "format": CONVERSION.form,
        "format_version": _FORMAT_VERSION,
        "to": to,
        "release": {name: release.manifest[name] for name in ("name", "version", "digest", "content_sha256")},
        "counts": dict(tally.counts),
        "files": [
            {"path": path, "bytes": (folder / path).stat().st_size, "sha256": hash_file(folder / path)}
            for path in list_files(folder)
        ],
    }
    index["digest"] = digest_manifest(index)
    text = json.dumps(index, ensure_ascii=False, indent=1) + "\n"
    (folder / INDEX).write_text(text, encoding="utf-8", newline="\n")
