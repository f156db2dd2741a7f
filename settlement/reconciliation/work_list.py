"""What is open: the breaks to be worked on, and what one person alone may do about them. No money moves here."""

from dataclasses import dataclass, replace
from datetime import date
from typing import TypeAlias
from uuid import UUID

from core.clock import Clock
from core.database import Connection, Database
from settlement.errors import ReasonMissing
from settlement.persons import Actor
from settlement.reconciliation.breaks import (
    Break,
    BreakEvent,
    BreakState,
    EventKind,
    events_of,
    read_breaks,
    write_breaks,
    write_events,
)
from settlement.reconciliation.errors import BreakNotFound, BreakNotOpen, DayPassed
from settlement.reconciliation.pending import lapse_changed, lock_open
from settlement.schedules import BANK_DAY

StepRefusal: TypeAlias = BreakNotFound | BreakNotOpen | ReasonMissing | DayPassed


@dataclass(frozen=True, slots=True)
class BreakHistory:
    """A break and all that happened to it, the oldest first."""

    item: Break
    events: tuple[BreakEvent, ...]


async def break_history(database: Database, break_id: UUID) -> BreakHistory | BreakNotFound:
    """Everything about one break."""
    async with database.connection() as connection:
        found = await read_breaks(connection, "id = $1", break_id)
        return BreakHistory(found[0], tuple(await events_of(connection, break_id))) if found else BreakNotFound()


async def comment(database: Database, break_id: UUID, actor: Actor, text: str) -> Break | StepRefusal:
    """Add a remark to an open break."""
    return await _step(database, break_id, actor, EventKind.COMMENT, text)


async def attach(database: Database, break_id: UUID, actor: Actor, evidence: str) -> Break | StepRefusal:
    """Add evidence to an open break: what it is and where it lies. It resolves nothing by itself."""
    return await _step(database, break_id, actor, EventKind.ATTACHED, evidence)


async def assign(database: Database, break_id: UUID, actor: Actor, owner: Actor, *, reason: str) -> Break | StepRefusal:
    """Make somebody else its owner."""
    return await _step(
        database, break_id, actor, EventKind.ASSIGNED, reason, f"to {owner.subject}", owner=owner.subject
    )


async def wait(database: Database, break_id: UUID, actor: Actor, until: date, *, reason: str) -> Break | StepRefusal:
    """Resolve by waiting: it is due on a day to come, at the earliest today, and closes itself when the line comes."""
    today = database.clock.now().astimezone(BANK_DAY).date()
    if until < today:
        return DayPassed(today)
    changes: dict[str, object] = {"due_on": until, "next_step": "Wait."}
    return await _step(database, break_id, actor, EventKind.WAIT, reason, f"until {until}", **changes)


async def explain(database: Database, break_id: UUID, actor: Actor, evidence: str) -> Break | StepRefusal:
    """Resolve by evidence that explains the difference; opened again when the lines change."""
    return await _step(database, break_id, actor, EventKind.EVIDENCE, evidence, state=BreakState.RESOLVED)


async def _step(
    database: Database, break_id: UUID, actor: Actor, kind: EventKind, text: str, what: str = "", **changes: object
) -> Break | StepRefusal:
    """`what` it changes stands before the text in the history."""
    if not text.strip():
        return ReasonMissing()
    async with database.transaction() as connection:
        found = await lock_open(connection, break_id)
        if not isinstance(found, Break):
            return found
        changed: Break = replace(found, **changes)  # type: ignore[arg-type]
        await record(connection, changed, kind, actor, ": ".join(filter(None, (what, text.strip()))), database.clock)
        return changed


async def record(
    connection: Connection,
    changed: Break,
    kind: EventKind,
    actor: Actor,
    text: str,
    clock: Clock,
    *,
    proposal_id: UUID | None = None,
) -> None:
    """Write what became of a locked break, and why."""
    await write_breaks(connection, [changed])
    await lapse_changed(connection, [changed], clock)
    await write_events(connection, [BreakEvent(changed.id, kind, actor.subject, text, proposal_id, clock.now())])
