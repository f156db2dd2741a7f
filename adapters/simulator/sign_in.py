"""A small HTTP server that plays WeChat's sign-in: the three calls a mini-program's server makes.

Codes are used once. `POST /simulator/codes {"phone": "…"}` is the tap on the phone: it gives out a code of each
kind for a person, who is known from then on by the same openid, unionid and phone number. A `unionid` may be given.
"""

import hashlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import orjson
from aiohttp import web

from core.ids import new_id

BAD_SECRET: Final = 40125
BAD_CODE: Final = 40029
USED_CODE: Final = 40163
STALE_TOKEN: Final = 40001


def _without_request(record: logging.LogRecord) -> bool:
    """What aiohttp says of a request it cannot read quotes the URL, which holds the app's secret."""
    if record.exc_info and record.exc_info[0]:
        record.msg = f"{record.msg}: {record.exc_info[0].__name__}"
    record.exc_info = record.exc_text = None
    return True


_log = logging.getLogger("agio.simulator.sign_in")
_log.addFilter(_without_request)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a phone in hand."""

    openid: str
    unionid: str
    phone: str
    """Without the country code, which is 86."""

    @classmethod
    def with_phone(cls, phone: str, unionid: str | None = None) -> "Person":
        """The person whose number it is: always the same one, known to WeChat by `unionid` where that matters."""
        name = hashlib.sha256(phone.encode()).hexdigest()
        return cls(f"o{name[:27]}", unionid or f"u{name[27:54]}", phone)


@dataclass(frozen=True, slots=True)
class Codes:
    """What a mini-program sends to its server."""

    code: str
    phone_code: str


@dataclass(slots=True)
class SignInSimulator:
    """WeChat for one mini-program."""

    app_id: str
    secret: str
    calls: list[str] = field(default_factory=list)
    """The paths that were called, in order."""
    trouble: Any = None
    """When set, the answer to every call, whatever was asked: `{"errcode": -1, "errmsg": "system error"}`."""
    _unused: dict[str, Person] = field(default_factory=dict)
    _used: set[str] = field(default_factory=set)
    _tokens: set[str] = field(default_factory=set)

    def tap(self, phone: str, unionid: str | None = None) -> Codes:
        """The person with this phone number signs in and agrees to show the number."""
        codes = Codes(f"login-{new_id()}", f"phone-{new_id()}")
        self._unused |= dict.fromkeys((codes.code, codes.phone_code), Person.with_phone(phone, unionid))
        return codes

    def forget_tokens(self) -> None:
        """Every access token given out so far is stale."""
        self._tokens.clear()

    @asynccontextmanager
    async def serving(self, port: int = 0) -> AsyncIterator[str]:
        """Serve on the loopback address; the URL. Port 0 picks a free one."""
        runner = web.AppRunner(self._application(), access_log=None, logger=_log)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()

    def _application(self) -> web.Application:
        application = web.Application(middlewares=[self._noted])
        application.router.add_get("/sns/jscode2session", self._session)
        application.router.add_post("/cgi-bin/stable_token", self._access_token)
        application.router.add_post("/wxa/business/getuserphonenumber", self._phone_number)
        application.router.add_post("/simulator/codes", self._codes)
        return application

    @web.middleware
    async def _noted(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.calls.append(request.path)
        if self.trouble is not None:
            return _json(self.trouble)
        answer: web.StreamResponse = await handler(request)
        return answer

    async def _session(self, request: web.Request) -> web.Response:
        query = request.query
        if (query.get("appid"), query.get("secret")) != (self.app_id, self.secret):
            return _error(BAD_SECRET, "invalid appsecret")
        person = self._take(query.get("js_code", ""))
        if isinstance(person, int):
            return _error(person, "invalid code")
        return _json({"openid": person.openid, "unionid": person.unionid, "session_key": "c2Vzc2lvbg=="})

    async def _access_token(self, request: web.Request) -> web.Response:
        wanted = await request.json()
        if (wanted.get("appid"), wanted.get("secret")) != (self.app_id, self.secret):
            return _error(BAD_SECRET, "invalid appsecret")
        token = f"token-{new_id()}"
        self._tokens.add(token)
        return _json({"access_token": token, "expires_in": 7200})

    async def _phone_number(self, request: web.Request) -> web.Response:
        if request.query.get("access_token") not in self._tokens:
            return _error(STALE_TOKEN, "invalid credential")
        person = self._take(str((await request.json()).get("code", "")))
        if isinstance(person, int):
            return _error(person, "invalid code")
        known = {"phoneNumber": person.phone, "purePhoneNumber": person.phone, "countryCode": "86"}
        return _json({"errcode": 0, "errmsg": "ok", "phone_info": known})

    async def _codes(self, request: web.Request) -> web.Response:
        person = await request.json()
        codes = self.tap(str(person.get("phone", "")), person.get("unionid"))
        return _json({"code": codes.code, "phoneCode": codes.phone_code})

    def _take(self, code: str) -> Person | int:
        if code in self._used:
            return USED_CODE
        person = self._unused.pop(code, None)
        if person is None:
            return BAD_CODE
        self._used.add(code)
        return person


def _error(code: int, text: str) -> web.Response:
    return _json({"errcode": code, "errmsg": text})


def _json(answer: Any) -> web.Response:
    return web.Response(body=orjson.dumps(answer), content_type="application/json")
