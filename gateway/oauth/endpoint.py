"""POST /oauth/token over HTTP: form in, JSON out (RFC 6749)."""

import binascii
from base64 import b64decode
from typing import Final
from urllib.parse import parse_qsl, unquote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from core.database import Connection, Database
from core.ids import new_id
from gateway.answers import json_response
from gateway.bodies import read_body
from gateway.graphql import Refused, address_of, let_in
from gateway.oauth.clients import KnownClient, known_client
from gateway.oauth.server import Answer, HeldRenewal, TokenRequest, TokenServer
from gateway.oauth.sessions import WALLET_CLIENT_ID, MemberSessions, Renewal
from gateway.rate_limits import RateLimits
from gateway.requests import request_id_of
from schema.scopes import MEMBER_SCOPES
from schema.viewer import ANONYMOUS

FORM = "application/x-www-form-urlencoded"
FORM_BYTES_MAX = 8_192
_FIELDS_MAX = 20
_PLAIN = frozenset(map(chr, range(0x20, 0x7F))) - {'"', "\\"}


class TokenEndpoint:
    """Reads what a request needs, lets Authlib judge, writes what follows from it."""

    def __init__(self, database: Database, server: TokenServer, sessions: MemberSessions, limits: RateLimits) -> None:
        self._database = database
        self._server = server
        self._sessions = sessions
        self._limits = limits

    async def answer(self, request: Request) -> Response:
        """Answer one token request. Raises HTTPException 429 and 413."""
        _let_in(self._limits, request)
        form = _form(request.headers.get("content-type", ""), await read_body(request, FORM_BYTES_MAX))
        if form is None:
            return _respond(request, (400, {"error": "invalid_request", "error_description": _FORM_HELP}, []))
        client = await self._client(form, request.headers.get("authorization", ""))
        if form.get("grant_type") == "refresh_token" and "refresh_token" in form:
            return _respond(request, await self._renew(form, request, client))
        return _respond(request, self._server.answer(TokenRequest(form, request.headers, client, None)))

    async def _client(self, form: dict[str, str], authorization: str) -> KnownClient | None:
        client_id, secret = _basic(authorization)
        client_id = client_id or form.get("client_id", "")
        return await known_client(self._database, client_id, secret or form.get("client_secret", ""))

    async def _renew(self, form: dict[str, str], request: Request, client: KnownClient | None) -> Answer:
        async with self._database.transaction() as connection:
            renewal = await self._held(connection, form) if client and not client.brand_id else None
            answer = self._server.answer(TokenRequest(form, request.headers, client, renewal))
            if renewal and answer[0] == 200:  # noqa: PLR2004 - OK
                await self._sessions.save(connection, renewal.renewal)
        return answer

    async def _held(self, connection: Connection, form: dict[str, str]) -> HeldRenewal | None:
        key = form.get("idempotency_key") or str(new_id())
        found = await self._sessions.find(connection, form["refresh_token"], key)
        return HeldRenewal(found, WALLET_CLIENT_ID, " ".join(MEMBER_SCOPES)) if isinstance(found, Renewal) else None


def _let_in(limits: RateLimits, request: Request) -> None:
    # By address, whatever it says about itself: what is guessed here is who somebody is.
    try:
        let_in(limits, ANONYMOUS, address_of(request))
    except Refused as refused:
        raise HTTPException(refused.status, str(refused), refused.headers) from refused


_FORM_HELP = f"Send one {FORM} body with plain, unrepeated fields."


def _form(content_type: str, body: bytes) -> dict[str, str] | None:
    """The form's fields; None when it is not a form or a field stands twice."""
    if content_type.partition(";")[0].strip().lower() != FORM:
        return None
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True, max_num_fields=_FIELDS_MAX)
    except ValueError:
        return None
    form = dict(pairs)
    # Authlib repeats fields in its error texts, where RFC 6749 allows these characters only.
    plain = all(_PLAIN.issuperset(value) for value in form.values())
    return form if plain and len(form) == len(pairs) else None


def _basic(authorization: str) -> tuple[str, str]:
    kind, _, credentials = authorization.partition(" ")
    if kind.lower() != "basic":
        return "", ""
    try:
        client_id, _, secret = b64decode(credentials.strip()).decode().partition(":")
    except (binascii.Error, ValueError):
        return "", ""
    return unquote(client_id), unquote(secret)


_STRANGER: Final = "The client is not known, its secret is wrong or missing, or it may not ask in this way."


def _respond(request: Request, answer: Answer) -> Response:
    status, body, headers = answer
    if body.get("error") == "invalid_client":
        body["error_description"] = _STRANGER
    if "error" in body:
        body["requestId"] = request_id_of(request.scope)
    response = json_response(body, status=status)
    response.headers.update({"Cache-Control": "no-store", "Pragma": "no-cache"})
    response.headers.update({name: value for name, value in headers if name.lower() == "www-authenticate"})
    return response
