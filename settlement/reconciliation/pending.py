"""What waits for a second person about a break: one proposal at a time, as long as the break is what it was."""

from collections.abc import Collection, Sequence
from uuid import UUID

from brands import directory
from core.clock import Clock
from core.database import Connection, Database
from core.errors import Refusal
from settlement.cash.errors import ProposalOpen
from settlement.cash.lapsing import lapse
from settlement.cash.proposals import Proposal, lock_proposal, proposals_about, waiting_about
from settlement.reconciliation.breaks import Break, BreakState, lock_break
from settlement.reconciliation.errors import BreakChanged, BreakNotFound, BreakNotOpen
from settlement.reconciliation.fingerprint import fingerprint


async def waiting_for(database: Database, break_ids: Collection[UUID]) -> dict[UUID, Proposal]:
    """The proposal that waits, for each of these breaks about which one does."""
    async with database.connection() as connection:
        return await waiting_about(connection, break_ids) if break_ids else {}


async def proposed_about(database: Database, break_id: UUID) -> list[Proposal]:
    """All that was ever proposed about a break, the newest first."""
    async with database.connection() as connection:
        return await proposals_about(connection, break_id)


async def lock_open(connection: Connection, break_id: UUID) -> Break | BreakNotFound | BreakNotOpen:
    """The break, locked, when it is open."""
    found = await lock_break(connection, break_id)
    if found is None:
        return BreakNotFound()
    return found if found.state is BreakState.OPEN else BreakNotOpen()


async def lock_unclaimed(
    connection: Connection, break_id: UUID, clock: Clock
) -> Break | BreakNotFound | BreakNotOpen | ProposalOpen:
    """The break, locked, when it is open and nothing about it waits."""
    found = await lock_open(connection, break_id)
    return found if not isinstance(found, Break) else await already_open(connection, [found], clock) or found


async def already_open(connection: Connection, breaks: Sequence[Break], clock: Clock) -> ProposalOpen | None:
    """Why nothing more can be proposed about these locked breaks; what was about other lines does not count."""
    await lapse_changed(connection, breaks, clock)
    waiting = await waiting_about(connection, [it.id for it in breaks])
    found = next(iter(waiting.values()), None)
    return None if found is None else ProposalOpen(found.id, found.kind.value, found.proposed_by)


async def in_words(connection: Connection, breaks: Sequence[Break]) -> str:
    """What these breaks are about, for whoever decides."""
    programs = (await directory(connection)).programs
    return "; ".join(f"{it.kind} of {programs[it.program_id].code}" for it in breaks)


async def lapse_changed(connection: Connection, breaks: Sequence[Break], clock: Clock) -> None:
    """Close what was proposed about these breaks, in locked programs, and is not about them as they stand any more.

    What somebody is just deciding on is left: it is refused, and closed, there.
    """
    by_id = {it.id: it for it in breaks}
    for break_id, proposal in (await waiting_about(connection, by_id)).items():
        refusal = _outdated(proposal, by_id[break_id])
        locked = await lock_proposal(connection, proposal.id, unless_taken=True) if refusal else None
        if refusal is not None and locked is not None and locked.verdict is None:
            await lapse(connection, locked, refusal, clock)


def _outdated(proposal: Proposal, it: Break) -> Refusal | None:
    seen = proposal.content.get("fingerprint") or proposal.content["breaks"][str(it.id)]
    if it.state is not BreakState.OPEN:
        return BreakNotOpen()
    return None if fingerprint(it) == seen else BreakChanged()
