"""Suggestions: breaks that may be each other's other half, and a person's word that two of them are.

One person is enough where the lines agree in amount, so that nothing is given up by matching them; where they do not,
it takes two: `resolving.propose_match`.
"""

from dataclasses import replace
from typing import Final, TypeAlias
from uuid import UUID

from brands import directory
from core.database import Database
from settlement.errors import ReasonMissing
from settlement.persons import Actor
from settlement.reconciliation.breaks import Break, BreakState, EventKind, read_breaks
from settlement.reconciliation.errors import AmountsDiffer, BreakNotFound, BreakNotOpen, NothingToMatch
from settlement.reconciliation.line import Line
from settlement.reconciliation.matches import keep_matches
from settlement.reconciliation.resolving import lock_all, together
from settlement.reconciliation.rules import Rule
from settlement.reconciliation.suggesting import suggest
from settlement.reconciliation.work_list import record

LOOKED_AT_MAX: Final = 2_000
"""Breaks of one member that are looked at."""

AcceptanceRefusal: TypeAlias = BreakNotFound | BreakNotOpen | ReasonMissing | NothingToMatch | AmountsDiffer


async def suggested_for(database: Database, break_id: UUID) -> list[Break] | BreakNotFound:
    """The open breaks that nearly fit this one, the nearest first."""
    async with database.connection() as connection:
        found = next(iter(await read_breaks(connection, "id = $1", break_id)), None)
        if found is None:
            return BreakNotFound()
        members = sorted({line.member for line in _lines(found) if line.member})
        others = await read_breaks(connection, _OF_MEMBERS, found.program_id, members, found.id, limit=LOOKED_AT_MAX)
    here, there = (found, others) if found.ours else (None, [])
    mine = found.ours if here else tuple(line for it in others for line in it.ours)
    stated = [it.line for each in (there if here else [found]) for it in each.theirs if it.booked]
    wanted = {key for pair in suggest(mine, stated) for key in (pair.ours, pair.theirs)}
    return [it for it in others if any(line.key in wanted for line in _lines(it))]


async def accept_suggestion(
    database: Database, break_ids: tuple[UUID, UUID], actor: Actor, *, reason: str
) -> list[Break] | AcceptanceRefusal:
    """Match the lines of two open breaks, one of ours and one of the brand's, that have the same amount."""
    if not reason.strip():
        return ReasonMissing()
    async with database.transaction() as connection:
        breaks = await lock_all(connection, break_ids)
        if not isinstance(breaks, list):
            return breaks
        found = together(breaks, Rule.SUGGESTED)
        if found is None:
            return NothingToMatch()
        if found.difference:
            return AmountsDiffer(found.difference)
        program = (await directory(connection)).programs[breaks[0].program_id]
        line_ids = {stated.line.key: stated.id for it in breaks for stated in it.theirs}
        await keep_matches(connection, program, [found], line_ids, database.clock)
        closed = [replace(it, state=BreakState.CLOSED) for it in breaks]
        for it in closed:
            await record(connection, it, EventKind.SUGGESTED, actor, reason.strip(), database.clock)
        return closed


def _lines(it: Break) -> tuple[Line, ...]:
    return (*it.ours, *(stated.line for stated in it.theirs))


_OF_MEMBERS: Final = """
program_id = $1 AND state = 'OPEN' AND id <> $3 AND (
    EXISTS (SELECT FROM jsonb_to_recordset(ours) AS line (member text) WHERE member = ANY($2::text[]))
    OR EXISTS (SELECT FROM jsonb_array_elements(theirs) AS it WHERE it -> 'line' ->> 'member' = ANY($2::text[]))
)
"""
