"""Carrying exchanges on, one step after the other, until there is nothing to do now."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Final
from uuid import UUID

from core.coalesce import Coalescer
from core.database import Database
from exchange.brand_system import BrandSystems
from exchange.ports import SILENT, Outbox
from exchange.saga.advancing import Room, begin_many, finish_many
from exchange.saga.calling import carry_out
from exchange.saga.turns import After, Answered, Call, Rest
from members import MemberKeys

GATHER_SECONDS: Final = 0.02
"""How long a commit waits for more exchanges, while several come at a time: brands take longer by far."""


def _always(program_id: UUID) -> int:
    del program_id
    return 1_000


def _nothing() -> None:
    pass


class Saga:
    """Carries exchanges on. Steps of many exchanges that fall together share their commits."""

    def __init__(
        self,
        database: Database,
        systems: BrandSystems,
        *,
        outbox: Outbox = SILENT,
        room: Room = _always,
        keys: MemberKeys | None = None,
        in_flight_max: int = 1,
    ) -> None:
        self._systems = systems
        self._room = room
        run: Callable[[Sequence[UUID]], Awaitable[Sequence[Call | After]]] = partial(
            begin_many, database, outbox=outbox, keys=keys
        )
        self._begin = Coalescer(run, batch_max=200, in_flight_max=in_flight_max, gather_seconds=GATHER_SECONDS)
        take_in: Callable[[Sequence[Answered]], Awaitable[Sequence[Call | After]]] = partial(
            finish_many, database, outbox=outbox, keys=keys, room=room
        )
        self._finish = Coalescer(take_in, batch_max=200, in_flight_max=in_flight_max, gather_seconds=GATHER_SECONDS)

    async def advance(self, exchange_id: UUID, *, begun: Callable[[], None] = _nothing) -> After:
        """Carry one exchange on until nothing is due, or until a brand has to be called that has no room now.

        `begun` is called just before each call that was not made in passing, or when there is none to make.
        """
        while True:
            found = await self._begin(exchange_id)
            begun()
            while isinstance(found, Call):
                found = await self._finish(await self._make(found))
            if isinstance(found, Rest) or self._room(found.program_id) < 1:
                return found

    async def close(self) -> None:
        """Let what is in flight land."""
        await self._begin.close()
        await self._finish.close()

    async def _make(self, call: Call) -> Answered:
        with self._systems.recording() as records:
            answer = await carry_out(self._systems, call)
        return Answered(call.exchange.id, call.errand.id, call.id, answer, tuple(records))
