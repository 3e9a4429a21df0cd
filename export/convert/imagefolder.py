"""A release as Hugging Face's imagefolder: a folder a split, images in it beside their `metadata.jsonl`."""

from __future__ import annotations

import json
from pathlib import Path

from export.convert.pictures import as_jpeg_or_png
from export.convert.tally import REENCODED, Tally, Tell, format_json, read_pairs
from export.reading import LIGHT, StoredRelease
from export.schema import COLUMNS, SPLITS

# The reader infers types from the lines, split by split, and refuses splits whose types differ: a column that
# is null or an empty list throughout one of them would do. So those that may be go into one string of JSON.
PROVENANCE = "provenance"
_PLAIN = tuple(c.name for c in COLUMNS if not c.nullable and c.type in ("string", "int32"))


def write_imagefolder(release: StoredRelease, folder: Path, tally: Tally, tell: Tell) -> None:
    """Writes `<split>/<pair_id>.jpg` or `.png` and `<split>/metadata.jsonl`; an empty split has no folder."""
    for split in SPLITS:
        lines = folder / split / "metadata.jsonl"
        lines.parent.mkdir()
        with lines.open("w", encoding="utf-8", newline="\n") as file:
            for row in read_pairs(release, split, tally, tell, ("image", *LIGHT)):
                content, suffix, changed = as_jpeg_or_png(row["image"]["bytes"], row["pair_id"])
                name = f"{row['pair_id']}.{suffix}"
                (lines.parent / name).write_bytes(content)
                tally.counts[REENCODED] += changed
                rest = {key: row[key] for key in LIGHT if key not in _PLAIN}
                about = json.dumps(rest, ensure_ascii=False, allow_nan=False)
                file.write(
                    format_json({"file_name": name, **{key: row[key] for key in _PLAIN}, PROVENANCE: about})
                )
        if not lines.stat().st_size:
            lines.unlink()
            lines.parent.rmdir()
