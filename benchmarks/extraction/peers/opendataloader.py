"""OpenDataLoader PDF (Java): images, and the captions that it links to them."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import opendataloader_pdf

from benchmarks.extraction.peers.harness import Book, Row, row

DISTRIBUTION = "opendataloader-pdf"


def read_books(books: list[Book]) -> tuple[list[Row], list[str]]:
    """All in one call, for each starts a Java machine."""
    rows: list[Row] = []
    errors: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        paths = [str(book.path) for book in books]
        opendataloader_pdf.convert(paths, output_dir=folder, format="json", quiet=True, image_output="off")
        for book in books:
            output = Path(folder) / f"{book.path.stem}.json"
            if output.exists():
                rows += _list_rows(book, json.loads(output.read_text(encoding="utf-8")))
            else:
                errors.append("no output")
    return rows, errors


def _list_rows(book: Book, output: dict[str, Any]) -> list[Row]:
    elements = list(_walk(output))
    captions: dict[int, str] = {}
    for element in elements:
        if element["type"] == "caption" and "linked content id" in element:
            target = element["linked content id"]
            captions[target] = captions.get(target, "") + element.get("content", "")
    rows = []
    for element in elements:
        if element["type"] in ("image", "picture") and element["page number"] in book.pages:
            page = element["page number"]
            x0, bottom, x1, top = element["bounding box"]
            height = book.heights[page - 1]
            caption = captions.get(element.get("id", -1), "")
            rows.append(row(book, page, (x0, height - top, x1, height - bottom), caption))
    return rows


def _walk(node: object) -> Iterator[dict[str, Any]]:
    """All elements of the nested output."""
    if isinstance(node, dict):
        if "type" in node and "bounding box" in node:
            yield node
        node = list(node.values())
    if isinstance(node, list):
        for child in node:
            yield from _walk(child)
