# ruff: noqa: E501, RUF005 - rows of coordinates stay on one line, and numpy adds tuples elementwise
"""Photograph-like pictures of textiles: the pattern on a garment that lies on a plain studio ground."""

import random
from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from samples.palettes import HUES, Scheme
from samples.strokes import XY, smooth

Pixels = NDArray[np.uint8]
_Box = tuple[XY, ...]


@dataclass(frozen=True, slots=True)
class Garment:
    """A flat-laid textile; polygons are its right half (mirrored about x = 500) in 1000 units of its width."""

    height: int  # of the picture, in the same unit
    half: XY
    trims: _Box = ()  # polygons of the right half in the trim colour
    lines: _Box = ()  # seams of the whole garment, not mirrored
    repeats: float = 2.6  # patterns across the picture
    seam: float = 7.0  # width of a line
    curved: bool = False
    look: str = ""


GARMENTS: Mapping[str, Garment] = {
    "袍": Garment(
        960,
        ((500, 120), (548, 96), (612, 112), (760, 150), (940, 214), (972, 420), (900, 436), (690, 372), (716, 560), (786, 896), (640, 916), (500, 920)),
        (((500, 120), (548, 96), (572, 100), (552, 150), (500, 170)), ((925, 208), (942, 214), (974, 420), (940, 430)),
         ((780, 866), (786, 896), (640, 916), (500, 920), (500, 890), (640, 886))),
        (((500, 165), (540, 230), (640, 300), (684, 340), (690, 380)),),
        look="圆领大襟，两袖平展，领、袖与下摆镶{trim}边",
    ),
    "袄": Garment(
        760,
        ((500, 130), (550, 100), (620, 118), (780, 166), (950, 240), (976, 470), (880, 490), (700, 420), (716, 560), (744, 690), (620, 706), (500, 710)),
        (((500, 130), (550, 100), (578, 108), (536, 220), (500, 250)), ((922, 228), (950, 240), (978, 470), (934, 480))),
        (((500, 250), (500, 708)),),
        repeats=2.2,
        look="对襟短身，两袖宽舒，领与袖口镶{trim}边",
    ),
    "裙": Garment(
        860,
        ((500, 90), (690, 90), (700, 160), (800, 460), (900, 780), (700, 812), (500, 820)),
        (((500, 90), (690, 90), (704, 172), (500, 172)),),
        tuple(((500 + 34 * k, 172), (500 + 66 * k, 520), (500 + 96 * k, 812 - 1.6 * k * k)) for k in range(-3, 4)),
        repeats=2.2,
        seam=3.0,
        look="上接{trim}裙腰，裙身打褶，下摆展开",
    ),
    "幡": Garment(
        1300,
        ((500, 70), (650, 250), (650, 900), (640, 1220), (590, 1240), (580, 910), (540, 910), (536, 1236), (500, 1240)),
        (((500, 70), (660, 260), (500, 262)), ((500, 620), (652, 620), (652, 644), (500, 644)), ((500, 890), (654, 890), (654, 912), (500, 912))),
        repeats=3.4,
        look="幡头作三角形，幡身狭长，下垂幡足，界以{trim}边",
    ),
    "荷包": Garment(
        1050,
        ((500, 300), (640, 300), (700, 360), (800, 560), (770, 780), (640, 890), (500, 910)),
        (((500, 288), (646, 288), (690, 362), (500, 372)), ((500, 60), (517, 60), (517, 300), (500, 300)), ((500, 900), (514, 900), (526, 1010), (500, 1010))),
        repeats=1.8,
        curved=True,
        look="袋口束以{trim}口缘，上系挂带，下垂短穗",
    ),
    "靠垫": Garment(
        940,
        ((500, 90), (760, 100), (880, 110), (900, 240), (890, 480), (900, 700), (880, 836), (760, 846), (500, 850)),
        repeats=1.25,
        look="略呈方形，四边鼓起，通幅织饰",
    ),
    "残片": Garment(
        840,
        ((500, 90), (620, 104), (700, 84), (812, 110), (800, 230), (846, 330), (816, 452), (840, 590), (790, 720), (660, 700), (590, 746), (500, 730)),
        repeats=1.3,
        look="边缘残损不齐，局部褪色",
    ),
}  # fmt: skip


def draw_textile(
    tile: Pixels, scheme: Scheme, name: str, badge: Pixels | None, seed: int, width_px: int
) -> Pixels:
    """Return a picture (h, width, 3) of the garment `name` made of the repeated `tile`.

    `badge`, where given, is sewn on its chest.
    """
    garment, rng = GARMENTS[name], random.Random(f"textile {seed}")
    unit = width_px / 1000
    height = round(garment.height * unit)
    middle = round(sum(y for _, y in (garment.half[0], garment.half[-1])) / 2 * unit)
    cloth = _tiled(tile, max(24, round(width_px / garment.repeats)), middle, height, width_px)
    _draw_trims(cloth, garment, HUES[scheme.leaf][0], unit)
    if badge is not None:
        side = round(250 * unit)
        top, left = round(300 * unit), (width_px - side) // 2
        cloth[top : top + side, left : left + side] = cv2.resize(
            badge, (side, side), interpolation=cv2.INTER_AREA
        )
    mask = _mask(garment, unit, height, width_px)
    if name == "残片":
        cloth = _faded(cloth, rng)
    return _photographed(cloth, mask, rng)


