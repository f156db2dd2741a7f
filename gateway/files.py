"""Files in and out, beside the graph: statements, the journal, and what brands state. A bearer token opens them.

GET  /files/statements/1/hotel.csv      a participant's statement; the window by its number
GET  /files/journal.beancount           the journal, for finance: firstDay, lastDay, timeZone, byDay
POST /files/uploads?name=january.csv    the body is the file; the answer names it for `reconcileFile`

The answer's `Repr-Digest` and `ETag` are the file's SHA-256.
"""

from base64 import b64encode
from collections.abc import Awaitable, Callable
from datetime import date
from math import ceil
from pathlib import Path
from shutil import rmtree
from typing import BinaryIO, Final, TypeAlias, cast
from zoneinfo import ZoneInfo

from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route

import brands
from core.database import Database
from core.ids import instant_of, new_id
from core.uploads import KEPT_FOR, TooLong, forget_uploads, keep_upload
from gateway.answers import error_body, json_response
from gateway.rate_limits import Client, RateLimits
from gateway.requests import request_id_of
from schema.errors import BadInput, Forbidden, NotFound, Unauthenticated
from schema.reconciliation import upload_owner
from schema.scopes import Scope
from schema.viewer import ANONYMOUS, Viewer, ViewerKind
from settlement import Window, window_numbered
from settlement.files import appearing
from settlement.forms import Format
from settlement.general_ledger import JOURNAL_FORMS, Extent, export_journal
from settlement.handing_out import HandedOut, hand_out

UPLOAD_BYTES_MAX: Final = 256 * 1024**2
"""Bytes of one file: more than a million lines."""

_READ: Final = (frozenset({str(brands.Scope.STATEMENTS_READ)}), frozenset({str(Scope.SETTLEMENT_READ)}))
_BOOKS: Final = (frozenset({str(Scope.SETTLEMENT_READ)}),)
_UPLOAD: Final = (frozenset({str(brands.Scope.BREAKS_WRITE)}), frozenset({str(Scope.SETTLEMENT_PREPARE)}))

_MEDIA: Final = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
    "beancount": "text/plain; charset=utf-8",
}

_Answer: TypeAlias = Callable[[Request, Viewer], Awaitable[Response]]


