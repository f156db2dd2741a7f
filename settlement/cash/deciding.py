"""The second person's decision on a proposal, and what it does."""

from typing import TypeAlias
from uuid import UUID

from core.database import Connection, Database
from core.errors import AgioError
from settlement.cash.allocating import AllocationRefusal, allocate
from settlement.cash.bank_accounts import open_account
from settlement.cash.errors import OwnProposal, ProposalNotFound
from settlement.cash.proposals import Kind, Proposal, Verdict, keep_verdict, lock_proposal
from settlement.errors import ReasonMissing
from settlement.persons import Actor

DecisionRefusal: TypeAlias = ProposalNotFound | ReasonMissing | OwnProposal | AllocationRefusal


class _Refused(AgioError):
    """Raised so that the verdict is rolled back, caught at its edge."""

    def __init__(self, refusal: AllocationRefusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


async def decide(
    database: Database, proposal_id: UUID, actor: Actor, verdict: Verdict, *, reason: str
) -> Proposal | DecisionRefusal:
    """Approve, as another person than the proposer, or reject. The same decision again changes nothing."""
    if not reason.strip():
        return ReasonMissing()
    try:
        async with database.transaction() as connection:
            proposal = await lock_proposal(connection, proposal_id)
            if proposal is None or proposal.verdict not in {None, verdict}:
                return ProposalNotFound()
            if proposal.verdict is not None:
                return proposal
            if verdict is Verdict.APPROVED and proposal.proposed_by == actor.subject:
                return OwnProposal(actor.subject)
            decided = await keep_verdict(connection, proposal, verdict, actor, reason.strip(), database.clock)
            if verdict is Verdict.APPROVED:
                await _carry_out(connection, database, proposal, actor)
            return decided
    except _Refused as refused:
        return refused.refusal


async def _carry_out(connection: Connection, database: Database, proposal: Proposal, actor: Actor) -> None:
    match proposal.kind:
        case Kind.BANK_ACCOUNT:
            await open_account(connection, proposal, database.clock)
        case Kind.ALLOCATION:
            refused = await allocate(connection, proposal, actor, database.clock)
            if refused is not None:
                raise _Refused(refused)
