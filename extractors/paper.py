"""The paper of a scanned page: its colour, its light and shade, and how far each pixel is from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.geometry import area
from extractors.ground_surface import fit_ground
from extractors.light import find_fold, follow_light, measure_strength, shade_edges
from extractors.ocr import Raster
from extractors.records import Box

FloatImage = NDArray[np.float32]
Mask = NDArray[np.bool_]

# Share of the page that must be even and of one light colour to be taken for paper.
_MIN_PAPER = 0.02
_CELLS = (21, 44, 44)
# Two colours this near (CIE76) are the same paper in other light.
_SAME_PAPER = 9.0
# Standard deviation of lightness within 6 mm, grain aside. Pixels are of the page at half its size.
_CALM = 1.2
_CALM_SIDE = 13
# A painted ground that passes for paper; stains and shadows of real paper stay well below.
_MOTTLED = 1.5
_MARGINS = 0.5
_WORDED = 0.06
_MANY_LINES = 25
_MIN_CALM_PIXELS = 100
# So many pixels tell a colour as well as all do.
_ENOUGH = 20_000
# So many lines on another colour are no title set into a picture: the page is printed on that.
_MIN_LINES, _OTHER_PAPER = 4, 30.0
_MIN_DARK_PAPER = 0.15


@dataclass(frozen=True, slots=True)
class Paper:
    """What a page looks like against its paper.

    `distance` is the colour difference (CIE76) of each pixel from the paper as it would be there, `excess`
    that difference in L, a and b, `texture` the local contrast (standard deviation of lightness over 5×5
    pixels), `threshold` the distance above which a pixel is print and not noise. `share` is the part of the
    page that is paper; 0 means that none was found.
    """

    distance: FloatImage
    excess: FloatImage
    texture: FloatImage
    lab: FloatImage
    threshold: float
    share: float


def measure_paper(image: Raster, text: Sequence[Box] = ()) -> Paper:
    """Finds the paper of an RGB page of about 100 dpi, with tint, uneven light and gutter shadow allowed for.

    `text` are boxes of lines on it, in pixels: they show what paper is on a page without a light colour.
    """
    lab = _to_lab(image)
    texture = _local_contrast(cv2.extractChannel(lab, 0), 5)
    # Paper and the light on it change slowly, and are followed at half the size.
    small, boxes = _halve(lab), [(x0 / 2, y0 / 2, x1 / 2, y1 / 2) for x0, y0, x1, y1 in text]
    smooth = texture < max(3.0, 2.0 * float(np.percentile(texture[::2, ::2], 20)))
    # A pixel of the half is even where all four that it is the mean of are: beside print some are not.
    even = cv2.erode(smooth.astype(np.uint8), np.ones((2, 2), np.uint8), anchor=(0, 0))[::2, ::2].astype(bool)
    # Plaster, silk and soil are mottled at a scale of millimetres where paper is calm.
    lightness = cv2.blur(cv2.extractChannel(small, 0), (5, 5))
    calm = even & (_local_contrast(lightness, _CALM_SIDE) < _CALM)
    # A page full of text is no plate, however bad its paper or its scan.
    is_worded = len(boxes) >= _MANY_LINES or sum(area(box) for box in boxes) > _WORDED * even.size
    colour = _paper_colour(small, calm)
    if colour is None and is_worded:
        calm = even
        colour = _paper_colour(small, calm)
    if colour is None:
        colour = _colour_under(small, calm, boxes)
    if colour is None:
        return _no_paper(lab, texture)
    ground = _follow_ground(small, even, calm, colour, boxes)
    excess: FloatImage = cv2.resize(ground, lab.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    cv2.subtract(lab, excess, dst=excess)
    distance = measure_strength(excess)
    # Grain is evened out at half the size: how strong it is, single pixels tell.
    sampled = distance[::2, ::2]
    noise = _measure_noise(sampled[calm & (sampled < _SAME_PAPER)][::2])
    threshold = float(np.clip(1.6 * noise + 2.0, 5.0, 11.0))
    is_paper = sampled < threshold
    has_margins = float(_take_rim(calm & is_paper).mean()) > _MARGINS
    if not has_margins and not is_worded and _measure_mottle(small - ground, is_paper) > _MOTTLED:
        return _no_paper(lab, texture)
    return Paper(distance, excess, texture, lab, threshold, float((distance < threshold).mean()))


def _halve(lab: FloatImage) -> FloatImage:
    """Half the size, rounded up: the means of two by two pixels."""
    height, width = lab.shape[:2]
    half: FloatImage = cv2.resize(lab, ((width + 1) // 2, (height + 1) // 2), interpolation=cv2.INTER_LINEAR)
    return half


def _follow_ground(
    lab: FloatImage, even: Mask, calm: Mask, colour: FloatImage, text: Sequence[Box]
) -> FloatImage:
    """The paper's colour over the sheet, its shadows and its light with it."""
    fold = find_fold(lab)
    # Each page of a spread curves in its own way, and may be of a colour of its own.
    halves = [(0, lab.shape[1])] if fold is None else [(0, fold), (fold, lab.shape[1])]
    fitted = [_fit_page(lab[:, a:b], calm[:, a:b], colour, _shift_into(text, a, b)) for a, b in halves]
    ground = shade_edges(lab, np.concatenate(fitted, axis=1), fold)
    excess = lab - ground
    ground += follow_light(excess, even, calm & (measure_strength(excess) < _SAME_PAPER / 3))
    return ground


