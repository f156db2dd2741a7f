"""Breaks of several programs: those who lock them neither wait in a circle nor write what is no longer so."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import asyncpg
import pytest

from core.clock import SettableClock
from core.database import Database
from core.ids import new_id
from settlement.reconciliation.break_kinds import BreakKind, StatedLine
from settlement.reconciliation.breaks import Break, BreakState, lock_program, read_breaks, write_breaks
from settlement.reconciliation.errors import NothingToMatch
from settlement.reconciliation.jobs import tell_overdue
from settlement.reconciliation.line import Line
from settlement.reconciliation.resolving import propose_match
from tests.blocked import blocks
from tests.network import Network, load_network
from tests.settlement.trade import MAKER

DAY = date(2026, 1, 10)


@pytest.fixture
async def network(pinned_database: Database) -> Network:
    """On the fifteenth."""
    return await load_network(pinned_database)


def overdue(program_id: UUID, key: UUID, clock: SettableClock) -> Break:
    """An open break that was due five days ago."""
    line = Line(str(new_id()), "", "", "MILES", 5, "", DAY)
    stated = StatedLine(str(new_id()), booked=True, line=line)
    named = key, program_id, f"theirs:{line.key}", BreakKind.MISSING_HERE, BreakState.OPEN
    return Break(*named, (), (stated,), 0, "operator", "Ask.", DAY, clock.now() - timedelta(days=5), 0)


async def test_programs_of_several_breaks_are_locked_in_one_order(network: Network, clock: SettableClock) -> None:
    """Whichever break has the smaller id: who waits for a program holds the same others, or none, each time."""
    database, programs = network.database, [network.program(code).id for code in ("HOTEL", "MILES")]
    held = []
    for turned in (False, True):
        keys = sorted((new_id(), new_id()), reverse=turned)
        async with database.transaction() as connection:
            await write_breaks(connection, [overdue(it, key, clock) for it, key in zip(programs, keys, strict=True)])
        held.append(await _held_while_waiting(database, programs, keys))
    assert held[0] == held[1]


async def _held_while_waiting(database: Database, programs: Sequence[UUID], keys: Sequence[UUID]) -> bool:
    """Whether somebody who matches these breaks, and waits for the first program, holds the other."""
    begun = asyncio.Event()

    async def second() -> object:
        await begun.wait()
        return await propose_match(database, keys, MAKER, reason="the same")

    asked, held = asyncio.create_task(second()), False
    async with database.transaction() as connection:
        await lock_program(connection, programs[0])
        begun.set()
        await blocks(connection)
        try:
            async with connection.transaction():
                await connection.execute("SET LOCAL lock_timeout = '100ms'")
                await lock_program(connection, programs[1])
        except asyncpg.LockNotAvailableError:
            held = True
    assert await asked == NothingToMatch()
    return held


async def test_a_break_that_closes_while_it_is_told_overdue_stays_closed(
    network: Network, clock: SettableClock
) -> None:
    """The job waits for the comparison, and then sees what came of it."""
    database, program = network.database, network.program("MILES").id
    begun, it = asyncio.Event(), overdue(program, new_id(), clock)
    async with database.transaction() as connection:
        await write_breaks(connection, [it])

    async def second() -> int:
        await begun.wait()
        return await tell_overdue(database)

    told = asyncio.create_task(second())
    async with database.transaction() as connection:
        await lock_program(connection, program)
        await write_breaks(connection, [replace(it, state=BreakState.CLOSED)])
        begun.set()
        await blocks(connection)
    assert await told == 0
    async with database.connection() as connection:
        (found,) = await read_breaks(connection, "id = $1", it.id)
    assert (found.state, found.due_on) == (BreakState.CLOSED, DAY)
