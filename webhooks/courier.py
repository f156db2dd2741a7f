"""Delivering: takes what is due, signs and sends it, and records what came of it. Any number of couriers may work."""

import asyncio
from typing import Final

from core.database import Database
from webhooks.due import Due, take_due
from webhooks.ports import Answer, Sender
from webhooks.recording import record
from webhooks.secrets import EndpointSecrets
from webhooks.signing import headers

IN_FLIGHT_MAX: Final = 64
"""Requests of one worker at a time, to all endpoints together."""
LOOK_SECONDS: Final = 1.0
"""How often it looks for what has become due while others are on their way."""


class Courier:
    """Delivers for one worker."""

    def __init__(self, database: Database, secrets: EndpointSecrets, sender: Sender) -> None:
        self._database = database
        self._secrets = secrets
        self._sender = sender

    async def deliver_due(self) -> int:
        """Make every attempt that is due, and those that become due meanwhile; how many were made."""
        flights: set[asyncio.Task[None]] = set()
        made = 0
        try:
            while (taken := await self._take(IN_FLIGHT_MAX - len(flights))) or flights:
                made += len(taken)
                flights |= {asyncio.create_task(self._deliver(due)) for due in taken}
                landed, flights = await asyncio.wait(flights, timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                for flight in landed:
                    flight.result()
        finally:
            await _end(flights)
        return made

    async def _take(self, places: int) -> list[Due]:
        if not places:
            return []
        async with self._database.transaction() as connection:
            return list(await take_due(connection, self._database.clock.now(), places))

    async def _deliver(self, due: Due) -> None:
        answer = await self._send(due)
        async with self._database.transaction() as connection:
            await record(connection, due, answer, self._database.clock.now())

    async def _send(self, due: Due) -> Answer:
        secrets = [self._secrets.open(due.endpoint_id, sealed) for sealed in due.sealed_secrets]
        signed = headers(due.event_id, due.body, secrets, self._database.clock.now())
        return await self._sender.send(due.url, due.body.encode(), signed)


async def _end(flights: set["asyncio.Task[None]"]) -> None:
    for flight in flights:
        flight.cancel()
    if flights:
        await asyncio.wait(flights)
