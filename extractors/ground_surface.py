"""The colour of a sheet's paper as a surface: what is left of it once print and noise are gone."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatImage = NDArray[np.float32]
Mask = NDArray[np.bool_]

# Fewer points than this fit no surface.
_LEAST = 500
# Paper lies so near its surface (CIE76) where the scan has no noise.
_NEAR = 3.0


def fit_ground(lab: FloatImage, paper: Mask, colour: FloatImage) -> FloatImage:
    """The paper's colour over a page: a second-order surface through the pixels that are paper.

    `lab` is CIE L*a*b* of shape (height, width, 3), `paper` the mask of what may be paper, `colour` near what
    it is. Where there is too little paper all of the surface is of that colour.
    """
    height, width = paper.shape
    ys, xs = np.nonzero(paper[::2, ::2])
    ground = np.broadcast_to(colour, lab.shape).astype(np.float32)
    if len(ys) < _LEAST:
        return ground
    values = lab[::2, ::2][ys, xs]
    terms = _terms(xs * 2 / width - 0.5, ys * 2 / height - 0.5)
    keep = _lie_in_margins(paper[::2, ::2], ys, xs)
    solution: NDArray[Any] = np.zeros((terms.shape[1], 3))
    for _ in range(3):
        chosen = terms[keep]
        # The normal equations: there are six terms and many thousand points.
        solution = np.linalg.lstsq(chosen.T @ chosen, chosen.T @ values[keep], rcond=None)[0]
        residual = np.sqrt(np.square(values - terms @ solution).sum(axis=1))
        keep = residual < max(_NEAR, 2.5 * float(np.median(residual[keep])))
        if keep.sum() < _LEAST:
            return ground
    # Parts of a picture as light as paper lead a surface astray: then more of the paper is of one colour.
    if (np.sqrt(np.square(values - colour).sum(axis=1)) < _NEAR).sum() > keep.sum():
        return ground
    surface = _spread_terms(height, width, solution)
    # Where there was no paper to fit, a surface may run away: hold it near the colour that was found.
    return np.clip(surface, colour - 14, colour + 14, out=surface)


def _lie_in_margins(paper: Mask, ys: NDArray[np.intp], xs: NDArray[np.intp]) -> Mask:
    """Which of the paper's points to begin with: margins, which hold no pale picture; else all."""
    height, width = paper.shape
    my, mx = max(1, height // 12), max(1, width // 12)
    outer = (ys < my) | (ys >= height - my) | (xs < mx) | (xs >= width - mx)
    most = 0.5 * (paper.size - (height - 2 * my) * (width - 2 * mx))
    return outer if outer.sum() >= max(_LEAST, most) else np.ones(len(ys), bool)


def _terms(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)


def _spread_terms(height: int, width: int, solution: NDArray[Any]) -> FloatImage:
    """The surface with these six terms for each channel, on all pixels of a page."""
    x, y = np.arange(width) / width - 0.5, np.arange(height) / height - 0.5
    surface = np.empty((height, width, solution.shape[1]), np.float32)
    for channel, (one, ax, ay, axx, axy, ayy) in enumerate(solution.T):
        rows, columns = one + ay * y + ayy * y * y, ax * x + axx * x * x
        surface[:, :, channel] = np.add.outer(rows, columns) + np.multiply.outer(axy * y, x)
    return surface
