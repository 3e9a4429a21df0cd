"""Items, pages and progress as the page is told of them, in JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby, pairwise
from typing import Any

from alignment.decisions.payloads import is_blind
from alignment.decisions.records import Decision
from alignment.review.items import Item, PageMatter, RegionMatter
from alignment.review.sight import Sight
from alignment.text.trail import (
    FIELDS,
    Edit,
    TrailError,
    find_changes,
    list_states,
    make_edits,
    select,
)
from extractors.geometry import gap, overlap_share
from extractors.records import Box

_CAPTION_ROLES = ("caption", "title", "heading")
_WIDE_ROLES = ("heading", "body", "rubric", "reference")
_NEVER_ROLES = ("running_head", "folio")
_MOST_CANDIDATES = 9


def describe_item(item: Item, sight: Sight) -> dict[str, Any]:
    """All that the page shows of one item."""
    standing = sight.judge(item)
    machine = sight.source.find_machine(item) or item
    read, trail = sight.read_texts(item)
    texts = [_write_region(r) for r in read.regions] if standing.texts is None else list(standing.texts)
    fields: dict[str, str] = {name: standing.fields.get(name, getattr(item, name)) for name in FIELDS}
    return {
        "number": item.number,
        "pair_id": item.pair_id,
        "document": item.document,
        "document_sha256": item.document_sha256,
        "page": item.page,
        "page_size": item.page_size,
        "bbox": standing.bbox or item.bbox,
        "machine": {name: getattr(machine, name) for name in (*FIELDS, "kind", "bbox")},
        "moved": standing.bbox is not None,
        "kind": standing.kind or item.kind,
        **fields,
        "texts": texts,
        "text_raw": read.raw,
        "trail": describe_trail(item, read.raw, trail, standing.fields),
        "score": item.score,
        "rule": item.rule,
        "risk": item.risk,
        "size_px": sight.measure(item),
        "has_image": sight.has_picture(item),
        "state": standing.state,
        "who": standing.who,
        "notes": standing.notes,
        "parts": standing.parts,
        "details": standing.details,
        "merged": standing.merged,
        "disputes": [
            {"field": d.field, "sides": [_write_side(side, sight) for side in d.sides]}
            for d in standing.disputes
        ],
        "seen": sight.desk.digest(item),
        "history": [_write_line(line) for line in sight.list_lines(item)][-30:],
        "neighbours": sight.list_entries(sight.index.list_neighbours(item)),
    }


def _write_region(region: RegionMatter) -> dict[str, Any]:
    return {"page": region.page, "bbox": region.bbox, "role": region.role, "text": region.text}


def _write_line(line: Decision) -> dict[str, Any]:
    return {
        "id": line.id,
        "time": line.time,
        "reviewer": line.reviewer,
        "action": line.action,
        "blind": is_blind(line),
    }


def _write_side(line: Decision, sight: Sight) -> dict[str, Any]:
    """A side as the page may decide it again: other figures by their numbers."""
    payload = dict(line.payload)
    if line.action == "merge":
        others = (sight.index.find(str(other["pair_id"])) for other in payload["with"])
        payload["with"] = [item.number for item in others if item]
    return {**_write_line(line), "payload": payload}


def describe_trail(
    item: Item, raw: str, edits: Sequence[Edit], decided: Mapping[str, str]
) -> dict[str, list[dict[str, Any]]]:
    """For each field its states: the step, and the text in pieces (sign, text), `-` taken out, `+` put in."""
    found: dict[str, list[dict[str, Any]]] = {}
    for name in FIELDS:
        try:
            states = list_states(raw, select(edits, name))
        except TrailError:
            # A damaged release: the texts are there, how they came about is not.
            states = []
        steps = [
            {
                "step": now.step,
                "rules": list(dict.fromkeys(e.rule for e in now.edits)),
                "pieces": show_edits(before.text, now.edits),
            }
            for before, now in pairwise(states)
        ]
        if name in decided and decided[name] != getattr(item, name):
            before = getattr(item, name)
            typed = make_edits(name, "review", "", before, find_changes(before, decided[name]))
            steps.append({"step": "review", "rules": [], "pieces": show_edits(before, typed)})
        found[name] = steps
    return found


def show_edits(text: str, edits: Iterable[Edit]) -> list[tuple[str, str]]:
    """A text and what was done to it as one row of pieces: kept ` `, taken out `-`, put in `+`."""
    signs: list[tuple[str, str]] = [(" ", c) for c in text]
    for edit in edits:
        places = [n for n, (sign, _) in enumerate(signs) if sign != "-"]
        for place in places[edit.start : edit.end]:
            # What an earlier edit put in and this one takes out was never there.
            signs[place] = ("-", signs[place][1]) if signs[place][0] == " " else ("-", "")
        end = places[edit.end] if edit.end < len(places) else len(signs)
        signs[end:end] = [("+", c) for c in edit.after]
    signs = [(sign, c) for sign, c in signs if c]
    return [(sign, "".join(c for _, c in some)) for sign, some in groupby(signs, key=lambda s: s[0])]


def describe_page(document_sha256: str, page: int, sight: Sight) -> dict[str, Any]:
    """A page with its figures, texts and, for each figure, the texts that were weighed, likeliest first."""
    items = sight.list_page(document_sha256, page)
    matter = sight.source.read_page(document_sha256, page)
    read = {item.number: sight.read_texts(item)[0].regions for item in items}
    # Without the store those that some figure has.
    released = dict.fromkeys(r for own in read.values() for r in own if r.page == page)
    regions = list(matter.regions) or list(released)
    figures = []
    for item in items:
        standing = sight.judge(item)
        own = read[item.number]
        figures.append(
            {
                "number": item.number,
                "pair_id": item.pair_id,
                "bbox": standing.bbox or item.bbox,
                "state": standing.state,
                "seen": sight.desk.digest(item),
                "texts": [_write_region(r) for r in own] if standing.texts is None else list(standing.texts),
                "candidates": list_candidates(item, own, matter, regions),
            }
        )
    return {
        "document_sha256": document_sha256,
        "page": page,
        "page_size": items[0].page_size if items else None,
        "figures": figures,
        "regions": [_write_region(r) for r in regions],
    }


def list_candidates(
    item: Item, own: Sequence[RegionMatter], matter: PageMatter, regions: Sequence[RegionMatter]
) -> list[dict[str, Any]]:
    """The texts that a figure may be paired with, one after another: as they were weighed, then what else
    stands near; each as the regions that the figure would have instead."""
    kept = [_write_region(r) for r in own if r.role not in _CAPTION_ROLES]
    found: dict[str, dict[str, Any]] = {}
    weighed = [(_find_regions(c.bbox, regions), c.cost) for c in matter.candidates.get(item.pair_id, ())]
    # Headings and paragraphs are texts of a figure less often than what is set as a caption.
    near = [(r.role in _WIDE_ROLES, gap(r.bbox, item.bbox), r) for r in regions] if item.bbox else []
    others = [([r], None) for *_, r in sorted(near, key=lambda n: n[:2]) if r.role not in _NEVER_ROLES]
    for some, cost in [*weighed, *others]:
        if not some:
            continue
        new = [{**_write_region(r), "role": "caption" if r.role == "label" else r.role} for r in some]
        rest = kept if any(r.role in _CAPTION_ROLES for r in some) else []
        key = repr(sorted(tuple(r.bbox) for r in some))
        found.setdefault(key, {"texts": [*new, *(r for r in rest if r not in new)], "cost": cost})
    return list(found.values())[:_MOST_CANDIDATES]


def _find_regions(box: Box, regions: Iterable[RegionMatter]) -> list[RegionMatter]:
    """Regions that lie mostly in a box."""
    return [r for r in regions if overlap_share(r.bbox, box) > 0.5]
