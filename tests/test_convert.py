"""`culti convert`: what is written, and that the programs it is written for read it."""

from __future__ import annotations

import base64
import json
import tarfile
from importlib.util import find_spec
from pathlib import Path

import pytest
from book_making import list_bytes, run_culti
from conversion_making import convert, find_rows, run_python, write_imported_release
from release_making import read_all

from export.convert import FORMATS
from export.convert.conversion import check_conversion
from export.convert.imagefolder import PROVENANCE
from export.convert.tally import LEFT_OUT, REENCODED, Tally
from export.convert.webdataset import write_webdataset
from export.reading import ReleaseError, open_release
from extractors.errors import CultiError


def test_tar_files_have_samples_in_order_and_nothing_of_this_machine(mixed: Path, converted: Path) -> None:
    rows = [r for r in find_rows(mixed, "test") if r["description"]]
    with tarfile.open(converted / "webdataset" / "test-000000.tar") as tar:
        members = tar.getmembers()
        assert {(m.mtime, m.uid, m.gid, m.uname, m.gname, m.mode) for m in members} == {
            (0, 0, 0, "", "", 0o644)
        }
        names = [m.name for m in members]
        about = json.loads(tar.extractfile(f"{rows[0]['pair_id']}.json").read())
    assert [n.split(".")[0] for n in names[::3]] == [r["pair_id"] for r in rows]
    assert {n.split(".")[1] for n in names} == {"jpg", "png", "json", "txt"}
    assert about == {k: v for k, v in rows[0].items() if k != "image"}


def test_tar_files_are_cut_by_size(mixed: Path, tmp_path: Path) -> None:
    write_webdataset(open_release(mixed), tmp_path, Tally(), lambda *_: None, shard_bytes=60_000)
    names = sorted(p.name for p in tmp_path.iterdir())
    assert names[:2] == ["test-000000.tar", "test-000001.tar"] and "validation-000000.tar" in names
    assert "train-000001.tar" in names


def test_webdataset_reads_it(mixed: Path, converted: Path) -> None:
    if find_spec("webdataset") is None:
        pytest.skip("webdataset is not installed: pip install -e '.[release]'")
    import webdataset

    url = str(converted / "webdataset" / "test-000000.tar")
    data = webdataset.WebDataset(url, shardshuffle=False).decode("pil").to_tuple("jpg;png", "txt", "json")
    rows = [r for r in find_rows(mixed, "test") if r["description"]]
    samples = list(data)
    assert [about["pair_id"] for _, _, about in samples] == [r["pair_id"] for r in rows]
    for (image, text, _), row in zip(samples, rows, strict=True):
        assert image.size == (row["width"], row["height"]) and image.mode == "RGB"
        assert text == row["description"].strip()


def test_datasets_reads_the_imagefolder(mixed: Path, converted: Path, tmp_path: Path) -> None:
    script = (
        "import json, sys, datasets\n"
        "d = datasets.load_dataset(sys.argv[1])\n"
        "print(json.dumps({s: [[r['image'].size, {k: v for k, v in r.items() if k != 'image'}] for r in d[s]]"
        " for s in d}))"
    )
    found = json.loads(run_python(script, converted / "imagefolder", home=tmp_path))
    assert sorted(found) == ["test", "train", "validation"]
    for split, samples in found.items():
        rows = [r for r in find_rows(mixed, split) if r["description"]]
        assert len(samples) == len(rows)
        for (size, sample), row in zip(samples, rows, strict=True):
            assert size == [row["width"], row["height"]]
            assert sample["description"] == row["description"].strip()
            told = sample | json.loads(sample.pop(PROVENANCE))
            told.pop(PROVENANCE, None)
            assert told | {"description": row["description"]} == {
                k: v for k, v in row.items() if k != "image"
            }


_MTEB = """
import json, sys, datasets
folder = sys.argv[1]
assert {"corpus", "queries", "qrels"} <= set(datasets.get_dataset_config_names(folder))
found = {}
for prefix in ("", "text-to-image-", "image-to-text-"):
    parts = [datasets.load_dataset(folder, prefix + c)["test"] for c in ("corpus", "queries", "qrels")]
    # As MTEB's loader casts them.
    types = {"query-id": "string", "corpus-id": "string", "score": "int32"}
    qrels = parts.pop().cast(datasets.Features({k: datasets.Value(v) for k, v in types.items()}))
    found[prefix] = [
        {r["id"]: r["text"] if "text" in r else list(r["image"].size) for r in part} for part in parts
    ] + [[[q["query-id"], q["corpus-id"]] for q in qrels if q["score"] == 1]]
print(json.dumps(found))
"""


