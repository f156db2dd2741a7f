"""One HTTP exchange with a stranger: what came back, or whether anything can have arrived there at all."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Final

import aiohttp
from yarl import URL

from exchange.brand_system import Failed, Failure

_CHUNK_BYTES: Final = 65_536
_HEADER_BYTES_MAX: Final = 16_384


@dataclass(frozen=True, slots=True)
class Message:
    """A request as it is sent."""

    method: str
    url: str
    """Complete and percent-encoded."""
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Received:
    """A whole answer."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


@dataclass(slots=True)
class Attempt:
    """What is known of a message while it is under way."""

    sent: bool = field(default=False)
    """Whether the first byte of the request may have left: from then on nobody knows what arrived."""

    def failed(self, reason: str) -> Failed:
        """What an interruption at this moment means."""
        return Failed(Failure.UNKNOWN if self.sent else Failure.NOT_SENT, reason)


def open_session() -> aiohttp.ClientSession:
    """One for all brands: no cookies, no proxies of the environment, no limit among brands (each has its own)."""
    trace = aiohttp.TraceConfig()
    trace.on_request_headers_sent.append(_note_sent)
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None),
        trace_configs=[trace],
        max_line_size=_HEADER_BYTES_MAX,
        max_field_size=_HEADER_BYTES_MAX,
    )


async def send(
    http: aiohttp.ClientSession, message: Message, attempt: Attempt, answer_bytes_max: int
) -> Received | Failed:
    """Send it once. Redirects are not followed. The caller sets the deadline and reads `attempt` when it passes."""
    try:
        async with http.request(
            message.method,
            URL(message.url, encoded=True),
            headers=message.headers,
            data=message.body or None,
            allow_redirects=False,
            trace_request_ctx=attempt,
        ) as response:
            body = await _read(response, answer_bytes_max)
            if body is None:
                return Failed(Failure.UNKNOWN, f"the answer is larger than {answer_bytes_max} bytes")
            headers = {name.lower(): value for name, value in response.headers.items()}
            return Received(response.status, headers, body)
    except (aiohttp.ClientError, OSError) as error:
        return attempt.failed(_reason(error))


async def _read(response: aiohttp.ClientResponse, bytes_max: int) -> bytes | None:
    """The body; None: it is too large. It is counted unpacked, so that a small answer cannot grow."""
    pieces, size = [], 0
    async for piece in response.content.iter_chunked(_CHUNK_BYTES):
        size += len(piece)
        if size > bytes_max:
            response.close()
            return None
        pieces.append(piece)
    return b"".join(pieces)


async def _note_sent(
    session: aiohttp.ClientSession, context: SimpleNamespace, parameters: aiohttp.TraceRequestHeadersSentParams
) -> None:
    """Called by aiohttp just before it writes."""
    del session, parameters
    attempt = context.trace_request_ctx
    assert isinstance(attempt, Attempt)
    attempt.sent = True


_REASONS: Final = (
    (aiohttp.ClientConnectorCertificateError, "the certificate is not trusted"),
    (aiohttp.ClientConnectorSSLError, "no TLS connection came about"),
    (aiohttp.ClientConnectorDNSError, "the host's name is not known"),
    (aiohttp.ClientConnectorError, "the connection was refused"),
    (aiohttp.ClientPayloadError, "the answer broke off"),
    (aiohttp.ServerDisconnectedError, "the connection was closed without an answer"),
    (aiohttp.ClientResponseError, "the answer is not HTTP"),
    (aiohttp.ClientOSError, "the connection broke"),
)


def _reason(error: Exception) -> str:
    """In our words: the error's own may hold the address with what is secret in it."""
    return next((words for kind, words in _REASONS if isinstance(error, kind)), type(error).__name__)
