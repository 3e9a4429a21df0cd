"""Says what is wrong with the pairs of a sample book, by its truth: as the scorer of releases judges them."""

from __future__ import annotations

import re
from pathlib import Path

from rapidfuzz import fuzz

from alignment.pairing import align_book
from alignment.records import MachinePair
from extractors.reader import ReadSettings, open_document, read_pages
from samples.truth import Figure, Row, read_figures

MIN_IOU = 0.7
MIN_RATIO = 90


def read_pairs(path: Path, series: str) -> tuple[MachinePair, ...]:
    info = open_document(path)
    pages = list(read_pages(path, info, range(1, info.page_count + 1), ReadSettings()))
    assert not [page.error for page in pages if page.error]
    return align_book(pages, series).pairs


def find_faults(rows: list[Row], pairs: tuple[MachinePair, ...]) -> list[str]:
    """One line for each figure that is missed, extra, or has wrong words; empty where all is right."""
    figures, faults, left = read_figures(rows), [], list(pairs)
    texts = {text for figure in figures for text in figure.texts}
    for figure in figures:
        best = max(
            (p for p in left if p.page == figure.page),
            key=lambda p: iou(figure.box, p.figure_bbox),
            default=None,
        )
        overlap = iou(figure.box, best.figure_bbox) if best else 0.0
        where = f"page {figure.page} {[round(v) for v in figure.box]}"
        if best is None or overlap < MIN_IOU:
            faults.append(f"{where}: missed, best IoU {overlap:.2f}")
            continue
        left.remove(best)
        faults += [f"{where}: {fault}" for fault in _judge_words(figure, best, texts)]
    faults += [f"page {p.page} {[round(v) for v in p.figure_bbox]}: extra, rule {p.rule}" for p in left]
    return faults


def _judge_words(figure: Figure, pair: MachinePair, texts: set[str]) -> list[str]:
    said = squeeze(f"{pair.title}{pair.caption}{pair.description}")
    own = [squeeze(text) for text in figure.texts]
    if not own:
        return []
    faults = [
        f"lacks {text[:24]}… of rule {pair.rule}, has {said[:24]}…"
        for text in own
        if rate(said, text) < MIN_RATIO
    ]
    for text in map(squeeze, texts - set(figure.texts)):
        resembles = any(
            text in mine or (rate(mine, text) >= MIN_RATIO and rate(said, mine) > rate(said, text))
            for mine in own
        )
        if len(text) >= 6 and rate(said, text) >= MIN_RATIO and not resembles:
            faults.append(f"holds another's {text[:24]}… by rule {pair.rule}")
    if len(said) > 2.5 * sum(map(len, own)) + 150:
        faults.append(f"holds far more than its own words: {len(said)} characters by rule {pair.rule}")
    return faults


def rate(said: str, text: str) -> float:
    return fuzz.partial_ratio(text, said) if len(said) >= 0.9 * len(text) else 0.0


def squeeze(text: str) -> str:
    return re.sub(r"[\W_]+", "", text)


def iou(a, b) -> float:
    wide, high = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    if wide <= 0 or high <= 0:
        return 0.0
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (a, b))
    return wide * high / (areas - wide * high)
