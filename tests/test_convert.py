"""`culti convert`: what is written, and that the programs it is written for read it."""

from __future__ import annotations

import base64
import csv
import io
import json
import subprocess
import sys
import tarfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from book_making import list_bytes, make_environment, run_culti
from conversion_making import LINES, LONG, draw_modes, write_imported_release, write_mixed_release
from PIL import Image
from release_making import read_all

from export.convert import FORMATS
from export.convert.conversion import Converted, check_conversion, convert_release
from export.convert.imagefolder import PROVENANCE
from export.convert.pictures import as_plain
from export.convert.tally import LEFT_OUT, REENCODED, Tally
from export.convert.webdataset import write_webdataset
from export.reading import ReleaseError, open_release
from extractors.errors import CultiError


def convert(release: Path, to: str, out: Path) -> Converted:
    return convert_release(open_release(release), to, out, lambda *_: None)


@pytest.fixture(scope="session")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """See `write_mixed_release`."""
    return write_mixed_release(tmp_path_factory.mktemp("mixed"))


@pytest.fixture(scope="session")
def converted(mixed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `mixed` in each form, under the form's name."""
    out = tmp_path_factory.mktemp("converted")
    for to in FORMATS:
        done = convert(mixed, to, out / to)
        if to != "recipe":
            assert (done.counts["rows"], done.counts[LEFT_OUT]) == (79, 11), to
    return out


def read_lines(path: Path) -> list[dict]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def run_python(script: str, *arguments: object, home: Path | None = None) -> str:
    """A script in a process of its own: torch and datasets stay out of this one."""
    offline = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(home), "HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}
    command = [sys.executable, "-c", script, *map(str, arguments)]
    environment = make_environment() | (offline if home else {})
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def find_rows(release: Path, split: str) -> list[dict]:
    return [r for f in sorted((release / "data").glob(f"{split}-*")) for r in pq.read_table(f).to_pylist()]


def test_equal_texts_are_one_text_and_equal_images_one_image(mixed: Path, converted: Path) -> None:
    folder = converted / "chinese-clip"
    rows = [r for r in find_rows(mixed, "test") if r["description"]]
    texts = read_lines(folder / "test_texts.jsonl")
    assert len(texts) == len(rows) - 1 and len({t["text"] for t in texts}) == len(texts)
    assert {type(v) for t in texts for v in (t["text_id"], *t["image_ids"])} == {int}
    shared = next(t for t in texts if len(t["image_ids"]) == 2)
    assert shared["text"] == rows[3]["description"] == rows[4]["description"]
    by_image = [image for t in texts for image in t["image_ids"]]
    assert len(by_image) == len(set(by_image)) + 1, "one image stands in two rows"
    assert {LONG, LINES} <= {t["text"] for t in texts}
    train = {t["text"]: t["text_id"] for t in read_lines(folder / "train_texts.jsonl")}
    assert train[shared["text"]] == shared["text_id"], "one text has one id in all splits"


def test_side_table_leads_from_ids_to_rows(mixed: Path, converted: Path) -> None:
    folder = converted / "chinese-clip"
    with (folder / "ids.tsv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file, delimiter="\t"))
    rows = {r["pair_id"]: r for r in read_all(mixed)}
    assert {line["pair_id"] for line in table} == {p for p, r in rows.items() if r["description"]}
    texts = {
        t["text_id"]: t["text"]
        for s in ("train", "valid", "test")
        for t in read_lines(folder / f"{s}_texts.jsonl")
    }
    images = dict(line.split("\t") for line in (folder / "test_imgs.tsv").read_text().splitlines())
    odd = {
        r["pair_id"] for r in rows.values() if r["description"].startswith("第") and "式" in r["description"]
    }
    for line in table:
        row = rows[line["pair_id"]]
        assert texts[int(line["text_id"])] == row["description"].strip()
        if line["split"] == "test" and line["pair_id"] not in odd:
            assert base64.b64decode(images[line["image_id"]]) == row["image"]["bytes"]


# The scripts as they ship, as programs of their own; without a GPU `cuda()` leaves a tensor where it is.
_CN_CLIP = """
import json, runpy, sys
from pathlib import Path
import torch
from baselines.torchvision_ops import prepare_torchvision
folder, place = Path(sys.argv[1]), Path(sys.argv[2])
if not torch.cuda.is_available():
    torch.Tensor.cuda = lambda self, *a, **k: self
def run(script, *arguments):
    sys.argv = [script, *map(str, arguments)]
    runpy.run_path(str(place / script), run_name="__main__")
prepare_torchvision()
run("preprocess/build_lmdb_dataset.py", "--data_dir", folder, "--splits", "train,valid,test")

from cn_clip.eval.data import EvalImgDataset, EvalTxtDataset
images = EvalImgDataset(str(folder / "lmdb/test/imgs"), resolution=16)
seen = {number: pixels for number, pixels in (images[n] for n in range(len(images)))}
texts = EvalTxtDataset(str(folder / "test_texts.jsonl"), max_txt_length=52)
assert {len(texts[n][1]) for n in range(len(texts))} == {52}
from cn_clip.training.data import LMDBDataset
sizes = {s: (d.number_samples, d.number_images) for s in ("train", "valid", "test")
         for d in [LMDBDataset(str(folder / "lmdb" / s), split="val", resolution=16)]}

# Each text is near the images that are its own: where ids mean what they should, all is found.
gold = [json.loads(line) for line in (folder / "test_texts.jsonl").open(encoding="utf-8")]
torch.manual_seed(0)
vectors = {number: torch.nn.functional.normalize(torch.randn(64), dim=0) for number in sorted(seen)}
near = {t["text_id"]: sum(vectors[i] for i in t["image_ids"]) for t in gold}
for name, key, found in (("img", "image_id", vectors), ("txt", "text_id", near)):
    with (folder / f"test.{name}_feat.jsonl").open("w") as file:
        for number, vector in found.items():
            file.write(json.dumps({key: number, "feature": vector.tolist()}) + "\\n")
features = ["--image-feats", folder / "test.img_feat.jsonl", "--text-feats", folder / "test.txt_feat.jsonl"]
run("eval/make_topk_predictions.py", *features, "--output", folder / "p.jsonl")
run("eval/make_topk_predictions_tr.py", *features, "--output", folder / "p_tr.jsonl")
run("eval/transform_ir_annotation_to_tr.py", "--input", folder / "test_texts.jsonl")
run("eval/evaluation.py", folder / "test_texts.jsonl", folder / "p.jsonl", folder / "scores.json")
run("eval/evaluation_tr.py", folder / "test_texts.tr.jsonl", folder / "p_tr.jsonl", folder / "scores_tr.json")
deviation = torch.tensor([0.26862954, 0.26130258, 0.27577711])[:, None, None]
mean = torch.tensor([0.48145466, 0.4578275, 0.40821073])[:, None, None]
seen = {number: (pixels * deviation + mean) * 255 for number, pixels in seen.items()}
colours = {number: [pixels[:, y, 8].round().tolist() for y in (3, 12)] for number, pixels in seen.items()}
(folder / "found.json").write_text(json.dumps({"sizes": sizes, "colours": colours}))
"""


def test_cn_clips_own_scripts_read_it(converted: Path, tmp_path: Path) -> None:
    if find_spec("cn_clip") is None:
        pytest.skip("cn_clip is not installed: pip install -e '.[validate]'")
    folder = tmp_path / "data"
    folder.mkdir()
    for file in (converted / "chinese-clip").iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    run_python(_CN_CLIP, folder, Path(find_spec("cn_clip").submodule_search_locations[0]))
    found = json.loads((folder / "found.json").read_text())
    assert found["sizes"] == {"train": [35, 35], "valid": [5, 5], "test": [39, 38]}
    for name in ("scores.json", "scores_tr.json"):
        scores = json.loads((folder / name).read_text())
        assert scores["success"] and scores["scoreJson"]["r1"] == 100, scores
    odd = {t["text"]: t["image_ids"][0] for t in read_lines(folder / "test_texts.jsonl") if "式" in t["text"]}
    for n, kind in enumerate(draw_modes()):
        if f"第{n}式" not in odd:
            continue
        above, below = found["colours"][str(odd[f"第{n}式"])]
        if kind == "16 bits":
            assert np.allclose(below, 40_000 / 257, atol=2), kind
        elif kind != "one bit":
            assert np.allclose(below, (230, 120, 110), atol=16), kind
        if kind.startswith("clear"):
            assert np.allclose(above, 255, atol=2), "what is clear stands on white"


def test_images_that_every_reader_decodes_stay_as_they_are(mixed: Path, converted: Path) -> None:
    modes = draw_modes()
    for kind, content in modes.items():
        plain, suffix, changed = as_plain(content, "x")
        assert changed and suffix == "png", kind
        assert Image.open(io.BytesIO(plain)).mode == "RGB"
    jpeg = find_rows(mixed, "train")[1]["image"]["bytes"]
    assert as_plain(jpeg, "x") == (jpeg, "jpg", False)


def test_images_too_large_for_pillow_become_smaller() -> None:
    buffer = io.BytesIO()
    Image.new("L", (20_000, 9_000), 200).save(buffer, "PNG", compress_level=1)
    plain, _, changed = as_plain(buffer.getvalue(), "x")
    with Image.open(io.BytesIO(plain)) as image:
        assert changed and image.width * image.height <= 89_478_485
        assert image.width / image.height == pytest.approx(20 / 9, rel=1e-3)


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
