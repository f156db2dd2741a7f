"""Estimates in the books: one person proposes a version, another one approves it; nothing is ever changed."""

from typing import TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from asyncpg import Record

from brands import Program, directory
from core.clock import Clock
from core.database import Connection, Database
from core.ids import new_id
from core.locks import lock_keys
from exchange import UnknownProgram
from settlement.errors import ReasonMissing
from settlement.month_end.errors import (
    EstimateDecided,
    EstimateNotFound,
    EstimateTooEarly,
    EstimateUnusable,
    ProposerDecides,
)
from settlement.month_end.estimate import Estimate, EstimateDecision
from settlement.month_end.month import Month
from settlement.persons import Actor

ProposalRefusal: TypeAlias = UnknownProgram | ReasonMissing | EstimateUnusable | EstimateTooEarly
EstimateDecisionRefusal: TypeAlias = (
    UnknownProgram | ReasonMissing | EstimateNotFound | EstimateDecided | ProposerDecides | EstimateTooEarly
)


async def propose_estimate(
    database: Database,
    actor: Actor,
    program: str,
    from_month: Month,
    allocated_fen: int,
    points: int,
    expected: int,
    *,
    reason: str,
) -> Estimate | ProposalRefusal:
    """Put an estimate before a second person. The same again, while it is open, is the same proposal."""
    if not reason.strip():
        return ReasonMissing()
    if not (allocated_fen > 0 and 0 < expected <= points):
        return EstimateUnusable()
    async with database.transaction() as connection:
        whose = await _locked(connection, program)
        if whose is None:
            return UnknownProgram(program)
        found = await estimates(connection, whose.id)
        earliest = _earliest(found, whose, database.clock)
        if earliest is not None and from_month < earliest:
            return EstimateTooEarly(from_month, earliest)
        figures = (from_month, allocated_fen, points, expected)
        for it in found:
            if it.decision is None and it.proposed_by == actor.subject and _figures(it) == figures:
                return it
        words = (actor.subject, database.clock.now(), reason.strip())
        row = (new_id(), whose.id, len(found) + 1, from_month.first_day, *figures[1:], *words)
        return _estimate(await connection.fetchrow(_PROPOSE, *row))


async def decide_estimate(
    database: Database, actor: Actor, program: str, version: int, decision: EstimateDecision, *, reason: str
) -> Estimate | EstimateDecisionRefusal:
    """Approve it, as another person than the one who proposed it, or reject it. The same person may repeat it."""
    if not reason.strip():
        return ReasonMissing()
    async with database.transaction() as connection:
        whose = await _locked(connection, program)
        if whose is None:
            return UnknownProgram(program)
        found = await estimates(connection, whose.id)
        wanted = next((it for it in found if it.version == version), None)
        if wanted is None:
            return EstimateNotFound(version)
        if wanted.decision is not None:
            repeated = (wanted.decision, wanted.decided_by) == (decision, actor.subject)
            return wanted if repeated else EstimateDecided(version, wanted.decided_by or "")
        objection = (
            _objection(wanted, _earliest(found, whose, database.clock), actor)
            if decision is EstimateDecision.APPROVED
            else None
        )
        if objection is not None:
            return objection
        row = (wanted.id, decision.value, actor.subject, database.clock.now(), reason.strip())
        return _estimate(await connection.fetchrow(_DECIDE, *row))


async def estimates(connection: Connection, program_id: UUID) -> list[Estimate]:
    """All versions, the first one first."""
    return [_estimate(row) for row in await connection.fetch(_ESTIMATES, program_id)]


def _objection(wanted: Estimate, earliest: Month | None, actor: Actor) -> ProposerDecides | EstimateTooEarly | None:
    if wanted.proposed_by == actor.subject:
        return ProposerDecides(actor.subject)
    if earliest is not None and wanted.from_month < earliest:
        return EstimateTooEarly(wanted.from_month, earliest)
    return None


def _earliest(found: list[Estimate], program: Program, clock: Clock) -> Month | None:
    """The first month that an estimate may still change: the one that is being reported, and none before the last
    approved estimate. None while nothing holds: nothing was recognised yet.
    """
    held = [it.from_month for it in found if it.decision is EstimateDecision.APPROVED]
    being_reported = Month.of(clock.now().astimezone(ZoneInfo(program.time_zone)).date()).preceding
    return max(*held, being_reported) if held else None


def _figures(estimate: Estimate) -> tuple[Month, int, int, int]:
    return estimate.from_month, estimate.allocated_fen, estimate.points, estimate.expected


async def _locked(connection: Connection, program: str) -> Program | None:
    """The program; nobody else proposes or decides on its estimates until the transaction ends."""
    found = (await directory(connection)).program(program)
    if found is None:
        return None
    await lock_keys(connection, "estimate", [str(found.id)])
    return found


def _estimate(row: Record | None) -> Estimate:
    assert row is not None
    values = dict(row)
    decision = values.pop("decision")
    values["from_month"] = Month.of(values["from_month"])
    return Estimate(**values, decision=None if decision is None else EstimateDecision(decision))


_COLUMNS = (
    "id, program_id, version, from_month, allocated_fen, points, expected, proposed_by, proposed_at, proposed_reason, "
    "decision, decided_by, decided_at, decided_reason"
)

_ESTIMATES = f"SELECT {_COLUMNS} FROM settlement_estimate WHERE program_id = $1 ORDER BY version"

_PROPOSE = f"""
INSERT INTO settlement_estimate
    (id, program_id, version, from_month, allocated_fen, points, expected, proposed_by, proposed_at, proposed_reason)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING {_COLUMNS}
"""

_DECIDE = f"""
UPDATE settlement_estimate SET decision = $2, decided_by = $3, decided_at = $4, decided_reason = $5
WHERE id = $1 RETURNING {_COLUMNS}
"""
