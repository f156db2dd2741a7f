"""Closing a window: the cut-off under a lock, then the counting at leisure."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from brands.accounts import clearing_account, owed_account
from core.clock import Clock
from core.database import Connection, Database
from ledger import cut_off, post
from settlement.counting import counted
from settlement.errors import BooksBroken, WindowNotFound
from settlement.figures import Position
from settlement.participants import names
from settlement.persons import Actor
from settlement.positions import closings_now, divided, position_accounts
from settlement.postings import position_account_id, reservation
from settlement.records import keep_positions, keep_subtotals, kept_figures, openings_into
from settlement.steps import Status
from settlement.windows import Ready, Window, advance, begin, cut, lock_with_previous, open_window

ATTEMPTS_MAX: Final = 10
"""How often the cut-off is tried because a participant joined while it was being made."""


class _ParticipantJoined(Exception):
    pass


async def close(
    database: Database, actor: Actor, *, window_id: UUID | None = None, reason: str = ""
) -> Window | WindowNotFound:
    """Fix the cut-off of the open window, open the next one, and count the figures.

    Without an id, a close that was interrupted is finished first. Naming a window that is closed changes nothing.
    Postings wait only while the cut-off is fixed, not while the figures are counted.
    """
    window = await _cut_off(database, actor, window_id, reason.strip())
    if isinstance(window, WindowNotFound) or window.status is not Status.CLOSING:
        return window
    return await _count(database, window.id, actor)


async def _cut_off(database: Database, actor: Actor, window_id: UUID | None, reason: str) -> Window | WindowNotFound:
    for _ in range(ATTEMPTS_MAX):
        try:
            async with database.transaction() as connection:
                return await _cut(connection, actor, window_id, reason, database.clock)
        except _ParticipantJoined:
            continue
    raise BooksBroken("participants keep joining: no cut-off could be made")


async def _cut(
    connection: Connection, actor: Actor, window_id: UUID | None, reason: str, clock: Clock
) -> Window | WindowNotFound:
    if window_id is None:
        await open_window(connection, clock)
    window = await lock_with_previous(connection, window_id)
    if window is None:
        return WindowNotFound(str(window_id))
    if window.status is not Status.OPEN:
        return window
    openings = await openings_into(connection, window)
    instant, participants = await _stop_the_clock(connection, openings.keys(), clock)
    positions = divided(openings, *await closings_now(connection, window, participants))
    in_flight = -sum(position.closing for position in positions)
    window = await cut(connection, window, instant, in_flight, actor, clock=clock, reason=reason)
    reserved = await _reserve(connection, window, positions, clock)
    await keep_positions(connection, window, positions, reserved, await names(connection))
    return window


async def _stop_the_clock(
    connection: Connection, known: Collection[UUID], clock: Clock
) -> tuple[datetime, frozenset[UUID]]:
    """The cut-off, and the participants whose positions are locked from it to the end of the transaction.

    A participant that joins while the locks are taken may have posted unseen. Its first counterparty was locked, so
    either its postings wait for us or they can be seen now, and then the cut-off is made again with it.
    """
    accounts = await position_accounts(connection)
    participants = frozenset(known) | {account.owner for account in accounts}
    # What the reservations need is locked here as well: all in one order, so that netting never waits in a circle.
    opened = [*accounts, *map(owed_account, participants), clearing_account()]
    locked = {account.id for account in opened} | set(map(position_account_id, participants))
    instant = await cut_off(connection, locked, accounts=opened, clock=clock)
    if {account.owner for account in await position_accounts(connection)} - participants:
        raise _ParticipantJoined
    return instant, participants


async def _reserve(
    connection: Connection, window: Window, positions: Iterable[Position], clock: Clock
) -> frozenset[UUID]:
    """Set aside what each creditor will be paid; the creditors for whom there was room."""
    creditors = [position for position in positions if position.settled > 0]
    outcomes = await post(connection, [reservation(window.id, position) for position in creditors], clock=clock)
    return frozenset(p.participant_id for p, outcome in zip(creditors, outcomes, strict=True) if outcome.ok)


async def _count(database: Database, window_id: UUID, actor: Actor) -> Window:
    async with database.transaction() as connection:
        begun = await begin(connection, window_id, needed=Status.CLOSING, goal=Status.CLOSED)
        if not isinstance(begun, Ready):
            assert isinstance(begun, Window), "a window never goes back"
            return begun
        window = begun.window
        positions = await counted(connection, window, (await kept_figures(connection, window)).positions)
        for position in positions:
            if not position.ties:
                message = f"window {window.number}: the lines of {position.participant_id} do not lead to its balance"
                raise BooksBroken(message)
        await keep_subtotals(connection, window, positions)
        return await advance(connection, window, Status.CLOSED, actor, clock=database.clock)
