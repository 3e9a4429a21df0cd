"""What a report is made from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

import pandas as pd

from export.info import BuildReport, ReleaseInfo
from export.leakage import Leakage
from export.plan import Plan
from export.row_file import read_light
from export.rows import Row


@dataclass(frozen=True)
class ReportMatter:
    """All that a report tells of; `table` is that of `export.counts.tabulate_rows`."""

    rows: Sequence[Row]
    plan: Plan
    info: ReleaseInfo
    build: BuildReport
    table: pd.DataFrame
    leakage: Leakage

    @cached_property
    def titles(self) -> dict[str, str]:
        """Title of each book by its hash, in the order of the sources; the file name where it has none."""
        found: dict[str, str] = {}
        for source in self.info.sources:
            found.setdefault(source.sha256, source.title or source.name)
        return found

    def books(self) -> Iterator[tuple[str, pd.DataFrame]]:
        """(key, its lines of the table) of each book that has rows, in order."""
        keys = self.table["book"].tolist()
        for key, places in groupby(range(len(keys)), key=keys.__getitem__):
            first, *rest = places
            yield key, self.table.iloc[first : first + len(rest) + 1]

    def read_rows(self, lines: Iterable[int]) -> Iterator[Row]:
        """The rows of some lines of the table, by number, one at a time, as `read_light` gives them."""
        return read_light(self.rows, (self.plan.kept[n] for n in lines))
