"""Pictures as the page shows them: the released pixels, made small enough for a screen."""

from __future__ import annotations

import io

from PIL import Image, ImageOps

from alignment.review.items import Item, ReviewSource

_SCREEN_PX, _STAMP_PX = 1100, 160
# A picture of the book may be a poster of 100 megapixels.
Image.MAX_IMAGE_PIXELS = None


def make_crop(source: ReviewSource, item: Item, small: bool = False) -> tuple[bytes, str] | None:
    """An item's picture and its media type, for the screen or as a stamp for a list; None where there are
    no pixels, or none that can be read."""
    if not item.image_sha256:
        return None
    side = _STAMP_PX if small else _SCREEN_PX
    name = f"{item.image_sha256}-{side}.jpg"
    if (kept := source.cache(name)) is not None:
        return kept, "image/jpeg"
    data = source.read_image(item)
    if not small and max(item.width_px, item.height_px) <= side and data:
        return data, "image/png" if data[:4] == b"\x89PNG" else "image/jpeg"
    try:
        made = _shrink(data, side)
    except (OSError, ValueError, SyntaxError):
        return None
    source.keep(name, made)
    return made, "image/jpeg"


def cut_page(source: ReviewSource, item: Item, small: bool = False) -> tuple[bytes, str] | None:
    """The same of an item's box on its page, as far as the page can be drawn."""
    drawn = source.draw_page(item.document_sha256, item.page, large=True) if item.page else None
    if drawn is None or item.bbox is None:
        return None
    with Image.open(io.BytesIO(drawn)) as page:
        across, down = page.width / item.page_size[0], page.height / item.page_size[1]
        x0, y0, x1, y1 = item.bbox
        own = (round(x0 * across), round(y0 * down), round(x1 * across), round(y1 * down))
        out = io.BytesIO()
        page.crop((own[0], own[1], max(own[2], own[0] + 1), max(own[3], own[1] + 1))).save(out, "PNG")
    return _shrink(out.getvalue(), _STAMP_PX if small else _SCREEN_PX), "image/jpeg"


def _shrink(data: bytes, side: int) -> bytes:
    with Image.open(io.BytesIO(data)) as image:
        image.draft("RGB", (side, side))
        image.load()
        shown = ImageOps.exif_transpose(image)
        if shown.mode in ("RGBA", "LA", "P"):
            layers = shown.convert("RGBA")
            ground = Image.new("RGBA", layers.size, "white")
            shown = Image.alpha_composite(ground, layers)
        shown = shown.convert("RGB")
        shown.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
        out = io.BytesIO()
        shown.save(out, "JPEG", quality=86)
    return out.getvalue()
