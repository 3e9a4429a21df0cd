"""The gate: numbers that a release must reach, from a TOML file.

[[gate]]
method = "fine-tuned"             # a row of the report's table
metric = "text_to_image_R@1"      # or another recall, mean recall or MR
at_least = 20.0                   # per cent, or points where `over` is given
over = "zero-shot"                # optional: the gain over this row, not the number itself
by = "low"                        # optional: "value" (default), or "low", the interval's lower end
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from baselines.errors import GateError
from baselines.statistics import TESTED, Interval


class Bar(BaseModel):
    """One demand of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    method: str
    metric: str
    at_least: float = Field(allow_inf_nan=False)
    over: str = ""
    by: Literal["value", "low"] = "value"

    @field_validator("metric")
    @classmethod
    def _is_known(cls, value: str) -> str:
        if value not in TESTED:
            raise ValueError(f"no such metric; there are {', '.join(TESTED)}")
        return value


class _GateFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    gate: tuple[Bar, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A bar and what was found; `found` is None where the method was not run, which fails."""

    bar: Bar
    found: float | None

    @property
    def passed(self) -> bool:
        """Whether the bar is reached."""
        return self.found is not None and self.found >= self.bar.at_least

    def describe(self) -> str:
        """In one line."""
        bar = self.bar
        what = f"{bar.method} {bar.metric}" + (f" over {bar.over}" if bar.over else "")
        low = ", lower end" if bar.by == "low" else ""
        if self.found is None:
            return f"gate failed: {what}: there is no such row in the table"
        state = "passed" if self.passed else "failed"
        return f"gate {state}: {what}{low} is {self.found:.1f}, at least {bar.at_least:.1f} asked for"


def read_gate(path: Path) -> tuple[Bar, ...]:
    """The bars of a gate file; GateError in one line where it is missing or wrong."""
    try:
        return _GateFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))).gate
    except OSError as error:
        raise GateError(
            f"{path}: {error.strerror or error}; a gate file is TOML with [[gate]] tables"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise GateError(f"{path}: not TOML: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise GateError(f"{path}: {place}: {first['msg']}") from None


def judge(
    bars: Sequence[Bar],
    intervals: Mapping[str, Mapping[str, Interval]],
    gains: Mapping[tuple[str, str], Mapping[str, Interval]],
) -> tuple[Verdict, ...]:
    """Verdicts in the order of the file, from intervals by method and gains by (method, over)."""
    return tuple(Verdict(bar, _find(bar, intervals, gains)) for bar in bars)


def _find(
    bar: Bar,
    intervals: Mapping[str, Mapping[str, Interval]],
    gains: Mapping[tuple[str, str], Mapping[str, Interval]],
) -> float | None:
    row = gains.get((bar.method, bar.over)) if bar.over else intervals.get(bar.method)
    if row is None:
        return None
    return row[bar.metric].low if bar.by == "low" else row[bar.metric].value
