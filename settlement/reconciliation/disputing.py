"""Disputes: an amount that is moved to where the brand says it belongs, until two persons say who is right.

propose_dispute      Dr disputed / Cr position participant, or the other way round; the break stays open
propose_dispute_end  what is lost goes back; what is won stays, and the operator bears it:
                     Dr position OPERATOR / Cr disputed
"""

from dataclasses import replace
from typing import TypeAlias
from uuid import UUID

from core.clock import Clock
from core.database import Connection, Database
from core.errors import Refusal
from settlement.cash.errors import ProposalOpen
from settlement.cash.proposals import Kind, Proposal, keep_proposal
from settlement.errors import ReasonMissing
from settlement.persons import Actor
from settlement.reconciliation.breaks import Break, BreakState, EventKind
from settlement.reconciliation.errors import (
    BreakChanged,
    BreakNotFound,
    BreakNotOpen,
    Disputed,
    MoreThanDisputed,
    NotDisputed,
    NothingAtStake,
    StillAsked,
)
from settlement.reconciliation.fingerprint import fingerprint
from settlement.reconciliation.moving import move, refused, to_move
from settlement.reconciliation.pending import in_words, lock_open, lock_unclaimed
from settlement.reconciliation.work_list import record
from settlement.reconciliation.write_offs import MovedFor

_Standing: TypeAlias = BreakNotFound | BreakNotOpen | ReasonMissing | ProposalOpen
DisputeRefusal: TypeAlias = _Standing | NothingAtStake | Disputed | StillAsked
DisputeEndRefusal: TypeAlias = _Standing | NotDisputed | MoreThanDisputed

DISPUTED = "Bring both sides' evidence together and decide the dispute."


async def propose_dispute(
    database: Database, break_id: UUID, amount_micro: int, actor: Actor, *, reason: str
) -> Proposal | DisputeRefusal:
    """Propose to move `amount_micro` (positive; at most what is at stake) to where the brand says that it belongs."""
    if not reason.strip():
        return ReasonMissing()
    async with database.transaction() as connection:
        found = await lock_unclaimed(connection, break_id, database.clock)
        if not isinstance(found, Break):
            return found
        signed = await to_move(connection, found, amount_micro)
        if not isinstance(signed, int):
            return signed
        content = await _content(connection, found) | {"amount_micro": signed}
        return await keep_proposal(connection, Kind.BREAK_DISPUTE, content, actor, reason.strip(), database.clock)


async def propose_dispute_end(
    database: Database, break_id: UUID, actor: Actor, *, won_micro: int | None = None, reason: str
) -> Proposal | DisputeEndRefusal:
    """Propose that `won_micro` (not negative; None: all) of what is disputed stays where it was moved; the rest is lost
    and goes back.
    """
    if not reason.strip():
        return ReasonMissing()
    async with database.transaction() as connection:
        found = await lock_unclaimed(connection, break_id, database.clock)
        if not isinstance(found, Break):
            return found
        if not found.disputed:
            return NotDisputed()
        most = abs(found.disputed)
        won = most if won_micro is None else won_micro
        if not 0 <= won <= most:
            return MoreThanDisputed(most)
        content = await _content(connection, found)
        content |= {"amount_micro": found.disputed, "won_micro": won if found.disputed > 0 else -won}
        return await keep_proposal(connection, Kind.BREAK_DISPUTE_END, content, actor, reason.strip(), database.clock)


async def dispute(connection: Connection, proposal: Proposal, actor: Actor, clock: Clock) -> Refusal | None:
    """What the approval of a dispute does."""
    found = await _unchanged(connection, proposal)
    if not isinstance(found, Break):
        return found
    amount = int(proposal.content["amount_micro"])
    refusal: Refusal | None = await refused(connection, found, amount)
    refusal = refusal or await move(connection, found, proposal, [(MovedFor.DISPUTE, amount)], clock)
    if refusal is not None:
        return refusal
    after = replace(found, disputed=amount, disputed_at=clock.now(), next_step=DISPUTED)
    text = proposal.proposed_reason
    await record(connection, after, EventKind.DISPUTE, actor, text, clock, proposal_id=proposal.id)
    return None


async def end_dispute(connection: Connection, proposal: Proposal, actor: Actor, clock: Clock) -> Refusal | None:
    """What the approval of its end does."""
    found = await _unchanged(connection, proposal)
    if not isinstance(found, Break):
        return found
    amount, won = int(proposal.content["amount_micro"]), int(proposal.content["won_micro"])
    amounts = [(MovedFor.DISPUTE, won - amount), (MovedFor.DISPUTE_WON, won)]
    refusal = await move(connection, found, proposal, amounts, clock)
    if refusal is not None:
        return refusal
    undisputed = replace(found, disputed=0, disputed_at=None, next_step=found.kind.next_step)
    after = settled(replace(undisputed, written_off=found.written_off + won))
    kind = EventKind.DISPUTE_WON if won == amount else EventKind.DISPUTE_PARTLY_WON if won else EventKind.DISPUTE_LOST
    await record(connection, after, kind, actor, proposal.proposed_reason, clock, proposal_id=proposal.id)
    return None


def settled(it: Break) -> Break:
    """The break as it stands once nothing is at stake any more."""
    if it.at_stake or it.disputed:
        return it
    return replace(it, state=BreakState.RESOLVED if it.value_micro else BreakState.CLOSED)


async def _content(connection: Connection, it: Break) -> dict[str, object]:
    told = await in_words(connection, [it])
    return {"break_id": str(it.id), "fingerprint": fingerprint(it), "about": told}


async def _unchanged(connection: Connection, proposal: Proposal) -> Break | Refusal:
    found = await lock_open(connection, UUID(proposal.content["break_id"]))
    if isinstance(found, Break) and fingerprint(found) != proposal.content["fingerprint"]:
        return BreakChanged()
    return found
