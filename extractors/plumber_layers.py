"""Optional content of a PDF: which layers are off when it is opened."""

from __future__ import annotations

from typing import Any

from pdfminer.pdfdocument import PDFDocument
from pdfminer.pdftypes import PDFObjRef, resolve1


class Layers:
    """The layers that a document does not show of its own accord."""

    def __init__(self, document: PDFDocument) -> None:
        self._off: set[int] = set()
        try:
            properties = resolve1(document.catalog.get("OCProperties")) or {}
            settings = resolve1(properties.get("D")) or {}
            if getattr(resolve1(settings.get("BaseState")), "name", "ON") == "OFF":
                self._off = _list_ids(properties.get("OCGs")) - _list_ids(settings.get("ON"))
            self._off |= _list_ids(settings.get("OFF"))
        except (AttributeError, TypeError):
            # Damaged settings hide nothing.
            self._off = set()

    def is_off(self, layer: Any) -> bool:
        """Whether what belongs to a layer, or to a group of them (OCMD), is not shown."""
        if isinstance(layer, PDFObjRef) and layer.objid in self._off:
            return True
        found = resolve1(layer)
        members = found.get("OCGs") if self._off and isinstance(found, dict) else None
        if isinstance(members, PDFObjRef) and not isinstance(resolve1(members), list):
            return members.objid in self._off
        ids = _list_ids(members)
        return bool(ids) and ids <= self._off


def _list_ids(value: Any) -> set[int]:
    found = resolve1(value)
    return {item.objid for item in found if isinstance(item, PDFObjRef)} if isinstance(found, list) else set()
