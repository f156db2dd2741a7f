"""The second person's decision on a proposal, and what it does."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeAlias
from uuid import UUID

from core.clock import Clock
from core.database import Connection, Database
from core.errors import AgioError, Refusal
from settlement.cash.allocating import AllocationRefusal, allocate
from settlement.cash.bank_accounts import open_account
from settlement.cash.deposit_moves import moves_of_proposal
from settlement.cash.deposits import top_up
from settlement.cash.disputes import dispute, end_dispute, tolerate
from settlement.cash.drawing import draw
from settlement.cash.errors import OwnProposal, ProposalChanged, ProposalEnded, ProposalNotFound
from settlement.cash.lapsing import BY_ITSELF, is_for_good, lapse, superseded
from settlement.cash.locking import lock_money
from settlement.cash.own import book_own
from settlement.cash.proposals import Decision, Kind, Proposal, Verdict, keep_verdict, lock_proposal
from settlement.cash.retracting import ended
from settlement.cash.returning import returned
from settlement.cash.withdrawing import withdraw
from settlement.errors import ReasonMissing
from settlement.persons import Actor
from settlement.ports import SILENT, Outbox

DecisionRefusal: TypeAlias = ProposalNotFound | ProposalEnded | ReasonMissing | OwnProposal | AllocationRefusal

Effect: TypeAlias = Callable[[Connection, Proposal, Actor, Clock], Awaitable[Refusal | None]]
"""What the approval of a proposal does; a refusal takes the approval back."""


class _Refused(AgioError):
    """Raised so that the verdict is rolled back, caught at its edge."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


async def decide(
    database: Database, proposal_id: UUID, actor: Actor, verdict: Decision, *, reason: str
) -> Proposal | Refusal:
    """Approve, as another person than the proposer, or reject. The same decision by the same person changes nothing.

    Refuses with a DecisionRefusal.
    """
    return await decide_on(database, proposal_id, actor, verdict, effects=CASH_EFFECTS, reason=reason)


async def decide_on(
    database: Database,
    proposal_id: UUID,
    actor: Actor,
    verdict: Decision,
    *,
    effects: Mapping[Kind, Effect],
    reason: str,
    digest: str | None = None,
    outbox: Outbox = SILENT,
) -> Proposal | Refusal:
    """The same for a proposal of one of the kinds in `effects`. With `digest`: only of exactly what has it.

    `outbox` is told what it does to deposits. What can never be done any more is refused, and closed with the reason.
    """
    if not reason.strip():
        return ReasonMissing()
    try:
        async with database.transaction() as connection:
            proposal = await lock_proposal(connection, proposal_id)
            await lock_money(connection)
            if proposal is None or proposal.kind not in effects:
                return ProposalNotFound()
            objection = _objection(proposal, actor, verdict, digest)
            if objection is not None or proposal.verdict is not None:
                return objection or proposal
            closed = await superseded(connection, proposal, database.clock)
            if closed is not None:
                return ended(closed)
            decided = await keep_verdict(connection, proposal, verdict, actor, reason.strip(), database.clock)
            if verdict is Verdict.APPROVED:
                await _carry_out(effects[proposal.kind], connection, decided, actor, database.clock)
                await _tell(connection, outbox, decided)
            return decided
    except _Refused as refused:
        await _close(database, proposal_id, refused.refusal)
        return refused.refusal


async def in_the_way(connection: Connection, proposal: Proposal, effect: Effect, clock: Clock) -> Refusal | None:
    """Why a locked, open proposal could not be approved now: tried, and taken back whatever comes of it."""
    trial = connection.transaction()
    await trial.start()
    try:
        tried = await keep_verdict(connection, proposal, Verdict.APPROVED, BY_ITSELF, "tried", clock)
        return await effect(connection, tried, BY_ITSELF, clock)
    finally:
        await trial.rollback()


async def _close(database: Database, proposal_id: UUID, refusal: Refusal) -> None:
    async with database.transaction() as connection:
        proposal = await lock_proposal(connection, proposal_id)
        if proposal is not None and proposal.verdict is None and is_for_good(proposal, refusal):
            await lapse(connection, proposal, refusal, database.clock)


def _objection(proposal: Proposal, actor: Actor, verdict: Decision, digest: str | None) -> Refusal | None:
    if proposal.verdict not in {None, verdict}:
        return ended(proposal)
    if digest is not None and digest != proposal.digest:
        return ProposalChanged(proposal.digest)
    if proposal.decided_by not in {None, actor.subject}:
        return ended(proposal)
    own = proposal.proposed_by == actor.subject
    return OwnProposal(actor.subject) if own and verdict is Verdict.APPROVED else None


async def _carry_out(effect: Effect, connection: Connection, proposal: Proposal, actor: Actor, clock: Clock) -> None:
    refused = await effect(connection, proposal, actor, clock)
    if refused is not None:
        raise _Refused(refused)


async def _tell(connection: Connection, outbox: Outbox, proposal: Proposal) -> None:
    moves = await moves_of_proposal(connection, proposal.id)
    if moves:
        await outbox.deposited(connection, moves)


async def _open_account(connection: Connection, proposal: Proposal, actor: Actor, clock: Clock) -> None:
    del actor
    await open_account(connection, proposal, clock)


CASH_EFFECTS: Final[Mapping[Kind, Effect]] = {
    Kind.BANK_ACCOUNT: _open_account,
    Kind.ALLOCATION: allocate,
    Kind.TOP_UP: top_up,
    Kind.DISPUTE: dispute,
    Kind.DISPUTE_END: end_dispute,
    Kind.TOLERANCE: tolerate,
    Kind.RETURNED: returned,
    Kind.WITHDRAWAL: withdraw,
    Kind.DRAW: draw,
    Kind.OWN: book_own,
}
"""What the approval of each kind does that is about money at the bank."""
