"""What happens to breaks without anybody asking: they close when the line comes, and are told when they are overdue."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from brands import Program, directory
from core.database import Database
from core.failures import Failures
from settlement.persons import Actor
from settlement.reconciliation.breaks import (
    BreakEvent,
    BreakState,
    EventKind,
    lock_program,
    read_breaks,
    write_breaks,
    write_events,
)
from settlement.reconciliation.comparing import Compared, Comparison
from settlement.reconciliation.files import covered
from settlement.reconciliation.late import programs_out_of_step
from settlement.reconciliation.staging import open_staging

LOOK_BACK: Final = timedelta(days=40)
"""How many days of ours are looked through again; what stands in breaks is compared however old it is."""

ESCALATE_AFTER: Final = timedelta(days=7)
"""An overdue break is due again so much later."""

OVERDUE: Final = "Overdue: ask the owner, or give it to somebody else."
JOB: Final = Actor("reconciliation job")

_BATCH: Final = 500


async def compare_again(database: Database) -> int:
    """Compare the programs that have open breaks with what our books say now; how many breaks changed.

    Each for itself. Raises ExceptionGroup at the end when some could not be compared.
    """
    async with database.connection() as connection:
        network = await directory(connection)
        ids = [row["program_id"] for row in await connection.fetch(_BROKEN)]
    changed, failures = 0, Failures()
    for program_id in ids:
        program = network.programs[program_id]
        with failures.kept(f"program {program.code}"):
            changed += sum((await compare_program(database, program)).events.values())
    failures.tell()
    return changed


async def compare_program(database: Database, program: Program) -> Compared:
    """The same for one program, without a new file."""
    async with database.transaction() as connection:
        await lock_program(connection, program.id)
        whole = await covered(connection, program)
        if whole is None:
            return Compared({}, {})
        await open_staging(connection)
        comparison = Comparison(connection, program, database.clock, JOB)
        late = await comparison.lay_out(max(whole.first_day, whole.last_day - LOOK_BACK), whole.last_day)
        compared = await comparison.compare(whole, None)
        return replace(compared, events=late + Counter(compared.events))


async def keep_late(database: Database) -> int:
    """Open breaks of what brands did too late, as soon as the saga has learnt of it, and close those that are settled.

    Returns how many changed. Raises ExceptionGroup at the end when some programs' could not be kept.
    """
    async with database.connection() as connection:
        ids = await programs_out_of_step(connection)
        programs = (await directory(connection)).programs if ids else {}
    changed, failures = 0, Failures()
    for program_id in ids:
        with failures.kept(f"program {programs[program_id].code}"):
            changed += await _keep_late(database, programs[program_id])
    failures.tell()
    return changed


async def _keep_late(database: Database, program: Program) -> int:
    async with database.transaction() as connection:
        await lock_program(connection, program.id)
        comparison = Comparison(connection, program, database.clock, JOB)
        return (await comparison.keep_up_late()).total()


async def tell_overdue(database: Database) -> int:
    """Note in overdue breaks' histories that they are, and give them another week; how many.

    Each program for itself. Raises ExceptionGroup at the end when some could not be told.
    """
    today = database.clock.now().date()
    async with database.connection() as connection:
        ids = [row["program_id"] for row in await connection.fetch(_LATE, today)]
    told, failures = 0, Failures()
    for program_id in ids:
        with failures.kept(f"program {program_id}"):
            told += await _tell_overdue(database, program_id, today)
    failures.tell()
    return told


async def _tell_overdue(database: Database, program_id: UUID, today: date) -> int:
    async with database.transaction() as connection:
        await lock_program(connection, program_id)
        late = await read_breaks(connection, _OVERDUE, today, program_id, limit=_BATCH)
        due_on = today + ESCALATE_AFTER
        await write_breaks(connection, [replace(it, due_on=due_on, next_step=OVERDUE) for it in late])
        now = database.clock.now()
        events = [BreakEvent(it.id, EventKind.OVERDUE, JOB.subject, f"due on {it.due_on}", None, now) for it in late]
        await write_events(connection, events)
        return len(late)


_BROKEN: Final = f"SELECT DISTINCT program_id FROM settlement_break WHERE state = '{BreakState.OPEN}' ORDER BY 1"

_LATE: Final = f"""
SELECT DISTINCT program_id FROM settlement_break WHERE state = '{BreakState.OPEN}' AND due_on < $1 ORDER BY 1
"""

_OVERDUE: Final = f"state = '{BreakState.OPEN}' AND due_on < $1 AND program_id = $2"
