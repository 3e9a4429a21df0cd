"""The official CulTi images: found by id below a folder, and looked at once each.

An image's id is its file's name without the ending. The file's own bytes are what is released, so all that
happens here is to see that they decode, and to measure them.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import imagehash
from PIL import Image

from export.culti_files import drop, find_split
from export.info import DroppedItem
from export.thumbnails import lay_on_white

# PNG is the official form, so it goes before the others where an id has several files.
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".gif")
UNNAMED = "no text names it"
COPY = "a copy of another file of the same id"
RIVAL = "differs from another file of the same id, which is used"
UNREADABLE = "cannot be read or decoded"
# What archives made on macOS carry beside the files.
_FOREIGN_FOLDER = "__MACOSX"


@dataclass(frozen=True, slots=True)
class ImageFile:
    """A file that may be an image; `place` is where it lies below the folder, with forward slashes."""

    path: Path
    place: str

    @property
    def image_id(self) -> str:
        """The name without its ending."""
        return PurePosixPath(self.place).stem

    @property
    def split(self) -> str | None:
        """The split that one of its folders is named for, the innermost first."""
        folders = reversed(PurePosixPath(self.place).parts[:-1])
        return next((split for name in folders if (split := find_split(name))), None)

    def drop(self, reason: str) -> DroppedItem:
        """The record of it being left out."""
        # A name in another encoding cannot be written into a report.
        shown = PurePosixPath(self.place.encode("utf-8", "replace").decode())
        return drop(str(shown.parent), "picture", reason, shown.name)


@dataclass(frozen=True, slots=True)
class Measured:
    """What a decoded file is: sha256 of its bytes, size in pixels, ImageHash's 64-bit perceptual hash (hex)
    of the picture on white."""

    sha256: str
    width_px: int
    height_px: int
    phash: str


def list_images(folder: Path) -> dict[str, tuple[ImageFile, ...]]:
    """Image files in `folder` and all folders below it, links followed, by id; the same whatever order the
    disk lists them in. OSError where a folder cannot be read."""
    found: dict[str, list[ImageFile]] = {}
    for path in _walk(folder):
        image = ImageFile(path, path.relative_to(folder).as_posix())
        found.setdefault(image.image_id, []).append(image)
    return {image_id: tuple(found[image_id]) for image_id in sorted(found)}


def _walk(folder: Path) -> Iterator[Path]:
    seen: set[tuple[int, int]] = set()
    for root, folders, names in os.walk(folder, onerror=_refuse, followlinks=True):
        status = Path(root).stat()
        if (status.st_dev, status.st_ino) in seen:
            folders.clear()  # a link to a folder that was walked already
            continue
        seen.add((status.st_dev, status.st_ino))
        folders[:] = sorted(name for name in folders if name != _FOREIGN_FOLDER and not name.startswith("."))
        for name in sorted(names):
            if name.lower().endswith(SUFFIXES) and not name.startswith("."):
                yield Path(root, name)


def _refuse(error: OSError) -> None:
    raise error


def measure_images(
    images: Sequence[ImageFile], threads: int, tell: Callable[[int], None]
) -> dict[Path, Measured | None]:
    """Every file decoded, None for one that does not; `tell` gets how many are done. No more than `threads`
    images are in memory at once."""
    measured: dict[Path, Measured | None] = {}
    with ThreadPoolExecutor(threads) as pool:
        try:
            for image, result in zip(images, pool.map(measure, [i.path for i in images]), strict=True):
                measured[image.path] = result
                tell(len(measured))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return measured


def measure(path: Path) -> Measured | None:
    """One file, decoded to its last row; None where that cannot be done."""
    try:
        content = path.read_bytes()
        with Image.open(io.BytesIO(content)) as picture:
            picture.load()
            phash = str(imagehash.phash(lay_on_white(picture).convert("L")))
            return Measured(hashlib.sha256(content).hexdigest(), *picture.size, phash)
    except Exception:  # Pillow's decoders raise whatever a damaged file makes them stumble over
        return None


def choose_image(
    candidates: Iterable[ImageFile], measured: Mapping[Path, Measured | None], split: str | None
) -> ImageFile | None:
    """The file of an id that is used for texts of `split`: one that decodes, in a folder named for the split
    rather than elsewhere, PNG rather than another form, less deep rather than deeper, first by name."""
    usable = [c for c in candidates if measured[c.path] is not None]
    return min(usable, key=lambda c: _rank(c, split), default=None)


def _rank(image: ImageFile, split: str | None) -> tuple[bool, int, int, str]:
    place = PurePosixPath(image.place)
    elsewhere = split is not None and image.split != split
    return elsewhere, SUFFIXES.index(place.suffix.lower()), len(place.parts), image.place


def list_left_out(
    candidates: Sequence[ImageFile],
    measured: Mapping[Path, Measured | None],
    used: Mapping[str | None, ImageFile],
) -> list[DroppedItem]:
    """Why each file of an id that texts name is not used; `used` has the chosen file by the texts' split."""
    left = [c for c in candidates if c not in used.values()]
    hashes = {found.sha256 for image in used.values() if (found := measured[image.path])}
    return [image.drop(_explain(image, measured[image.path], hashes, used)) for image in left]


def _explain(
    image: ImageFile, found: Measured | None, hashes: set[str], used: Mapping[str | None, ImageFile]
) -> str:
    if found is None:
        return UNREADABLE
    if found.sha256 in hashes:
        return COPY
    # Where each split has a folder and ids of its own, a file of another split is another image by right.
    return UNNAMED if image.split is not None and image.split not in used else RIVAL
