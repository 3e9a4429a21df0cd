"""What an overlay is drawn from, kept with a release so that it can be drawn again: boxes and no words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from pydantic import TypeAdapter

from alignment.records import BookAlignment
from alignment.text.fields import TextFields
from extractors.records import Dropped, Page

Drawing = tuple[Page, BookAlignment]


def dump_drawing(page: Page, aligned: BookAlignment) -> str:
    """JSON of what `draw_overlay` shows of a page: its boxes, roles, scores and rules."""
    return _adapter().dump_json(_strip(page, aligned)).decode()


def load_drawing(text: str) -> Drawing:
    """The page and alignment to draw; ValueError where the text is something else."""
    return _adapter().validate_json(text)


def _strip(page: Page, aligned: BookAlignment) -> Drawing:
    number = page.number
    bare = replace(
        page,
        document="",
        document_sha256="",
        lines=(),
        pictures=(),
        rules=(),
        dropped=_strip_dropped(page.dropped),
    )
    pairs = tuple(
        replace(
            pair,
            document="",
            document_sha256="",
            title="",
            caption="",
            description="",
            texts=tuple(replace(text, text="", confidence=None) for text in pair.texts),
            text_bboxes=(),
            parts=(),
            entry_id="",
            features=(),
            fields=TextFields(),
            trail=(),
        )
        for pair in aligned.pairs
        if pair.page == number
    )
    regions = tuple(replace(r, text="", confidence=None) for r in aligned.regions if r.page == number)
    dropped = _strip_dropped(d for d in aligned.dropped if d.page == number)
    return bare, BookAlignment(pairs, regions, dropped)


def _strip_dropped(items: Iterable[Dropped]) -> tuple[Dropped, ...]:
    return tuple(Dropped(d.page, d.what, "", d.box) for d in items if d.box)


@cache
def _adapter() -> TypeAdapter[Drawing]:
    return TypeAdapter(Drawing)
