"""The doctor: known-bad versions and combinations are named with the command that cures them."""

from __future__ import annotations

import socket

import pytest
from packaging.requirements import Requirement

from flows import doctor_checks
from flows.doctor import list_requirements
from flows.doctor_checks import check_combinations, check_models, check_server, check_versions

GOOD = {
    "opencv-python": "4.10.0.84",
    "opencv-python-headless": "4.10.0.84",
    "opencv-contrib-python": "4.10.0.84",
    "fastapi": "0.150.0",
    "numpy": "2.3.5",
    "paddlex": "3.4.0",
    "torch": "2.12.1+cpu",
    "torchvision": "0.27.1",
}


@pytest.mark.parametrize(
    ("name", "version", "cure"),
    [
        ("opencv-python-headless", "4.11.0.86", "opencv-python-headless==4.10.0.84"),
        ("fastapi", "0.155.1", "'fastapi>=0.139,<0.151'"),
        ("numpy", "2.4.0", "'numpy>=1.26,<2.4'"),
        ("torchvision", "0.29.0", "'torchvision==0.27.*'"),
    ],
)
def test_a_bad_combination_is_named_with_its_cure(name, version, cure):
    assert list(check_combinations(lambda n: GOOD.get(n, ""))) == []
    (finding,) = check_combinations(lambda n: version if n == name else GOOD.get(n, ""))
    assert name in finding.line and version in finding.line
    assert finding.cure.startswith("pip install ") and cure in finding.cure
    assert cure in finding.describe()


def test_a_version_that_culti_was_not_made_for_is_bad():
    requirements = [Requirement("prefect<3.9,>=3.8.8"), Requirement("rich>=13"), Requirement("none>=1")]
    versions = {"prefect": "3.9.1", "rich": "15.0.0"}
    (finding,) = check_versions(requirements, lambda n: versions.get(n, ""))
    assert finding.is_bad and finding.line.startswith("prefect 3.9.1 ")
    assert finding.cure == "pip install 'prefect<3.9,>=3.8.8'"


def test_requirements_are_told_apart_by_extra():
    needed = list_requirements()
    assert "prefect" in {r.name for r in needed[""]}
    assert "torch" in {r.name for r in needed["validate"]} - {r.name for r in needed[""]}


def test_models_are_known_by_their_hash_and_a_damaged_one_is_bad(monkeypatch, tmp_path):
    assert all(not finding.is_bad for finding in check_models())
    (tmp_path / "PP-OCRv6_det_small.onnx").write_bytes(b"cut short")
    (tmp_path / "PP-OCRv6_rec_small.onnx").write_bytes(b"cut short")
    monkeypatch.setattr(
        "extractors.ocr_models.find_bundled_model",
        lambda model: tmp_path / f"PP-OCRv6_{model.rpartition('_')[2]}_small.onnx",
    )
    bad = [finding for finding in check_models() if finding.is_bad]
    assert [finding.line.partition(": ")[0] for finding in bad] == ["OCR models", "OCR models"]
    assert all("rapidocr" in finding.cure for finding in bad)


def test_a_server_that_does_not_answer_is_bad():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    finding = check_server(f"http://127.0.0.1:{port}/api")
    assert finding.is_bad and "unset PREFECT_API_URL" in finding.cure


def test_a_gpu_that_torch_cannot_use_is_said(monkeypatch):
    monkeypatch.setattr(doctor_checks, "_ask", lambda *_: "NVIDIA H100\n")
    monkeypatch.setattr(doctor_checks, "_is_for_cpu", lambda: True)
    (finding,) = doctor_checks.check_gpu(lambda _: "2.12.1")
    assert "NVIDIA H100" in finding.line and "CPU alone" in finding.line and finding.cure
