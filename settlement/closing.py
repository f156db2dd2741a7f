"""Closing a window: the cut-off under a lock, then the counting at leisure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Final
from uuid import UUID

from brands import NETWORK_MODEL, OPERATOR_ID
from brands.accounts import in_flight_accounts, owed_account
from core.clock import Clock
from core.database import Connection, Database
from ledger import Account, CutOff, Part, cut_off, draw_line, rehearse_line
from settlement.counting import counted, counted_obligations
from settlement.errors import BooksBroken, CutOffImpossible, WindowNotFound
from settlement.netting import FEN_MICRO
from settlement.participants import names
from settlement.persons import Actor
from settlement.positions import (
    SettledAccounts,
    closings_at,
    closings_of,
    divided,
    owing,
    position_accounts,
    position_owners,
    settled_accounts,
)
from settlement.records import (
    keep_obligations,
    keep_positions,
    keep_subtotals,
    kept_positions,
    openings_into,
    outstanding,
    positions_part,
)
from settlement.setting_aside import Aside, aside, aside_at_most, set_aside_exactly
from settlement.steps import Status
from settlement.terms import Netting
from settlement.windows import (
    Ready,
    Window,
    advance,
    begin,
    cut,
    find,
    lock,
    lock_numbers,
    lock_with_earlier,
    open_window,
    previous,
)

ATTEMPTS_MAX: Final = 10
"""How often the cut-off is tried because a participant joined while it was being made."""

REHEARSED: Final = 3
"""Creditors in a rehearsal: as few as stand for any number."""


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


@dataclass(frozen=True, slots=True)
class _Stretch:
    """An open window, and who has part in it."""

    window: Window
    openings: Mapping[UUID, int]
    names: Mapping[UUID, str]
    accounts: SettledAccounts
    opened: Sequence[Account]
    """The accounts that are opened where they are missing.

    What is set aside needs some that are no positions: all are locked in one order, so that netting never waits in a
    circle.
    """

    async def cut(self, connection: Connection, clock: Clock) -> CutOff:
        """Lock everything: from now on nothing is posted on these accounts."""
        others = [account.id for account in self.opened]
        return await cut_off(connection, self.accounts.every, others=others, accounts=self.opened, clock=clock)


async def _cut_off(database: Database, actor: Actor, wish: _Wish) -> Window | WindowNotFound | CutOffImpossible:
    for _ in range(ATTEMPTS_MAX):
        try:
            if wish.at is not None:
                await _draw_line(database, wish)
            async with database.transaction() as connection:
                return await _cut(connection, actor, wish, database.clock)
        except _ParticipantJoined:
            continue
    raise BooksBroken("participants keep joining: no cut-off could be made")


async def _cut(
    connection: Connection, actor: Actor, wish: _Wish, clock: Clock
) -> Window | WindowNotFound | CutOffImpossible:
    window = await lock_with_earlier(connection, wish.window_id, wish.model)
    if window is None and wish.window_id is None:
        window = await lock(connection, (await open_window(connection, clock, wish.model)).id)
    if window is None:
        return WindowNotFound(str(wish.window_id))
    if window.status is not Status.OPEN:
        return window
    # Postings wait while the accounts are locked: all that can be is read, and locked, before, and all is written at
    # once. Nor do they wait for the disk, which the commit of whatever was posted next, or of the count, waits for.
    await connection.execute("SET LOCAL synchronous_commit = off")
    stretch = await _stretch(connection, window)
    unposted = await outstanding(connection, window)
    await lock_numbers(connection)
    await _rehearse(connection, stretch, actor, clock)
    past = wish.at and await closings_at(connection, window, stretch.accounts.positions, wish.at)
    line = await _stop_the_clock(connection, stretch, clock)
    instant = wish.at or line.instant
    if not (window.after or instant) <= instant <= line.instant:
        return CutOffImpossible(window.number, instant)
    closings, in_flight = past or closings_of(line.net_credits, stretch.accounts, unposted)
    window, parts = cut(window, instant, in_flight, actor, clock=clock, reason=wish.reason)
    found = _aside(stretch, window, closings, parts)
    await draw_line(connection, line, found.transfers, along=found.along)
    return window


async def _draw_line(database: Database, wish: _Wish) -> None:
    """Before a cut-off that is past: where everybody stood then can be read at leisure, for it no longer changes."""
    async with database.transaction() as connection:
        named = await find(connection, wish.window_id) if wish.window_id else None
        window = named or await open_window(connection, database.clock, wish.model)
        if window.status is Status.OPEN:
            stretch = await _stretch(connection, window)
            await draw_line(connection, await stretch.cut(connection, database.clock))


async def _stretch(connection: Connection, window: Window) -> _Stretch:
    openings, accounts = await openings_into(connection, window), await position_accounts(connection, window.model)
    # Everybody with a position, and whoever brings something from the window before.
    participants = frozenset(openings).union(account.owner for account in accounts)
    return _Stretch(
        window,
        openings,
        await names(connection),
        settled_accounts(participants, window.model),
        [*accounts, *map(owed_account, participants), *in_flight_accounts(participants, window.model)],
    )


async def _stop_the_clock(connection: Connection, stretch: _Stretch, clock: Clock) -> CutOff:
    """The cut-off; the positions are locked from it to the end of the transaction.

    A participant that joins while the locks are taken may have posted unseen. Its first counterparty was locked, so
    either its postings wait for us or they can be seen now, and then the cut-off is made again with it.
    """
    line = await stretch.cut(connection, clock)
    if await position_owners(connection, stretch.window.model) - stretch.accounts.positions.keys():
        raise _ParticipantJoined
    return line


def _aside(stretch: _Stretch, window: Window, closings: Mapping[UUID, int], parts: Sequence[Part]) -> Aside:
    """What creditors will be paid, or where the lines have to be read first: all that it can come to.

    The cut-off, which is the parts, is written by the same statement.
    """
    if window.terms.netting is not Netting.MULTILATERAL:
        return aside_at_most(window, closings, parts)
    positions = divided(stretch.openings, closings, window.in_flight)

    def along(reserved: frozenset[UUID]) -> Sequence[Part]:
        return [*parts, positions_part(window, positions, reserved, stretch.names)]

    return aside(window, positions, along)


async def _rehearse(connection: Connection, stretch: _Stretch, actor: Actor, clock: Clock) -> None:
    """Have the cut-off planned while nobody waits for it.

    A window is mostly the first one that its connection closes, and planning takes longer than all the rest.
    """
    others = islice((who for who in stretch.accounts.positions if who != OPERATOR_ID), REHEARSED)
    closings = dict.fromkeys(others, FEN_MICRO)
    closings[OPERATOR_ID] = -FEN_MICRO * len(closings)
    window, parts = cut(stretch.window, clock.now(), 0, actor, clock=clock, reason="")
    imagined = _aside(stretch, window, closings, parts)
    await rehearse_line(connection, imagined.transfers, along=imagined.along, clock=clock)


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
    # One processor at most: exchanges need the others.
    await connection.execute("SET LOCAL max_parallel_workers_per_gather = 0")
    if window.terms.netting is not Netting.MULTILATERAL:
        await _keep_owing(connection, window, clock)
    positions = await counted(connection, window, await kept_positions(connection, window))
    for position in positions:
        if not position.ties:
            message = f"window {window.number}: the lines of {position.participant_id} do not lead to its balance"
            raise BooksBroken(message)
    await keep_subtotals(connection, window, positions)
    return await advance(connection, window, Status.CLOSED, actor, clock=clock)


async def _keep_owing(connection: Connection, window: Window, clock: Clock) -> None:
    """What each owes each other is known only when the lines have been read."""
    assert window.cut_off_at is not None, "its cut-off is fixed"
    openings = await openings_into(connection, window)
    participants = openings.keys() | {it.owner for it in await position_accounts(connection, window.model)}
    closings, _ = await closings_at(connection, window, participants, window.cut_off_at)
    found = await counted_obligations(connection, window, participants)
    await keep_obligations(connection, window, found)
    positions = owing(openings, closings, found)
    reserved = await set_aside_exactly(connection, window, positions, clock)
    await keep_positions(connection, window, positions, reserved, await names(connection))
