"""The official CulTi files as text: `*_texts.jsonl`, a line `{"text_id", "text", "image_ids"}` each.

They have the form of Chinese-CLIP's own data sets. A line that cannot be used is dropped with its place and
a reason; nothing is guessed into it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from export.info import DroppedItem
from extractors.records import Dropped

ENDING = "_texts.jsonl"
REPEATED = "repeats an earlier line"
# As Chinese-CLIP, MUGE and Hugging Face call the parts of a data set.
_SPLIT_WORDS: Mapping[str, str] = {
    "train": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "dev": "validation",
    "test": "test",
}


@dataclass(frozen=True, slots=True)
class CultiText:
    """One usable line, counted from 1, with ids as strings. `text` is as in the file."""

    line: int
    text_id: str
    text: str
    image_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TextsFile:
    """One file of texts. `split` is None where its name is not that of a split; `error` is set, and nothing
    else, where the file cannot be read."""

    name: str
    split: str | None
    sha256: str = ""
    texts: tuple[CultiText, ...] = ()
    dropped: tuple[DroppedItem, ...] = ()
    error: str = ""


class _BadLine(Exception):
    """Why a line cannot be used."""


def list_texts_files(folder: Path) -> list[Path]:
    """The files of texts in `folder` itself, by name; OSError where it cannot be read.

    Names that begin with a dot are what macOS leaves beside a file on foreign disks.
    """
    return sorted(
        path for path in folder.iterdir() if path.name.endswith(ENDING) and not path.name.startswith(".")
    )


def find_split(name: str) -> str | None:
    """The split that a file or folder is named for: `valid_texts.jsonl`, `images_train`; None for any other.

    Where several are named, the last counts."""
    words = re.split(r"[\W_]+", name.removesuffix(ENDING).lower())
    return next((_SPLIT_WORDS[word] for word in reversed(words) if word in _SPLIT_WORDS), None)


def read_texts(path: Path) -> TextsFile:
    """All lines of a file, usable or dropped. A text_id that comes again with the same text adds its images;
    with another text it is dropped, for the file does not say which of the two is meant."""
    name, split = path.name, find_split(path.name)
    try:
        content = path.read_bytes()
    except OSError as error:
        return TextsFile(name, split, error=f"{name}: cannot be read ({error.strerror})")
    texts: list[CultiText] = []
    dropped: list[DroppedItem] = []
    known: dict[str, str] = {}
    named: set[tuple[str, str]] = set()
    for number, line in _split_lines(content):
        try:
            text = _parse(number, line)
            if known.setdefault(text.text_id, text.text) != text.text:
                raise _BadLine("text_id of an earlier line with another text")
        except _BadLine as problem:
            dropped.append(drop(name, "line", str(problem), f"line {number}"))
            continue
        fresh = tuple(dict.fromkeys(i for i in text.image_ids if (text.text_id, i) not in named))
        named.update((text.text_id, i) for i in fresh)
        if fresh:
            texts.append(CultiText(number, text.text_id, text.text, fresh))
        if len(fresh) < len(text.image_ids):
            dropped.append(drop(name, "line", REPEATED, f"line {number}"))
    return TextsFile(name, split, hashlib.sha256(content).hexdigest(), tuple(texts), tuple(dropped))


def drop(
    document: str, what: Literal["line", "figure", "picture", "file"], reason: str, where: str = ""
) -> DroppedItem:
    """Something left out of a file that has no pages."""
    return DroppedItem(document, Dropped(0, what, reason), where)


def _split_lines(content: bytes) -> Iterator[tuple[int, bytes]]:
    """(number from 1, line) of all lines that are not blank. Only line feeds end one: a text may hold any
    other sign that Python takes for an end of line."""
    for number, line in enumerate(content.split(b"\n"), 1):
        if bare := line.removeprefix(b"\xef\xbb\xbf").strip():
            yield number, bare


def _parse(number: int, line: bytes) -> CultiText:
    try:
        row = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise _BadLine("not UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise _BadLine("not JSON") from error
    if not isinstance(row, dict):
        raise _BadLine("not a JSON object")
    for key in ("text_id", "text", "image_ids"):
        if key not in row:
            raise _BadLine(f"without {key}")
    return CultiText(number, _parse_id(row["text_id"], "text_id"), _parse_text(row), _parse_images(row))


def _parse_text(row: Mapping[str, Any]) -> str:
    text = row["text"]
    if not isinstance(text, str):
        raise _BadLine("text is not a string")
    if not text.strip():
        raise _BadLine("text is empty")
    _check_encoding(text, "text")
    return text


def _parse_images(row: Mapping[str, Any]) -> tuple[str, ...]:
    listed = row["image_ids"]
    if not isinstance(listed, list):
        raise _BadLine("image_ids is not a list")
    if not listed:
        raise _BadLine("image_ids is empty")
    return tuple(_parse_id(value, "image_ids") for value in listed)


def _parse_id(value: object, key: str) -> str:
    """12, "12" and 12.0 (which pandas writes where a column has gaps) are one id."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | str) or not str(value).strip():
        raise _BadLine(f"{key}: an id is neither a number nor a name")
    found = str(value).strip()
    _check_encoding(found, key)
    return found


def _check_encoding(text: str, key: str) -> None:
    """JSON can name half of a surrogate pair, which is no character and cannot be written anywhere."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise _BadLine(f"{key} holds half a character") from error
