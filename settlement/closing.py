"""Closing a window: the cut-off under a lock, then the counting at leisure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from brands import NETWORK_MODEL
from brands.accounts import in_flight_accounts, owed_account
from core.clock import Clock
from core.database import Connection, Database
from ledger import cut_off, post
from settlement.counting import counted, counted_obligations
from settlement.errors import BooksBroken, CutOffImpossible, WindowNotFound
from settlement.figures import Position
from settlement.participants import names
from settlement.persons import Actor
from settlement.positions import closings_at, closings_now, divided, owing, position_accounts
from settlement.postings import position_account_id, reservation
from settlement.records import keep_obligations, keep_positions, keep_subtotals, kept_figures, openings_into
from settlement.steps import Status
from settlement.terms import Netting
from settlement.windows import Ready, Window, advance, begin, cut, lock_with_previous, open_window, previous

ATTEMPTS_MAX: Final = 10
"""How often the cut-off is tried because a participant joined while it was being made."""


class _ParticipantJoined(Exception):
    pass


async def close(
    database: Database,
    actor: Actor,
    *,
    window_id: UUID | None = None,
    model: str = NETWORK_MODEL,
    at: datetime | None = None,
    reason: str = "",
) -> Window | WindowNotFound | CutOffImpossible:
    """Fix the cut-off of the open window, open the next one, and count the figures.

    Without an id, a close of `model` that was interrupted is finished first. Naming a window that is closed changes
    nothing. Postings wait only while the cut-off is fixed, not while the figures are counted. With `at`, an instant
    that is past, the window ends exactly there, however late it is closed.
    """
    window = await _cut_off(database, actor, _Wish(window_id, model, at, reason.strip()))
    if not isinstance(window, Window) or window.status is not Status.CLOSING:
        return window
    return await _count(database, window.id, actor)


@dataclass(frozen=True, slots=True)
class _Wish:
    window_id: UUID | None
    model: str
    at: datetime | None
    reason: str


async def _cut_off(database: Database, actor: Actor, wish: _Wish) -> Window | WindowNotFound | CutOffImpossible:
    for _ in range(ATTEMPTS_MAX):
        try:
            async with database.transaction() as connection:
                return await _cut(connection, actor, wish, database.clock)
        except _ParticipantJoined:
            continue
    raise BooksBroken("participants keep joining: no cut-off could be made")


async def _cut(
    connection: Connection, actor: Actor, wish: _Wish, clock: Clock
) -> Window | WindowNotFound | CutOffImpossible:
    if wish.window_id is None:
        await open_window(connection, clock, wish.model)
    window = await lock_with_previous(connection, wish.window_id, wish.model)
    if window is None:
        return WindowNotFound(str(wish.window_id))
    if window.status is not Status.OPEN:
        return window
    openings = await openings_into(connection, window)
    now, participants = await _stop_the_clock(connection, window, openings.keys(), clock)
    instant = wish.at or now
    if not (window.after or instant) <= instant <= now:
        return CutOffImpossible(window.number, instant)
    closings, in_flight = await (
        closings_now(connection, window, participants)
        if wish.at is None
        else closings_at(connection, window, participants, instant)
    )
    window = await cut(connection, window, instant, in_flight, actor, clock=clock, reason=wish.reason)
    if window.terms.netting is Netting.MULTILATERAL:
        await _keep(connection, window, divided(openings, closings, in_flight), clock)
    return window


async def _keep(connection: Connection, window: Window, positions: list[Position], clock: Clock) -> None:
    reserved = await _reserve(connection, window, positions, clock)
    await keep_positions(connection, window, positions, reserved, await names(connection))


async def _stop_the_clock(
    connection: Connection, window: Window, known: Collection[UUID], clock: Clock
) -> tuple[datetime, frozenset[UUID]]:
    """The cut-off, and the participants whose positions are locked from it to the end of the transaction.

    A participant that joins while the locks are taken may have posted unseen. Its first counterparty was locked, so
    either its postings wait for us or they can be seen now, and then the cut-off is made again with it.
    """
    accounts = await position_accounts(connection, window.model)
    participants = frozenset(known) | {account.owner for account in accounts}
    # What the reservations need is locked here as well: all in one order, so that netting never waits in a circle.
    opened = [*accounts, *map(owed_account, participants), *in_flight_accounts(participants, window.model)]
    locked = {account.id for account in opened} | {position_account_id(who, window.model) for who in participants}
    instant = await cut_off(connection, locked, accounts=opened, clock=clock)
    if {account.owner for account in await position_accounts(connection, window.model)} - participants:
        raise _ParticipantJoined
    return instant, participants


async def _reserve(
    connection: Connection, window: Window, positions: Iterable[Position], clock: Clock
) -> frozenset[UUID]:
    """Set aside what each creditor will be paid; the creditors for whom there was room."""
    creditors = [position for position in positions if position.settled > 0]
    outcomes = await post(connection, [reservation(window, position) for position in creditors], clock=clock)
    return frozenset(p.participant_id for p, outcome in zip(creditors, outcomes, strict=True) if outcome.ok)


async def _count(database: Database, window_id: UUID, actor: Actor) -> Window:
    async with database.transaction() as connection:
        begun = await begin(connection, window_id, needed=Status.CLOSING, goal=Status.CLOSED)
        if not isinstance(begun, Ready):
            assert isinstance(begun, Window), "a window never goes back"
            return begun
        earlier = await previous(connection, begun.window)
        if earlier is None or earlier.status is not Status.CLOSING:
            return await _count_locked(connection, begun.window, actor, database.clock)
    await _count(database, earlier.id, actor)
    return await _count(database, window_id, actor)


async def _count_locked(connection: Connection, window: Window, actor: Actor, clock: Clock) -> Window:
    if window.terms.netting is not Netting.MULTILATERAL:
        await _keep_owing(connection, window, clock)
    positions = await counted(connection, window, (await kept_figures(connection, window)).positions)
    for position in positions:
        if not position.ties:
            message = f"window {window.number}: the lines of {position.participant_id} do not lead to its balance"
            raise BooksBroken(message)
    await keep_subtotals(connection, window, positions)
    return await advance(connection, window, Status.CLOSED, actor, clock=clock)


async def _keep_owing(connection: Connection, window: Window, clock: Clock) -> None:
    """What each owes each other is known only when the lines have been read, so it is set aside then."""
    assert window.cut_off_at is not None, "its cut-off is fixed"
    openings = await openings_into(connection, window)
    participants = openings.keys() | {it.owner for it in await position_accounts(connection, window.model)}
    closings, _ = await closings_at(connection, window, participants, window.cut_off_at)
    found = await counted_obligations(connection, window, participants)
    await keep_obligations(connection, window, found)
    await _keep(connection, window, owing(openings, closings, found), clock)
