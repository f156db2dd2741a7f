"""The simulated brand's webhooks: signed as Standard Webhooks are, tried three times, kept to be sent again."""

import asyncio
import base64
import hashlib
import hmac
import logging
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import orjson

from adapters.simulator.clock import SimulatorClock
from adapters.simulator.terms import Flaw, Terms
from adapters.simulator.wire import instant
from core.ids import new_id

_TRIES = 3
_PAUSE_SECONDS = 0.2
_DEADLINE_SECONDS = 5
_KEPT = 10_000

_log = logging.getLogger("agio.simulator")


@dataclass(slots=True)
class Event:
    """Something that is told; the same id however often it is sent."""

    id: str
    body: bytes
    statuses: list[int | None] = field(default_factory=list)
    """The HTTP status of each try; none where there was no answer."""


@dataclass(slots=True)
class Webhooks:
    """Tells what happened to the URL of the terms."""

    terms: Terms
    clock: SimulatorClock
    kept: deque[Event] = field(default_factory=lambda: deque(maxlen=_KEPT))
    _sending: set[asyncio.Task[None]] = field(default_factory=set)
    _session: aiohttp.ClientSession | None = None

    def tell(self, kind: str, content: dict[str, Any]) -> None:
        """Send an event, if anybody wants to know."""
        if self.terms.webhook_url is None:
            return
        body = orjson.dumps({"type": kind, "timestamp": instant(self.clock.now()), "data": content})
        event = Event(f"evt_{new_id().hex}", body)
        self.kept.append(event)
        self.send(event)

    def send(self, event: Event) -> None:
        """Send it, or send it again."""
        task = asyncio.get_running_loop().create_task(self._delivered(event))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    def headers(self, event: Event) -> dict[str, str]:
        """What goes with it, signed for now."""
        stamp = str(int(self.clock.now().timestamp()))
        signature = signed(self._secret(), event.id, stamp, event.body)
        return {
            "content-type": "application/json",
            "webhook-id": event.id,
            "webhook-timestamp": stamp,
            "webhook-signature": f"v1,{signature}",
        }

    async def idle(self) -> None:
        """Wait until everything was sent or given up."""
        while self._sending:
            await asyncio.gather(*self._sending)

    async def close(self) -> None:
        """Give up what is being sent."""
        for task in list(self._sending):
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def _delivered(self, event: Event) -> None:
        for number in range(_TRIES):
            status = await self._tried(event)
            event.statuses.append(status)
            if status is not None and status // 100 == 2:  # noqa: PLR2004 - success
                return
            await asyncio.sleep(_PAUSE_SECONDS * 2**number)
        _log.warning("webhook %s was not taken: %s", event.id, event.statuses)

    async def _tried(self, event: Event) -> int | None:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_DEADLINE_SECONDS))
        try:
            url = self.terms.webhook_url or ""
            async with self._session.post(url, data=event.body, headers=self.headers(event)) as answer:
                return answer.status
        except (aiohttp.ClientError, TimeoutError):
            return None

    def _secret(self) -> str:
        return "whsec_d3Jvbmc=" if Flaw.SIGNS_WRONGLY in self.terms.flaws else self.terms.webhook_secret


def signed(secret: str, event_id: str, stamp: str, body: bytes) -> str:
    """The signature, without its version."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    message = b".".join((event_id.encode(), stamp.encode(), body))
    return base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()
