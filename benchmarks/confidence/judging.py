"""Whether each pair of a book is right; a text that is no longer on the pages is not asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from alignment.records import MachinePair
from alignment.text.simplifying import simplify
from benchmarks.extraction.scoring import is_right, measure_iou, strip_text
from extractors.records import Page

MIN_IOU = 0.7
# Shorter lines stand in other texts by chance.
TELLING = 3
Truth = dict[str, Any]


def judge_pairs(
    pairs: Sequence[MachinePair], truth: Sequence[Truth], whole: Sequence[Page], pages: Sequence[Page]
) -> list[bool]:
    """For each of the pairs, which have text, whether figure and text are right.

    `truth` is the book's, `whole` are its pages before they were damaged, `pages` those that were aligned.
    """
    figures = [row for row in truth if row["bbox"]]
    every = {text for row in figures for text in row["texts"]}
    left = {line for page in pages for line in page.lines}
    lost = {strip_text(line.text) for page in whole for line in page.lines if line not in left}
    lost = {line for line in lost if len(line) >= TELLING}
    legible = {t for t in every if not any(line in strip_text(t) for line in lost)}
    return [_judge(pair, figures, legible) for pair in pairs]


def _judge(pair: MachinePair, figures: Sequence[Truth], legible: set[str]) -> bool:
    near = [
        row
        for row in figures
        if row["page"] == pair.page and measure_iou(tuple(row["bbox"]), pair.figure_bbox) >= MIN_IOU
    ]
    own = [simplify(t) for t in near[0]["texts"] if t in legible] if near else []
    text = strip_text(simplify("".join((pair.title, pair.caption, pair.description))))
    return bool(own) and is_right(text, own, {simplify(t) for t in legible})
