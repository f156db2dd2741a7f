"""Signing in with a WeChat mini-program.

The front end's `wx.login()` code is exchanged for openid and unionid (`jscode2session`); the code of a
`getPhoneNumber` button for the phone number that WeChat has verified. The session key is not kept: we decrypt nothing.
"""

import asyncio
from dataclasses import dataclass
from typing import Any, Final

import aiohttp
import orjson

from adapters.errors import CodeRefused, PersonBlocked, ProviderMisused
from core.clock import Clock
from core.errors import Refusal
from members import SignInIdentity

PROVIDER: Final = "wechat"
TIMEOUT_SECONDS: Final = 5.0
ANSWER_BYTES_MAX: Final = 65_536

_OK = 0
_SYSTEM_BUSY = -1
_TOO_OFTEN = frozenset({45009, 45011})
_BAD_CODE = frozenset({40029, 40163})
_BLOCKED = 40226
_STALE_TOKEN = frozenset({40001, 40014, 42001})
_EARLY_SECONDS = 300


@dataclass(frozen=True, slots=True)
class WeChatApp:
    """One mini-program, as registered with WeChat."""

    app_id: str
    secret: str
    url: str
    """Where the provider's API is."""


class WeChatSignIn:
    """Implements `members.SignInProvider` over HTTP. Use it as an asynchronous context manager."""

    def __init__(self, app: WeChatApp, clock: Clock) -> None:
        self._app = app
        self._clock = clock
        self._http = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS))
        self._token = ""
        self._token_until = 0.0
        self._token_lock = asyncio.Lock()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def exchange_code(self, code: str, phone_code: str | None = None) -> SignInIdentity | Refusal:
        """Who holds the codes; see the port."""
        session = await self._call("GET", "/sns/jscode2session", self._session_query(code))
        refusal = _judge(session)
        if refusal:
            return refusal
        phone = await self._phone(phone_code) if phone_code else None
        if isinstance(phone, Refusal):
            return phone
        return SignInIdentity(
            PROVIDER, self._app.app_id, _text(session, "openid"), session.get("unionid") or None, phone
        )

    def _session_query(self, code: str) -> dict[str, str]:
        return {
            "appid": self._app.app_id,
            "secret": self._app.secret,
            "js_code": code,
            "grant_type": "authorization_code",
        }

    async def _phone(self, code: str) -> str | Refusal:
        answer = await self._ask_phone(code)
        if answer.get("errcode") in _STALE_TOKEN:
            self._token_until = 0.0
            answer = await self._ask_phone(code)
        refusal = _judge(answer)
        if refusal:
            return refusal
        known = answer.get("phone_info")
        if not isinstance(known, dict):
            raise ConnectionError("WeChat named no phone number")
        return f"+{_text(known, 'countryCode')}{_text(known, 'purePhoneNumber')}"

    async def _ask_phone(self, code: str) -> dict[str, Any]:
        query = {"access_token": await self._access_token()}
        return await self._call("POST", "/wxa/business/getuserphonenumber", query, {"code": code})

    async def _access_token(self) -> str:
        async with self._token_lock:
            if self._clock.now().timestamp() >= self._token_until:
                await self._renew_access_token()
            return self._token

    async def _renew_access_token(self) -> None:
        wanted = {"grant_type": "client_credential", "appid": self._app.app_id, "secret": self._app.secret}
        answer = await self._call("POST", "/cgi-bin/stable_token", {}, wanted)
        _judge(answer)
        self._token = _text(answer, "access_token")
        lifetime_seconds = int(answer.get("expires_in") or 0)
        self._token_until = self._clock.now().timestamp() + max(lifetime_seconds - _EARLY_SECONDS, 0)

    async def _call(
        self, method: str, path: str, query: dict[str, str], body: dict[str, str] | None = None
    ) -> dict[str, Any]:
        try:
            async with self._http.request(method, self._app.url + path, params=query, json=body) as response:
                answer = orjson.loads(await response.content.read(ANSWER_BYTES_MAX))
        except (aiohttp.ClientError, TimeoutError, orjson.JSONDecodeError) as error:
            # The query holds our secret, so the error's own text must not reach a log.
            message = f"WeChat does not answer {path}: {type(error).__name__}"
            raise ConnectionError(message) from None
        if not isinstance(answer, dict):
            message = f"WeChat does not answer {path} with an object"
            raise ConnectionError(message)
        return answer


def _judge(answer: dict[str, Any]) -> Refusal | None:
    """What is wrong with the person or the code. Raises when it is us or WeChat."""
    code = answer.get("errcode", _OK)
    if code == _OK:
        return None
    if code in _BAD_CODE:
        return CodeRefused()
    if code == _BLOCKED:
        return PersonBlocked()
    if code == _SYSTEM_BUSY or code in _TOO_OFTEN:
        message = f"WeChat is busy ({code})"
        raise ConnectionError(message)
    raise ProviderMisused(PROVIDER, code, str(answer.get("errmsg", ""))[:200])


def _text(answer: dict[str, Any], field: str) -> str:
    found = answer.get(field)
    if not isinstance(found, str) or not found:
        message = f"WeChat's answer has no {field}"
        raise ConnectionError(message)
    return found
