"""What `culti verify` finds: one line a fault, many of one kind told by their number."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: by which check, in which file (with its row, where it is about a row), and what is wrong."""

    check: str
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


class Faults:
    """All faults are counted; of each check, `limit` are kept in each file, and in all files `limit_all`."""

    def __init__(self, limit: int = 20, limit_all: int = 200) -> None:
        self._limit, self._limit_all = limit, limit_all
        self._kept: list[Fault] = []
        self._counts: Counter[tuple[str, str]] = Counter()
        self._told: Counter[str] = Counter()
        self._untold: Counter[tuple[str, str]] = Counter()

    def __len__(self) -> int:
        return self._counts.total()

    def __bool__(self) -> bool:
        return bool(self._counts)

    def add(self, check: str, file: str, what: str, row: str = "") -> None:
        """`check` names the kind; `row` says which row of the file."""
        self._counts[check, file] += 1
        self._told[check] += 1
        if self._counts[check, file] > self._limit or self._told[check] > self._limit_all:
            self._untold[check, file] += 1
        else:
            where = f"{file} {row}" if row else file
            self._kept.append(Fault(check, where, " ".join(what.split())))

    def has(self, file: str) -> bool:
        """Whether a fault of this file is known."""
        return any(name == file for _, name in self._counts)

    def lines(self) -> list[str]:
        """The faults in the order of their finding, then how many more there are of each kind."""
        untold = list(self._untold.items())
        more = [
            f"{file}: {count} more faults of the kind {check!r}"
            for (check, file), count in untold[: self._limit_all]
        ]
        if rest := len(untold) - self._limit_all:
            more += [f"and such faults in {rest} more files"] if rest > 0 else []
        return [*map(str, self._kept), *more]
