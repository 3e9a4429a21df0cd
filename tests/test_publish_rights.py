"""Rights travel to every row, and keep pixels out of what is published and of all but the Parquet data."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from publish_making import hash_files, label, publish, write_recipe
from release_making import draw_figure, make_build, make_info, make_pair, make_source, read_all

from export.info import may_show
from export.release import write_release
from export.rows import build_rows

# No open figure has this colour, so whoever shows it shows a restricted book.
_MARK = (255, 0, 255)
_OPEN = make_source("open.pdf", rights="CC-BY-4.0")
_CLOSED = make_source("closed.pdf", "dunhuang", "no-redistribution")
_PICTURES = re.compile(rb"\x89PNG\r\n|\xff\xd8\xff|GIF8|RIFF....WEBP", re.DOTALL)
_URIS = re.compile(rb"data:image/[a-z+]+;base64,([A-Za-z0-9+/=]+)")


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of an open and of a restricted book, with overlays of pages of both."""
    folder = tmp_path_factory.mktemp("mixed")
    rows, overlays = [], {}
    for source, colour in ((_OPEN, (20, 120, 60)), (_CLOSED, _MARK)):
        figures = folder / source.name
        pairs = [make_pair(source.name, seed, source.series) for seed in range(8)]
        images = [_paint(figures, colour, seed) for seed in range(8)]
        rows += build_rows(pairs, images, figures, source.rights)
        page = figures / "page.png"
        Image.new("RGB", (400, 560), colour).save(page)
        overlays[source.sha256, 1] = page
    build = replace(make_build(_OPEN, _CLOSED), overlays=overlays)
    write_release(folder / "release", rows, make_info(_OPEN, _CLOSED), build, folder / "full.html")
    return folder


def _paint(folder: Path, colour: tuple[int, int, int], seed: int):
    """A drawn figure in one colour but for a corner, which makes it one of its own."""
    image = draw_figure(folder / "plain", seed)
    painted = Image.new("RGB", (image.width_px, image.height_px), colour)
    painted.paste((seed * 20, 200, 90), (0, 0, 30, 30))
    buffer = io.BytesIO()
    painted.save(buffer, "PNG")
    sha256 = hashlib.sha256(buffer.getvalue()).hexdigest()
    (folder / f"{sha256}.png").write_bytes(buffer.getvalue())
    return replace(image, sha256=sha256, file=f"{sha256}.png", origin="embedded", dpi=None)


def find_pictures(path: Path) -> list[np.ndarray]:
    """Everything in a file that decodes as a picture: the file, parts of it, and data URIs, (h, w, 3)."""
    content = path.read_bytes()
    parts = [content[m.start() :] for m in _PICTURES.finditer(content)]
    parts += [base64.b64decode(uri) for uri in _URIS.findall(content)]
    found = []
    for part in parts:
        try:
            with Image.open(io.BytesIO(part)) as picture:
                found.append(np.asarray(picture.convert("RGB")).astype(int))
        except OSError:
            continue
    return found


def has_mark(pixels: np.ndarray) -> bool:
    return bool((np.abs(pixels - np.array(_MARK)).sum(axis=2) < 90).any())


def test_rights_are_those_of_each_rows_book(mixed):
    rights = {(row["document"], row["rights"]) for row in read_all(mixed / "release")}
    assert rights == {("open.pdf", "CC-BY-4.0"), ("closed.pdf", "no-redistribution")}
    manifest = json.loads((mixed / "release" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["counts"]["by_rights"] == {"CC-BY-4.0": 8, "no-redistribution": 8}


def test_no_released_file_but_the_data_shows_a_restricted_book(mixed):
    pictures = {
        path: find_pictures(path)
        for path in (mixed / "release").rglob("*")
        if path.is_file() and path.suffix != ".parquet"
    }
    for path, found in pictures.items():
        assert not any(has_mark(pixels) for pixels in found), path.name
    assert len(pictures[mixed / "release" / "report.html"]) >= 8 + 1, "the open book is shown"
    full = find_pictures(mixed / "full.html")
    assert sum(has_mark(pixels) for pixels in full) >= 8 + 1, "the mark is found where it is shown"


def test_restricted_pixels_do_not_go(mixed, tmp_path, capsys):
    for option in ((), ("--dry-run",)):
        done = publish(capsys, mixed / "release", tmp_path / "sets", *option)
        assert done.returncode == 2 and not (tmp_path / "sets").exists()
        assert "8 rows of closed.pdf hold pixels" in done.stderr and "open.pdf" not in done.stderr
        assert "--to recipe" in done.stderr and "--include-restricted" in done.stderr


def test_they_go_where_it_is_asked_for(mixed, tmp_path, capsys):
    done = publish(capsys, mixed / "release", tmp_path, "--include-restricted")
    assert done.returncode == 0 and "8 rows hold pixels that may not be redistributed" in done.stdout
    assert hash_files(tmp_path / label(mixed / "release")) == hash_files(mixed / "release")


def test_the_recipe_goes_to_a_place_of_its_own(mixed, tmp_path, capsys):
    recipe = write_recipe(mixed / "release", tmp_path / "recipe")
    assert publish(capsys, recipe, tmp_path / "sets").returncode == 0
    pointer = json.loads((tmp_path / "sets" / "latest.json").read_text(encoding="utf-8"))
    assert pointer["name"] == "drawn-figures (recipe)" and pointer["version"] == "1.0.0"
    assert hash_files(tmp_path / "sets" / pointer["path"]) == hash_files(recipe)
    done = publish(capsys, mixed / "release", tmp_path / "sets", "--include-restricted")
    assert done.returncode == 2 and "holds the releases of drawn-figures (recipe)" in done.stderr


def test_other_conversions_hold_pixels_and_do_not_go(mixed, tmp_path, capsys):
    folder = write_recipe(mixed / "release", tmp_path / "shards", to="webdataset")
    done = publish(capsys, folder, tmp_path / "sets")
    assert done.returncode == 2 and "is a conversion to webdataset" in done.stderr


def test_rights_that_are_not_stated_are_told(tmp_path, capsys):
    source = make_source("open.pdf", rights="")
    rows = build_rows(
        [make_pair("open.pdf", 1)], [draw_figure(tmp_path / "f", 1)], tmp_path / "f", source.rights
    )
    write_release(tmp_path / "release", rows, make_info(source), make_build(source))
    done = publish(capsys, tmp_path / "release", tmp_path / "sets")
    assert done.returncode == 0 and "1 rows state no rights" in done.stdout


@pytest.mark.parametrize(
    ("rights", "allowed"),
    [
        ("no-redistribution", False),
        (" No redistribution ", False),
        ("NO_REDISTRIBUTION", False),
        ("no-redistribution: agreed with the publisher", False),
        ("CC-BY-4.0", True),
        ("", True),
        ("redistribution with attribution", True),
    ],
)
def test_however_it_is_spelled(rights, allowed):
    assert may_show(rights) is allowed
