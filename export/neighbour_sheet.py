"""A picture of the test images nearest to train, each beside its neighbour, as the books' rights allow."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from export.info import may_show
from export.leakage import Neighbour, Shown
from export.local_features import read_small

SHEET = "images/nearest.jpg"
_TILE_PX, _GAP_PX, _LABEL_PX, _COLUMNS = 220, 14, 34, 2
_PAPER, _INK, _SOFT = (250, 248, 244), (40, 36, 32), (140, 132, 124)
_QUALITY = 85


def draw_sheet(path: Path, nearest: Sequence[Neighbour]) -> bool:
    """Writes the picture, test on the left and train on the right of each pair; whether there is one.

    Of a book that may not be passed on a tile says so instead of showing pixels.
    """
    if not nearest:
        return False
    wide, high = 2 * _TILE_PX + 3 * _GAP_PX, _TILE_PX + _LABEL_PX + _GAP_PX
    rows = -(-len(nearest) // _COLUMNS)
    sheet = Image.new("RGB", (_COLUMNS * wide, rows * high + _GAP_PX), _PAPER)
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(12)
    for number, pair in enumerate(nearest):
        left, top = number % _COLUMNS * wide + _GAP_PX, number // _COLUMNS * high + _GAP_PX
        for place, shown in enumerate(pair.shown):
            x = left + place * (_TILE_PX + _GAP_PX)
            _draw_tile(sheet, draw, font, (x, top), shown)
            draw.text((x, top + _TILE_PX + 3), f"{('test', 'train')[place]} {shown.pair_id}", _INK, font)
        said = f"in common {pair.value:.2f}, hash {pair.hash_bits} of 64 bits"
        draw.text((left, top + _TILE_PX + 17), said, _SOFT, font)
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path, "JPEG", quality=_QUALITY)
    return True


def _draw_tile(
    sheet: Image.Image,
    draw: ImageDraw.ImageDraw,
    font: ImageFont.ImageFont | ImageFont.FreeTypeFont,
    place: tuple[int, int],
    shown: Shown,
) -> None:
    x, y = place
    pixels = read_small(shown.image_file, _TILE_PX) if may_show(shown.rights) else None
    if pixels is None:
        draw.rectangle((x, y, x + _TILE_PX - 1, y + _TILE_PX - 1), outline=_SOFT)
        said = "not decodable" if may_show(shown.rights) else "pixels withheld by rights"
        draw.text((x + 10, y + _TILE_PX // 2 - 8), said, _SOFT, font)
        return
    tile = Image.fromarray(pixels)
    sheet.paste(tile, (x + (_TILE_PX - tile.width) // 2, y + (_TILE_PX - tile.height) // 2))
