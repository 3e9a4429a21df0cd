"""Pictures for the report: small JPEGs as data URIs within a budget, and crops drawn on them.

No pixel of a picture whose rights forbid redistribution gets in; its place is an empty frame of its shape.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray
from PIL import Image

from baselines.corpus import Picture
from export.info import may_show

Floats = NDArray[np.float32]
ReadBytes = Callable[[Picture], bytes]
_QUALITY = 72


class Pictures:
    """Draws pictures, each encoded once; what does not fit the budget in bytes is an empty frame too."""

    def __init__(self, read: ReadBytes, budget: int) -> None:
        self._read = read
        self._left = budget
        self._made: dict[tuple[str, int], str] = {}
        self.hidden: set[str] = set()

    def draw(self, picture: Picture, longest_px: int) -> Markup:
        """An <img>, or a frame that says why there is none."""
        data = self._get(picture, longest_px)
        if data:
            return Markup('<img src="{}" alt="{}">').format(data, picture.kind)
        why = "left out" if may_show(picture.rights) else "not shown: rights"
        return Markup('<span class="nopixels">{}<br>{}</span>').format(picture.kind, why)

    def draw_crops(self, picture: Picture, boxes: Floats, weights: Floats, longest_px: int) -> Markup:
        """The picture with its crops (k, 4) in 0–1 as frames, the heavier (k,) the bolder; below it the
        heaviest three and the lightest crop, cut out of the same pixels."""
        scale = longest_px / max(picture.width, picture.height)
        width, height = picture.width * scale, picture.height * scale
        name = f"crop-{picture.image_sha256[:16]}"
        data = self._get(picture, longest_px)
        ground = (
            Markup('<image id="{}" href="{}" width="{:.0f}" height="{:.0f}" preserveAspectRatio="none"/>')
            if data
            else Markup('<rect id="{}" class="empty{}" width="{:.0f}" height="{:.0f}"/>')
        ).format(name, data, width, height)
        order = np.argsort(weights, kind="stable")
        frames = [_draw_crop(boxes[n], weights, int(n), width, height) for n in order]
        shown = [*order[::-1][:3], order[0]] if len(order) > 3 else list(order[::-1])
        pieces = [_cut_crop(name, boxes[n], float(weights[n]), width, height) for n in shown]
        return Markup(
            '<svg class="crops" viewBox="0 0 {:.0f} {:.0f}" role="img" aria-label="crops">{}{}</svg>'
            '<div class="pieces">{}</div>'
        ).format(width, height, ground, Markup("").join(frames), Markup("").join(pieces))

    def _get(self, picture: Picture, longest_px: int) -> str:
        if not may_show(picture.rights):
            self.hidden.add(picture.image_sha256)
            return ""
        key = (picture.image_sha256, longest_px)
        if self._left > 0 and key not in self._made:
            self._made[key] = encode_small(self._read(picture), longest_px)
        data = self._made.get(key, "")
        self._left -= len(data)
        return data if self._left > 0 else ""


def encode_small(data: bytes, longest_px: int) -> str:
    """A JPEG on white in a box of `longest_px`, as a data URI; empty where Pillow cannot read the bytes."""
    try:
        with Image.open(io.BytesIO(data)) as picture:
            picture.draft("RGB", (2 * longest_px, 2 * longest_px))
            full = picture.convert("RGBA")
    except (OSError, ValueError, Image.DecompressionBombError):
        return ""
    full.thumbnail((longest_px, longest_px), reducing_gap=2.0)
    ground = Image.new("RGBA", full.size, (255, 255, 255, 255))
    buffer = io.BytesIO()
    Image.alpha_composite(ground, full).convert("RGB").save(buffer, "JPEG", quality=_QUALITY, optimize=True)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def _draw_crop(box: Floats, weights: Floats, n: int, width: float, height: float) -> Markup:
    least, most = float(weights.min()), float(weights.max())
    share = ((float(weights[n]) - least) / (most - least)) ** 2 if most > least else 1.0
    x0, y0, x1, y1 = (float(v) for v in box)
    return Markup(
        '<rect class="crop" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" '
        'style="stroke-opacity:{:.2f};stroke-width:{:.1f}"><title>weight {:.4f}</title></rect>'
    ).format(
        x0 * width,
        y0 * height,
        (x1 - x0) * width,
        (y1 - y0) * height,
        0.12 + 0.88 * share,
        0.8 + 2.4 * share,
        float(weights[n]),
    )


def _cut_crop(name: str, box: Floats, weight: float, width: float, height: float) -> Markup:
    """A crop as a window on the picture above it, so that the pixels stand in the file once."""
    x0, y0, x1, y1 = (float(v) for v in box)
    return Markup('<span><svg viewBox="{:.1f} {:.1f} {:.1f} {:.1f}"><use href="#{}"/></svg>{}</span>').format(
        x0 * width, y0 * height, (x1 - x0) * width, (y1 - y0) * height, name, f"{weight:.4f}"
    )
