"""Opening a PDF: what it is, whether it can be read, in one line of plain words if not."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pymupdf

from extractors.errors import DamagedDocument, DocumentMissing, NotAPdf, PasswordNeeded
from extractors.records import DocumentInfo

# MuPDF writes what it repairs to stderr; what matters to the curator is in the build report.
pymupdf.TOOLS.mupdf_display_errors(False)
pymupdf.TOOLS.mupdf_display_warnings(False)

# Readers look for the header in the first kilobyte, as Acrobat does.
_HEADER = b"%PDF-"
_HEADER_WITHIN = 1024
_BROKEN = (
    pymupdf.FileDataError,
    pymupdf.EmptyFileError,
    pymupdf.mupdf.FzErrorBase,
    RuntimeError,
    ValueError,
)


def open_document(path: Path, password: str = "") -> DocumentInfo:
    """Name, sha256 and number of pages of a PDF. Raises a DocumentError in one line that says what to do."""
    digest = _check_file(path)
    with hold_document(path, password) as document:
        return DocumentInfo(path.name, digest, _count_pages(path, document))


@contextmanager
def hold_document(path: Path, password: str = "") -> Iterator[pymupdf.Document]:
    """An open and unlocked document. Raises a DocumentError where it cannot be opened."""
    try:
        # Named as PDF: MuPDF would otherwise open pictures and e-books as well.
        document = pymupdf.open(path, filetype="pdf")
    except (
        pymupdf.FileDataError,
        pymupdf.EmptyFileError,
        pymupdf.mupdf.FzErrorBase,
        RuntimeError,
        ValueError,
    ) as error:
        raise DamagedDocument(
            f"{path.name}: too damaged to open; get the file again or repair it (qpdf, mutool clean)"
        ) from error
    except OSError as error:
        raise DocumentMissing(f"{path}: cannot be opened ({error.strerror or error})") from error
    with document:
        if document.needs_pass and not document.authenticate(password):
            wrong = "the password is wrong" if password else "a password is needed"
            raise PasswordNeeded(
                f"{path.name}: encrypted, and {wrong}; give it in the sources file (inspect: --password)"
            )
        yield document


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


def _count_pages(path: Path, document: pymupdf.Document) -> int:
    try:
        count = int(document.page_count)
    except (RuntimeError, pymupdf.mupdf.FzErrorBase) as error:
        raise DamagedDocument(f"{path.name}: its list of pages is damaged; get the file again") from error
    if count < 1:
        raise DamagedDocument(f"{path.name}: has no page; get the file again or leave it out")
    return count
