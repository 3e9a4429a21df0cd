"""Queries worth looking at: the best, the worst, and those that moved most between two methods."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from baselines.corpus import RetrievalSet
from baselines.findings import Answers, Findings
from baselines.metrics import DIRECTIONS, Direction
from baselines.results import Summary

SHOWN = 6


@dataclass(frozen=True, slots=True)
class Answer:
    """One item that was found, and whether it is right."""

    item: int
    right: bool


@dataclass(frozen=True, slots=True)
class Query:
    """A query with its ranks under the two methods, what the methods answered first, and a right item."""

    direction: Direction
    place: int
    rank: int
    other_rank: int | None
    answers: tuple[Answer, ...]
    other_answers: tuple[Answer, ...]
    right: int


@dataclass(frozen=True, slots=True)
class Gallery:
    """Queries of one kind, under a heading."""

    title: str
    about: str
    queries: tuple[Query, ...]


def list_galleries(findings: Findings) -> tuple[Gallery, ...]:
    """The galleries of a report, of the first seed; empty where no answers were kept."""
    if findings.base not in findings.answers:
        return ()
    base = findings.get(findings.base)
    other = findings.get(findings.featured) if findings.featured in findings.answers else None
    found: list[Gallery] = []
    for direction in DIRECTIONS:
        ranks = base.method.runs[0].test.get(direction)
        way = "text to image" if direction == "text_to_image" else "image to text"
        best = np.flatnonzero(ranks == 1)
        worst = np.argsort(-ranks, kind="stable")
        worst = worst[ranks[worst] > 1]
        found.append(_make(findings, other, direction, f"Found first, {way}", base.name, _spread(best)))
        found.append(_make(findings, other, direction, f"Found last, {way}", base.name, worst[:SHOWN]))
        if other is not None:
            found += _list_moved(findings, other, direction, ranks)
    return tuple(gallery for gallery in found if gallery.queries)


def _list_moved(
    findings: Findings, other: Summary, direction: Direction, ranks: NDArray[np.int32]
) -> Iterable[Gallery]:
    """A step from 2 to 1 says more than one from 52 to 51: moves are compared as ratios."""
    ratio = np.log(ranks / other.method.runs[0].test.get(direction))
    order = np.argsort(-ratio, kind="stable")
    way = "text to image" if direction == "text_to_image" else "image to text"
    about = f"{findings.base} → {other.name}"
    up, down = order[ratio[order] > 0][:SHOWN], order[::-1][ratio[order[::-1]] < 0][:SHOWN]
    yield _make(findings, other, direction, f"Moved up, {way}", about, up)
    yield _make(findings, other, direction, f"Moved down, {way}", about, down)


def _spread(places: NDArray[np.intp]) -> NDArray[np.intp]:
    """Some of many, evenly, so that not all are of one book."""
    if len(places) <= SHOWN:
        return places
    return places[np.linspace(0, len(places) - 1, SHOWN).round().astype(np.intp)]


def _make(
    findings: Findings,
    other: Summary | None,
    direction: Direction,
    title: str,
    about: str,
    places: NDArray[np.intp],
) -> Gallery:
    split = findings.corpus.splits["test"]
    relevant = split.images_of_text if direction == "text_to_image" else split.texts_of_image
    ranks = findings.get(findings.base).method.runs[0].test.get(direction)
    others = None if other is None else other.method.runs[0].test.get(direction)
    kept = findings.answers.get(findings.featured) if other is not None else None
    queries = [
        Query(
            direction=direction,
            place=int(place),
            rank=int(ranks[place]),
            other_rank=None if others is None else int(others[place]),
            answers=_list_answers(findings.answers[findings.base], direction, int(place), relevant[place]),
            other_answers=() if kept is None else _list_answers(kept, direction, int(place), relevant[place]),
            right=relevant[place][0],
        )
        for place in places
    ]
    return Gallery(title, about, tuple(queries))


def _list_answers(
    answers: Answers, direction: Direction, place: int, relevant: tuple[int, ...]
) -> tuple[Answer, ...]:
    return tuple(Answer(int(item), int(item) in relevant) for item in answers.top[direction][place])


def describe_query(split: RetrievalSet, query: Query) -> str:
    """The text of a query, or of the picture that is one: its first description."""
    if query.direction == "text_to_image":
        return split.texts[query.place]
    return split.texts[split.texts_of_image[query.place][0]]
