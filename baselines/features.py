"""Vectors of any other model, as files: what `--features` reads and `culti encode` writes.

A folder, with one or the other of

    images.parquet   columns image_sha256 (or pair_id), vector (list of floats)
    texts.parquet    columns pair_id, vector
    images.npy, image_ids.txt      (n, d) floats, and an id a line: image_sha256 or pair_id
    texts.npy, text_ids.txt        (m, d) floats, and a pair_id a line

and, if there is one, features.json: {"name": …, "release_sha256": …}. All splits may stand in one file;
vectors of more than the release has do no harm. Rows need not be of length 1: they are scaled.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from baselines.corpus import Corpus, Picture, RetrievalSet
from baselines.errors import FeaturesError, writing
from baselines.laclip import scale_rows
from extractors.whole_files import replace_file, write_atomically

Floats = NDArray[np.float32]
ABOUT = "features.json"
_SHORTEST = 1e-6


@dataclass(frozen=True, slots=True)
class SplitFeatures:
    """Unit vectors of one split, in its order."""

    images: Floats
    texts: Floats


@dataclass(frozen=True, slots=True)
class Features:
    """A model known by its vectors. `splits` has test, and train and validation where they are complete.

    `checked` says whether the folder named the release that it was made from, and it was this one.
    """

    name: str
    sha256: str
    splits: Mapping[str, SplitFeatures]
    checked: bool


def find_folders(folder: Path) -> tuple[Path, ...]:
    """The folder itself if it holds vectors, else those in it that do, by name; FeaturesError if none."""
    if not folder.is_dir():
        raise FeaturesError(
            f"{folder}: no such folder; --features takes a folder with images.npy or .parquet"
        )
    if _has_vectors(folder):
        return (folder,)
    found = tuple(sorted(p for p in folder.iterdir() if p.is_dir() and _has_vectors(p)))
    if not found:
        raise FeaturesError(f"{folder}: neither images.npy nor images.parquet in it or in a folder of it")
    return found


def _has_vectors(folder: Path) -> bool:
    return any((folder / f"images.{suffix}").is_file() for suffix in ("npy", "parquet"))


def read_features(folder: Path, corpus: Corpus) -> Features:
    """Reads and checks a folder against a release. FeaturesError: an id without a vector in test, an id
    twice, vectors that are not finite or have no length, images and texts of different dimensions, another
    release's features."""
    about = _read_about(folder)
    made_from = str(about.get("release_sha256", ""))
    if made_from and made_from != corpus.release_sha256:
        raise FeaturesError(
            f"{folder}: made from another release ({made_from[:12]}, not {corpus.release_sha256[:12]}); "
            "encode this one again"
        )
    images, texts = _read_table(folder, "images", "image_ids"), _read_table(folder, "texts", "text_ids")
    if images.width != texts.width:
        raise FeaturesError(f"{folder}: images have {images.width} dimensions, texts {texts.width}")
    splits: dict[str, SplitFeatures] = {}
    for name, split in corpus.splits.items():
        found = _pick_split(folder, split, images, texts, needed=name == "test")
        if found is not None:
            splits[name] = found
    name = str(about.get("name") or folder.resolve().name)
    return Features(name, images.sha256 + texts.sha256, splits, bool(made_from))


def write_features(
    folder: Path, name: str, corpus: Corpus, splits: Mapping[str, SplitFeatures], extra: Mapping[str, object]
) -> None:
    """Writes Parquet files and features.json in the form that `read_features` reads. PlaceError."""
    image_ids = [p.image_sha256 for split in splits for p in corpus.splits[split].pictures]
    text_ids = [text for split in splits for text in corpus.splits[split].text_ids]
    _write_table(folder / "images.parquet", "image_sha256", image_ids, [s.images for s in splits.values()])
    _write_table(folder / "texts.parquet", "pair_id", text_ids, [s.texts for s in splits.values()])
    about = {"name": name, "release": corpus.name, "version": corpus.version, **extra}
    about["release_sha256"] = corpus.release_sha256
    text = json.dumps(about, ensure_ascii=False, indent=2) + "\n"
    with writing(folder):
        write_atomically(folder / ABOUT, text.encode())


def _write_table(path: Path, id_name: str, ids: Sequence[str], parts: Sequence[Floats]) -> None:
    # An image that stands in two splits is written once.
    first = {name: place for place, name in reversed(list(enumerate(ids)))}
    order = sorted(first.values())
    vectors = np.concatenate(parts)[order]
    flat = pa.array(vectors.ravel(), type=pa.float32())
    table = pa.table(
        {
            id_name: [ids[place] for place in order],
            "vector": pa.FixedSizeListArray.from_arrays(flat, vectors.shape[1]),
        }
    )
    with writing(path), replace_file(path) as part:
        pq.write_table(table, part)


