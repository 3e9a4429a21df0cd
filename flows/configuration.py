"""What people type: the sources file and the options of a build, checked before anything begins."""

from __future__ import annotations

import os
import sys
import tomllib
from math import isfinite
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from alignment.text.profiles import Profile
from alignment.text.refining import ResponseFormat
from extractors.backend import check_reader
from extractors.errors import CultiError
from flows.limits import MEGABYTES, MEGAPIXELS, SECONDS_PER_PAGE, Limits

SeriesName = Literal["silk", "dunhuang", "other"]
RunnerName = Literal["processes", "threads", "dask", "ray"]
ReaderName = Literal["pymupdf", "pdfplumber"]
_FOUR_NUMBERS = "x0, y0, x1, y1 in points, from the top left of the page, x0 < x1 and y0 < y1"
DEFAULT_NAME = "culti-dataset"
DEFAULT_VERSION = "1.0.0"


class ConfigurationError(CultiError):
    """The call or the sources file is wrong; nothing has begun."""


class _Typed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CropEntry(_Typed):
    """One `[[book.crop]]`: a detail to cut out of the figure that holds `box` (x0, y0, x1, y1 in points) on
    page `page` of the PDF. A suggestion is not `accepted`, and nothing is cut."""

    page: int = Field(ge=1)
    box: tuple[float, float, float, float]
    words: str = ""
    accepted: bool = True

    @field_validator("box")
    @classmethod
    def _check_box(cls, value: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        x0, y0, x1, y1 = value
        if not all(map(isfinite, value)) or x0 >= x1 or y0 >= y1:
            raise ValueError(_FOUR_NUMBERS)
        return value

    @field_validator("words")
    @classmethod
    def _check_words(cls, value: str) -> str:
        return " ".join(value.split())


class BookEntry(_Typed):
    """One `[[book]]`. `profile` names the profile of another series, or a file of the curator's beside the
    sources file, where that of the `series` does not fit; `notes` go to the report; `crop` are details."""

    file: str = Field(min_length=1)
    series: SeriesName = "other"
    title: str = ""
    rights: str = ""
    pages: str = ""
    password: SecretStr = SecretStr("")
    profile: str = ""
    notes: str = ""
    crop: tuple[CropEntry, ...] = ()

    @field_validator("file")
    @classmethod
    def _check_file(cls, value: str) -> str:
        if "\0" in value or not Path(value).name:
            raise ValueError("no name of a file")
        return value

    @field_validator("pages")
    @classmethod
    def _check_pages(cls, value: str) -> str:
        parse_pages(value)
        return value


class GatedEntry(_Typed):
    """`[gated]`: what Hugging Face asks before it hands out files; `fields` by the label that it shows."""

    prompt: str = ""
    fields: dict[str, Literal["text", "checkbox", "country", "date_picker"]] = Field(min_length=1)


class RefineEntry(_Typed):
    """`[refine]`: a language model that corrects descriptions, at an OpenAI-compatible `base_url`. The key is
    in the environment, under the name `api_key_env`; empty for a server that asks for none. `timeout` is in
    seconds a try, prices are for a million tokens; `cache` is a file of answers to keep beside the sources
    file."""

    base_url: str
    model: str = Field(min_length=1)
    api_key_env: str = "OPENAI_API_KEY"
    concurrency: int = Field(default=4, ge=1, le=256)
    timeout: float = Field(default=60.0, gt=0)
    retries: int = Field(default=4, ge=0, le=20)
    response_format: ResponseFormat = "json_schema"
    summary: bool = False
    input_price: float = Field(default=0.0, ge=0)
    output_price: float = Field(default=0.0, ge=0)
    cache: str = ""

    @field_validator("base_url")
    @classmethod
    def _check_url(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("an address is wanted, like https://api.openai.com/v1")
        if parts.username or parts.password:
            raise ValueError("no user and password in the address; the key comes from the environment")
        return value

    @field_validator("api_key_env")
    @classmethod
    def _check_name(cls, value: str) -> str:
        if value and not value.isidentifier():
            raise ValueError("the name of an environment variable is wanted, not the key itself")
        return value


class LimitsEntry(_Typed):
    """`[limits]`: what a page may take before it is given up (`flows.limits.Limits`)."""

    seconds_per_page: float = Field(default=SECONDS_PER_PAGE, ge=1, allow_inf_nan=False)
    megapixels: float = Field(default=MEGAPIXELS, ge=1, allow_inf_nan=False)
    megabytes: float = Field(default=MEGABYTES, ge=500, allow_inf_nan=False)

    def as_limits(self) -> Limits:
        """The same for the workers."""
        return Limits(self.seconds_per_page, self.megapixels, self.megabytes)


class SourcesFile(_Typed):
    """A `sources.toml`: the release's name and version, the curators' log, and the books."""

    name: str = Field(default=DEFAULT_NAME, pattern=r"^[\w][\w.\- ]*$")
    version: str = Field(default=DEFAULT_VERSION, pattern=r"^[\w][\w.+\-]*$")
    decisions: str = "decisions.jsonl"
    gated: GatedEntry | None = None
    refine: RefineEntry | None = None
    limits: LimitsEntry = LimitsEntry()
    book: tuple[BookEntry, ...] = Field(min_length=1)


class BookRequest(_Typed):
    """A book to build from: its entry, and where its file is; without a `profile` its series' counts. Of a
    book on S3 `address` says where, and `path` is a mere name until it is brought."""

    path: Path
    entry: BookEntry
    address: str = ""
    profile: Profile | None = None


class PublishRequest(_Typed):
    """Where on S3 a release goes when it is built, and what may go there (`culti publish`)."""

    url: str
    include_restricted: bool = False
    replace: bool = False


class BuildRequest(_Typed):
    """All that a build is asked to do; the parameter of the flow. `decisions` are the curators' logs,
    `previous` is the release whose splits are kept, `answers` the curator's file of a model's answers,
    `runner_address` is of a Dask or Ray cluster, whose workers are as many as it has. `store` is the address
    of a store on S3; without one it lies in the work directory."""

    books: tuple[BookRequest, ...]
    out: Path
    work: Path
    name: str = DEFAULT_NAME
    version: str = DEFAULT_VERSION
    decisions: tuple[Path, ...] = ()
    gated: GatedEntry | None = None
    refine: RefineEntry | None = None
    limits: LimitsEntry = LimitsEntry()
    answers: Path | None = None
    reader: ReaderName = "pymupdf"
    ocr: str = "bundled"
    runner: RunnerName = "processes"
    runner_address: str = ""
    workers: int = Field(default=1, ge=1)
    previous: Path | None = None
    store: str = ""
    publish: PublishRequest | None = None


class ValidationRequest(_Typed):
    """All that a validation is asked to do. `out` and `work` are where `culti validate` has them by default
    unless given; `train` and `laclip` are NAME=VALUE; `crops` 0 is as many as suit the model."""

    release: Path
    out: Path | None = None
    work: Path | None = None
    model: str | None = None
    weights: Path | None = None
    device: str = "auto"
    seeds: int = Field(default=3, ge=1)
    zero_shot_only: bool = False
    features: Path | None = None
    gate: Path | None = None
    crops: int = Field(default=0, ge=0)
    train: tuple[str, ...] = ()
    laclip: tuple[str, ...] = ()


class RehydrateRequest(_Typed):
    """All that a rehydration is asked to do. The books lie in the folder `books`, or on S3 below the prefix
    `address`. `passwords` are of encrypted books, by the file's path or, for
    one that lies elsewhere, its name."""

    recipe: Path
    books: Path
    address: str = ""
    out: Path
    work: Path
    passwords: dict[str, SecretStr] = Field(default_factory=dict)
    runner: RunnerName = "processes"
    runner_address: str = ""
    workers: int = Field(default=1, ge=1)


def refuse_missing_reader(reader: str) -> None:
    """ConfigurationError that names the package, where a reader's is not installed."""
    try:
        check_reader(reader)
    except CultiError as error:
        raise ConfigurationError(str(error)) from error


def read_sources(path: Path) -> SourcesFile:
    """The sources file, or a ConfigurationError that names file, key and what is allowed."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        return SourcesFile.model_validate(tomllib.loads(text))
    except FileNotFoundError as error:
        raise ConfigurationError(f"{path}: no such file") from error
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: not UTF-8 text; save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path}: not valid TOML: {error}") from error
    except ValidationError as error:
        raise ConfigurationError(f"{path}: {describe_problem(error)}") from error


def describe_problem(error: ValidationError) -> str:
    """The first problem in one line: which key of which book, what is wrong, what is allowed."""
    problem = error.errors(include_url=False)[0]
    place = [part for part in problem["loc"] if not isinstance(part, int)]
    numbers = [part for part in problem["loc"] if isinstance(part, int)]
    where = f"book {numbers[0] + 1}: " if numbers else ""
    is_crop = "crop" in place[:-1]
    if is_crop and len(numbers) > 1:
        where += f"crop {numbers[1] + 1}: "
    key = str(place[-1]) if place else ""
    if problem["type"] == "extra_forbidden":
        table = next((t for name, t in _TABLES.items() if name in place[:-1]), None)
        allowed = table or (BookEntry if numbers else SourcesFile)
        return f"{where}unknown key {key!r}; allowed are {', '.join(allowed.model_fields)}"
    if key == "box" and (problem["loc"][-1] != "box" or problem["type"] != "missing"):
        return f"{where}'box': {_FOUR_NUMBERS}"
    if problem["type"] == "missing":
        return f"{where}{key!r} is missing" + (" (a [[book]] for each PDF)" if key == "book" else "")
    if key == "crop":
        return f"{where}'crop': write [[book.crop]], in double brackets, for each detail"
    if key == "book" and not numbers:
        return "'book': write [[book]], in double brackets, for each PDF, and at least one"
    message = _MESSAGES.get(problem["type"], problem["msg"].removeprefix("Value error, "))
    # What was typed is repeated where it is a word; a table may hold a password.
    is_shown = key not in _SECRET and isinstance(problem["input"], str | int | float)
    given = f", not {problem['input']!r}" if is_shown else ""
    return f"{where}{key!r}: {message[:1].lower()}{message[1:]}{given}"


_TABLES: dict[str, type[_Typed]] = {
    "crop": CropEntry,
    "gated": GatedEntry,
    "refine": RefineEntry,
    "limits": LimitsEntry,
}
# Where someone may have put a password or a key.
_SECRET = ("password", "base_url", "api_key_env")
_MESSAGES = {
    "string_pattern_mismatch": "letters, digits, dots, hyphens and underscores only",
    "string_too_short": "may not be empty",
}


def parse_pages(text: str) -> list[tuple[int, int | None]]:
    """`"5-212"`, `"1-3, 7, 9-"` as 1-based ranges, ends included, None for the book's end; [] for all.

    ValueError with one line where the text is something else.
    """
    ranges: list[tuple[int, int | None]] = []
    for part in text.replace(" ", "").split(",") if text.strip() else []:
        first, dash, last = part.partition("-")
        if not first.isdecimal() or (last and not last.isdecimal()):
            raise ValueError("pages are given like 5-212 or 1-3,7,9-")
        end = int(last) if last else (None if dash else int(first))
        if int(first) < 1 or (end is not None and end < int(first)):
            raise ValueError("pages count from 1, and a range goes upwards, like 5-212")
        ranges.append((int(first), end))
    return ranges


def choose_pages(text: str, page_count: int) -> tuple[int, ...]:
    """The page numbers that `text` asks for, in order, as far as the book has them."""
    ranges = parse_pages(text) or [(1, None)]
    chosen = {n for a, b in ranges for n in range(a, min(b or page_count, page_count) + 1)}
    return tuple(sorted(chosen))


def choose_workers() -> int:
    """As many as CPUs that this process may use, at most 8: each may hold an OCR engine of about 1 GB."""
    count = len(os.sched_getaffinity(0)) if sys.platform == "linux" else (os.cpu_count() or 1)
    return max(1, min(8, count))
