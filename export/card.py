"""README.md of a release: the data card, as Hugging Face reads it, in English with a Chinese part."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from export.contact_sheet import CONTACT_SHEET
from export.counts import count_values, cross_table, summarise
from export.info import ReleaseInfo, may_show
from export.leakage import Leakage
from export.neighbour_sheet import SHEET
from export.plots import PLOTS
from export.schema import COLUMNS, SPLITS, card_feature
from export.shards import Shard

CARD = "README.md"
_LICENCES = {"CC BY-NC-ND 4.0": "cc-by-nc-nd-4.0"}  # as Hugging Face writes them
# For DuckDB, run in the release's folder: what anyone can check of the rows in one line.
CHECK_QUERY = (
    "SELECT count(*) AS rows, count(DISTINCT pair_id) AS ids, "
    "count(*) FILTER (sha256(image.bytes) = image_sha256) AS images, count(DISTINCT group_id) AS groups, "
    "count(DISTINCT (group_id, split)) AS groups_by_split FROM (SELECT *, "
    r"regexp_extract(filename, '(\w+)-\d+-of', 1) AS split "
    "FROM read_parquet('data/*.parquet', filename = true));"
)
_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (10**6, "100K<n<1M"))


def write_card(
    release: Path,
    info: ReleaseInfo,
    table: pd.DataFrame,
    shards: Sequence[Shard],
    leakage: Leakage,
    figures_shown: int = 0,
) -> None:
    """Writes the card; `table` is that of `export.counts.tabulate_rows`, `figures_shown` are those on the
    contact sheet."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=False,  # Markdown: what goes into table cells is escaped by `cell`
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
    )
    environment.filters["cell"] = escape_cell
    environment.globals["zip"] = zip
    counts = summarise(table)
    template = "import_card.md.j2" if info.imported else "card.md.j2"
    text = environment.get_template(template).render(
        front_matter=make_front_matter(release, info, shards),
        info=info,
        check_query=CHECK_QUERY,
        plots=PLOTS,
        contact_sheet=CONTACT_SHEET,
        figures_shown=figures_shown,
        counts=counts,
        shares={s: table["split"].eq(s).mean() if len(table) else 0.0 for s in SPLITS},
        by_kind=cross_table(table, "kind"),
        by_series=cross_table(table, "series"),
        origins=count_values(table, "origin"),
        statuses=count_values(table, "review_status"),
        lengths=_describe_lengths(table),
        columns=COLUMNS,
        leakage=leakage,
        sheet=SHEET if (release / SHEET).is_file() else "",
        books=table["book"].nunique(),
        restricted=table.loc[~table["rights"].map(may_show).astype(bool), "book"].nunique(),
    )
    (release / CARD).write_text(text, encoding="utf-8", newline="\n")


def make_front_matter(release: Path, info: ReleaseInfo, shards: Sequence[Shard]) -> str:
    """The YAML that Hugging Face reads: where the splits are, their features and sizes, language, licence."""
    rows = sum(s.rows for s in shards)
    # `datasets` loads nothing at all where one of the splits that it is told of has no row.
    named = [split for split in SPLITS if any(s.rows for s in shards if s.split == split)] or list(SPLITS)
    splits = [
        {
            "name": split,
            "num_bytes": sum(s.arrow_bytes for s in shards if s.split == split),
            "num_examples": sum(s.rows for s in shards if s.split == split),
        }
        for split in named
    ]
    front: dict[str, Any] = {
        "pretty_name": info.name,
        "language": ["zh"],
        **_name_licence(info),
        "task_categories": ["image-to-text", "text-to-image", "image-feature-extraction"],
        "size_categories": [next((word for limit, word in _SIZES if rows < limit), "1M<n<10M")],
        **_describe_gated(info),
        "tags": ["image-text-retrieval", "cultural-heritage", "chinese-art", "silk", "dunhuang", "art"],
        "configs": [
            {
                "config_name": "default",
                "data_files": [{"split": s, "path": f"data/{s}-*.parquet"} for s in named],
            }
        ],
        "dataset_info": {
            "features": [card_feature(c) for c in COLUMNS],
            "splits": splits,
            "download_size": sum((release / s.path).stat().st_size for s in shards),
            "dataset_size": sum(s.arrow_bytes for s in shards),
        },
    }
    return str(yaml.safe_dump(front, allow_unicode=True, sort_keys=False, width=110)).rstrip()


def _name_licence(info: ReleaseInfo) -> dict[str, str]:
    """The one licence of all sources, where it is one that Hugging Face has a word for."""
    rights = {source.rights for source in info.sources}
    if len(rights) == 1 and (licence := _LICENCES.get(rights.pop())):
        return {"license": licence}
    return {"license": "other", "license_name": "as-stated-by-each-source"}


def _describe_gated(info: ReleaseInfo) -> dict[str, Any]:
    """What Hugging Face asks of who wants to see the files, where the sources file says so."""
    if info.gated is None:
        return {}
    asked: dict[str, Any] = {"extra_gated_prompt": info.gated.prompt} if info.gated.prompt else {}
    return asked | {"extra_gated_fields": dict(info.gated.fields)}


def escape_cell(value: object) -> str:
    """Text for a cell of a Markdown table, or for running text: one line, no markup."""
    text = " ".join(str(value).split())
    for mark in ("\\", "|", "<", "*", "_", "`", "["):
        text = text.replace(mark, "&lt;" if mark == "<" else "\\" + mark)
    return text


def _describe_lengths(table: pd.DataFrame) -> dict[str, int]:
    """Characters of the descriptions that are not empty: the quartiles, rounded."""
    lengths = table.loc[table["with_text"], "characters"]
    if lengths.empty:
        return {}
    named = {"shortest": 0.0, "quarter": 0.25, "median": 0.5, "three_quarters": 0.75, "longest": 1.0}
    return {name: round(float(lengths.quantile(q))) for name, q in named.items()}
