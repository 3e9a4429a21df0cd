"""`culti build --validate`: PDFs to a release and on to its validation, in one flow, as a user runs it."""

import json
import os
import signal
import subprocess
import sys
import time
from importlib.util import find_spec

import pytest
from book_making import make_environment, run_culti, write_book
from filelock import FileLock

from flows.workspace import find_lock

if find_spec("cn_clip") is None or find_spec("torch") is None:
    pytest.skip("the extra is not installed: pip install -e '.[validate]'", allow_module_level=True)

PAGES = 24


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    return write_book(tmp_path_factory.mktemp("book") / "b.pdf", PAGES)


def list_call(book, folder, *more):
    return ["build", book, "--out", folder / "release", "--validate", "--seeds", "1", *more]


@pytest.fixture(scope="module")
def done(book, tmp_path_factory):
    """A whole run, undisturbed: (its folder, what it said)."""
    folder = tmp_path_factory.mktemp("done")
    ran = run_culti(*list_call(book, folder))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return folder, ran.stdout


def read_metrics(folder):
    metrics = json.loads((folder / "release.validation" / "metrics.json").read_text(encoding="utf-8"))
    manifest = json.loads((folder / "release" / "manifest.json").read_text(encoding="utf-8"))
    return metrics, manifest


def test_one_call_gives_a_release_and_its_validation(done):
    folder, said = done
    metrics, manifest = read_metrics(folder)
    assert f"{PAGES} pages, {PAGES} figures" in said and "fine-tuned, seed 0: train" in said
    assert f"open {folder / 'release.validation' / 'report.html'} in a browser" in said
    assert metrics["release"]["sha256"] == manifest["digest"]


def test_the_same_call_again_reads_and_trains_nothing(done, book):
    folder, _ = done
    before = read_metrics(folder)
    ran = run_culti(*list_call(book, folder))
    assert ran.returncode == 0, ran.stderr
    assert "fine-tuned, seed 0: scored before" in ran.stdout and ": train" not in ran.stdout
    report = json.loads((folder / "release.work" / "build_report.json").read_text(encoding="utf-8"))
    assert report["run"]["jobs"]["from_store"] == report["run"]["jobs"]["jobs"], report["run"]
    assert read_metrics(folder) == before


def test_killed_while_it_trains_it_goes_on_to_the_same_numbers(done, book, tmp_path):
    call = [sys.executable, "-m", "flows", *map(str, list_call(book, tmp_path))]
    training = tmp_path / "release.validation.work" / "training"
    with subprocess.Popen(
        call,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=make_environment(),
        start_new_session=True,
    ) as process:
        deadline = time.monotonic() + 200
        while not list(training.glob("*/*")) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert process.poll() is None, "it ended before it could be killed"
        os.killpg(process.pid, signal.SIGKILL)
    assert not (tmp_path / "release.validation").exists()
    ran = run_culti(*list_call(book, tmp_path))
    assert ran.returncode == 0, ran.stderr
    (mine, _), (undisturbed, _) = read_metrics(tmp_path), read_metrics(done[0])
    assert mine["methods"] == undisturbed["methods"]


def test_a_gate_that_is_missed_ends_with_1_and_keeps_all(done, book):
    folder, _ = done
    gate = folder / "gate.toml"
    gate.write_text('[[gate]]\nmethod = "fine-tuned"\nmetric = "MR"\nat_least = 100.1\n', encoding="utf-8")
    ran = run_culti(*list_call(book, folder, "--gate", gate))
    assert ran.returncode == 1 and "100.1" in ran.stdout
    assert (folder / "release" / "manifest.json").is_file()


def test_a_release_without_a_test_pair_is_built_and_not_validated(tmp_path):
    one = write_book(tmp_path / "one.pdf", 1)
    ran = run_culti(*list_call(one, tmp_path))
    assert ran.returncode == 1 and "not validated: " in ran.stderr
    assert (tmp_path / "release" / "manifest.json").is_file()
    assert not (tmp_path / "release.validation").exists()


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (("--weights", "no.pt"), "no.pt"),
        (("--gate", "no.toml"), "no.toml"),
        (("--model", "ViT-Z"), "ViT-Z"),
        (("--device", "cuda:99"), "cuda:99"),
    ],
)
def test_what_validation_will_lack_is_said_before_the_build(book, tmp_path, more, expected):
    ran = run_culti(*list_call(book, tmp_path, *more), cwd=tmp_path)
    assert ran.returncode == 2 and expected in ran.stderr and ran.stderr.count("\n") == 1, ran.stderr
    assert list(tmp_path.iterdir()) == []


def test_options_of_a_validation_want_one(book, tmp_path):
    ran = run_culti("build", book, "--out", tmp_path / "release", "--gate", "gate.toml")
    assert ran.returncode == 2 and "add --validate" in ran.stderr


def test_two_validations_do_not_meet_in_one_folder(done):
    folder, _ = done
    with FileLock(find_lock(folder / "release.validation.work")):
        ran = run_culti("validate", folder / "release", "--seeds", "1")
    assert ran.returncode == 2 and "another validation is at work" in ran.stderr
