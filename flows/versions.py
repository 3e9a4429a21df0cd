"""Versions of stages, as parts of a store's keys: what a stage made is reused only by the same code."""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import platform
from functools import cache
from pathlib import Path

# Packages whose version may change what a stage makes.
READING = (
    "pymupdf",
    "pdfplumber",
    "pypdfium2",
    "opencv-python",
    "numpy",
    "pillow",
    "paddleocr",
    "rapidocr",
    "onnxruntime",
)
_SOURCES = (".py", ".toml", ".txt")
DESCRIBING = ("opencv-python", "numpy", "pillow")
ALIGNING = ("opencc-python-reimplemented", "numpy", "scipy")
# Of `alignment` what comes after the machine's pairs, and so changes none of them: a build decides anew each
# time, and the review page is no stage.
_LATER = ("alignment/decisions/", "alignment/review/")


def list_versions(packages: tuple[str, ...], distributions: tuple[str, ...]) -> dict[str, str]:
    """What `version_stage` is made of, by name: a hash for the code of each of our `packages`, and the
    version of each of the `distributions`."""
    code = {f"code of {package}": version_stage((package,), ()) for package in packages}
    return code | {name: find_version(name) for name in distributions}


@cache
def find_version(distribution: str) -> str:
    """The installed version of a distribution, or an empty string."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return ""


@cache
def version_stage(packages: tuple[str, ...], distributions: tuple[str, ...]) -> str:
    """16 hex digits of the source of our `packages`, or single modules, and the versions of the
    `distributions` that they call. Of `alignment` decisions and review page do not count.

    A version that is raised by hand is forgotten sooner or later, and the store then hands out what older
    rules made; hashing the source errs on the safe side: after an update the books are read again.
    """
    digest = hashlib.sha256()
    for package in packages:
        found = importlib.util.find_spec(package)
        origin = Path(found.origin) if found and found.origin else Path()
        folder = origin.parent
        is_module = found is not None and found.submodule_search_locations is None
        for file in [origin] if is_module else sorted(f for f in folder.rglob("*") if f.suffix in _SOURCES):
            name = f"{package}/{file.relative_to(folder).as_posix()}"
            if not name.startswith(_LATER):
                digest.update(f"{name}\0".encode())
                digest.update(file.read_bytes())
    for distribution in distributions:
        digest.update(f"{distribution}=={find_version(distribution)}\0".encode())
    return digest.hexdigest()[:16]


def list_installed() -> dict[str, str]:
    """What this process works with, by name: Python, a hash of our code, and the packages that matter."""
    packages = sorted({"prefect", *READING, *DESCRIBING, *ALIGNING})
    code = version_stage(("extractors", "alignment", "export", "flows"), ())
    found = {"Python": ".".join(platform.python_version_tuple()[:2]), "the code of culti": code}
    return found | {name: find_version(name) for name in packages}


def compare_versions(theirs: object) -> str:
    """Why a worker that answered `theirs` to `list_installed` cannot work for this process, in words that
    follow its name; empty if it can. `theirs` may be the error that came instead of an answer."""
    if isinstance(theirs, ImportError):
        return f"has no culti ({theirs}); install there what is installed here"
    if not isinstance(theirs, dict):
        return f"does not answer ({' '.join(str(theirs).split())[:200]})"
    ours = list_installed()
    others = [
        f"{name} {theirs.get(name) or 'none'} there, {version or 'none'} here"
        for name, version in ours.items()
        if theirs.get(name) != version
    ]
    return f"has other versions: {'; '.join(others)}; install there what is installed here" if others else ""
