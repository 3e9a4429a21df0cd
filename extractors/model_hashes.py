"""The OCR models inside rapidocr's wheel: whether they are the files that culti was tried with."""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
from functools import cache
from pathlib import Path
from typing import Literal

State = Literal["known", "unknown", "damaged"]
# By file name, the sha256 of those that were tried; all of rapidocr 3.10.0.
_KNOWN = {
    "PP-OCRv6_det_small.onnx": ("090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",),
    "PP-OCRv6_rec_small.onnx": ("6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",),
}


def judge_model(file: Path, name: str | None = None) -> State:
    """`known` where a model file is one that was tried; `unknown` where it is another, as rapidocr's wheel
    lists it; `damaged` where it is neither. `name` is its name in the wheel, by default the file's own.

    OSError where it cannot be read.
    """
    about = file.stat()
    return _judge(file, name or file.name, about.st_size, about.st_mtime_ns)


@cache
def _judge(file: Path, name: str, _size: int, _time: int) -> State:
    with file.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    if sha256 in _KNOWN.get(name, ()):
        return "known"
    return "unknown" if sha256 == _find_listed(name) else "damaged"


def _find_listed(name: str) -> str:
    """The sha256 that the installed wheel's own list has of a model; empty where it has none."""
    try:
        files = importlib.metadata.files("rapidocr") or []
    except importlib.metadata.PackageNotFoundError:
        return ""
    for file in files:
        if file.name == name and file.hash and file.hash.mode == "sha256":
            padded = file.hash.value + "=" * (-len(file.hash.value) % 4)
            return base64.urlsafe_b64decode(padded).hex()
    return ""
