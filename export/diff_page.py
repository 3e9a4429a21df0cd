"""A comparison as one HTML page with pictures: no network, no scripts, and it obeys the books' rights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from markupsafe import Markup

from export.diff import CATEGORIES, ReleaseDiff
from export.diff_text import diff_characters
from export.info import may_show
from export.pages import load_templates
from export.release_table import read_images
from export.report_parts import Budget, shorten
from export.thumbnails import encode_thumbnail

PAGE_BYTES = 30_000_000
_MOST_CARDS = 100
_PICTURE_PX = 220
_WORDS = ("title", "caption", "description")
_TEXT_LIMIT = 1_200
# Categories of which both pictures are shown.
_TWO_PICTURES = frozenset({"moved", "image"})

_Place = tuple[str, str, int]
"""("old" or "new", shard, row)"""


@dataclass(frozen=True, slots=True)
class Picture:
    """A thumbnail as a data URI, empty where it cannot be decoded; `hidden` where rights forbid it."""

    label: str
    uri: str
    hidden: bool


@dataclass(frozen=True, slots=True)
class Section:
    """A category: `total` changes, of which `cards` are shown."""

    name: str
    title: str
    total: int
    cards: Sequence[Markup]


def render_diff(diff: ReleaseDiff, limit: int = PAGE_BYTES) -> str:
    """The page, at most `limit` bytes; of each category at most 100 changes are shown, and only their images
    are read. UnreadableRelease where a shard is damaged."""
    chosen = {name: diff.changes[name][:_MOST_CARDS] for name in CATEGORIES}
    uris = _make_thumbnails(diff, chosen)
    environment = load_templates()
    environment.filters["shorten"] = shorten
    template = environment.get_template("diff.html.j2")
    parts: Any = environment.get_template("diff_parts.html.j2").module
    budget = Budget(0.9 * limit)
    sections = []
    for name, places in chosen.items():
        cards = (Markup(parts.change_card(**_describe_card(diff, name, place, uris))) for place in places)
        shown = [card for card in cards if budget.take(card)]
        sections.append(Section(name, CATEGORIES[name], len(diff.changes[name]), shown))
    return template.render(
        old=diff.old,
        new=diff.new,
        sections=sections,
        unchanged=diff.unchanged,
        columns=sorted(diff.columns.items(), key=lambda item: (-item[1], item[0])),
        merges=diff.merges[:_MOST_CARDS],
        merge_count=len(diff.merges),
        hidden=_count_hidden(diff, chosen),
    )


def _make_thumbnails(diff: ReleaseDiff, chosen: Mapping[str, Sequence[int]]) -> dict[_Place, str]:
    """Thumbnails of all pictures that the page shows, by where they are stored."""
    wanted: dict[str, dict[tuple[str, int], None]] = {"old": {}, "new": {}}
    for name, places in chosen.items():
        for place in places:
            if not _is_hidden(diff, place):
                for side, row in _list_sides(diff, name, place):
                    wanted[side][row["shard"], row["number"]] = None
    made: dict[_Place, str] = {}
    for side, table in (("old", diff.old), ("new", diff.new)):
        for (shard, number), content in read_images(table.root, wanted[side]):
            made[side, shard, number] = encode_thumbnail(BytesIO(content), _PICTURE_PX)
    return made


def _list_sides(diff: ReleaseDiff, name: str, place: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The rows whose pictures a card shows: the new one, or where the picture is what changed, both."""
    old, new = diff.row(place, "old"), diff.row(place, "new")
    if old is not None and (new is None or name in _TWO_PICTURES):
        yield "old", old
    if new is not None:
        yield "new", new


def _is_hidden(diff: ReleaseDiff, place: int) -> bool:
    """Whether either release says that the pixels must not be passed on."""
    rows = (diff.row(place, side) for side in ("old", "new"))
    return not all(may_show(row["rights"] or "") for row in rows if row is not None)


def _count_hidden(diff: ReleaseDiff, chosen: Mapping[str, Sequence[int]]) -> int:
    return len({place for places in chosen.values() for place in places if _is_hidden(diff, place)})


def _describe_card(diff: ReleaseDiff, name: str, place: int, uris: Mapping[_Place, str]) -> dict[str, Any]:
    old, new = diff.row(place, "old"), diff.row(place, "new")
    row = new if new is not None else old or {}
    hidden = _is_hidden(diff, place)
    pictures = [
        Picture(side, uris.get((side, side_row["shard"], side_row["number"]), ""), hidden)
        for side, side_row in _list_sides(diff, name, place)
    ]
    return {
        "row": row,
        "old_id": old["pair_id"] if old is not None and old["pair_id"] != row["pair_id"] else "",
        "pictures": pictures,
        "texts": _list_texts(name, old, new),
        "facts": list(_list_facts(diff, name, place, old, new)),
        "limit": _TEXT_LIMIT,
    }


def _list_texts(
    name: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None
) -> list[tuple[str, list[tuple[str, str]]]]:
    """(column, pieces) of the texts that a card shows: those that changed as a diff, or one as it is."""
    if old is None or new is None:
        row = new if new is not None else old or {}
        shown = [(column, row[column]) for column in _WORDS if row[column]]
        return [(column, [("=", shorten(text, _TEXT_LIMIT))]) for column, text in shown]
    columns = [name] if name in _WORDS else list(_WORDS) if name == "re-paired" else []
    sides = [(column, old[column] or "", new[column] or "") for column in columns]
    texts = [(column, _shorten_all(diff_characters(a, b))) for column, a, b in sides if a != b]
    if not texts:
        text = new["caption"] or new["title"] or new["description"] or ""
        texts = [("", [("=", shorten(text, 120))])] if text else []
    return texts


def _shorten_all(pieces: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(tag, shorten(text, _TEXT_LIMIT)) for tag, text in pieces]


def _list_facts(
    diff: ReleaseDiff, name: str, place: int, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None
) -> Iterator[tuple[str, str, str]]:
    """(what, before, now) of what is no text."""
    if old is None or new is None:
        return
    if name == "re-paired":
        yield "text regions", _name_regions(old), _name_regions(new)
        yield "rule", str(old["pair_rule"]), str(new["pair_rule"])
    elif name == "moved":
        yield "box", _name_box(old["figure_bbox"]), _name_box(new["figure_bbox"])
        yield "recognised by", "", str(diff.pairs["how"].iloc[place])
    elif name == "image":
        yield "pixels", f"{old['width']}×{old['height']}", f"{new['width']}×{new['height']}"
        yield "origin", str(old["origin"]), str(new["origin"])
        yield "sha256", str(old["image_sha256"])[:12], str(new["image_sha256"])[:12]
    elif name == "split":
        yield "split", str(old["split"]), str(new["split"])
        yield "why", "", diff.reasons[place]
    elif name == "review":
        yield "status", str(old["review_status"]), str(new["review_status"])
        yield "reviewer", str(old["reviewer"] or "nobody"), str(new["reviewer"] or "nobody")
    elif name in ("kind", "rights"):
        yield name, str(old[name]), str(new[name])


def _name_regions(row: Mapping[str, Any]) -> str:
    regions = zip(row["text_roles"] or (), row["text_pages"] or (), strict=False)
    return ", ".join(f"{role} p. {page}" for role, page in regions) or "none"


def _name_box(box: Sequence[float] | None) -> str:
    return "unknown" if box is None else "({:.1f}, {:.1f}, {:.1f}, {:.1f})".format(*box)
