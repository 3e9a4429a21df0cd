"""manifest.json: what a release holds, made of what, with hashes; and a digest of the manifest itself."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from export.content import canonical_json
from export.info import ReleaseInfo

MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
FORMAT = "culti-release"
FORMAT_VERSION = 1
# The packages whose version can change a release's texts, pixels or files.
_TOOLS = (
    "culti",
    "ImageHash",
    "Jinja2",
    "numpy",
    "onnxruntime",
    "opencc-python-reimplemented",
    "opencv-python-headless",
    "paddleocr",
    "pandas",
    "pdfplumber",
    "pillow",
    "pyarrow",
    "pymupdf",
    "pypdfium2",
    "rapidocr",
    "scipy",
)


def list_tools() -> dict[str, str]:
    """Versions of Python and of the installed packages that matter, by name."""
    found = {"python": platform.python_version()}
    for name in _TOOLS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return dict(sorted(found.items()))


def write_manifest(
    release: Path,
    info: ReleaseInfo,
    counts: Mapping[str, object],
    content_sha256: str,
    splits: Mapping[str, object],
    known: Mapping[str, str],
) -> dict[str, Any]:
    """Hashes every other file of the release and writes SHA256SUMS and the manifest; `splits` tells of groups
    and of rows that moved, `known` has the sha256 of files that need not be hashed again.

    SHA256SUMS lists every file but itself and the manifest, the manifest every file but itself, and the
    manifest's digest is of the manifest: so each has one place that answers for it, and there is no circle.
    """
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "name": info.name,
        "version": info.version,
        "content_sha256": content_sha256,
        "counts": dict(counts),
        "splits": dict(splits),
        "settings": dict(sorted(info.settings.items())),
        "tools": list_tools(),
        "sources": [
            {
                "file": s.name,
                "sha256": s.sha256 or None,
                "title": s.title,
                "series": s.series,
                "rights": s.rights,
                "page_count": s.page_count,
                "pages": s.pages or None,
                "profile": s.profile or None,
            }
            for s in info.sources
        ],
        "files": describe_files(release, known),
    }
    if info.gated:
        # Also in the card; here for who makes the release again from its recipe.
        manifest["gated"] = {"prompt": info.gated.prompt, "fields": [list(f) for f in info.gated.fields]}
    manifest["digest"] = digest_manifest(manifest)
    (release / MANIFEST).write_text(format_manifest(manifest), encoding="utf-8", newline="\n")
    return manifest


def format_manifest(manifest: Mapping[str, Any]) -> str:
    """The text of the file."""
    return json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"


def describe_files(release: Path, known: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
    """Path, bytes and sha256 of every file but the manifest; SHA256SUMS is written on the way. `known` as in
    `write_manifest`."""
    paths = [path for path in list_files(release) if path not in (MANIFEST, SUMS)]
    files = [_describe_file(release, path, (known or {}).get(path)) for path in paths]
    sums = "".join(f"{file['sha256']}  {file['path']}\n" for file in files)
    (release / SUMS).write_text(sums, encoding="utf-8", newline="\n")
    return sorted([*files, _describe_file(release, SUMS)], key=lambda file: str(file["path"]))


def _describe_file(release: Path, path: str, sha256: str | None = None) -> dict[str, Any]:
    file = release / path
    return {"path": path, "bytes": file.stat().st_size, "sha256": sha256 or hash_file(file)}


def digest_manifest(manifest: Mapping[str, Any]) -> str:
    """sha256 of the manifest's canonical JSON without the field `digest`."""
    rest = {key: value for key, value in manifest.items() if key != "digest"}
    return hashlib.sha256(canonical_json(rest).encode()).hexdigest()


def read_manifest(folder: Path, name: str = MANIFEST, form: str = FORMAT) -> dict[str, Any] | None:
    """The manifest of a release, or another file of such a form; None where there is none, it is not ours, or
    its digest does not hold."""
    try:
        manifest = json.loads((folder / name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(manifest, dict) or manifest.get("format") != form:
        return None
    return manifest if manifest.get("digest") == digest_manifest(manifest) else None


def hash_file(path: Path) -> str:
    """sha256 of a file, hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def list_files(folder: Path) -> Sequence[str]:
    """All files below a folder, relative with forward slashes, sorted."""
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if not p.is_dir())
