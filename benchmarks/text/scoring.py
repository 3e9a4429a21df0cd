"""What a pair's texts and fields are worth beside what was printed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from alignment.records import MachinePair, Series
from alignment.text.profiles import FIELD_NAMES
from extractors.geometry import area, intersection
from samples.truth import Figure, Row, read_figures

SAME_PLACE = 0.7
FIELDS = (*FIELD_NAMES, "references")


@dataclass(frozen=True, slots=True)
class Judged:
    """A figure as printed, and the pair that was made of it; None where it was not found."""

    series: Series | str
    figure: Figure
    pair: MachinePair | None

    def read_field(self, name: str) -> str:
        """A field as it was read, without white; references one a line."""
        value = getattr(self.pair.fields, name) if self.pair else None
        text = "\n".join(value) if isinstance(value, tuple) else value or ""
        return _bare(text)

    def print_field(self, name: str) -> str:
        """The same field as it was printed."""
        return _bare((self.figure.fields or {}).get(name, ""))

    @property
    def description(self) -> str:
        """What was read as the description, without white."""
        return _bare(self.pair.description) if self.pair else ""

    def differences(self) -> Iterator[str]:
        """A line for each text that is not as printed."""
        where = f"{self.pair.document if self.pair else 'not found'}, page {self.figure.page}"
        printed = _bare(self.figure.description)
        if self.description != printed:
            yield f"{where}: description {self.description[:90]!r}, not {printed[:90]!r}"
        for name in FIELDS:
            if self.read_field(name) != self.print_field(name):
                yield f"{where}: {name} {self.read_field(name)!r}, not {self.print_field(name)!r}"


@dataclass(frozen=True, slots=True)
class DescriptionTally:
    """How many texts and characters were printed, how many edits make the read of the printed, and how many
    texts need none."""

    texts: int
    characters: int
    edits: int
    exact: int


@dataclass(frozen=True, slots=True)
class FieldTally:
    """How often a field was printed, read, and read as printed."""

    printed: int
    read: int
    right: int

    @property
    def precision(self) -> float:
        """The share of what was read that is right; 1 where nothing was."""
        return self.right / self.read if self.read else 1.0

    @property
    def recall(self) -> float:
        """The share of what was printed that was read; 1 where nothing was."""
        return self.right / self.printed if self.printed else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def match_figures(rows: Sequence[Row], pairs: Sequence[MachinePair]) -> list[Judged]:
    """The figures of a book whose fields are known, each with the pair that stands where it does."""
    judged: list[Judged] = []
    series = pairs[0].series if pairs else ""
    for figure in read_figures(rows):
        if figure.fields is None:
            continue
        judged.append(Judged(series, figure, find_pair(pairs, figure)))
    return judged


def find_pair(pairs: Sequence[MachinePair], figure: Figure) -> MachinePair | None:
    """The pair that stands where a figure was printed; None where there is none."""
    here = [p for p in pairs if p.page == figure.page]
    best = max(here, key=lambda p: _overlap(p, figure), default=None)
    return best if best is not None and _overlap(best, figure) >= SAME_PLACE else None


def _overlap(pair: MachinePair, figure: Figure) -> float:
    """Intersection over union of the two boxes on the page."""
    shared = area(intersection(pair.figure_bbox, figure.box))
    return shared / (area(pair.figure_bbox) + area(figure.box) - shared)


def tally_description(judged: Sequence[Judged]) -> DescriptionTally:
    """Sums over figures for which something is printed."""
    told = [j for j in judged if j.figure.description]
    edits = [Levenshtein.distance(j.description, _bare(j.figure.description)) for j in told]
    characters = sum(len(_bare(j.figure.description)) for j in told)
    return DescriptionTally(len(told), characters, sum(edits), edits.count(0))


def tally_fields(judged: Sequence[Judged]) -> Mapping[str, FieldTally]:
    """Sums for each field that is printed, or read, somewhere."""
    tallies = {}
    for name in FIELDS:
        both = [(j.print_field(name), j.read_field(name)) for j in judged]
        found = FieldTally(
            sum(bool(printed) for printed, _ in both),
            sum(bool(read) for _, read in both),
            sum(printed == read != "" for printed, read in both),
        )
        if found.printed or found.read:
            tallies[name] = found
    return tallies


def _bare(text: str) -> str:
    return "".join(text.split())
