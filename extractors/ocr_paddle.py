"""PaddleOCR as the engine: one thread, one strip at a time."""

from __future__ import annotations

import importlib.util
import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from extractors.errors import OcrError
from extractors.ocr import OcrLine, PixelBox, Raster, Reading

# Long side to which a page is scaled for detection: type of 7 pt on A4 is then still 11 pixels high.
DETECTION_SIDE = 1280


class PaddleEngine:
    """PaddleOCR's text detection and recognition models, each on one onnxruntime thread.

    With several processes, one thread in each reads most pages per CPU second; batches of one strip pad
    nothing. Source: PaddleOCR's TextDetection and TextRecognition.
    """

    def __init__(self, name: str, detection: Path | None, recognition: Path | None) -> None:
        """Loads both models; without folders PaddleOCR fetches the family `name`. Raises OcrError."""
        if detection is not None and recognition is not None:
            # Nothing is fetched. For what is, the probe of the hosts stays: without a network it fails within
            # a second, where every host tried in turn takes half a minute.
            os.environ.setdefault("PADDLE_PDX_DISABLE_MODEL_SOURCE_CHECK", "True")
        if importlib.util.find_spec("paddleocr") is None:
            raise OcrError("paddleocr is not installed: pip install 'paddleocr>=3.7,<3.8'")
        from paddleocr import TextDetection, TextRecognition

        # What goes wrong comes as an exception too.
        logging.getLogger("paddlex").setLevel(logging.CRITICAL)
        self.name = name
        self._detection = _load_model(TextDetection, f"{name}_det", detection)
        self._recognition = _load_model(TextRecognition, f"{name}_rec", recognition)

    def find_lines(self, image: Raster, page_side: int = 0) -> list[PixelBox]:
        """The boxes of all text lines and columns, from top to bottom.

        `page_side`: the longer side in pixels of the page of which `image` is a part, to be seen at the
        page's scale.
        """
        height, width = image.shape[:2]
        if min(height, width) < 8:
            return []
        bgr = np.ascontiguousarray(image[:, :, ::-1])
        longest = max(height, width)
        limit = max(32, round(min(DETECTION_SIDE, longest * DETECTION_SIDE / max(longest, page_side))))
        found = self._detection.predict(bgr, limit_side_len=limit, limit_type="max")[0]
        boxes = []
        for quad in found["dt_polys"]:
            x0, y0 = np.maximum(quad.min(axis=0), 0)
            x1, y1 = quad.max(axis=0)
            box = (int(x0), int(y0), min(int(x1) + 1, width), min(int(y1) + 1, height))
            if box[2] - box[0] >= 4 and box[3] - box[1] >= 4:
                boxes.append(box)
        return sorted(boxes, key=lambda b: (b[1], b[0], b[3], b[2]))

    def read_strips(self, strips: Sequence[Raster]) -> list[Reading]:
        """Reads strips that hold one horizontal line each, in the order given."""
        return [self._read_strip(strip) for strip in strips]

    def read_lines(self, image: Raster) -> list[OcrLine]:
        """Finds all lines and columns of an upright image and reads them."""
        from extractors.ocr_lines import read_boxes

        return read_boxes(image, self.find_lines(image), self)

    def _read_strip(self, strip: Raster) -> Reading:
        bgr = np.ascontiguousarray(strip[:, :, ::-1])
        found = self._recognition.predict(bgr, batch_size=1, return_word_box=True)[0]
        text, confidence = found["rec_text"], float(found["rec_score"])
        if isinstance(text, str):
            return Reading(text, confidence)
        text, (columns, words, positions, _) = text
        centres = [(p + 0.5) / columns for word in positions for p in word] if columns else []
        if len(centres) != len(text) or sum(len(word) for word in words) != len(text):
            centres = []
        return Reading(text, confidence, tuple(min(1.0, c) for c in centres))


def _load_model(model: Callable[..., Any], name: str, folder: Path | None) -> Any:  # noqa: ANN401  (PaddleOCR has no types)
    settings: dict[str, Any] = {"model_name": name, "device": "cpu"}
    if folder is not None:
        settings |= {"model_dir": str(folder), "model_name": _read_model_name(folder)}
    if folder is not None and (folder / "inference.onnx").is_file():
        threads = {"intra_op_num_threads": 1, "inter_op_num_threads": 1}
        settings |= {"engine": "onnxruntime", "engine_config": threads}
    elif importlib.util.find_spec("paddle") is None:
        raise OcrError(
            f"{folder or name}: needs paddlepaddle: pip install 'culti[paddle]', or use --ocr bundled"
        )
    else:
        settings |= {"cpu_threads": 1}
    try:
        return model(**settings)
    except Exception as error:
        # PaddleOCR raises whatever its parts raise: network, ONNX, configuration.
        reason = " ".join(str(error).split())[:200].rstrip(".")
        raise OcrError(
            f"{folder or name}: PaddleOCR cannot load this model ({reason}): {_name_cure(folder)}"
        ) from error


def _name_cure(folder: Path | None) -> str:
    if folder is None:
        return "it is fetched once, which needs a network; use --ocr bundled without one"
    return "copy the model's files there again, or use --ocr bundled"


def _read_model_name(folder: Path) -> str:
    import yaml

    try:
        config = yaml.safe_load((folder / "inference.yml").read_text(encoding="utf-8"))
        return str(config["Global"]["model_name"])
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError) as error:
        raise OcrError(
            f"{folder}/inference.yml: no Global.model_name to be read: copy the model's own there again"
        ) from error
