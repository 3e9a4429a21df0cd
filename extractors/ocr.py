"""The OCR engine: what finds text lines on a raster and what reads them."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from extractors.downloads import ALLOW, may_download
from extractors.errors import OcrError
from extractors.records import Direction

Raster = NDArray[np.uint8]
"""RGB pixels, shape (height, width, 3)."""

PixelBox = tuple[int, int, int, int]
"""(x0, y0, x1, y1) in pixels of a raster, x1 and y1 exclusive."""

BUNDLED = "bundled"
_FAMILY = re.compile(r"PP-OCRv\d+\w*")


@dataclass(frozen=True, slots=True)
class OcrLine:
    """One line of text as an engine reads it; `confidence` is 0–1."""

    text: str
    box_px: PixelBox
    confidence: float
    direction: Direction = "horizontal"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a strip says. `centres`: the characters' centres as shares (0–1) of its width, or empty."""

    text: str
    confidence: float
    centres: tuple[float, ...] = ()


class OcrEngine(Protocol):
    """Finds and reads text. Images are RGB uint8 arrays of shape (height, width, 3)."""

    def find_lines(self, image: Raster, page_side: int = 0) -> list[PixelBox]:
        """The boxes of all text lines and columns, from top to bottom.

        `page_side`: the longer side in pixels of the page of which `image` is a part, to be seen at the
        page's scale; 0 where it is seen at its own.
        """
        ...

    def read_strips(self, strips: Sequence[Raster]) -> list[Reading]:
        """Reads strips that hold one horizontal line each, in the order given."""
        ...

    def read_lines(self, image: Raster) -> list[OcrLine]:
        """Finds all lines and columns of an upright image and reads them."""
        ...


def load_engine(name: str = BUNDLED, cache: Path | None = None) -> OcrEngine:
    """The engine called `name`, loaded once per process.

    `bundled`: PaddleOCR with the PP-OCR models in rapidocr's wheel (onnxruntime, offline); they are unpacked
    into `cache`, by default the user's cache folder. A folder: the user's own models, with the folders `det`
    and `rec` as PaddleOCR publishes them. Anything else: the name of a PaddleOCR family such as
    `PP-OCRv5_server`, which PaddleOCR fetches on first use, where that is allowed. Raises OcrError.
    """
    return _load(name, cache)


def check_engine(name: str) -> None:
    """OcrError in one line where `name` cannot be an engine, or would have to be fetched and may not; nothing
    is loaded or fetched."""
    folder = Path(name)
    if name == BUNDLED:
        return
    if _FAMILY.fullmatch(name):
        missing = [model for model in (f"{name}_det", f"{name}_rec") if not _find_fetched(model).is_dir()]
        if missing and not may_download():
            raise OcrError(
                f"{name}: {missing[0]} is not here, and nothing is downloaded by itself; {ALLOW} from "
                "PaddleOCR's hosts, or use bundled or a folder of models"
            )
        return
    if not name or not folder.is_dir():
        raise OcrError(
            f"{name or '--ocr'}: no such folder of OCR models, and no PaddleOCR name such as PP-OCRv5_server"
        )
    for task in ("det", "rec"):
        if not (folder / task / "inference.yml").is_file():
            raise OcrError(f"{folder}: no {task}/inference.yml; an OCR model folder holds det/ and rec/")


def _find_fetched(model: str) -> Path:
    """The folder into which PaddleOCR fetches a model."""
    home = os.environ.get("PADDLE_PDX_CACHE_HOME")
    return (Path(home) if home else Path("~/.paddlex").expanduser()) / "official_models" / model


def describe_engine(name: str) -> str:
    """The engine as settings and keys name it: a folder of models by what is in it, not by where it is."""
    folder = Path(name)
    if name == BUNDLED or not folder.is_dir():
        return name
    digest = hashlib.sha256()
    for file in sorted(folder.glob("*/inference.*")):
        digest.update(f"{file.relative_to(folder).as_posix()}\0".encode())
        digest.update(file.read_bytes())
    return f"models-{digest.hexdigest()[:16]}"


@lru_cache(maxsize=2)
def _load(name: str, cache: Path | None) -> OcrEngine:
    from extractors.ocr_models import unpack_bundled_models
    from extractors.ocr_paddle import PaddleEngine

    if name == BUNDLED:
        folders = unpack_bundled_models(cache)
        return PaddleEngine(name, folders.detection, folders.recognition)
    check_engine(name)
    folder = Path(name)
    if folder.is_dir():
        return PaddleEngine(name, folder / "det", folder / "rec")
    return PaddleEngine(name, None, None)
