"""Hostile files cost themselves and no more: no crash, nothing over its limit, the same twice, nothing run.

`make soak` reads those that are ended by a limit as well, with all the time that the limit gives them.
"""

from __future__ import annotations

import re

import pymupdf
import pytest
from hostile_making import HOSTILE, SENTENCE
from pypdfium2.version import PDFIUM_INFO

from benchmarks.robustness.watched import WatchedReader
from extractors.backend import hold_document
from extractors.reader import READERS
from flows.limits import Limits

# These take as long as the limit lets them; others are read, or at a limit of memory, within seconds.
SLOW = {
    "pymupdf": {
        "deep_states",
        "exploding_forms",
        "flate_mask",
        "flate_contents",
        "flate_objects",
        "long_path",
        "recursive_pattern",
        "small_images",
    },
    "pdfplumber": {
        "cyclic_forms",
        "deep_states",
        "font_huge",
        "long_path",
        "many_operators",
        "recursive_pattern",
        "small_images",
    },
}
LIMITED = r"took more than .* \(\[limits\] (seconds_per_page|megabytes)\)"
CASES = [
    pytest.param(reader, name, marks=pytest.mark.soak if name in SLOW[reader] else ())
    for reader in READERS
    for name in HOSTILE
]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The file of a name, made when it is first wanted."""
    folder = tmp_path_factory.mktemp("hostile")

    def find(name: str):
        path = folder / f"{name}.pdf"
        if not path.exists():
            path.write_bytes(HOSTILE[name]())
        return path

    return find


@pytest.fixture(scope="module")
def process(tmp_path_factory):
    with WatchedReader(tmp_path_factory.mktemp("reader"), Limits(20.0, 600.0, 1200.0)) as reader:
        yield reader


@pytest.mark.parametrize(("reader", "name"), CASES)
def test_a_hostile_file_costs_itself_only(files, process, reader, name):
    first = process.read(files(name), reader)
    assert first.strange == ()
    assert list(process.home.iterdir()) == []
    if first.died:
        assert re.fullmatch(LIMITED, first.died)
        return
    assert "\n" not in first.error and all("\n" not in error for error in first.page_errors)
    again = process.read(files(name), reader)
    # A slow machine may be at a limit the second time.
    assert again.died or again == first


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    "name", ["box_inverted", "wrong_count", "recursive_font", "attachments", "external_actions"]
)
def test_what_can_be_read_of_it_is_read(files, process, reader, name):
    assert SENTENCE.decode() in process.read(files(name), reader).texts


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("name", ["flate_image", "jpeg_huge", "jpx_huge", "jbig2_huge", "fax_huge"])
def test_an_image_with_too_many_pixels_is_named(files, process, reader, name):
    (error,) = process.read(files(name), reader).page_errors
    assert re.fullmatch(r"has an image of [\d,]+ megapixels \(\[limits\] megapixels is 600\)", error)


def test_there_is_no_interpreter_that_could_run_javascript(files):
    """MuPDF has one that nobody switches on; this PDFium is made without."""
    with hold_document(files("javascript"), reader="pymupdf") as document:
        pdf = pymupdf._as_pdf_document(document._document)
        assert not pymupdf.mupdf.pdf_js_supported(pdf)
    assert "V8" not in PDFIUM_INFO.flags
