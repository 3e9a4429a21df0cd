"""One file by two readers: the chosen one, and where it fails on the file or on a page, the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from extractors.backend import OpenDocument, hold_document, order_readers
from extractors.errors import DamagedDocument


class Readers:
    """A file that is opened by the chosen reader, and by the other once that is needed."""

    def __init__(self, path: Path, password: str, reader: str) -> None:
        self._path, self._password = path, password
        self._order = order_readers(reader)
        self._stack = ExitStack()
        self._open: dict[str, OpenDocument] = {}
        self._damage: dict[str, DamagedDocument] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def list_documents(self) -> Iterator[OpenDocument]:
        """The document by each reader that can open it, the chosen one first, opened when its turn comes.

        Raises the chosen reader's DocumentError where none can.
        """
        for reader in self._order:
            document = self._find(reader)
            if document is not None:
                yield document
        if not self._open:
            raise self._damage[self._order[0]]

    def _find(self, reader: str) -> OpenDocument | None:
        if reader in self._open or reader in self._damage:
            return self._open.get(reader)
        try:
            document = self._stack.enter_context(hold_document(self._path, self._password, reader))
        except DamagedDocument as error:
            # A wrong password or a missing file is the same for both, and passed on.
            self._damage[reader] = error
            return None
        self._open[reader] = document
        return document
