"""Taking one's own proposal back, as long as nobody has decided on it."""

from typing import TypeAlias
from uuid import UUID

from core.database import Database
from settlement.cash.errors import NotProposer, ProposalEnded, ProposalNotFound
from settlement.cash.proposals import Proposal, Verdict, keep_verdict, lock_proposal
from settlement.errors import ReasonMissing
from settlement.persons import Actor

RetractionRefusal: TypeAlias = ProposalNotFound | ReasonMissing | NotProposer | ProposalEnded


async def retract(database: Database, proposal_id: UUID, actor: Actor, *, reason: str) -> Proposal | RetractionRefusal:
    """Take a proposal of any kind back, as its proposer. The same again changes nothing."""
    if not reason.strip():
        return ReasonMissing()
    async with database.transaction() as connection:
        found = await lock_proposal(connection, proposal_id)
        if found is None:
            return ProposalNotFound()
        if found.proposed_by != actor.subject:
            return NotProposer(found.proposed_by)
        if found.verdict not in {None, Verdict.RETRACTED}:
            return ended(found)
        if found.verdict is Verdict.RETRACTED:
            return found
        return await keep_verdict(connection, found, Verdict.RETRACTED, actor, reason.strip(), database.clock)


def ended(proposal: Proposal) -> ProposalEnded:
    """What is said of a proposal that does not wait any more."""
    assert proposal.verdict is not None, "it waits"
    return ProposalEnded(proposal.verdict, proposal.decided_by or "", proposal.decided_reason or "")
