"""Two persons: one submits the figures, another decides on exactly these."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias
from uuid import UUID

from asyncpg import Record

from core.database import Connection, Database
from core.ids import new_id
from settlement.errors import FiguresChanged, ReasonMissing, SamePerson, WindowNotFound, WrongStep
from settlement.persons import Actor
from settlement.records import kept_figures
from settlement.replay import replayed
from settlement.steps import Status
from settlement.windows import Ready, Window, advance, begin, lock

SubmissionRefusal: TypeAlias = WindowNotFound | WrongStep
RejectionRefusal: TypeAlias = WindowNotFound | WrongStep | ReasonMissing
ApprovalRefusal: TypeAlias = WindowNotFound | WrongStep | ReasonMissing | SamePerson | FiguresChanged


class Decision(StrEnum):
    """What became of a submission."""

    APPROVED = "APPROVED"
    """Another person approved exactly these figures."""
    REJECTED = "REJECTED"
    """Somebody sent it back."""
    VOIDED = "VOIDED"
    """The figures in the books were no longer those submitted."""


@dataclass(frozen=True, slots=True)
class Approval:
    """One submission and the decision on it; the decision's fields are None while it is open."""

    id: UUID
    digest: str
    """Of the figures submitted: `Figures.digest`."""
    submitted_by: str
    submitted_at: datetime
    submitted_reason: str
    decision: Decision | None
    decided_by: str | None
    decided_at: datetime | None
    decided_reason: str | None


async def submit(database: Database, window_id: UUID, actor: Actor, *, reason: str = "") -> Window | SubmissionRefusal:
    """Put the netted figures before a second person. Only whoever submitted them may repeat it."""
    async with database.transaction() as connection:
        begun = await begin(connection, window_id, needed=Status.NETTED, goal=Status.SUBMITTED)
        if isinstance(begun, Window):
            standing = await _standing(connection, window_id)
            return begun if standing.submitted_by == actor.subject else _wrong_step(begun, Status.NETTED)
        if not isinstance(begun, Ready):
            return begun
        digest = (await kept_figures(connection, begun.window)).digest
        await connection.execute(
            _SUBMIT, new_id(), window_id, digest, actor.subject, database.clock.now(), reason.strip()
        )
        return await advance(
            connection, begun.window, Status.SUBMITTED, actor, clock=database.clock, reason=reason.strip()
        )


async def approve(
    database: Database, window_id: UUID, actor: Actor, *, digest: str, reason: str
) -> Window | ApprovalRefusal:
    """Approve the figures with this digest, as another person than the one who submitted them.

    The figures are counted again from the transfers. When the books no longer say what was submitted, the submission
    is void and the window goes back to NETTED. Only whoever approved may repeat it, for the same digest.
    """
    if not reason.strip():
        return ReasonMissing()
    async with database.transaction() as connection:
        begun = await begin(connection, window_id, needed=Status.SUBMITTED, goal=Status.APPROVED)
        if isinstance(begun, WindowNotFound | WrongStep):
            return begun
        window = begun.window if isinstance(begun, Ready) else begun
        standing = await _standing(connection, window_id)
        objection = _objection(window, standing, actor, digest)
        if objection is not None or standing.decision is not None:
            return objection or window
        changed = await _changed(connection, window, standing.digest)
        if changed is not None:
            await _decide(connection, database, window, Decision.VOIDED, actor, f"the figures are now {changed}")
            return FiguresChanged(window.number, standing.digest, changed)
        return await _decide(connection, database, window, Decision.APPROVED, actor, reason.strip())


async def reject(database: Database, window_id: UUID, actor: Actor, *, reason: str) -> Window | RejectionRefusal:
    """Send the figures back; the submitter may do so as well. Only whoever rejected them may repeat it."""
    if not reason.strip():
        return ReasonMissing()
    async with database.transaction() as connection:
        window = await lock(connection, window_id)
        if window is None:
            return WindowNotFound(str(window_id))
        if window.status is Status.NETTED and await _was_rejected_by(connection, window_id, actor):
            return window
        if window.status is not Status.SUBMITTED:
            return _wrong_step(window, Status.SUBMITTED)
        return await _decide(connection, database, window, Decision.REJECTED, actor, reason.strip())


async def approvals(connection: Connection, window_id: UUID) -> list[Approval]:
    """The window's submissions and decisions, oldest first."""
    return [_approval(row) for row in await connection.fetch(_APPROVALS, window_id)]


async def _standing(connection: Connection, window_id: UUID) -> Approval:
    return (await approvals(connection, window_id))[-1]


def _objection(
    window: Window, standing: Approval, actor: Actor, digest: str
) -> SamePerson | FiguresChanged | WrongStep | None:
    """Why this person cannot approve this digest, or say again that they did."""
    if standing.submitted_by == actor.subject:
        return SamePerson(window.number, actor.subject)
    if standing.digest != digest:
        return FiguresChanged(window.number, standing.digest, digest)
    if standing.decided_by not in (None, actor.subject):
        return _wrong_step(window, Status.SUBMITTED)
    return None


async def _was_rejected_by(connection: Connection, window_id: UUID, actor: Actor) -> bool:
    found = await approvals(connection, window_id)
    return bool(found) and (found[-1].decision, found[-1].decided_by) == (Decision.REJECTED, actor.subject)


def _wrong_step(window: Window, needed: Status) -> WrongStep:
    return WrongStep(window.number, window.status, needed)


async def _changed(connection: Connection, window: Window, submitted: str) -> str | None:
    """The digest of figures that are no longer those submitted: as kept, or as counted anew from the transfers."""
    found = (await kept_figures(connection, window), await replayed(connection, window))
    return next((figures.digest for figures in found if figures.digest != submitted), None)


async def _decide(
    connection: Connection, database: Database, window: Window, decision: Decision, actor: Actor, reason: str
) -> Window:
    now = database.clock.now()
    await connection.execute(_DECIDE, window.id, decision.value, actor.subject, now, reason)
    status = Status.APPROVED if decision is Decision.APPROVED else Status.NETTED
    return await advance(connection, window, status, actor, clock=database.clock, reason=reason)


def _approval(row: Record) -> Approval:
    decision = None if row["decision"] is None else Decision(row["decision"])
    left = (row["id"], row["digest"], row["submitted_by"], row["submitted_at"], row["submitted_reason"])
    return Approval(*left, decision, row["decided_by"], row["decided_at"], row["decided_reason"])


_SUBMIT = """
INSERT INTO settlement_approval (id, window_id, digest, submitted_by, submitted_at, submitted_reason)
VALUES ($1, $2, $3, $4, $5, $6)
"""

_DECIDE = """
UPDATE settlement_approval SET decision = $2, decided_by = $3, decided_at = $4, decided_reason = $5
WHERE window_id = $1 AND decision IS NULL
"""

_APPROVALS = """
SELECT id, digest, submitted_by, submitted_at, submitted_reason, decision, decided_by, decided_at, decided_reason
FROM settlement_approval WHERE window_id = $1 ORDER BY submitted_at, id
"""
