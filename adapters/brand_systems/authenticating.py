"""Proves to a brand's system who we are: adds to a message what its configuration wants."""

import asyncio
import hashlib
import hmac
from base64 import b64encode
from dataclasses import replace
from typing import Final
from urllib.parse import urlencode, urlsplit

import aiohttp

from adapters.brand_systems.door import Attempt, Message, send
from adapters.brand_systems.figures import Unreadable
from adapters.brand_systems.reading import parsed_json
from adapters.brand_systems.secrets import MissingSecret, Secrets, variable
from brands import Program
from brands.adapter.security import Authentication, AuthenticationKind, Digits, Hash, WebhookSignature
from brands.adapter.templates import filled
from brands.secret_store import SecretUnreadable
from core.clock import Clock
from core.ids import new_id
from exchange.brand_system import Failed, Failure

_TOKEN_BYTES_MAX: Final = 65_536
_EARLY_SECONDS: Final = 30.0
_LIFETIME_SECONDS: Final = 300.0
"""Of a token whose answer does not say."""


class Authenticator:
    """One program's credentials."""

    def __init__(
        self, program: Program, settings: Authentication, secrets: Secrets, http: aiohttp.ClientSession, clock: Clock
    ) -> None:
        self._program = program
        self._settings = settings
        self._secrets = secrets
        self._http = http
        self._clock = clock
        self._token = ""
        self._token_until = 0.0
        self._lock = asyncio.Lock()
        self.blotted: set[str] = set()
        """What must not appear in any evidence."""

    async def signed(self, message: Message) -> Message | Failed:
        """The message with proof of who sends it. Raises MissingSecret."""
        settings = self._settings
        match settings.kind:
            case AuthenticationKind.NONE:
                return message
            case AuthenticationKind.HEADER:
                return _with(message, settings.header or "", (settings.prefix or "") + await self._secret())
            case AuthenticationKind.BASIC:
                pair = b64encode(f"{settings.user}:{await self._secret()}".encode()).decode()
                self.blotted.add(pair)
                return _with(message, "Authorization", f"Basic {pair}")
            case AuthenticationKind.OAUTH2:
                token = await self._bearer()
                return token if isinstance(token, Failed) else _with(message, "Authorization", f"Bearer {token}")
            case AuthenticationKind.SIGNATURE:
                return self._with_signature(message, await self._secret())

    def forget(self) -> bool:
        """The brand refused our credentials: forget a token. Whether there was one, so that another try makes sense."""
        known, self._token = bool(self._token), ""
        return known

    async def secret(self, name: str) -> str:
        """The value of a secret. Raises MissingSecret."""
        try:
            value = await self._secrets.value(self._program, name)
        except SecretUnreadable as error:
            raise MissingSecret(str(error)) from error
        if not value:
            message = f"the secret {name} is not set: {variable(self._program.code, name)}, or agio brand secret"
            raise MissingSecret(message)
        self.blotted.add(value)
        return value

    async def _secret(self) -> str:
        return await self.secret(self._settings.secret or "")

    async def _bearer(self) -> str | Failed:
        async with self._lock:
            if not self._token or self._clock.now().timestamp() >= self._token_until:
                failed = await self._renew()
                if failed:
                    return failed
            return self._token

    async def _renew(self) -> Failed | None:
        """Nothing of the call itself is sent before there is a token: whatever goes wrong here, it was not sent."""
        settings = self._settings
        wanted = {"grant_type": "client_credentials"} | ({"scope": settings.scope} if settings.scope else {})
        pair = b64encode(f"{settings.client_id}:{await self._secret()}".encode()).decode()
        self.blotted.add(pair)
        headers = {"Authorization": f"Basic {pair}", "Content-Type": "application/x-www-form-urlencoded"}
        message = Message("POST", settings.token_url or "", headers, urlencode(wanted).encode())
        received = await send(self._http, message, Attempt(), _TOKEN_BYTES_MAX)
        if isinstance(received, Failed):
            return Failed(Failure.NOT_SENT, f"no token: {received.message}")
        if received.status in {400, 401, 403}:
            return Failed(Failure.AUTH, f"no token: HTTP {received.status}")
        return self._keep(received.body) if received.status == 200 else _no_token(f"HTTP {received.status}")  # noqa: PLR2004 - HTTP

    def _keep(self, body: bytes) -> Failed | None:
        try:
            answer = parsed_json(body)
        except Unreadable as error:
            return _no_token(str(error))
        token = answer.get("access_token") if isinstance(answer, dict) else None
        if not isinstance(token, str) or not token or not token.isprintable():
            return _no_token("the answer holds none")
        lifetime = answer.get("expires_in")
        seconds = float(lifetime) if isinstance(lifetime, int) and lifetime > 0 else _LIFETIME_SECONDS
        self._token_until = self._clock.now().timestamp() + max(seconds - _EARLY_SECONDS, seconds / 2)
        self._token = token
        self.blotted.add(token)
        return None

    def _with_signature(self, message: Message, key: str) -> Message:
        settings = self._settings
        parts = urlsplit(message.url)
        known = {
            "method": message.method,
            "path": parts.path + (f"?{parts.query}" if parts.query else ""),
            "timestamp": str(int(self._clock.now().timestamp())),
            "nonce": new_id().hex,
            "body": message.body.decode(),
        }
        text = str(filled(settings.text or "", known))
        signature = (settings.prefix or "") + digest(key, text.encode(), settings)
        headers = {settings.header or "": signature}
        if settings.timestamp_header:
            headers[settings.timestamp_header] = known["timestamp"]
        if settings.nonce_header:
            headers[settings.nonce_header] = known["nonce"]
        self.blotted.add(signature)
        return replace(message, headers={**message.headers, **headers})


def digest(key: str, signed: bytes, settings: Authentication | WebhookSignature) -> str:
    """The HMAC as the settings want it written."""
    found = hmac.digest(key.encode(), signed, hashlib.sha512 if settings.hash is Hash.SHA512 else hashlib.sha256)
    return found.hex() if settings.digits is Digits.HEX else b64encode(found).decode()


def _with(message: Message, header: str, value: str) -> Message:
    return replace(message, headers={**message.headers, header: value})


def _no_token(reason: str) -> Failed:
    return Failed(Failure.NOT_SENT, f"no token: {reason}")
