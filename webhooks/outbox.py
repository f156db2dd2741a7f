"""The outbox of all domains: events of brands and notices of members, written with what they announce.

While nobody has endpoints it costs one short statement per batch: the notice, and a look at the number that says
whether the endpoints have changed. Otherwise one more writes those events of the batch that somebody is told of.
"""

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from brands import directory
from core.clock import Clock
from core.database import Connection
from exchange import CapNotice, Exchange, Lockout, Movement
from members import TierChange
from rights import Grant, Honoured
from settlement import Window
from settlement.cash import DepositMove
from webhooks.enqueuing import Hall
from webhooks.notices import CHANNEL, Change, lines
from webhooks.registry import NOBODY, Registry


class WebhookOutbox:
    """Implements the outboxes of exchange, rights, members and settlement; one serves a whole process."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._registry = NOBODY

    async def exchanged(self, connection: Connection, exchanges: Sequence[Exchange]) -> None:
        """Tell both brands and the member."""
        changes = [Change(side.membership_id, each.id) for each in exchanges for side in (each.source, each.target)]
        hall = await self._notify(connection, changes)
        if hall is None:
            return
        heard = [each for each in exchanges if hall.hears_of(each.source.program_id, each.target.program_id)]
        sides = (side.membership_id for each in heard for side in (each.source, each.target))
        make = await hall.payloads(connection, sides)
        await hall.enqueue(connection, [event for each in heard for event in make.exchange(each)])

    async def moved(self, connection: Connection, movements: Sequence[Movement]) -> None:
        """Tell the brand that acted, those above it, and the member."""
        hall = await self._notify(connection, [Change(movement.membership_id) for movement in movements])
        if hall is None:
            return
        heard = [each for each in movements if hall.hears({each.brand_id})]
        make = await hall.payloads(connection, (each.membership_id for each in heard))
        await hall.enqueue(connection, [event for each in heard for event in make.movement(each)])

    async def capped(self, connection: Connection, notices: Sequence[CapNotice]) -> None:
        """Tell the participants."""
        hall = await self._notify(connection, ())
        if hall is not None:
            make = await hall.payloads(connection, ())
            await hall.enqueue(connection, [event for each in notices for event in make.cap(each)])

    async def locked_out(self, connection: Connection, lockouts: Sequence[Lockout]) -> None:
        """Tell the programs' brands."""
        hall = await self._notify(connection, ())
        if hall is not None:
            make = await hall.payloads(connection, ())
            await hall.enqueue(connection, [event for each in lockouts for event in make.lockout(each)])

    async def granted(self, connection: Connection, grants: Sequence[Grant]) -> None:
        """Tell the issuers and the members."""
        hall = await self._notify(connection, [Change(grant.membership_id) for grant in grants])
        if hall is not None:
            make = await hall.payloads(connection, (grant.membership_id for grant in grants))
            await hall.enqueue(connection, [event for each in grants for event in make.grant(each)])

    async def redeemed(self, connection: Connection, honoured: Sequence[Honoured]) -> None:
        """Tell the issuers, those who honoured, and the members."""
        cards = [each.grant.membership_id for each in honoured]
        hall = await self._notify(connection, map(Change, cards))
        if hall is not None:
            make = await hall.payloads(connection, cards)
            await hall.enqueue(connection, [event for each in honoured for event in make.redemption(each)])

    async def tiered(self, connection: Connection, changes: Sequence[TierChange]) -> None:
        """Tell the programs' brands and the members."""
        hall = await self._notify(connection, [Change(each.membership_id) for each in changes])
        if hall is not None:
            make = await hall.payloads(connection, ())
            await hall.enqueue(connection, [event for each in changes for event in make.tier(each)])

    async def advised(self, connection: Connection, window: Window, participant_ids: Iterable[UUID]) -> None:
        """Tell the participants."""
        hall = await self._notify(connection, ())
        if hall is not None:
            make = await hall.payloads(connection, ())
            told = (event for each in sorted(participant_ids) for event in make.statement(window, each))
            await hall.enqueue(connection, list(told))

    async def deposited(self, connection: Connection, moves: Sequence[DepositMove]) -> None:
        """Tell the participants."""
        hall = await self._notify(connection, ())
        if hall is not None:
            make = await hall.payloads(connection, ())
            await hall.enqueue(connection, [event for each in moves for event in make.deposit(each)])

    async def _notify(self, connection: Connection, changes: Iterable[Change]) -> Hall | None:
        """Tell the members' open subscriptions; who listens to events, or None while nobody does."""
        version = await connection.fetchval(_NOTIFY, lines(changes))
        if version != self._registry.version:
            self._registry = await Registry.read(connection, version)
        if not self._registry.by_brand:
            return None
        return Hall(await directory(connection), self._registry, self._clock.now())


_NOTIFY: Final = f"""
SELECT version, (SELECT count(pg_notify('{CHANNEL}', line)) FROM unnest($1::text[]) AS line)
FROM webhooks_registry
"""
