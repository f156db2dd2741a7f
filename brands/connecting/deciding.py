"""The second person: bringing exactly what was submitted into force, or sending it back."""

from typing import TypeAlias

from brands.certifications import adapter_digest
from brands.change import Change
from brands.connecting.errors import ConfigurationMoved
from brands.connecting.proposal import Proposal, changes_between
from brands.connecting.proposal_rows import ROWS, write_adapter
from brands.pricing.desk import Desk, desk
from brands.pricing.errors import DigestDiffers, ProposalDecided, ProposalNotFound, ReasonMissing, SamePerson
from brands.pricing.proposal import Decision
from brands.pricing.second_person import before_approval, before_rejection
from core.database import Database
from core.persons import Actor

RejectionRefusal: TypeAlias = ProposalNotFound | ProposalDecided | ReasonMissing
ApprovalRefusal: TypeAlias = RejectionRefusal | SamePerson | DigestDiffers | ConfigurationMoved


async def approve(
    database: Database, number: int, actor: Actor, *, digest: str, reason: str
) -> Proposal | ApprovalRefusal:
    """Approve the proposal with this digest, as another person than the one who submitted it.

    A proposal that follows a configuration which is no longer in force is void. Only whoever approved may repeat it,
    for the same digest.
    """
    if not reason.strip():
        return ReasonMissing()
    async with desk(database) as held:
        proposal = await ROWS.numbered(held.connection, number)
        if proposal is None:
            return ProposalNotFound(number)
        answer = before_approval(proposal, number, actor, digest)
        if answer is not None:
            return answer
        return await _approve(held, proposal, actor, reason.strip())


async def reject(database: Database, number: int, actor: Actor, *, reason: str) -> Proposal | RejectionRefusal:
    """Send a proposal back; whoever submitted it may do so as well. Only whoever rejected it may repeat it."""
    if not reason.strip():
        return ReasonMissing()
    async with desk(database) as held:
        proposal = await ROWS.numbered(held.connection, number)
        if proposal is None:
            return ProposalNotFound(number)
        answer = before_rejection(proposal, number, actor)
        if answer is not None:
            return answer
        return await ROWS.decide(
            held.connection, proposal.id, Decision.REJECTED, actor.subject, reason.strip(), held.now
        )


async def _approve(held: Desk, proposal: Proposal, actor: Actor, reason: str) -> Proposal | ConfigurationMoved:
    program = held.directory.programs[proposal.program_id]
    if adapter_digest(program.adapter) != proposal.follows:
        why = "another configuration has come into force"
        await ROWS.decide(held.connection, proposal.id, Decision.VOIDED, actor.subject, why, held.now)
        return ConfigurationMoved(proposal.number)
    await write_adapter(held.connection, program.id, proposal.adapter)
    path = f"programs.{program.code}.adapter"
    changed = changes_between(program.adapter, proposal.adapter)
    told = [Change(f"{path}.{change.path}", change.before, change.after) for change in changed]
    await held.tell("configuration", told)
    return await ROWS.decide(held.connection, proposal.id, Decision.APPROVED, actor.subject, reason, held.now)
