"""Sending webhooks over HTTP: to public addresses only, whatever a name resolves to, and without following anybody."""

import time
from collections.abc import Mapping
from datetime import timedelta
from socket import AF_UNSPEC, AddressFamily
from typing import Final
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from webhooks import Answer
from webhooks.addresses import address_allowed, host_allowed

TIMEOUT_SECONDS: Final = 15.0
ANSWER_BYTES: Final = 1_024
"""How much of an answer is kept."""
RETRY_AFTER_DIGITS_MAX: Final = 6

_IDENTITY: Final = {"accept-encoding": "identity", "user-agent": "Agio-Webhooks/1"}


class PrivateAddress(OSError):
    """The name leads into a private network."""


class HttpSender:
    """Implements `webhooks.Sender`; `loopback` allows this machine, for demonstrations and tests."""

    def __init__(self, *, loopback: bool = False, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._loopback = loopback
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(resolver=_PublicResolver(loopback=loopback), ttl_dns_cache=60),
            timeout=aiohttp.ClientTimeout(total=timeout_seconds),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=_IDENTITY,
            auto_decompress=False,
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def send(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """POST `body`; see the port."""
        started = time.perf_counter()
        status, failure, text, retry_after = None, None, b"", ""
        try:
            # An address that stands in the URL itself never sees the resolver.
            if not host_allowed(urlsplit(url).hostname or "", loopback=self._loopback):
                raise PrivateAddress
            async with self._http.post(url, data=body, headers=headers, allow_redirects=False) as response:
                status, retry_after = response.status, response.headers.get("retry-after", "")
                text = await response.content.read(ANSWER_BYTES)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            failure = _named(error) if status is None else None
        spent = timedelta(seconds=time.perf_counter() - started)
        return Answer(status, failure, _readable(text), spent, _seconds(retry_after))


class _PublicResolver(AbstractResolver):
    """Resolves names to those of their addresses that may be called."""

    def __init__(self, *, loopback: bool) -> None:
        self._loopback = loopback
        self._system: ThreadedResolver | None = None

    async def resolve(self, host: str, port: int = 0, family: AddressFamily = AF_UNSPEC) -> list[ResolveResult]:
        if self._system is None:
            self._system = ThreadedResolver()
        found = await self._system.resolve(host, port, family)
        allowed = [result for result in found if address_allowed(result["host"], loopback=self._loopback)]
        if not allowed:
            raise PrivateAddress
        return allowed

    async def close(self) -> None:
        if self._system is not None:
            await self._system.close()


_PRIVATE: Final = "the address leads into a private network"

_NAMES: Final[tuple[tuple[type[Exception], str], ...]] = (
    (PrivateAddress, _PRIVATE),
    (TimeoutError, "no answer in time"),
    (aiohttp.ClientConnectorDNSError, "the name is not known"),
    (aiohttp.ClientConnectorCertificateError, "the certificate was not accepted"),
    (aiohttp.ClientConnectorSSLError, "the certificate was not accepted"),
    (aiohttp.ClientConnectorError, "no connection"),
    (aiohttp.ServerDisconnectedError, "the connection broke"),
    (aiohttp.ClientOSError, "the connection broke"),
)
"""The nearest kind first: some are kinds of others."""


def _named(error: Exception) -> str:
    """What went wrong, in words that tell the brand's engineer where to look and nothing about us."""
    cause = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    found = PrivateAddress() if isinstance(cause, PrivateAddress) else error
    return next((name for kind, name in _NAMES if isinstance(found, kind)), "the answer was not HTTP")


def _readable(text: bytes) -> str:
    decoded = text.decode(errors="replace")
    return "".join(character if character.isprintable() or character in "\n\t" else "\ufffd" for character in decoded)


def _seconds(header: str) -> timedelta:
    usable = header.isascii() and header.isdigit() and len(header) <= RETRY_AFTER_DIGITS_MAX
    return timedelta(seconds=int(header)) if usable else timedelta()
