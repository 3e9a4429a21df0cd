"""Vectors of other models: both forms are read alike, ids are checked, and each mistake is one line."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from vector_making import DrawnEncoder, write_drawn_release

from baselines.corpus import read_corpus
from baselines.errors import FeaturesError
from baselines.features import SplitFeatures, find_folders, read_features, write_features


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    return read_corpus(write_drawn_release(tmp_path_factory.mktemp("features"), 60, 10))


@pytest.fixture(scope="module")
def splits(corpus):
    encoder = DrawnEncoder(corpus, "other", 1.0)
    return {
        name: SplitFeatures(encoder.encode_images(split.pictures), encoder.encode_texts(split.texts))
        for name, split in corpus.splits.items()
    }


@pytest.fixture
def folder(tmp_path, corpus, splits):
    write_features(tmp_path / "other", "R2D2", corpus, splits, {"weights_sha256": "ab"})
    return tmp_path / "other"


def write_as_npy(folder, corpus, splits, ids="sha"):
    """The second form, with rows in another order and longer than 1."""
    folder.mkdir()
    pictures = [p for name in splits for p in corpus.splits[name].pictures]
    names = [p.image_sha256 if ids == "sha" else p.pair_id for p in pictures]
    texts = [t for name in splits for t in corpus.splits[name].text_ids]
    np.save(folder / "images.npy", 3 * np.concatenate([s.images for s in splits.values()])[::-1])
    np.save(folder / "texts.npy", np.concatenate([s.texts for s in splits.values()]).astype(np.float64))
    (folder / "image_ids.txt").write_text("\n".join(reversed(names)) + "\n")
    (folder / "text_ids.txt").write_text("\n".join(texts))


def test_what_is_written_is_read_back(folder, corpus, splits):
    found = read_features(folder, corpus)
    assert found.name == "R2D2" and found.checked
    for name, expected in splits.items():
        assert found.splits[name].images == pytest.approx(expected.images, abs=1e-6)
        assert found.splits[name].texts == pytest.approx(expected.texts, abs=1e-6)
    assert json.loads((folder / "features.json").read_text())["release_sha256"] == corpus.release_sha256


@pytest.mark.parametrize("ids", ["sha", "pair_id"])
def test_npy_is_read_like_parquet_in_any_order(tmp_path, corpus, splits, ids):
    write_as_npy(tmp_path / "plain", corpus, splits, ids)
    found = read_features(tmp_path / "plain", corpus)
    assert found.name == "plain" and not found.checked
    assert found.splits["test"].images == pytest.approx(splits["test"].images, abs=1e-6)
    assert found.splits["test"].texts == pytest.approx(splits["test"].texts, abs=1e-6)


def test_test_alone_is_enough(tmp_path, corpus, splits):
    write_features(tmp_path / "few", "few", corpus, {"test": splits["test"]}, {})
    assert set(read_features(tmp_path / "few", corpus).splits) == {"test"}


def test_several_models_in_one_folder(tmp_path, corpus, splits):
    for name in ("b", "a"):
        write_features(tmp_path / "models" / name, name, corpus, {"test": splits["test"]}, {})
    (tmp_path / "models" / "notes").mkdir()
    assert [f.name for f in find_folders(tmp_path / "models")] == ["a", "b"]


def cut_table(folder, stem, change):
    path = folder / f"{stem}.parquet"
    pq.write_table(change(pq.read_table(path)), path)


def replace_vectors(table, change):
    vectors = np.stack(table["vector"].to_numpy())
    rows = pa.array(list(change(vectors)), type=pa.list_(pa.float32()))
    return table.set_column(table.column_names.index("vector"), "vector", rows)


def spoil(table, value):
    return replace_vectors(table, lambda vectors: np.full_like(vectors, value))


def write_about(folder, content):
    (folder / "features.json").write_text(content)


MISTAKES = {
    "another release": (lambda f: write_about(f, '{"release_sha256": "123"}'), "made from another release"),
    "json": (lambda f: write_about(f, "{"), "cannot be read as JSON"),
    "missing": (lambda f: cut_table(f, "images", lambda t: t.slice(0, 1)), "have no vector, for example"),
    "twice": (lambda f: cut_table(f, "texts", lambda t: pa.concat_tables([t, t])), "more than once"),
    "column": (lambda f: cut_table(f, "texts", lambda t: t.drop(["vector"])), "need pair_id"),
    "width": (
        lambda f: cut_table(f, "texts", lambda t: replace_vectors(t, lambda v: v[:, :5])),
        "images have 48 dimensions, texts 5",
    ),
    "nan": (
        lambda f: cut_table(f, "images", lambda t: spoil(t, np.nan)),
        "not finite",
    ),
    "zeros": (
        lambda f: cut_table(f, "texts", lambda t: spoil(t, 0)),
        "all zeros",
    ),
    "rubbish": (lambda f: (f / "texts.parquet").write_bytes(b"PAR1 no"), "cannot be read"),
    "no texts": (lambda f: (f / "texts.parquet").unlink(), "No such file"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_each_mistake_is_one_line(folder, corpus, mistake):
    make, expected = MISTAKES[mistake]
    make(folder)
    with pytest.raises(FeaturesError, match=expected) as caught:
        read_features(folder, corpus)
    assert "\n" not in str(caught.value)


def test_npy_mistakes(tmp_path, corpus, splits):
    write_as_npy(tmp_path / "plain", corpus, splits)
    path = tmp_path / "plain" / "images.npy"
    np.save(path, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(FeaturesError, match=r"images.npy: cannot be read"):
        read_features(tmp_path / "plain", corpus)
    np.save(path, np.zeros((3, 48), np.float32))
    with pytest.raises(FeaturesError, match=r"ids for vectors of shape \(3, 48\)"):
        read_features(tmp_path / "plain", corpus)


def test_a_folder_without_vectors(tmp_path):
    with pytest.raises(FeaturesError, match="no such folder"):
        find_folders(tmp_path / "nothing")
    with pytest.raises(FeaturesError, match=r"neither images.npy nor images.parquet"):
        find_folders(tmp_path)
