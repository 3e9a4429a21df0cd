"""All cases by name."""

from __future__ import annotations

from pathlib import Path

from samples.books import Series, write_volume
from samples.captions import ALBUM_LAYOUTS
from samples.layouts import grounds, groups, plates, portraits, single, tables, treatments
from samples.layouts.case import Case
from samples.plates import MURAL_LAYOUTS
from samples.silk import SILK_LAYOUTS
from samples.truth import Row


def _make_volume_case(series: Series, layout: str, entries: int) -> Case:
    """A layout of the sample volumes, which are typeset in books of their own."""

    def write(path: Path, seed: int) -> list[Row]:
        return write_volume(
            path, seed=seed, series=series, entries=entries, layout=layout, front_matter=False
        )

    return Case(f"{PREFIXES[series]}_{layout}", write, series)


PREFIXES = {"silk": "silk", "dunhuang": "mural", "other": "album"}
VOLUMES = (
    *(_make_volume_case("silk", layout, 3) for layout in SILK_LAYOUTS),
    *(_make_volume_case("dunhuang", layout, 3) for layout in MURAL_LAYOUTS),
    *(_make_volume_case("other", layout, 4) for layout in ALBUM_LAYOUTS),
)

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
        Case("traditional", single.write_traditional),
        Case("portrait", portraits.write_portrait),
        Case("list", groups.write_list),
        Case("badges", groups.write_badges),
        Case("sides", groups.write_sides),
        Case("levels", groups.write_levels),
        Case("panels", groups.write_panels),
        Case("panels_told", groups.write_panels_told),
        Case("panels_named", groups.write_panels_named),
        Case("row", groups.write_row),
        Case("facing", plates.write_facing, "dunhuang"),
        Case("notes_digits", plates.write_notes_digits, "dunhuang"),
        Case("notes_words", plates.write_notes_words, "dunhuang"),
        Case("notes_short", plates.write_notes_short, "dunhuang"),
        Case("notes_mixed", plates.write_notes_mixed, "dunhuang"),
        Case("cells", tables.write_cells),
        Case("cell_rows", tables.write_cell_rows),
        Case("table", tables.write_table),
        Case("ground", grounds.write_ground),
        Case("pale_mark", grounds.write_pale_mark),
        Case("slanted_mark", grounds.write_slanted_mark),
        Case("logo", grounds.write_logo),
        Case("corners", grounds.write_corners),
        Case("vignette", grounds.write_vignette),
        Case("side_band", grounds.write_side_band),
        Case("spread_silk", treatments.write_spread_silk, "silk"),
        Case("spread_album", treatments.write_spread_album),
        Case("spread_facing", treatments.write_spread_facing, "dunhuang"),
        Case("rotated_right", treatments.write_rotated_right, can_be_scanned=False),
        Case("rotated_left", treatments.write_rotated_left, can_be_scanned=False),
        Case("cropped", treatments.write_cropped, can_be_scanned=False),
        Case("strips", treatments.write_strips, can_be_scanned=False),
        Case("mojibake", treatments.write_mojibake, can_be_scanned=False),
        Case("wrong_layer", treatments.write_wrong_layer, can_be_scanned=False),
        *VOLUMES,
    )
}