class Files:
    """Serves and takes in files; `folder` is where statements are written."""

    def __init__(self, database: Database, verify: Callable[[str], Viewer], folder: Path, limits: RateLimits) -> None:
        self._database, self._verify, self._folder, self._limits = database, verify, folder, limits

    def routes(self) -> list[BaseRoute]:
        """Everything that is served."""
        return [
            Route("/files/statements/{number:int}/{name}", self._guarded(self._statement)),
            Route("/files/journal.{form}", self._guarded(self._journal)),
            Route("/files/uploads", self._guarded(self._upload), methods=["POST"]),
        ]

    def _guarded(self, answer: _Answer) -> Callable[[Request], Awaitable[Response]]:
        async def answered(request: Request) -> Response:
            try:
                return await answer(request, self._viewer(request))
            except (Unauthenticated, Forbidden, NotFound, BadInput) as error:
                return _refused(request, error)

        return answered

    def _viewer(self, request: Request) -> Viewer:
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        viewer = self._verify(token.strip()) if kind.lower() == "bearer" else ANONYMOUS
        address = request.client.host if request.client else ""
        wait = self._limits.wait_seconds(Client.of(viewer, address))
        if wait:
            raise HTTPException(429, "Too many requests.", {"Retry-After": str(ceil(wait))})
        return viewer

    async def _statement(self, request: Request, viewer: Viewer) -> Response:
        viewer.require(_READ)
        code, _, ending = request.path_params["name"].rpartition(".")
        window = await window_numbered(self._database, min(request.path_params["number"], 2**31 - 1))
        participant = await self._participant(viewer, code)
        if ending not in set(Format) or participant is None or not isinstance(window, Window):
            raise NotFound("There is no such statement.")
        found = await hand_out(self._database, window.id, participant.id, Format(ending), self._folder)
        if not isinstance(found, HandedOut):
            raise NotFound(found.message)
        return _file(found.path, f"window-{window.number:06}-{found.path.name}", found.sha256)

    async def _participant(self, viewer: Viewer, code: str) -> brands.Brand | None:
        """The participant with this code, as far as the token may know of it."""
        async with self._database.connection() as connection:
            network = await brands.directory(connection)
        if viewer.kind is ViewerKind.BRAND:
            own = network.participant_of(viewer.brand_id)
            return own if own.code == code else None
        found = network.brand(code)
        return found if found and found.is_participant else None

    async def _journal(self, request: Request, viewer: Viewer) -> Response:
        viewer.require(_BOOKS)
        form, extent = request.path_params["form"], _extent(request)
        if form not in JOURNAL_FORMS:
            raise NotFound("The journal is written as csv or beancount.")
        if (ahead := extent.ahead(self._database.clock)) is not None:
            raise BadInput(ahead.message)
        folder = self._folder.with_name("downloads")
        forget_uploads(folder, self._database.clock.now())
        path = folder / str(new_id()) / f"journal.{form}"
        with appearing(path) as file:
            await export_journal(self._database, cast("BinaryIO", file), form, extent)
        return _file(path, path.name, file.sha256, BackgroundTask(rmtree, path.parent, ignore_errors=True))

    async def _upload(self, request: Request, viewer: Viewer) -> Response:
        viewer.require(_UPLOAD)
        announced = request.headers.get("content-length", "0")
        if announced.isascii() and announced.isdigit() and int(announced) > UPLOAD_BYTES_MAX:
            raise _too_large()
        folder, name = self._folder.with_name("uploads"), request.query_params.get("name", "statement")
        forget_uploads(folder, self._database.clock.now())
        try:
            kept = await keep_upload(folder, upload_owner(viewer), name, request.stream(), UPLOAD_BYTES_MAX)
        except TooLong as error:
            raise _too_large() from error
        told = {"uploadId": str(kept.id), "fileName": kept.path.name, "sha256": kept.sha256}
        expires_at = instant_of(kept.id) + KEPT_FOR
        return json_response(told | {"sizeBytes": kept.size_bytes, "expiresAt": expires_at}, status=201)


def _extent(request: Request) -> Extent:
    asked = request.query_params
    try:
        first, last = (date.fromisoformat(asked[name]) if name in asked else None for name in ("firstDay", "lastDay"))
        zone = ZoneInfo(asked.get("timeZone", "Asia/Shanghai")).key
    except (ValueError, OSError, KeyError) as error:
        raise BadInput("Write days as 2026-01-31 and time zones as Asia/Shanghai.") from error
    by_day = asked.get("byDay", "false")
    if by_day not in {"true", "false"}:
        raise BadInput("`byDay` is true or false.")
    try:
        return Extent(first, last, zone, by_day == "true")
    except ValueError as error:
        raise BadInput("`lastDay` comes before `firstDay`.") from error


def _file(path: Path, name: str, sha256: str, background: BackgroundTask | None = None) -> Response:
    headers = {
        "ETag": f'"{sha256}"',
        "Repr-Digest": f"sha-256=:{b64encode(bytes.fromhex(sha256)).decode()}:",
        "Cache-Control": "private, no-cache",
        "X-Content-Type-Options": "nosniff",
    }
    media_type = _MEDIA[path.suffix[1:]]
    return FileResponse(path, headers=headers, media_type=media_type, filename=name, background=background)


def _refused(request: Request, error: Unauthenticated | Forbidden | NotFound | BadInput) -> Response:
    code = error.code
    response = json_response(error_body(code, error.message, request_id_of(request.scope)), status=_STATUS[code])
    if code == "UNAUTHENTICATED":
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


_STATUS: Final = {"UNAUTHENTICATED": 401, "FORBIDDEN": 403, "NOT_FOUND": 404, "BAD_USER_INPUT": 400}


def _too_large() -> HTTPException:
    return HTTPException(413, f"The file is longer than {UPLOAD_BYTES_MAX} bytes.")