@dataclass(frozen=True, slots=True)
class _Table:
    vectors: Floats
    places: Mapping[str, int]
    sha256: str

    @property
    def width(self) -> int:
        return int(self.vectors.shape[1])


def _read_about(folder: Path) -> Mapping[str, object]:
    path = folder / ABOUT
    if not path.is_file():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FeaturesError(f"{path}: cannot be read as JSON: {error}") from None
    return found if isinstance(found, dict) else {}


def _read_table(folder: Path, stem: str, ids_stem: str) -> _Table:
    parquet, npy = folder / f"{stem}.parquet", folder / f"{stem}.npy"
    path = parquet if parquet.is_file() else npy
    try:
        ids, vectors = _read_parquet(path) if path == parquet else _read_npy(path, folder / f"{ids_stem}.txt")
    except FeaturesError:
        raise
    except OSError as error:
        raise FeaturesError(f"{error.filename or path}: {error.strerror or error}") from None
    except (pa.ArrowInvalid, ValueError, EOFError) as error:
        raise FeaturesError(f"{path}: cannot be read: {str(error).splitlines()[0]}") from None
    if vectors.ndim != 2 or len(ids) != len(vectors):
        raise FeaturesError(f"{path}: {len(ids)} ids for vectors of shape {vectors.shape}; need (ids, d)")
    places = {name: place for place, name in enumerate(ids)}
    if len(places) < len(ids):
        twice = next(name for place, name in enumerate(ids) if places[name] != place)
        raise FeaturesError(f"{path}: id {twice} stands in it more than once")
    digest = hashlib.sha256(vectors.tobytes() + "\n".join(ids).encode()).hexdigest()
    return _Table(vectors, places, digest)


def _read_npy(path: Path, ids_path: Path) -> tuple[list[str], Floats]:
    # No pickles: a file of features is data, not a program.
    vectors = np.load(path, allow_pickle=False)
    ids = [line.strip() for line in ids_path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return ids, _as_floats(path, vectors)


def _read_parquet(path: Path) -> tuple[list[str], Floats]:
    table = pq.read_table(path)
    name = next((n for n in ("image_sha256", "pair_id", "id") if n in table.column_names), "")
    if not name or "vector" not in table.column_names:
        raise FeaturesError(
            f"{path}: columns {', '.join(table.column_names)}; need pair_id (or image_sha256), vector"
        )
    column = table.column("vector").combine_chunks()
    lengths = {len(row) for row in column}
    if len(lengths) > 1:
        raise FeaturesError(f"{path}: vectors of {min(lengths)} to {max(lengths)} numbers; all need the same")
    flat = column.flatten().to_numpy(zero_copy_only=False)
    return table.column(name).to_pylist(), _as_floats(path, flat.reshape(len(column), -1))


def _as_floats(path: Path, vectors: NDArray[np.generic]) -> Floats:
    if vectors.dtype.kind not in "fiu":
        raise FeaturesError(f"{path}: holds {vectors.dtype}, not numbers")
    return np.ascontiguousarray(vectors, dtype=np.float32)


def _pick_split(
    folder: Path, split: RetrievalSet, images: _Table, texts: _Table, *, needed: bool
) -> SplitFeatures | None:
    image_places = [_find_image(images, picture) for picture in split.pictures]
    text_places = [texts.places.get(text_id, -1) for text_id in split.text_ids]
    for what, places, ids in (
        ("images", image_places, [p.image_sha256 for p in split.pictures]),
        ("texts", text_places, list(split.text_ids)),
    ):
        missing = [name for name, place in zip(ids, places, strict=True) if place < 0]
        if missing and needed:
            raise FeaturesError(
                f"{folder}: {len(missing)} of {len(ids)} {what} of the split {split.name} have no vector, "
                f"for example {missing[0]}"
            )
        if missing:
            return None
    return SplitFeatures(
        _take(folder, images, image_places, f"an image of {split.name}"),
        _take(folder, texts, text_places, f"a text of {split.name}"),
    )


def _find_image(table: _Table, picture: Picture) -> int:
    return table.places.get(picture.image_sha256, table.places.get(picture.pair_id, -1))


def _take(folder: Path, table: _Table, places: Sequence[int], what: str) -> Floats:
    vectors = table.vectors[np.asarray(places, dtype=np.intp)]
    if not np.isfinite(vectors).all():
        raise FeaturesError(f"{folder}: the vector of {what} is not finite")
    if len(vectors) and np.linalg.norm(vectors, axis=1).min() < _SHORTEST:
        raise FeaturesError(f"{folder}: the vector of {what} is all zeros")
    return scale_rows(vectors)
