"""The PP-OCR models inside rapidocr's wheel, laid out as PaddleOCR wants model folders."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from extractors.cache_folder import find_cache
from extractors.errors import OcrError
from extractors.model_hashes import judge_model
from extractors.whole_files import sync_tree

DETECTION_MODEL = "PP-OCRv6_small_det"
RECOGNITION_MODEL = "PP-OCRv6_small_rec"
# From the inference.yml that PaddleOCR publishes with the two models.
_DETECTION_CONFIG: dict[str, Any] = {
    "Global": {"model_name": DETECTION_MODEL},
    "PreProcess": {
        "transform_ops": [
            {"DecodeImage": {"channel_first": False, "img_mode": "BGR"}},
            {"DetResizeForTest": {"resize_long": 960}},
            {
                "NormalizeImage": {
                    "mean": [0.485, 0.456, 0.406],
                    "std": [0.229, 0.224, 0.225],
                    "scale": "1./255.",
                    "order": "hwc",
                }
            },
            {"ToCHWImage": None},
        ]
    },
    "PostProcess": {
        "name": "DBPostProcess",
        "thresh": 0.3,
        "box_thresh": 0.6,
        # Candidates are cut off from the top of the page: an ornamented plate has more than PaddleOCR's 1000.
        "max_candidates": 20_000,
        "unclip_ratio": 1.5,
    },
}
_RECOGNITION_PREPROCESS: dict[str, Any] = {
    "transform_ops": [
        {"DecodeImage": {"channel_first": False, "img_mode": "BGR"}},
        {"RecResizeImg": {"image_shape": [3, 48, 320]}},
    ]
}


@dataclass(frozen=True, slots=True)
class ModelFolders:
    """The folders of a detection and a recognition model, as PaddleOCR reads them."""

    detection: Path
    recognition: Path


def unpack_bundled_models(cache: Path | None = None) -> ModelFolders:
    """Lays the bundled models out under `cache` and returns their folders; quick where they are there.

    Safe with several processes at once: each writes a folder of its own and renames it, and the folder's
    name holds the version of what it was made from. Models are checked by their sha256, those in the wheel
    and those unpacked before. Raises OcrError where rapidocr's wheel lacks the models, one is damaged, or the
    folder cannot be written.
    """
    detection, recognition = find_bundled_model(DETECTION_MODEL), find_bundled_model(RECOGNITION_MODEL)
    root = cache or find_cache("ocr")
    try:
        return ModelFolders(
            _place(root, DETECTION_MODEL, detection, _DETECTION_CONFIG),
            _place(root, RECOGNITION_MODEL, recognition, None),
        )
    except OSError as error:
        reason = error.strerror or str(error)
        raise OcrError(
            f"{root}: cannot unpack the OCR models ({reason}): set CULTI_CACHE to a folder"
        ) from error


def _stem(model: str) -> str:
    """PP-OCRv6_small_det → PP-OCRv6_det_small, the way rapidocr names its files."""
    family, size, task = model.split("_")
    return f"{family}_{task}_{size}"


def find_bundled_model(model: str) -> Path:
    """The file of a model in rapidocr's wheel. OcrError where it is not there."""
    name = f"{_stem(model)}.onnx"
    found = importlib.util.find_spec("rapidocr")
    if found is None or found.origin is None:
        raise OcrError(
            "rapidocr is not installed, and its wheel carries the OCR models: pip install rapidocr"
        )
    path = Path(found.origin).parent / "models" / name
    if not path.is_file():
        raise OcrError(
            f"rapidocr's wheel has no {name}: pip install 'rapidocr>=3.10,<4', or name another --ocr"
        )
    return path


def _place(root: Path, model: str, onnx: Path, config: dict[str, Any] | None) -> Path:
    import yaml

    made_from = f"2 {onnx.name} {onnx.stat().st_size} {json.dumps(config)}"
    stamp = hashlib.sha256(made_from.encode()).hexdigest()[:8]
    folder = root / f"{model}-{stamp}"
    if (folder / "inference.yml").is_file():
        _refuse_damaged(folder / "inference.onnx", onnx.name, f"delete {folder}")
        return folder
    _refuse_damaged(onnx, onnx.name, "pip install --force-reinstall --no-deps rapidocr")
    root.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{model}-", dir=root))
    try:
        shutil.copyfile(onnx, made / "inference.onnx")
        settings = config or _recognition_config(onnx)
        text = yaml.safe_dump(settings, allow_unicode=True, sort_keys=False)
        (made / "inference.yml").write_text(text, encoding="utf-8")
        made.chmod(0o755)
        sync_tree(made)
        try:
            made.rename(folder)
        except OSError:
            # Another process was first: a folder that is not empty is not replaced.
            if not (folder / "inference.yml").is_file():
                raise
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return folder


def _refuse_damaged(file: Path, name: str, cure: str) -> None:
    if judge_model(file, name) == "damaged":
        raise OcrError(f"{file}: damaged, its sha256 is not that of rapidocr's {name}: {cure}")


def _recognition_config(onnx: Path) -> dict[str, Any]:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(onnx), options, providers=["CPUExecutionProvider"])
    characters = session.get_modelmeta().custom_metadata_map["character"].split("\n")
    return {
        "Global": {"model_name": RECOGNITION_MODEL},
        "PreProcess": _RECOGNITION_PREPROCESS,
        "PostProcess": {"name": "CTCLabelDecode", "character_dict": characters},
    }
