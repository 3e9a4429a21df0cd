"""The sample books of `culti demo`: silk and mural volumes, two scans, their truth and a sources file."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

from samples.books import Series, write_volume
from samples.scan import scan_volume
from samples.truth import Row, write_truth

RIGHTS = "Apache-2.0"


@dataclass(frozen=True, slots=True)
class Volume:
    """One sample book; a scanned one is typeset without front matter first."""

    file: str
    title: str
    series: Series
    entries: int
    layout: str | tuple[str, ...]
    scanned: bool = False


VOLUMES = (
    Volume("silk-1.pdf", "织绣纹样样书　第一册", "silk", 32, "mixed"),
    Volume("silk-2.pdf", "织绣纹样样书　第二册", "silk", 32, "mixed"),
    Volume("mural-1.pdf", "壁画图版样书　第一册", "dunhuang", 56, "back"),
    Volume("mural-2.pdf", "壁画图版样书　第二册", "dunhuang", 54, "beside"),
    Volume("silk-scanned.pdf", "织绣纹样样书　第三册", "silk", 3, ("shared", "own", "long"), scanned=True),
    Volume("mural-scanned.pdf", "壁画图版样书　第三册", "dunhuang", 3, ("foot", "vertical"), scanned=True),
)


def write_demo(folder: Path, seed: int = 0) -> Path:
    """Typeset all volumes into `folder`; return the path of the sources file beside them.

    Truth is written to `truth/born-digital/gt.json` and `truth/scanned/gt.json`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    truth: dict[bool, list[Row]] = {False: [], True: []}
    for number, volume in enumerate(VOLUMES):
        # Books of one demo, and those of demos with other seeds, share no picture.
        truth[volume.scanned] += _write_volume(folder, volume, 1000 * seed + number)
    write_truth(folder / "truth" / "born-digital" / "gt.json", truth[False])
    write_truth(folder / "truth" / "scanned" / "gt.json", truth[True])
    path = folder / "sources.toml"
    path.write_text(_list_sources(), encoding="utf-8")
    return path


def _write_volume(folder: Path, volume: Volume, seed: int) -> list[Row]:
    out = folder / volume.file
    if not volume.scanned:
        return _typeset(out, volume, seed, front_matter=True)
    with tempfile.TemporaryDirectory() as scratch:
        born_digital = Path(scratch) / volume.file
        rows = _typeset(born_digital, volume, seed, front_matter=False)
        return scan_volume(born_digital, out, seed=seed, truth=rows)


def _typeset(path: Path, volume: Volume, seed: int, *, front_matter: bool) -> list[Row]:
    return write_volume(
        path,
        seed=seed,
        series=volume.series,
        entries=volume.entries,
        layout=volume.layout,
        title=volume.title,
        front_matter=front_matter,
    )


def _list_sources() -> str:
    lines = [
        "# Sample books, drawn and typeset by culti itself.",
        'name = "culti-samples"',
        'version = "1.0.0"',
    ]
    for volume in VOLUMES:
        lines += [
            "",
            "[[book]]",
            f'file = "{volume.file}"',
            f'series = "{volume.series}"',
            f"title = {json.dumps(volume.title, ensure_ascii=False)}",
            f'rights = "{RIGHTS}"',
        ]
    return "\n".join(lines) + "\n"
