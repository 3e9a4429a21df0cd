"""The review page's server: what may be asked, and what is answered. `make_app` is all that callers need."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from anyio import CapacityLimiter, to_thread
from jinja2 import Environment, FileSystemLoader
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from alignment.review.access import Access, BodyTooLarge, Gate, start_session
from alignment.review.desk import Changed, Desk
from alignment.review.index import ItemIndex
from alignment.review.items import STATES, Query, ReviewSource
from alignment.review.payloads import KINDS, PayloadError, check_name
from alignment.review.progress import describe_progress, describe_quality
from alignment.review.sessions import Leases, Session, Sessions
from alignment.review.sight import BlindSight, Sight
from alignment.review.views import describe_item, describe_page

_HERE = Path(__file__).parent
T = TypeVar("T")
_THREADS = 6
_MOST_ENTRIES = 200
_KEPT = {"Cache-Control": "private, max-age=86400, immutable"}
# A wrong password costs this long, so that trying many takes years.
_WRONG_SECONDS = 1.0


class ReviewServer:
    """The answers. `reviewer` is the name that a browser starts with, `language` zh or en."""

    def __init__(
        self,
        source: ReviewSource,
        index: ItemIndex,
        desk: Desk,
        access: Access,
        reviewer: str = "",
        language: str = "zh",
    ) -> None:
        self.source, self.index, self.desk, self.access = source, index, desk, access
        self.reviewer, self.language = reviewer, language
        self.sessions, self.leases = Sessions(), Leases()
        loader = FileSystemLoader(_HERE / "templates")
        self._template = Environment(loader=loader, autoescape=True).get_template("review.html.j2")
        self._trying = asyncio.Lock()
        self._threads = CapacityLimiter(_THREADS)

    async def _work(self, function: Callable[..., T], *arguments: Any) -> T:  # noqa: ANN401
        """A call that reads, writes or draws, in one of a few threads: each keeps memory of its own."""
        return await to_thread.run_sync(partial(function, *arguments), limiter=self._threads)

    async def show_page(self, request: Request) -> Response:
        """The page; with a password to be given, only the question for it."""
        session = self._session(request)
        locked = bool(self.access.password) and session is None
        html = self._template.render(language=self.language, locked=locked, name=self.source.name)
        response = Response(html, media_type="text/html")
        if session is None and not locked:
            start_session(self.access, self.sessions, response, self.reviewer)
        return response

    async def log_in(self, request: Request) -> Response:
        """The password, one try at a time."""
        given = str((await _read(request)).get("password", ""))
        async with self._trying:
            if not hmac.compare_digest(given.encode("utf-8", "replace"), self.access.password.encode()):
                await asyncio.sleep(_WRONG_SECONDS)
                return _fail(401, "password", "wrong password")
        response = JSONResponse({})
        start_session(self.access, self.sessions, response, self.reviewer)
        return response

    async def start(self, request: Request) -> Response:
        """What a page needs to begin: names, choices of the filters, progress."""
        session = self._session(request)
        is_blind = bool(request.query_params.get("second"))
        progress = None if is_blind else await self._work(self._progress)
        return JSONResponse(
            {
                "name": self.source.name,
                "reviewer": session.reviewer if session else "",
                "choices": self.index.list_choices(),
                "kinds": KINDS,
                "states": STATES,
                "progress": progress,
                "upto": self.desk.list_changed(0)[1],
            }
        )

    async def set_name(self, request: Request) -> Response:
        """The reviewer's name, for this browser's decisions from now on."""
        session = self._session(request)
        assert session is not None
        session.reviewer = check_name((await _read(request)).get("name"))
        return JSONResponse({"reviewer": session.reviewer})

    async def list_queue(self, request: Request) -> Response:
        """The items that a filter lets through (`pack_queue`)."""
        given = request.query_params
        query = Query(
            document=given.get("document", ""),
            kind=given.get("kind", ""),
            rule=given.get("rule", ""),
            state=given.get("state", ""),
            words=given.get("words", "")[:200],
            score_from=_number(given.get("from"), 0.0),
            score_to=_number(given.get("to"), 1.0),
        )
        numbers = await self._work(self._sight(request).list_queue, query)
        return Response(numbers, media_type="application/octet-stream")

    async def list_entries(self, request: Request) -> Response:
        """Lines of the queue."""
        words = request.query_params.get("numbers", "").split(",")
        numbers = [int(w) for w in words if w.isdecimal() and w.isascii()][:_MOST_ENTRIES]
        return JSONResponse(await self._work(self._sight(request).list_entries, numbers))

    async def show_item(self, request: Request) -> Response:
        """One item."""

        def describe() -> dict[str, Any]:
            sight = self._sight(request)
            return describe_item(sight.get(int(request.path_params["number"])), sight)

        return JSONResponse(await self._work(describe))

    async def show_sheet(self, request: Request) -> Response:
        """A page of a book, with its figures and texts; the book is named by one of its items."""

        def describe() -> dict[str, Any]:
            item = self.index.get(int(request.path_params["number"]))
            page = int(request.path_params["page"])
            return describe_page(item.document_sha256, page, self._sight(request))

        return JSONResponse(await self._work(describe))

    async def send_crop(self, request: Request) -> Response:
        """An item's picture, as it fits a screen."""
        small = request.path_params["size"] == "small"
        sight = self._sight(request)
        item = await self._work(sight.get, int(request.path_params["number"]))
        made = await self._work(sight.draw, item, small)
        return Response(made[0], media_type=made[1], headers=_KEPT) if made else _absent()

    async def send_sheet(self, request: Request) -> Response:
        """The picture of a page of the book that an item is of."""
        item = await self._work(self.index.get, int(request.path_params["number"]))
        page = int(request.path_params["page"])
        large = request.path_params["size"] == "large"
        drawn = await self._work(self.source.draw_page, item.document_sha256, page, large)
        return Response(drawn, media_type="image/jpeg", headers=_KEPT) if drawn else _absent()

    async def decide(self, request: Request) -> Response:
        """A decision; answered once it is safe on disk."""
        given = await _read(request)
        name = self._name(request)
        done = await self._work(self.desk.decide, name, given)
        return JSONResponse({"numbers": done.numbers})

    async def undo(self, request: Request) -> Response:
        """The last act of this reviewer undone."""
        return await self._turn(request, self.desk.undo)

    async def redo(self, request: Request) -> Response:
        """The last undone act of this reviewer done again."""
        return await self._turn(request, self.desk.redo)

    async def _turn(self, request: Request, turn: Callable[[str, bool], Any]) -> Response:
        blind = (await _read(request)).get("blind") is True
        done = await self._work(turn, self._name(request), blind)
        return JSONResponse({"numbers": done.numbers, "what": done.what, "near": done.near})

    async def pulse(self, request: Request) -> Response:
        """What this page looks at, what others do: leases, and items decided on since the last time. A second
        look is not told what others do, and is kept apart from none."""
        given = await _read(request)
        session = self._session(request)
        client = str(given.get("client", ""))[:64]
        wanted = given.get("want")
        numbers = [n for n in wanted if isinstance(n, int)] if isinstance(wanted, list) else []
        since = given.get("since")
        sight = self._sight(request, given.get("blind") is True)
        is_blind = isinstance(sight, BlindSight)
        await self._work(self.desk.follow)
        refused = self.leases.take(client, session.reviewer if session else "", [] if is_blind else numbers)
        changed, upto = sight.list_changed(since if isinstance(since, int) and since >= 0 else 0)
        answer: dict[str, Any] = {
            "refused": refused,
            "others": {} if is_blind else self.leases.list_others(client),
            "entries": await self._work(sight.list_entries, changed[:_MOST_ENTRIES]),
            "upto": upto,
        }
        if given.get("progress") and not is_blind:
            answer["progress"] = await self._work(self._progress)
            answer["progress"] |= await self._work(describe_quality, self.index, self.desk)
        return JSONResponse(answer)

    def _progress(self) -> dict[str, Any]:
        return describe_progress(self.index, self.desk, datetime.now(UTC))

    def _sight(self, request: Request, blind: bool = False) -> Sight:
        """What the request may be told of: a second look asks with `second=1`, or `blind` in its body."""
        if not (blind or request.query_params.get("second")):
            return Sight(self.source, self.index, self.desk)
        return BlindSight(self.source, self.index, self.desk, self._name(request))

    def _session(self, request: Request) -> Session | None:
        session: Session | None = request.scope.get("session")
        return session

    def _name(self, request: Request) -> str:
        session = self._session(request)
        return check_name(session.reviewer if session else "")


