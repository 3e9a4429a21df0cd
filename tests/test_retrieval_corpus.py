"""A release as retrieval reads it: what is the same is one, and a release that is not whole is refused."""

import hashlib
import shutil
from collections import Counter
from dataclasses import replace

import pyarrow.parquet as pq
import pytest
from release_making import make_build, make_info, make_rows, make_source, without_text

from baselines.corpus import read_corpus, read_image_bytes
from baselines.errors import CorpusError
from export.release import write_release
from export.schema import SPLITS

SOURCE = make_source("vol1.pdf")


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    rows = make_rows(folder / "figures", count=60)
    # Neighbours (one entry, so one split) share their text; what has none stays without.
    rows = [
        replace(row, description=rows[n - n % 2].description) if row.has_text and n % 4 < 2 else row
        for n, row in enumerate(rows)
    ]
    write_release(folder / "release", rows, make_info(SOURCE), make_build(SOURCE))
    return folder / "release"


@pytest.fixture(scope="module")
def rows(release):
    return [
        {**row, "split": split}
        for split in SPLITS
        for row in pq.read_table(release / f"data/{split}-00000-of-00001.parquet").to_pylist()
    ]


def test_every_pair_is_there_and_texts_are_distinct(release, rows):
    corpus = read_corpus(release)
    for name, split in corpus.splits.items():
        expected = {
            (row["description"], row["image_sha256"])
            for row in rows
            if row["split"] == name and row["description"]
        }
        found = {
            (split.texts[text], split.pictures[image].image_sha256)
            for text, images in enumerate(split.images_of_text)
            for image in images
        }
        assert found == expected
        assert len(set(split.texts)) == len(split.texts)
        back = {(t, i) for i, texts in enumerate(split.texts_of_image) for t in texts}
        assert back == {(t, i) for t, images in enumerate(split.images_of_text) for i in images}
    assert any(len(images) > 1 for images in corpus.splits["train"].images_of_text), "nothing was shared"
    assert corpus.left_out == Counter(bool(row["description"]) for row in rows)[False] > 0


def test_bytes_are_those_that_the_hash_names(release):
    for split in read_corpus(release).splits.values():
        for picture in split.pictures:
            assert hashlib.sha256(read_image_bytes(picture)).hexdigest() == picture.image_sha256


def test_name_version_and_digest_are_the_manifests(release):
    corpus = read_corpus(release)
    assert (corpus.name, corpus.version) == ("drawn-figures", "1.0.0")
    assert len(corpus.release_sha256) == 64


def test_row_groups_are_counted_over_the_whole_file(release, tmp_path):
    copy = tmp_path / "release"
    shutil.copytree(release, copy)
    shard = copy / "data/train-00000-of-00001.parquet"
    table = pq.read_table(shard)
    pq.write_table(table, shard, row_group_size=5)
    picture = read_corpus(release).splits["train"].pictures[13]
    moved = replace(picture, shard=shard)
    assert hashlib.sha256(read_image_bytes(moved)).hexdigest() == picture.image_sha256
    with pytest.raises(CorpusError, match="row 9999"):
        read_image_bytes(replace(moved, row=9999))


def test_what_is_no_whole_release_is_refused_in_one_line(release, tmp_path):
    def fail(place) -> str:
        with pytest.raises(CorpusError) as caught:
            read_corpus(place)
        assert "\n" not in str(caught.value)
        return str(caught.value)

    assert "no such folder" in fail(tmp_path / "none")
    assert "no manifest.json" in fail(tmp_path)
    copy = tmp_path / "release"
    shutil.copytree(release, copy)
    shard = copy / "data/test-00000-of-00001.parquet"
    shard.write_bytes(shard.read_bytes()[:-9])
    assert "not the size" in fail(copy)
    shard.unlink()
    assert "missing" in fail(copy)
    (copy / "manifest.json").write_text("{}", encoding="utf-8")
    assert "damaged or changed" in fail(copy)


def test_release_without_any_text_is_refused(tmp_path):
    rows = [without_text(row) for row in make_rows(tmp_path / "figures", count=4)]
    write_release(tmp_path / "release", rows, make_info(SOURCE), make_build(SOURCE))
    with pytest.raises(CorpusError, match="no row of this release has a text"):
        read_corpus(tmp_path / "release")
