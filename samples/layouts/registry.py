"""All cases by name."""

from __future__ import annotations

from samples.layouts import single
from samples.layouts.case import Case

CASES: dict[str, Case] = {
    case.name: case
    for case in (
        Case("below", single.write_below),
        Case("above", single.write_above),
        Case("left", single.write_left),
        Case("right", single.write_right),
        Case("bare", single.write_bare),
        Case("arrow", single.write_arrow),
        Case("lines", single.write_lines),
        Case("columns", single.write_columns),
        Case("vertical", single.write_vertical),
        Case("cited", single.write_cited),
    )
}