def _no_paper(lab: FloatImage, texture: FloatImage) -> Paper:
    return Paper(np.full(texture.shape, 100.0, np.float32), lab, texture, lab, 1.0, 0.0)


def _measure_noise(distance: FloatImage) -> float:
    """The distance that nine in ten pixels of paper stay below, with a pale picture among them too."""
    if not distance.size:
        return 2.0
    # Noise alike in three channels has its ninth decile at 1.6 times its median.
    middle, ninth = np.percentile(distance, (50, 90))
    return float(min(ninth, 1.8 * middle))


def _take_rim(mask: Mask) -> Mask:
    """The values of a mask along the sheet's sides, the outermost strip left out."""
    height, width = mask.shape
    near, far = round(0.02 * width), round(0.05 * width)
    sides = (
        mask[near:far, near:-near],
        mask[height - far : height - near, near:-near],
        mask[near:-near, near:far],
        mask[near:-near, width - far : width - near],
    )
    return np.concatenate([side.ravel() for side in sides])


def _measure_mottle(excess: FloatImage, paper: Mask) -> float:
    """Standard deviation of the ground's colour about the fitted one at a scale of 3 mm."""
    weight = cv2.erode(paper.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(np.float32)
    share = cv2.blur(weight, (7, 7))
    bare = cv2.blur(cv2.copyTo(excess, weight.astype(np.uint8)), (7, 7))
    strength = (measure_strength(bare) / np.maximum(share, 1e-3))[share > 0.5]
    return float(strength.std()) if strength.size else 0.0


def _to_lab(image: Raster) -> FloatImage:
    smooth = cv2.GaussianBlur(np.ascontiguousarray(image), (0, 0), 1.0)
    shares = np.multiply(smooth, np.float32(1 / 255), dtype=np.float32)
    lab: FloatImage = cv2.cvtColor(shares, cv2.COLOR_RGB2LAB)
    return lab


def _local_contrast(lightness: FloatImage, side: int) -> FloatImage:
    mean, squares = (cv2.blur(values, (side, side)) for values in (lightness, lightness * lightness))
    variance = cv2.subtract(squares, cv2.multiply(mean, mean, dst=mean), dst=squares)
    contrast: FloatImage = cv2.sqrt(cv2.max(variance, 0.0, dst=variance), dst=variance)
    return contrast


def _paper_colour(lab: FloatImage, even: Mask) -> FloatImage | None:
    """The lightest of the even colours that take up much of the page; None on a page that is all picture."""
    if even.mean() < _MIN_PAPER:
        return None
    # L is 0 to 100, a and b lie within ±128: cells of 5 × 6 × 6, counted.
    counts = cv2.calcHist([lab], [0, 1, 2], even.astype(np.uint8), _CELLS, [0, 105, -132, 132, -132, 132])
    counts = counts.reshape(_CELLS[0], -1)
    large = counts >= max(_MIN_PAPER * even.size, 0.2 * counts.max())
    if not large.any():
        return None
    lightness = int(np.flatnonzero(large.any(axis=1))[-1])
    if lightness * 5.0 < 45:
        return None
    a, b = divmod(int(np.where(large[lightness], counts[lightness], 0).argmax()), _CELLS[2])
    low = np.array((5.0 * lightness, 6.0 * a - 132, 6.0 * b - 132))
    is_lightest = cv2.inRange(lab, low, low + np.array((5.0, 6.0, 6.0))).astype(bool)
    return _find_middle(lab[is_lightest & even])


def _find_middle(pixels: FloatImage) -> FloatImage:
    """The median of each channel of pixels, shape (n, 3)."""
    chosen = pixels[:: len(pixels) // _ENOUGH + 1]
    middle: FloatImage = np.median(chosen.T.copy(), axis=1).astype(np.float32)
    return middle


def _colour_under(lab: FloatImage, calm: Mask, text: Sequence[Box]) -> FloatImage | None:
    """The colour around lines of text, if much of the page is calm and of that colour: dark paper."""
    around = np.zeros(calm.shape, bool)
    for x0, y0, x1, y1 in text:
        # Print is blurred into its surroundings, and they are measured over a window.
        reach = int(min(x1 - x0, y1 - y0)) + _CALM_SIDE
        around[max(0, int(y0) - reach) : int(y1) + reach, max(0, int(x0) - reach) : int(x1) + reach] = True
    pixels = lab[around & calm]
    if len(pixels) < _MIN_CALM_PIXELS:
        return None
    colour = _find_middle(pixels)
    share = float((calm & (measure_strength(lab - colour) < _SAME_PAPER)).mean())
    return colour if share > _MIN_DARK_PAPER else None


def _shift_into(text: Sequence[Box], start: int, end: int) -> list[Box]:
    """The boxes that stand between two columns, from the first of them on."""
    return [(x0 - start, y0, x1 - start, y1) for x0, y0, x1, y1 in text if start <= (x0 + x1) / 2 < end]


def _fit_page(lab: FloatImage, calm: Mask, colour: FloatImage, text: Sequence[Box]) -> FloatImage:
    """The colour of one page's paper; that of the sheet's unless several lines stand on quite another."""
    own = _colour_under(lab, calm, text) if len(text) >= _MIN_LINES else None
    if own is not None and float(measure_strength((own - colour)[None, None])[0, 0]) > _OTHER_PAPER:
        colour = own
    near = calm & (measure_strength(lab - colour) < 2 * _SAME_PAPER)
    return fit_ground(lab, near, colour)
