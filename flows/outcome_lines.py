"""What came of a build, in lines: for the terminal, and for the page of a run in Prefect."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.events import tell_event

if TYPE_CHECKING:
    from export.release import BookReport
    from flows.outcome import Outcome
    from flows.rebuild_and_validate import Rebuilt


def list_troubles(rebuilt: Rebuilt) -> list[str]:
    """All that failed, a line each; none where all is done."""
    outcome = rebuilt.outcome
    troubles = [describe_book_trouble(book) for book in outcome.books if book.status != "done"]
    troubles += [line for line in (outcome.trouble, *outcome.deciding.troubles, rebuilt.trouble) if line]
    if rebuilt.validation is not None and not rebuilt.validation.passed:
        troubles += [v.describe() for v in rebuilt.validation.findings.verdicts if not v.passed]
    return troubles


def tell_outcome(outcome: Outcome) -> None:
    """Books, pages that failed and why jobs were done again, as events."""
    for line in outcome.redone:
        tell_event("redone", message=line)
    for item in outcome.dropped:
        if item.dropped.what == "page":
            tell_event("page", document=item.document, page=item.dropped.page, message=item.dropped.reason)
    for book in outcome.books:
        tell_event(
            "book",
            document=book.source.name,
            status=book.status,
            pages=book.pages,
            pages_failed=book.pages_failed,
            figures=book.figures,
            pairs=book.pairs,
            message=book.error,
        )


def describe_book_trouble(book: BookReport) -> str:
    """What went wrong with a book, in a line that names it."""
    error = book.error or book.status
    return error if book.source.name in error else f"{book.source.name}: {error}"


def count_outcome(outcome: Outcome) -> str:
    """How much was done, in a line."""
    done = [book for book in outcome.books if book.status != "failed"]
    pages, figures = sum(b.pages for b in done), sum(b.figures for b in done)
    return (
        f"{len(done)} of {len(outcome.books)} books, {pages} pages, {figures} figures, "
        f"{sum(b.pairs for b in done)} with text, {len(outcome.dropped)} things left out"
    )
