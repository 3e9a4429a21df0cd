"""A release as Chinese-CLIP's scripts take it: `<split>_texts.jsonl` and `<split>_imgs.tsv`, ids as integers.

The names are those of cn_clip's documentation (train, valid, test); its `build_lmdb_dataset.py` reads both
files, its evaluation scripts read the texts.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from export.convert.distinct import COLUMNS, Numbers, SplitPairs, gather_pairs
from export.convert.pictures import as_plain
from export.convert.tally import REENCODED, Tally, Tell, format_json, read_pairs
from export.reading import StoredRelease

SPLITS = {"train": "train", "validation": "valid", "test": "test"}
IDS = "ids.tsv"


def write_chinese_clip(release: StoredRelease, folder: Path, tally: Tally, tell: Tell) -> None:
    """Writes the files of all splits, and `ids.tsv`: split, text id, image id and pair_id of each row.

    One text has one id in all splits, and so has an image: who compares splits by id finds what they share.
    """
    texts, images = Numbers(), Numbers()
    with (folder / IDS).open("w", encoding="utf-8", newline="\n") as ids:
        ids.write("split\ttext_id\timage_id\tpair_id\n")
        for split, name in SPLITS.items():
            pairs = gather_pairs(read_pairs(release, split, tally, tell, COLUMNS), texts, images)
            for link in pairs.links:
                ids.write(f"{name}\t{link.text}\t{link.image}\t{link.pair_id}\n")
            _write_texts(folder / f"{name}_texts.jsonl", pairs)
            rows = read_pairs(release, split, None, tell, ("pair_id", "description", "image"))
            _write_images(folder / f"{name}_imgs.tsv", rows, pairs, tally)
            tally.counts["texts"] += len(pairs.texts)
            tally.counts["images"] += len(pairs.images)


def _write_texts(path: Path, pairs: SplitPairs) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for text, images in pairs.list_images_of_texts().items():
            file.write(format_json({"text_id": text, "text": pairs.texts[text], "image_ids": images}))


def _write_images(path: Path, rows: Iterable[Mapping[str, Any]], pairs: SplitPairs, tally: Tally) -> None:
    """Each image where the row that has it first is met."""
    number = {pair_id: image for image, pair_id in pairs.images.items()}
    with path.open("wb") as file:
        for row in rows:
            if row["pair_id"] not in number:
                continue
            content, _, changed = as_plain(row["image"]["bytes"], row["pair_id"])
            tally.counts[REENCODED] += changed
            # The scripts decode with `urlsafe_b64decode`, which takes this alphabet too; others take only it.
            file.write(f"{number[row['pair_id']]}\t".encode() + base64.b64encode(content) + b"\n")
