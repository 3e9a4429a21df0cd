"""Official-form files as they come: lines and images of every kind, each used or named with a reason."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from culti_making import describe, draw_image, write_texts

from export.culti_files import REPEATED, TextsFile, find_split, list_texts_files, read_texts
from export.culti_images import COPY, RIVAL, UNNAMED, UNREADABLE, list_images, measure_images
from export.culti_rows import LOST_IMAGE, NO_IMAGE, SPARE_FILE, Imported, build_import, list_named, set_aside


def read_lines(folder: Path, *lines: str | bytes, end: bytes = b"\n") -> TextsFile:
    path = folder / "sample_texts.jsonl"
    path.write_bytes(end.join(x if isinstance(x, bytes) else x.encode() for x in lines))
    return read_texts(path)


def import_folder(folder: Path) -> Imported:
    files, _ = set_aside([read_texts(path) for path in list_texts_files(folder)])
    images = list_images(folder)
    measured = measure_images(list_named(files, images), 2, lambda _: None)
    return build_import(files, images, measured, "other", "CC0")


def list_reasons(imported: Imported) -> list[tuple[str, str, str]]:
    return [(d.document, d.where, d.dropped.reason) for d in imported.dropped]


GOOD = '{"text_id": 8, "text": "莲花纹", "image_ids": [8]}'


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"text_id": 1, "text": "云', "not JSON"),
        ("[" * 100_000, "not JSON"),
        ('{"text_id": 1, "text": "云气"}'.encode("gbk"), "not UTF-8"),
        ("[1, 2]", "not a JSON object"),
        ('{"text_id": 1, "image_ids": [1]}', "without text"),
        ('{"text": "云", "image_ids": [1]}', "without text_id"),
        ('{"text_id": 1, "text": "云"}', "without image_ids"),
        ('{"text_id": 1, "text": 5, "image_ids": [1]}', "text is not a string"),
        ('{"text_id": 1, "text": null, "image_ids": [1]}', "text is not a string"),
        ('{"text_id": 1, "text": " \\u3000\\n", "image_ids": [1]}', "text is empty"),
        ('{"text_id": 1, "text": "云\\ud83d", "image_ids": [1]}', "text holds half a character"),
        ('{"text_id": 1, "text": "云", "image_ids": 1}', "image_ids is not a list"),
        ('{"text_id": 1, "text": "云", "image_ids": []}', "image_ids is empty"),
        (
            '{"text_id": 1, "text": "云", "image_ids": [1, null]}',
            "image_ids: an id is neither a number nor a name",
        ),
        ('{"text_id": 1.5, "text": "云", "image_ids": [1]}', "text_id: an id is neither a number nor a name"),
        ('{"text_id": NaN, "text": "云", "image_ids": [1]}', "text_id: an id is neither a number nor a name"),
        (
            '{"text_id": true, "text": "云", "image_ids": [1]}',
            "text_id: an id is neither a number nor a name",
        ),
        (
            '{"text_id": 8, "text": "牡丹纹", "image_ids": [9]}',
            "text_id of an earlier line with another text",
        ),
    ],
)
def test_a_bad_line_is_dropped_with_its_number_and_the_rest_is_read(tmp_path, line, reason):
    file = read_lines(tmp_path, GOOD, "", line, '{"text_id": 9, "text": "鹿", "image_ids": [9]}')
    assert [(d.document, d.where, d.dropped.what, d.dropped.reason) for d in file.dropped] == [
        ("sample_texts.jsonl", "line 3", "line", reason)
    ]
    assert [(t.line, t.text_id, t.text) for t in file.texts] == [(1, "8", "莲花纹"), (4, "9", "鹿")]


def test_marks_and_line_ends_of_windows_are_no_fault(tmp_path):
    second = json.dumps(
        {"text_id": "a7", "text": "一\u2028二", "image_ids": ["x 1", 3.0, " 4 "]}, ensure_ascii=False
    )
    file = read_lines(tmp_path, "\ufeff" + GOOD, "", second, "  ", end=b"\r\n")
    assert not file.dropped and [t.text for t in file.texts] == ["莲花纹", "一\u2028二"]
    assert file.texts[1].text_id == "a7" and file.texts[1].image_ids == ("x 1", "3", "4")


def test_numbers_and_strings_are_one_id_and_repeats_are_counted(tmp_path):
    file = read_lines(
        tmp_path,
        GOOD,
        '{"text_id": "8", "text": "莲花纹", "image_ids": ["8"]}',
        '{"text_id": 8, "text": "莲花纹", "image_ids": [8, 10, 10]}',
    )
    assert [(t.line, t.image_ids) for t in file.texts] == [(1, ("8",)), (3, ("10",))]
    assert [(d.where, d.dropped.reason) for d in file.dropped] == [("line 2", REPEATED), ("line 3", REPEATED)]


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("train_texts.jsonl", "train"),
        ("valid_texts.jsonl", "validation"),
        ("val_texts.jsonl", "validation"),
        ("validation_texts.jsonl", "validation"),
        ("CulTi-test_texts.jsonl", "test"),
        ("sample_texts.jsonl", None),
        ("contest_texts.jsonl", None),
    ],
)
def test_files_are_named_for_splits(name, split):
    assert find_split(name) == split


def test_texts_are_sought_in_the_folder_itself(tmp_path):
    for name in ("b_texts.jsonl", "a_texts.jsonl", "._a_texts.jsonl", "texts.json", "sub/c_texts.jsonl"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    assert [p.name for p in list_texts_files(tmp_path)] == ["a_texts.jsonl", "b_texts.jsonl"]


def test_a_file_that_cannot_be_read_says_so(tmp_path):
    (tmp_path / "a_texts.jsonl").mkdir()
    file = read_texts(tmp_path / "a_texts.jsonl")
    assert "a_texts.jsonl: cannot be read" in file.error and not file.texts


def test_files_without_a_split_are_left_aside_beside_those_with_one(tmp_path):
    for name in ("train", "sample", "test"):
        write_texts(tmp_path / f"{name}_texts.jsonl", [(1, "云", [1])])
    files, spare = set_aside([read_texts(path) for path in list_texts_files(tmp_path)])
    assert [file.name for file in files] == ["test_texts.jsonl", "train_texts.jsonl"]
    assert [(d.document, d.dropped.what, d.dropped.reason) for d in spare] == [
        ("sample_texts.jsonl", "file", SPARE_FILE)
    ]


def test_images_are_found_below_whatever_their_ending_and_macos_leavings_are_not(tmp_path):
    for name in (
        "1.png",
        "a/2.JPG",
        "a/b/3.jpeg",
        "a/4.webp",
        "__MACOSX/a/._2.JPG",
        "a/._5.png",
        ".hidden/6.png",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "a" / "loop").symlink_to(tmp_path, target_is_directory=True)
    assert {i: [f.place for f in files] for i, files in list_images(tmp_path).items()} == {
        "1": ["1.png"],
        "2": ["a/2.JPG"],
        "3": ["a/b/3.jpeg"],
        "4": ["a/4.webp"],
    }


def test_images_missing_damaged_and_unnamed_are_told(tmp_path):
    write_texts(
        tmp_path / "sample_texts.jsonl", [(n, describe(n), [n]) for n in range(1, 5)] + [(5, "云", [1, 9])]
    )
    for n in (1, 2, 3, 7):
        draw_image(tmp_path / "i" / f"{n}.png", n)
    whole = (tmp_path / "i" / "2.png").read_bytes()
    (tmp_path / "i" / "2.png").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "i" / "3.png").write_bytes(b"no picture")
    imported = import_folder(tmp_path)
    assert [row.description for row in imported.rows] == [describe(1), "云"]
    assert list_reasons(imported) == [
        ("sample_texts.jsonl", "line 2, image 2", LOST_IMAGE),
        ("sample_texts.jsonl", "line 3, image 3", LOST_IMAGE),
        ("sample_texts.jsonl", "line 4, image 4", NO_IMAGE),
        ("sample_texts.jsonl", "line 5, image 9", NO_IMAGE),
        ("i", "2.png", UNREADABLE),
        ("i", "3.png", UNREADABLE),
        ("i", "7.png", UNNAMED),
    ]


def test_of_several_files_of_an_id_the_first_whole_png_is_used(tmp_path):
    write_texts(tmp_path / "sample_texts.jsonl", [(1, "云", [1]), (2, "鹿", [2]), (3, "龙", [3])])
    same = draw_image(tmp_path / "b" / "1.png", 1).read_bytes()
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "1.png").write_bytes(same)
    draw_image(tmp_path / "2.jpg", 20, mode="RGB")
    draw_image(tmp_path / "deep" / "er" / "2.png", 2)
    draw_image(tmp_path / "deep" / "3.png", 3)
    (tmp_path / "3.png").write_bytes(b"")
    imported = import_folder(tmp_path)
    used = [row.image_file.relative_to(tmp_path).as_posix() for row in imported.rows]
    assert used == ["a/1.png", "deep/er/2.png", "deep/3.png"]
    assert list_reasons(imported) == [("b", "1.png", COPY), (".", "2.jpg", RIVAL), (".", "3.png", UNREADABLE)]


def test_ids_that_begin_anew_in_each_split_are_told_apart_by_folders(tmp_path):
    for seed, split in enumerate(("train", "valid", "test")):
        write_texts(tmp_path / f"{split}_texts.jsonl", [(0, describe(seed), [0])])
        draw_image(tmp_path / "images" / split / "0.png", seed)
    draw_image(tmp_path / "images" / "train" / "1.png", 9)
    imported = import_folder(tmp_path)
    found = {imported.given[r.pair_id]: r.image_file.parent.name for r in imported.rows}
    assert found == {"train": "train", "validation": "valid", "test": "test"}
    assert list_reasons(imported) == [("images/train", "1.png", UNNAMED)]
    (tmp_path / "valid_texts.jsonl").unlink()
    assert ("images/valid", "0.png", UNNAMED) in list_reasons(import_folder(tmp_path))


@pytest.mark.skipif(os.name != "posix", reason="names are bytes on POSIX only")
def test_a_file_name_that_is_no_text_can_be_reported(tmp_path):
    write_texts(tmp_path / "sample_texts.jsonl", [(1, "云", [1])])
    draw_image(tmp_path / "1.png", 1)
    try:
        (tmp_path / os.fsdecode(b"\xca\xe9.png")).write_bytes(b"x")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    assert list_reasons(import_folder(tmp_path)) == [(".", "??.png", UNNAMED)]
