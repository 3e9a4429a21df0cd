"""The drawn figures: same seed same bytes, words that agree with the pixels."""

import hashlib
import os
import random
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from samples import words
from samples.art import Art, EntryArt, draw_entry, draw_ornament, draw_plate
from samples.bands import BANDS
from samples.garments import GARMENTS
from samples.lattices import LATTICES, WEAVES, lay_ground, weave
from samples.palettes import SCHEMES
from samples.patterns import choose_place, draw_pattern
from samples.spec import ARRANGEMENTS, COUNTERS, MOTIFS, Spec, plan_pattern
from samples.strokes import Canvas


def _plan(seed: int) -> Spec:
    return plan_pattern(random.Random(seed))


def _plan_of(arrangement: str) -> Spec:
    return next(spec for spec in map(_plan, range(500)) if spec.arrangement == arrangement)


def _digest(entry: EntryArt) -> str:
    arts = (entry.pattern, entry.textile, *entry.details)
    parts = [entry.title, *entry.paragraphs, *(art.name + art.text for art in arts)]
    return hashlib.sha256(
        "|".join(parts).encode() + b"".join(art.image.tobytes() for art in arts)
    ).hexdigest()


def test_same_seed_gives_the_same_bytes_in_another_process() -> None:
    code = (
        "import hashlib; from samples.art import *; p = draw_plate(5, width_px=90, height_px=120);"
        "e = draw_entry(5, side_px=120); h = hashlib.sha256(p.image.tobytes() + (p.title + p.note).encode());"
        "[h.update(a.image.tobytes() + a.text.encode()) for a in (e.pattern, e.textile, *e.details)];"
        "h.update(draw_ornament(5).tobytes()); print(h.hexdigest())"
    )
    digests = set()
    for salt in ("1", "2"):
        env = {**os.environ, "PYTHONHASHSEED": salt}
        done = subprocess.run(
            [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
        )
        digests.add(done.stdout)
    assert len(digests) == 1


def test_seeds_give_different_entries_and_plates() -> None:
    assert len({_digest(draw_entry(seed, side_px=60, details=1)) for seed in range(12)}) == 12
    assert len({draw_plate(seed, width_px=60, height_px=80).image.tobytes() for seed in range(12)}) == 12


def test_captions_rarely_coincide() -> None:
    captions = [words.caption(_plan(seed), random.Random(seed)) for seed in range(300)]
    assert len(set(captions)) >= 295
    assert len({words.title(_plan(seed)) for seed in range(300)}) >= 270
    assert all(15 <= len(caption) <= 60 for caption in captions)


def test_entry_keeps_the_interface() -> None:
    for seed in range(6):
        entry = draw_entry(seed, side_px=200, details=seed % 4)
        assert entry.pattern.image.size == (200, 200)
        assert entry.title.endswith("纹")
        assert len(entry.details) <= seed % 4
        assert len(entry.details) >= min(seed % 4, 2)  # main and second are always there
        assert 1 <= len(entry.paragraphs) <= 3
        assert all(60 <= len(paragraph) <= 160 for paragraph in entry.paragraphs), entry.paragraphs
        for art in (entry.pattern, entry.textile, *entry.details):
            _check_art(art)


def _check_art(art: Art) -> None:
    assert art.image.mode == "RGB"
    assert art.name
    assert 15 <= len(art.text) <= 60, art.text
    assert art.text.endswith("。")


@pytest.mark.parametrize("size", [(90, 120), (160, 100), (100, 100)])
def test_plate_keeps_the_interface(size: tuple[int, int]) -> None:
    for seed in range(8):
        plate = draw_plate(seed, width_px=size[0], height_px=size[1])
        assert plate.image.size == size
        assert plate.image.mode == "RGB"
        assert 60 <= len(plate.note) <= 140, plate.note


def test_ornament_has_its_size_and_a_white_ground() -> None:
    image = draw_ornament(3, width_px=310, height_px=44)
    assert image.size == (310, 44)
    assert (np.asarray(image).min(axis=2) > 250).mean() > 0.3


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: scheme.name)
def test_the_ground_that_the_caption_names_covers_the_silk(scheme) -> None:
    spec = replace(_plan_of("散点"), scheme=scheme, lattice="", border="")
    assert words.caption(spec, random.Random(1)).startswith((scheme.name, f"以{scheme.name[:-1]}为地"))
    pixels, _ = draw_pattern(spec, 200, 1)
    distance = {
        other.name: np.abs(pixels.reshape(-1, 3).astype(int) - other.ground).max(axis=1) < 16
        for other in SCHEMES
    }
    shares = {name: near.mean() for name, near in distance.items()}
    assert shares[scheme.name] > 0.3
    assert max(shares, key=lambda name: shares[name]) == scheme.name


