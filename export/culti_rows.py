"""Official CulTi texts and images → rows of a release, with their split.

A row is one text with one image: a text with three images makes three rows, as an image with two texts makes
two. What the files do not tell (page, boxes, scores) is null.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from alignment.records import Series
from export.content import canonical_json
from export.culti_files import REPEATED, CultiText, TextsFile, drop
from export.culti_images import COPY, UNNAMED, ImageFile, Measured, choose_image, list_left_out
from export.info import BookReport, DroppedItem, ImportFacts, Source, SplitOverlap
from export.rows import Row
from export.schema import SPLITS

PAIR_RULE = "imported"
NO_IMAGE = "no image of this id"
LOST_IMAGE = "its image cannot be read or decoded"
SPARE_FILE = "left aside, for it is named for no split and other files are"
# Left out without harm: everything else means that something is wrong with the files.
HARMLESS = frozenset({REPEATED, COPY, UNNAMED, SPARE_FILE})


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of the files. `given` has the official split of each row by pair_id; empty where none of the
    files is named for a split, and then the split is ours to make."""

    rows: tuple[Row, ...]
    given: Mapping[str, str]
    facts: ImportFacts
    dropped: tuple[DroppedItem, ...]


def set_aside(files: Sequence[TextsFile]) -> tuple[list[TextsFile], list[DroppedItem]]:
    """(files to import, files left aside): where some are named for a split, the others are no part of it."""
    if not any(file.split for file in files):
        return list(files), []
    spare = [drop(file.name, "file", SPARE_FILE) for file in files if file.split is None]
    return [file for file in files if file.split], spare


def list_named(files: Iterable[TextsFile], images: Mapping[str, Sequence[ImageFile]]) -> list[ImageFile]:
    """All files of the ids that some text names: those to be measured."""
    named = {image_id for file in files for text in file.texts for image_id in text.image_ids}
    return [image for image_id in sorted(named) for image in images.get(image_id, ())]


def build_import(
    files: Sequence[TextsFile],
    images: Mapping[str, Sequence[ImageFile]],
    measured: Mapping[Path, Measured | None],
    series: Series,
    rights: str,
) -> Imported:
    """Rows in the order of files, lines and ids; what was dropped in that order, then images by id."""
    chosen: dict[str, dict[str | None, ImageFile]] = {}
    rows: list[Row] = []
    given: dict[str, str] = {}
    dropped: list[DroppedItem] = []
    for file in files:
        dropped += file.dropped
        for text in file.texts:
            for image_id in text.image_ids:
                used = chosen.setdefault(image_id, {})
                candidates = images.get(image_id, ())
                if file.split not in used and (found := choose_image(candidates, measured, file.split)):
                    used[file.split] = found
                if file.split not in used:
                    where = f"line {text.line}, image {image_id}"
                    dropped.append(drop(file.name, "figure", LOST_IMAGE if candidates else NO_IMAGE, where))
                    continue
                image = used[file.split]
                rows.append(_make_row(file.name, text, image, measured[image.path], series, rights))
                if file.split:
                    given[rows[-1].pair_id] = file.split
    for image_id, candidates in images.items():
        if image_id in chosen:
            dropped += list_left_out(candidates, measured, chosen[image_id])
        else:
            dropped += [image.drop(UNNAMED) for image in candidates]
    rows = join_entries(rows)
    return Imported(tuple(rows), given, _find_facts(rows, given), tuple(dropped))


def _make_row(
    document: str, text: CultiText, image: ImageFile, found: Measured | None, series: Series, rights: str
) -> Row:
    if found is None:
        raise ValueError(f"{image.place} was chosen and does not decode")
    return Row(
        pair_id=make_pair_id(document, text.text_id, image.image_id),
        image_file=image.path,
        title="",
        caption="",
        description=text.text.strip(),
        text_raw=text.text,
        series=series,
        kind="figure",
        document=document,
        document_sha256=None,
        page=None,
        page_width=None,
        page_height=None,
        figure_bbox=None,
        text_pages=None,
        text_roles=None,
        text_bboxes=None,
        origin="imported",
        dpi=None,
        ocr_confidence=None,
        pair_score=None,
        pair_rule=PAIR_RULE,
        entry_id=f"{document}:{text.text_id}",
        parent_pair_id=None,
        width=found.width_px,
        height=found.height_px,
        image_sha256=found.sha256,
        phash=found.phash,
        review_status="unreviewed",
        reviewer=None,
        rights=rights,
    )


def make_pair_id(document: str, text_id: str, image_id: str) -> str:
    """16 hex digits from what names a pair in the files: a corrected text or picture keeps its pair_id, and
    whoever has the files finds the row of a line."""
    return hashlib.sha256(canonical_json([document, text_id, image_id]).encode()).hexdigest()[:16]


def join_entries(rows: Sequence[Row]) -> list[Row]:
    """The rows with one entry_id, that of the first, for all that hang together by a text or an image's
    bytes: such rows tell of one thing, and may not be torn apart when a split is made."""
    if not rows:
        return []
    texts = _number(row.description for row in rows)
    images = _number(row.image_sha256 for row in rows)
    size = max(texts) + max(images) + 2
    links = coo_array(
        (np.ones(len(rows)), (np.array(texts), np.array(images) + max(texts) + 1)), shape=(size, size)
    )
    labels = connected_components(links, directed=False)[1]
    first: dict[int, str] = {}
    return [
        replace(row, entry_id=first.setdefault(int(labels[text]), row.entry_id))
        for row, text in zip(rows, texts, strict=True)
    ]


def _number(values: Iterable[str]) -> list[int]:
    known: dict[str, int] = {}
    return [known.setdefault(value, len(known)) for value in values]


def _find_facts(rows: Sequence[Row], given: Mapping[str, str]) -> ImportFacts:
    texts: dict[str, set[str]] = {split: set() for split in SPLITS}
    images: dict[str, set[str]] = {split: set() for split in SPLITS}
    for row in rows if given else ():
        texts[given[row.pair_id]].add(row.description)
        images[given[row.pair_id]].add(row.image_sha256)
    return ImportFacts(
        texts=len({row.description for row in rows}),
        images=len({row.image_sha256 for row in rows}),
        official_split=bool(given),
        overlaps=tuple(
            SplitOverlap(a, b, len(texts[a] & texts[b]), len(images[a] & images[b]))
            for a, b in combinations(SPLITS, 2)
            if given
        ),
    )


def report_file(file: TextsFile, source: Source, imported: Imported) -> BookReport:
    """How one file of texts went; `figures` and `pairs` are its rows."""
    if file.error:
        return BookReport(source, "failed", error=file.error)
    rows = sum(1 for row in imported.rows if row.document == file.name)
    wrong = [d for d in imported.dropped if d.document == file.name and d.dropped.reason not in HARMLESS]
    several = sum(1 for text in file.texts if len(text.image_ids) > 1)
    notes = (f"{len(file.texts)} usable lines, {several} of them with several images",)
    error = ""
    if wrong:
        error = f"{wrong[0].where}: {wrong[0].dropped.reason}"
        error += f", and {len(wrong) - 1} more lines or images" if len(wrong) > 1 else ""
    return BookReport(
        source, "partly" if wrong else "done", figures=rows, pairs=rows, error=error, notes=notes
    )