def test_datasets_reads_corpus_queries_and_qrels(mixed: Path, converted: Path, tmp_path: Path) -> None:
    found = json.loads(run_python(_MTEB, converted / "mteb", home=tmp_path))
    assert found[""] == found["text-to-image-"]
    images, texts, there = found[""]
    back_texts, back_images, back = found["image-to-text-"]
    assert (images, texts) == (back_images, back_texts) and len(texts) == 38 and len(images) == 38
    assert sorted(there) == sorted([text, image] for image, text in back) and len(there) == 39
    rows = [r for r in find_rows(mixed, "test") if r["description"]]
    pairs = {(r["description"].strip(), (r["width"], r["height"])) for r in rows}
    assert {(texts[text], tuple(images[image])) for text, image in there} == pairs
    assert not set(texts) & set(images), "an id names one thing"


def test_a_recipe_has_all_rows_and_no_pixels(mixed: Path, converted: Path, tmp_path: Path) -> None:
    folder = converted / "recipe"
    files = list_bytes(folder)
    stored = {r["pair_id"]: r for r in read_all(folder)}
    for row in read_all(mixed):
        pixels = row.pop("image")["bytes"]
        assert stored[row["pair_id"]] == row
        middle = pixels[len(pixels) // 2 :][:48]
        assert not any(middle in data or base64.b64encode(middle[:24]) in data for data in files.values())
    manifest = json.loads(files["release.json"])
    assert manifest == json.loads((mixed / "manifest.json").read_text(encoding="utf-8"))
    script = "import sys, datasets\nprint({s: len(v) for s, v in datasets.load_dataset(sys.argv[1]).items()})"
    assert "{'train': 40, 'validation': 6, 'test': 44}" in run_python(script, folder, home=tmp_path)


@pytest.mark.parametrize("to", FORMATS)
def test_the_same_release_gives_the_same_bytes(mixed: Path, converted: Path, tmp_path: Path, to: str) -> None:
    convert(mixed, to, tmp_path / "again")
    assert list_bytes(tmp_path / "again") == list_bytes(converted / to)
    convert(mixed, to, tmp_path / "again")
    assert list_bytes(tmp_path / "again") == list_bytes(converted / to), "over the older conversion"


@pytest.mark.parametrize("to", FORMATS)
def test_an_imported_release_converts(tmp_path: Path, to: str) -> None:
    done = convert(write_imported_release(tmp_path), to, tmp_path / "out")
    assert done.counts["rows"] == (30 if to == "recipe" else 26)
    assert [("cannot be rehydrated" in note) for note in done.notes] == [True] * (to == "recipe")


def test_a_folder_with_anything_else_is_refused(mixed: Path, release: Path, tmp_path: Path) -> None:
    opened = open_release(mixed)
    convert(mixed, "imagefolder", tmp_path / "out")
    check_conversion(opened, tmp_path / "out")
    (tmp_path / "out" / "notes.txt").write_text("mine")
    for out, words in (
        (tmp_path / "out", "it also holds notes.txt"),
        (release, "it has no conversion.json"),
        (mixed / "inside", "lies in the release"),
    ):
        with pytest.raises(CultiError, match=words):
            check_conversion(opened, out)


def test_a_swapped_image_ends_the_conversion_and_leaves_nothing(mixed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    for name, data in list_bytes(mixed).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    shard = next((folder / "data").glob("test-*"))
    data = bytearray(shard.read_bytes())
    pixels = find_rows(mixed, "test")[3]["image"]["bytes"]
    data[data.index(pixels) + len(pixels) // 2] ^= 1
    shard.write_bytes(data)
    with pytest.raises(ReleaseError, match="is not the one that its row names"):
        convert(folder, "webdataset", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_command_says_what_is_left_out(mixed: Path, tmp_path: Path) -> None:
    done = run_culti("convert", mixed, "--to", "chinese-clip", "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert f"79 rows, 11 {LEFT_OUT}, 7 {REENCODED}, 78 texts, 78 images" in done.stdout
    for arguments, words in (
        ([mixed, "--to", "recipe", "--out", mixed / "x"], "lies in the release"),
        ([tmp_path, "--to", "recipe", "--out", tmp_path / "x"], "a release directory is wanted"),
        ([mixed, "--to", "parquet", "--out", tmp_path / "x"], "invalid choice"),
    ):
        wrong = run_culti("convert", *arguments)
        assert wrong.returncode == 2 and words in wrong.stderr and "Traceback" not in wrong.stderr