@pytest.mark.parametrize("name", sorted(MOTIFS))
def test_every_motif_draws_inside_its_box(name: str) -> None:
    scheme = SCHEMES[0]
    pixels = np.full((200, 200, 3), (1, 2, 3), np.uint8)
    Canvas(pixels, scheme.inks(), 0.2).draw(MOTIFS[name](), 500, 500, 333)
    drawn = (pixels != (1, 2, 3)).any(axis=2)
    assert 0.05 < drawn.mean() < 0.6
    rows, columns = np.nonzero(drawn)
    reach = 0.2 * 333 * 1.15 + 1
    assert min(rows.min(), columns.min()) >= 100 - reach
    assert max(rows.max(), columns.max()) <= 100 + reach
    assert name in COUNTERS
    assert name in words.LOOKS


@pytest.mark.parametrize("arrangement", ARRANGEMENTS)
def test_the_words_name_what_the_spec_has_and_nothing_else(arrangement: str) -> None:
    specs = [spec for spec in map(_plan, range(400)) if spec.arrangement == arrangement]
    assert len(specs) > 20
    for seed, spec in enumerate(specs):
        caption = words.caption(spec, random.Random(seed))
        for part in filter(None, (spec.main, spec.second, spec.corner, spec.ring, spec.lattice)):
            assert part in caption, caption
        told = caption + words.title(spec)
        others = [n for n in MOTIFS if n not in (spec.main, spec.second, spec.corner, "小朵花")]
        said = [
            n
            for n in others
            if n in told and not any(n in own for own in (spec.main, spec.second, spec.corner))
        ]
        assert not said, (said, told)


def test_the_counts_that_captions_give_are_those_drawn() -> None:
    for seed in range(200):
        spec = _plan(seed)
        if spec.arrangement not in ("团窠", "散点", "柿蒂窠", "补子"):
            continue
        _, placed = draw_pattern(spec, 40, seed)
        counts = {part: len(places) for part, places in placed.items()}
        layout = " ".join(words.layout(spec, random.Random(k)) for k in range(12))
        if spec.arrangement == "散点":
            assert words.count(counts["main"], spec.main) in layout
            assert words.count(counts["second"], spec.second) in layout
        if spec.arrangement == "团窠":
            assert words.count(counts["second"], spec.second) in layout
        if spec.arrangement == "补子":
            assert f"{spec.second}{words.number(counts['second'])}朵" in layout
        if spec.corner:
            assert counts["corner"] == (2 if spec.arrangement == "补子" else 4)


def test_the_close_up_shows_its_motif_whole() -> None:
    for seed in range(40):
        spec = _plan(seed)
        _, placed = draw_pattern(spec, 40, seed)
        for part in ("main", "second"):
            x, y, _ = choose_place(placed[part])
            assert 0 <= x <= 1000
            assert 0 <= y <= 1000


def test_the_colour_named_for_the_main_motif_is_the_one_painted() -> None:
    for seed in range(60):
        spec = replace(_plan(seed), lattice="", border="")
        hue = words.tone(spec, "main")
        marks = dict.fromkeys(spec.scheme.inks(), (0, 0, 0))
        roles = {"金": ("gold",), spec.scheme.main: ("a", "A"), spec.scheme.second: ("b", "B")}
        for value, name in enumerate(roles, start=1):
            marks |= dict.fromkeys(roles[name], (value, 0, 0))
        pixels = np.zeros((150, 150, 3), np.uint8)
        Canvas(pixels, marks, 0.15).draw(MOTIFS[spec.main](), 500, 500, 470)
        painted = np.bincount(pixels[..., 0].ravel(), minlength=4)[1:4]
        assert list(roles)[int(painted.argmax())] == hue


@pytest.mark.parametrize("lattice", sorted(LATTICES))
def test_a_lattice_is_seen_but_stays_in_tone(lattice: str) -> None:
    for scheme in SCHEMES:
        pixels = lay_ground(scheme, lattice, 200, 0.4).astype(int)
        spread = np.abs(pixels - scheme.ground).max(axis=2)
        assert 0.04 < (spread > 6).mean() < 0.8
        assert spread.max() < 40


@pytest.mark.parametrize("kind", sorted(WEAVES))
def test_a_weave_changes_the_colour_but_little(kind: str) -> None:
    flat = np.full((120, 120, 3), 120, np.uint8)
    woven = weave(flat, kind, 1).astype(int)
    assert 1 < woven.std() < 12
    assert abs(woven.mean() - 120) < 4


def test_tables_of_words_cover_the_tables_of_drawings() -> None:
    assert set(words.BAND_LOOKS) == set(BANDS)
    assert set(words.LOOKS) == set(MOTIFS) == set(COUNTERS)
    assert all(garment.look for garment in GARMENTS.values())


def test_the_textile_stands_out_from_its_paper() -> None:
    image: Image.Image = draw_entry(8, side_px=300).textile.image
    pixels = np.asarray(image).astype(int)
    corner = pixels[:12, :12].reshape(-1, 3)
    assert np.ptp(corner.mean(axis=0)) < 24  # grey paper
    assert np.abs(pixels - corner.mean(axis=0)).max(axis=2).mean() > 20
