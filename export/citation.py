"""CITATION.cff: how to cite a release, in the form that GitHub and reference managers read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from export.info import ReleaseInfo

CITATION = "CITATION.cff"


def write_citation(release: Path, info: ReleaseInfo) -> None:
    """Writes the file. A release names neither its curators nor a day, so the name stands for them."""
    citation: dict[str, Any] = {
        "cff-version": "1.2.0",
        "message": "If you use this data set, please cite it together with the books that it comes from.",
        "type": "dataset",
        "title": info.name,
        "version": info.version,
        "authors": [{"name": f"The curators of {info.name}"}],
        "keywords": ["Chinese silk", "Dunhuang murals", "image-text retrieval", "cultural heritage"],
        "references": [*_list_books(info), _PAPER],
    }
    text = yaml.safe_dump(citation, allow_unicode=True, sort_keys=False, width=110)
    (release / CITATION).write_text(text, encoding="utf-8", newline="\n")


def _list_books(info: ReleaseInfo) -> list[dict[str, Any]]:
    titles = dict.fromkeys(source.title or source.name for source in info.sources)
    # A reference needs an author, and the sources file has none.
    return [{"type": "book", "title": title, "authors": [{"name": "see the book"}]} for title in titles]


_PAPER: dict[str, Any] = {
    "type": "article",
    "title": "CulTi, the data set whose making this one follows",
    "authors": [{"name": "The authors of arXiv 2505.10921"}],
    "url": "https://arxiv.org/abs/2505.10921",
}
