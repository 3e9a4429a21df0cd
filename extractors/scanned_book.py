"""Whether a whole document is a scan: each of its pages one picture, without print of its own."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from extractors.backend import OpenDocument
from extractors.errors import DamagedDocument
from extractors.text_layer import read_layer

# So many pages are looked at, spread evenly over the document.
_LOOKED_AT = 7
_LEAST = 2
_MOST_OTHERS = 0.2
# A scan fills its page, but for a hair that rounding leaves.
_WHOLE, _HAIR = 0.98, 3.0

_known: WeakKeyDictionary[OpenDocument, bool] = WeakKeyDictionary()


def is_scanned(document: OpenDocument) -> bool:
    """Whether nearly all pages of a document are one picture each that fills the page: on such a page without
    a word the picture is of the sheet, and a plate may be anywhere on it."""
    if document not in _known:
        _known[document] = _look(document)
    return _known[document]


def _look(document: OpenDocument) -> bool:
    try:
        count = document.count_pages()
    except DamagedDocument:
        return False
    numbers = sorted({1 + k * (count - 1) // (_LOOKED_AT - 1) for k in range(_LOOKED_AT)})
    others = sum(not _is_filled(document, number) for number in numbers)
    return len(numbers) >= _LEAST and others <= _MOST_OTHERS * len(numbers)


def _is_filled(document: OpenDocument, number: int) -> bool:
    """Whether pictures fill a page to its sides and nothing is printed over them."""
    try:
        page = document.load(number)
        trace = page.trace()
        printed = any(not line.text.isspace() for line in read_layer(page, trace).lines)
        boxes = [image.visible for image in trace.images]
    except MemoryError:
        raise
    except Exception:  # said when the page is read
        return False
    if printed or not boxes:
        return False
    x0, y0 = min(b[0] for b in boxes), min(b[1] for b in boxes)
    x1, y1 = max(b[2] for b in boxes), max(b[3] for b in boxes)
    covered = sum((b[2] - b[0]) * (b[3] - b[1]) for b in boxes)
    to_sides = max(x0, y0, page.width - x1, page.height - y1) <= _HAIR
    return to_sides and covered >= _WHOLE * page.width * page.height
