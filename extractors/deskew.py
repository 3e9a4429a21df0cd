"""How far a scan is turned, and turning it upright."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.ocr import Raster

MAX_SKEW = 5.0
# Skew below this moves nothing by more than a pixel over a page at 200 dpi; turning would only blur.
MIN_SKEW = 0.04
# How far the best angle must stand out from the others before it is believed.
_PROMINENCE = 1.2
_WORKING_DPI = 100.0
_MAX_POINTS = 120_000
_MIN_POINTS = 1500
# Grey levels (Sobel) from which on a step is an edge, and the most of a page that is taken for edges.
_EDGE, _MOST_EDGES = 60.0, 0.15


def estimate_skew(image: Raster, dpi: float) -> float:
    """Degrees by which `image` must be turned counter-clockwise to stand upright, within ±5; 0 if unclear.

    Looks for the angle at which the edges of characters, and where there are too few, of rules and pictures
    fall into the fewest rows or columns (projection profiles, after Postl 1986).
    """
    grey = cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2GRAY)
    scale = min(1.0, _WORKING_DPI / dpi)
    grey = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    grey = cv2.GaussianBlur(grey, (3, 3), 0)
    for mask in (_find_characters(grey), None):
        rows = _search(*_edge_points(grey, 1, mask))
        ys, xs = _edge_points(grey, 0, mask)
        # Columns lean the other way: x' = x cos + y sin.
        columns = _search(xs, -ys)
        angle, prominence = max(rows, columns, key=lambda found: found[1])
        if prominence >= _PROMINENCE:
            return angle if abs(angle) >= MIN_SKEW else 0.0
    return 0.0


def turn_upright(image: Raster, skew: float) -> Raster:
    """`image` turned counter-clockwise by `skew` degrees about its centre; same size.

    In the corners what lies at the sides goes on: paper, or what a scanner sees beside it.
    """
    if not skew:
        return image
    height, width = image.shape[:2]
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), skew, 1.0)
    turned: Raster = cv2.warpAffine(
        image, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return turned


def _find_characters(grey: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Mask of what is no larger than a character: lines within a picture may lean as they like."""
    ground = cv2.blur(grey, (25, 25)).astype(np.int16)
    dark = ((grey < ground - 15) | (grey > ground + 40)).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(dark, connectivity=8)
    small = (stats[:, 2] <= 40) & (stats[:, 3] <= 40) & (stats[:, 4] >= 8)
    small[0] = False
    mask: NDArray[np.bool_] = cv2.dilate(small[labels].astype(np.uint8), np.ones((3, 3), np.uint8)).astype(
        bool
    )
    return mask


def _edge_points(
    grey: NDArray[np.uint8], along_y: int, mask: NDArray[np.bool_] | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Coordinates (y, x) about the centre of pixels on strong edges, those of the sheet itself left out."""
    gradient = np.abs(cv2.Sobel(grey, cv2.CV_16S, 1 - along_y, along_y))
    if mask is not None:
        gradient[~mask] = 0
    height, width = grey.shape
    my, mx = height // 40, width // 40
    gradient[:my], gradient[height - my :], gradient[:, :mx], gradient[:, width - mx :] = 0, 0, 0, 0
    strong = gradient > _EDGE
    if strong.mean() > _MOST_EDGES:
        strong = gradient > np.percentile(gradient, 100 * (1 - _MOST_EDGES))
    ys, xs = np.nonzero(strong)
    step = max(1, len(ys) // _MAX_POINTS)
    # Points on the pixel grid would favour 0 degrees, where whole rows fall together.
    jitter = np.random.default_rng(0).random((2, len(ys[::step])))
    return ys[::step] + jitter[0] - height / 2, xs[::step] + jitter[1] - width / 2


def _search(ys: NDArray[np.float64], xs: NDArray[np.float64]) -> tuple[float, float]:
    """The angle whose profile is sharpest, and how many times sharper it is than the median angle's."""
    if len(ys) < _MIN_POINTS:
        return 0.0, 0.0
    coarse = np.arange(-MAX_SKEW, MAX_SKEW + 0.01, 0.25)
    scores = np.array([_score(ys, xs, float(a)) for a in coarse])
    best = float(coarse[int(np.argmax(scores))])
    prominence = float(scores.max() / max(1e-9, float(np.median(scores))))
    for step in (0.05, 0.01):
        fine = best + step * np.arange(-6, 7)
        best = float(fine[int(np.argmax([_score(ys, xs, float(a)) for a in fine]))])
    return round(float(np.clip(best, -MAX_SKEW, MAX_SKEW)), 2), prominence


def _score(ys: NDArray[np.float64], xs: NDArray[np.float64], angle: float) -> float:
    turned = ys * np.cos(np.radians(angle))
    turned -= xs * np.sin(np.radians(angle))
    turned -= turned.min()
    profile = np.bincount(turned.astype(np.int64)).astype(float)
    return float(np.square(np.diff(profile)).sum())
