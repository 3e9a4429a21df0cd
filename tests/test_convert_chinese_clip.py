"""`culti convert --to chinese-clip`: its files, and cn_clip's own scripts on them."""

from __future__ import annotations

import base64
import csv
import io
import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from conversion_making import LINES, LONG, draw_modes, find_rows, read_lines, run_python
from PIL import Image
from release_making import read_all

from export.convert.pictures import as_plain


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