def make_app(server: ReviewServer) -> Gate:
    """The ASGI application."""
    routes = [
        Route("/", server.show_page),
        Route("/login", server.log_in, methods=["POST"]),
        Route("/api/start", server.start),
        Route("/api/name", server.set_name, methods=["POST"]),
        Route("/api/queue", server.list_queue),
        Route("/api/entries", server.list_entries),
        Route("/api/item/{number:int}", server.show_item),
        Route("/api/sheet/{number:int}/{page:int}", server.show_sheet),
        Route("/api/decide", server.decide, methods=["POST"]),
        Route("/api/undo", server.undo, methods=["POST"]),
        Route("/api/redo", server.redo, methods=["POST"]),
        Route("/api/pulse", server.pulse, methods=["POST"]),
        Route("/picture/{number:int}/{size}", server.send_crop),
        Route("/sheet/{number:int}/{page:int}/{size}", server.send_sheet),
        Mount("/static", StaticFiles(directory=_HERE / "static")),
    ]
    handlers: dict[Any, Any] = {
        PayloadError: lambda _, error: _fail(400, "payload", str(error)),
        Changed: lambda *_: _fail(409, "changed", "another release; load the page again"),
        KeyError: lambda *_: _fail(404, "item", "no such item"),
        BodyTooLarge: lambda *_: _fail(413, "size", "too large"),
        OSError: lambda _, error: _fail(507, "log", f"could not be written ({error.strerror})"),
    }
    app = Starlette(routes=routes, exception_handlers=handlers)
    return Gate(app, server.access, server.sessions, ("/", "/login"))


async def _read(request: Request) -> dict[str, Any]:
    try:
        given = json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        raise PayloadError("no JSON") from error
    if not isinstance(given, dict):
        raise PayloadError("an object is wanted")
    return given


def _number(text: str | None, otherwise: float) -> float:
    try:
        return min(1.0, max(0.0, float(text or otherwise)))
    except ValueError:
        return otherwise


def _fail(status: int, error: str, words: str) -> Response:
    return JSONResponse({"error": error, "words": words}, status)


def _absent() -> Response:
    return Response(status_code=204)