def _tiled(tile: Pixels, size: int, middle: int, height: int, width: int) -> Pixels:
    """Return the tile repeated over (height, width), one of them centred at (width / 2, middle)."""
    small = cv2.resize(tile, (size, size), interpolation=cv2.INTER_AREA)
    top, left = (size // 2 - middle) % size, (size // 2 - width // 2) % size
    whole = np.tile(small, (height // size + 2, width // size + 2, 1))
    return np.ascontiguousarray(whole[top : top + height, left : left + width])


def _mirrored(half: XY) -> NDArray[np.float64]:
    right = np.asarray(half, dtype=np.float64)
    return np.vstack([right, (right * (-1, 1) + np.array([1000.0, 0.0]))[::-1]])


def _fixed(points: NDArray[np.float64], unit: float) -> NDArray[np.int32]:
    return np.rint(points * unit * 16).astype(np.int32)


def _mask(garment: Garment, unit: float, height: int, width: int) -> Pixels:
    mask = np.zeros((height, width), np.uint8)
    outline = _mirrored(garment.half)
    if garment.curved:
        outline = smooth(outline)
    cv2.fillPoly(mask, [_fixed(outline, unit)], 255, cv2.LINE_AA, 4)
    for trim in garment.trims:
        cv2.fillPoly(mask, [_fixed(_mirrored(trim), unit)], 255, cv2.LINE_AA, 4)
    # a light blur and a steep step round the corners as cloth does
    soft = cv2.GaussianBlur(mask, (0, 0), 7 * unit + 0.5).astype(np.float32)
    result: Pixels = np.clip((soft - 127) * 5 + 127, 0, 255).astype(np.uint8)
    return result


def _draw_trims(cloth: Pixels, garment: Garment, colour: tuple[int, int, int], unit: float) -> None:
    edge = tuple(int(v * 0.6) for v in colour)
    for trim in garment.trims:
        right = np.asarray(trim, dtype=np.float64)
        for points in (right, right * (-1, 1) + np.array([1000.0, 0.0])):
            cv2.fillPoly(cloth, [_fixed(points, unit)], colour, cv2.LINE_AA, 4)
    for line in garment.lines:
        curve = smooth(line, closed=False)
        cv2.polylines(
            cloth, [_fixed(curve, unit)], False, colour, max(2, round(garment.seam * unit)), cv2.LINE_AA, 4
        )
        cv2.polylines(
            cloth, [_fixed(curve + (4.0, 0.0), unit)], False, edge, max(1, round(3 * unit)), cv2.LINE_AA, 4
        )


def _faded(cloth: Pixels, rng: random.Random) -> Pixels:
    """Return the cloth with patches paled towards bare silk."""
    noise = np.random.default_rng(rng.getrandbits(32)).random((9, 9)).astype(np.float32)
    pale = cv2.resize(noise, (cloth.shape[1], cloth.shape[0]), interpolation=cv2.INTER_CUBIC)
    share = np.clip((pale - 0.55) * 1.3, 0, 0.5)[..., None]
    result: Pixels = (cloth * (1 - share) + np.array([196, 178, 146]) * share).astype(np.uint8)
    return result


def _folds(height: int, width: int, rng: random.Random) -> NDArray[np.float32]:
    """Return a height field of soft folds, about -1..1, mostly running downwards."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) / width
    field = np.zeros((height, width), np.float32)
    for _ in range(4):
        lean, frequency = rng.uniform(-0.5, 0.5), rng.uniform(5, 16)
        bend = rng.uniform(0.02, 0.06) * np.sin(rng.uniform(3, 7) * y + rng.uniform(0, 6))
        field += np.sin(frequency * (x + lean * y * 0.4 + bend) * 2 + rng.uniform(0, 6)) / 4
    noise = np.random.default_rng(rng.getrandbits(32)).standard_normal((14, 14)).astype(np.float32)
    rumples: NDArray[np.float32] = cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
    return field + rumples * np.float32(0.22)


def _photographed(cloth: Pixels, mask: Pixels, rng: random.Random) -> Pixels:
    """Return the cloth folded, lit from the upper left, with a soft shadow on grey paper."""
    height, width = mask.shape
    folds = _folds(height, width, rng)
    slope_x = cv2.Sobel(folds, cv2.CV_32F, 1, 0, ksize=3) * (width / 24)
    slope_y = cv2.Sobel(folds, cv2.CV_32F, 0, 1, ksize=3) * (width / 24)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    bent = cv2.remap(
        cloth, x + slope_x * 0.7, y + slope_y * 0.7, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
    )
    depth = cv2.distanceTransform((mask > 127).astype(np.uint8), cv2.DIST_L2, 3) / (0.03 * width)
    light = (1.0 - 0.035 * (slope_x + slope_y)) * (0.72 + 0.28 * np.minimum(depth, 1.0) ** 0.5)
    lit = bent * np.clip(light, 0.5, 1.18)[..., None]
    tone = rng.choice(((208, 206, 202), (186, 188, 190), (222, 216, 206), (150, 152, 156)))
    vignette = 1.06 - 0.22 * np.hypot(x / width - 0.45, y / height - 0.4)
    shadow = cv2.GaussianBlur(mask, (0, 0), width * 0.014).astype(np.float32) / 255
    shift = np.array([[1, 0, width * 0.012], [0, 1, width * 0.018]], dtype=np.float32)
    shadow = cv2.warpAffine(shadow, shift, (width, height))
    paper = np.array(tone, dtype=np.float32) * (vignette * (1 - 0.42 * shadow))[..., None]
    cover = mask[..., None].astype(np.float32) / 255
    picture = lit * cover + paper * (1 - cover)
    grain = (
        np.random.default_rng(rng.getrandbits(32)).standard_normal((height, width, 1)).astype(np.float32)
        * 2.2
    )
    result: Pixels = np.clip(cv2.GaussianBlur(picture, (0, 0), 0.6) + grain, 0, 255).astype(np.uint8)
    return result
