"""Opening a PDF: what it is, whether it can be read, in one line of plain words if not."""

from __future__ import annotations

import hashlib
from pathlib import Path

from extractors.backend import READERS, OpenDocument
from extractors.errors import DamagedDocument, DocumentMissing, NotAPdf
from extractors.records import DocumentInfo
from extractors.stand_in import Readers

# Readers look for the header in the first kilobyte, as Acrobat does.
_HEADER = b"%PDF-"
_HEADER_WITHIN = 1024


def open_document(path: Path, password: str = "", reader: str = READERS[0]) -> DocumentInfo:
    """Name, sha256 and number of pages of a PDF, by `reader` or, where it finds damage, by the other.

    Raises a DocumentError in one line that says what to do.
    """
    digest = _check_file(path)
    damage: DamagedDocument | None = None
    with Readers(path, password, reader) as readers:
        for document in readers.list_documents():
            try:
                return DocumentInfo(path.name, digest, _count_pages(path, document))
            except DamagedDocument as error:
                damage = damage or error
    raise damage or DamagedDocument(f"{path.name}: cannot be opened")


def _count_pages(path: Path, document: OpenDocument) -> int:
    count = document.count_pages()
    if count < 1:
        raise DamagedDocument(f"{path.name}: has no page; get the file again or leave it out")
    return count


def _check_file(path: Path) -> str:
    """The sha256 of a file that looks like a PDF."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            head = file.read(_HEADER_WITHIN)
            digest.update(head)
            while block := file.read(1 << 20):
                digest.update(block)
    except FileNotFoundError as error:
        raise DocumentMissing(f"{path}: no such file") from error
    except OSError as error:
        raise DocumentMissing(f"{path}: cannot be opened ({error.strerror or error})") from error
    if not head:
        raise NotAPdf(f"{path.name}: the file is empty; get it again")
    if _HEADER not in head:
        raise NotAPdf(f"{path.name}: not a PDF (no %PDF- at its start); convert it or leave it out")
    return digest.hexdigest()
