"""What Croissant's vocabulary for responsible AI asks of a data set (http://mlcommons.org/croissant/RAI/1.0)."""

from __future__ import annotations

from typing import Any

import pandas as pd

from export.counts import count_values
from export.info import ReleaseInfo, may_show

_FROM_BOOKS = (
    "Figures and the texts printed for them, read by a program from PDF files of the books that README.md "
    "lists: from the text layer and the images as placed, of scanned pages by OCR and image segmentation."
)
_FROM_FILES = "Taken over from files of pairs that others published; see README.md."
RAI_VERSION = "http://mlcommons.org/croissant/RAI/1.0"


def describe_responsibly(info: ReleaseInfo, table: pd.DataFrame) -> dict[str, Any]:
    """The `rai:` fields of a release; `table` is that of `export.counts`."""
    reviewed = int((table["review_status"] != "unreviewed").sum())
    silent = int((~table["with_text"].astype(bool)).sum())
    withheld = [source.title or source.name for source in info.sources if not may_show(source.rights)]
    imported = bool(len(table)) and bool(table["origin"].eq("imported").all())
    fields: dict[str, Any] = {
        "rai:dataCollection": _FROM_FILES if imported else _FROM_BOOKS,
        "rai:dataCollectionType": ["Secondary Data analysis" if imported else "Software Collection"],
        "rai:dataCollectionMissingData": f"{silent} of {len(table)} figures have no text: none is printed, "
        "or none was found. They stay in, with an empty description and the reason in pair_rule.",
        "rai:dataCollectionRawData": "text_raw holds the text as it was read, before any rule was applied.",
        "rai:dataPreprocessingProtocol": [
            "Figures and texts are paired page by page, and plates with their notes by number.",
            "Lines are joined and numbers taken off; description is turned into simplified characters.",
        ],
        "rai:dataAnnotationProtocol": f"Pairs are the machine's; curators have looked at {reviewed} of "
        f"{len(table)}, which review_status says row by row.",
        "rai:machineAnnotationTools": ["culti; tools and versions are in manifest.json"],
        "rai:dataBiases": "Books choose what they show: famous pieces, famous caves and the collections that "
        f"gave permission are over-represented. Rows by series: {_list_counts(table, 'series')}.",
        "rai:dataLimitations": "OCR makes errors, most of all in rare characters and vertical columns; "
        "simplifying can change names; unreviewed pairs may be wrong, and pair_score says how sure the "
        "machine was.",
        "rai:dataUseCases": ["Training and evaluating retrieval between Chinese texts and images of art"],
        "rai:dataSocialImpact": "Some figures show religious art; texts are of their books, with the views "
        "and the dating of their time.",
        "rai:personalSensitiveInformation": "None is sought. Portraits and names of authors, curators and "
        "donors may occur where the books print them.",
        "rai:dataReleaseMaintenancePlan": "Releases have versions; what changed between two is told by culti "
        "diff, and whether one is whole by culti verify or SHA256SUMS.",
    }
    if table["refinement"].notna().any():
        fields["rai:dataPreprocessingProtocol"].append(
            "A language model corrected misread characters of description, within gates; refinement says "
            f"row by row what it did: {_list_counts(table, 'refinement')}."
        )
        fields["rai:machineAnnotationTools"].append(
            f"language model {info.settings.get('refine', '')}".strip()
        )
    if withheld:
        fields["rai:dataLimitations"] += (
            f" Pixels of {len(withheld)} of the sources must not be passed on: the column rights says which."
        )
    return fields


def _list_counts(table: pd.DataFrame, column: str) -> str:
    return ", ".join(f"{name} {n}" for name, n in count_values(table, column).items()) or "none"
