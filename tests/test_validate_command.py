"""`culti validate` and `culti encode` as a user meets them, with the tiny model of random weights."""

import json
import subprocess
import sys
from importlib.util import find_spec

import pytest
from book_making import make_environment
from vector_making import write_drawn_release

from flows.cli import main
from flows.configuration import ValidationRequest
from flows.validating import choose_out

if find_spec("cn_clip") is None or find_spec("torch") is None:
    pytest.skip("the extra is not installed: pip install -e '.[validate]'", allow_module_level=True)

SMALL = ("--train", "epochs=2", "batch=16", "--crops", "3")


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    return write_drawn_release(tmp_path_factory.mktemp("command"), 60, 10)


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """A checkpoint in cn_clip's own form."""
    import torch

    from baselines.architectures import find_architecture
    from baselines.models import build_random

    network = build_random(find_architecture("tiny"), 0)
    path = tmp_path_factory.mktemp("weights") / "tiny.pt"
    state = {f"module.{name}": value.half() for name, value in network.state_dict().items()}
    torch.save({"epoch": 1, "state_dict": state}, path)
    return path


@pytest.fixture(scope="module")
def done(release, weights, tmp_path_factory):
    """The command in a process of its own: (folder of the report, its output)."""
    out = tmp_path_factory.mktemp("done") / "report"
    call = ["validate", release, "--out", out, "--weights", weights, "--seeds", "2", *SMALL]
    ran = subprocess.run(
        [sys.executable, "-m", "flows", *map(str, call)],
        capture_output=True,
        text=True,
        check=False,
        env=make_environment(),
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return out, ran.stdout


def test_validate_trains_scores_and_says_where_to_look(done):
    out, said = done
    assert "fine-tuned, seed 1: train" in said and "fine-tuned: MR " in said
    assert f"open {out / 'report.html'} in a browser" in said
    names = {path.name for path in out.iterdir()}
    assert names == {"metrics.json", "table.md", "table.tex", "ranks.parquet", "report.html"}
    found = json.loads((out / "metrics.json").read_text(encoding="utf-8"))
    assert found["model"]["name"] == "tiny" and len(found["model"]["weights_sha256"]) == 64
    assert found["settings"]["fine-tuning"]["epochs"] == 2
    assert found["settings"]["laclip"]["wca"]["crops"] == 3
    curve = found["curves"][0]
    assert len(curve["losses"]) == curve["steps"][-1] and len(curve["recalls"]) == len(curve["epochs"])
    assert "texts cut there" in curve["facts"]


def test_validate_goes_on_from_what_is_there(done, release, weights, tmp_path, capsys):
    call = ["validate", release, "--out", tmp_path / "again", "--work", f"{done[0]}.work"]
    call += ["--weights", weights, "--seeds", "2", *SMALL]
    assert main([str(word) for word in call]) == 0
    said = capsys.readouterr().out
    assert "fine-tuned, seed 1: scored before" in said and ": train" not in said
    assert (tmp_path / "again" / "ranks.parquet").read_bytes() == (done[0] / "ranks.parquet").read_bytes()


def test_encode_gives_what_features_read_and_the_same_numbers(done, release, weights, tmp_path, capsys):
    vectors = tmp_path / "vectors"
    assert main(["encode", str(release), "--out", str(vectors), "--weights", str(weights)]) == 0
    gate = tmp_path / "gate.toml"
    gate.write_text('[[gate]]\nmethod = "tiny"\nmetric = "MR"\nat_least = 99.9\n', encoding="utf-8")
    call = ["validate", str(release), "--out", str(tmp_path / "out"), "--model", "none"]
    status = main([*call, "--features", str(vectors), "--gate", str(gate)])
    assert status == 1, "a gate that is not reached is exit status 1"
    assert "gate failed: tiny MR is" in capsys.readouterr().out
    ours = json.loads((tmp_path / "out" / "metrics.json").read_text(encoding="utf-8"))["methods"][0]
    before = json.loads((done[0] / "metrics.json").read_text(encoding="utf-8"))["methods"][0]
    assert before["name"] == "zero-shot"
    assert ours["metrics"] == pytest.approx(before["metrics"])
    assert main(["encode", str(release), "--out", str(vectors)]) == 2, "a folder that holds something"


def test_the_report_of_a_release_that_one_stands_in_lies_beside_it(release, monkeypatch):
    for here, given in ((release, "."), (release / "data", "..")):
        monkeypatch.chdir(here)
        out = choose_out(ValidationRequest(release=given))
        assert out.resolve() == release.resolve().with_name("release.validation")


@pytest.mark.soak
def test_torchrun_trains_with_two_processes_and_writes_one_report(release, weights, tmp_path):
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    out = tmp_path / "two"
    call = ["-m", "flows", "validate", release, "--out", out, "--weights", weights, "--seeds", "2", *SMALL]
    ran = subprocess.run(
        [*torchrun, *map(str, call)], capture_output=True, text=True, check=False, env=make_environment()
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.count("in a browser") == 1, "the second process has nothing to say"
    found = json.loads((out / "metrics.json").read_text(encoding="utf-8"))
    assert [curve["facts"]["processes"] for curve in found["curves"]] == [2, 2]


@pytest.mark.parametrize(
    "call,expected",
    [
        (["{tmp}/none"], "no such folder"),
        (["{release}", "--model", "ViT-Z"], "ViT-Z"),
        (["{release}", "--weights", "{tmp}/none.pt"], "none.pt"),
        (["{release}", "--model", "RN50", "--weights", "{weights}"], "RN50"),
        (["{release}", "--features", "{tmp}"], "images.npy"),
        (["{release}", "--gate", "{tmp}/none.toml"], "none.toml"),
        (["{release}", "--model", "none"], "--features"),
        (["{release}", "--train", "speed=3"], "names are accumulation"),
        (["{release}", "--train", "epochs=few"], "no value for epochs"),
        (["{release}", "--train", "epochs=0"], "at least 1"),
        (["{release}", "--laclip", "side_min=2"], "--laclip"),
        (["{release}", "--laclip", "weighting=cosines"], "there are cosine, softmax, uniform"),
        (["{release}", "--device", "gpu"], "there are auto, cpu, cuda"),
        (["{release}", "--device", "cuda:99"], "torch finds none here"),
        (["{release}", "--out", "{release}/README.md"], "is a file"),
        (["{release}", "--out", "{release}"], "is in the release"),
        (["{release}", "--out", "{release}/report"], "is in the release"),
        (["{release}", "--out", "{held}"], "holds something else"),
        (["{release}", "--out", "."], "names no folder of its own"),
    ],
)
def test_a_wrong_call_is_one_line_and_begins_nothing(release, weights, tmp_path, capsys, call, expected):
    words = [
        word.format(tmp=tmp_path, release=release, weights=weights, held=weights.parent) for word in call
    ]
    out = [] if "--out" in words else ["--out", str(tmp_path / "out")]
    assert main(["validate", *words, *out]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and expected in said, said
    assert not (tmp_path / "out").exists() and not (tmp_path / "out.work").exists()
