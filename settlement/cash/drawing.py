"""What is late, paid from the late payer's deposit: Dr prefund / Cr due. One person proposes it, another decides."""

from typing import Final, TypeAlias
from uuid import UUID

from brands.accounts import due_account
from core.clock import Clock
from core.codes import Code
from core.database import Connection, Database
from core.ids import derive_id
from settlement.cash.claims import already_claimed
from settlement.cash.deposits import owner_of, spare_fen, take_out
from settlement.cash.errors import (
    AmountTooLarge,
    NotInModel,
    NotLate,
    PaymentNotFound,
    ProposalOpen,
    UnknownParticipant,
)
from settlement.cash.locking import hold_accounts, lock_money
from settlement.cash.matching import Rule
from settlement.cash.payments import DuePayment, due_now
from settlement.cash.progress import move_on
from settlement.cash.proposals import Kind, Proposal, keep_proposal
from settlement.errors import ReasonMissing
from settlement.persons import Actor
from settlement.postings import position_account_id
from settlement.windows import lock_paying

DrawRefusal: TypeAlias = PaymentNotFound | NotLate | UnknownParticipant | NotInModel | AmountTooLarge


async def propose_draw(
    database: Database, payment_id: UUID, model: str, amount_fen: int, actor: Actor, *, reason: str
) -> Proposal | DrawRefusal | ProposalOpen | ReasonMissing:
    """Propose that `amount_fen` (positive) of a late payment be taken from its payer's deposit in a model."""
    if not reason.strip():
        return ReasonMissing()
    async with database.transaction() as connection:
        await lock_money(connection)
        found = await _possible(connection, payment_id, model, amount_fen, database.clock)
        if not isinstance(found, DuePayment):
            return found
        waiting = await already_claimed(connection, amount_fen, {payment_id: found.open_fen})
        if waiting is not None:
            return waiting
        content = {
            "payment_id": str(payment_id),
            "participant": found.participant,
            "window": found.window,
            "model": model,
            "amount_fen": amount_fen,
        }
        return await keep_proposal(connection, Kind.DRAW, content, actor, reason.strip(), database.clock)


async def draw(connection: Connection, proposal: Proposal, actor: Actor, clock: Clock) -> DrawRefusal | None:
    """What the approval of such a proposal does."""
    await lock_paying(connection)
    payment_id, model = UUID(proposal.content["payment_id"]), str(proposal.content["model"])
    amount_fen = int(proposal.content["amount_fen"])
    found = await _possible(connection, payment_id, model, amount_fen, clock)
    if not isinstance(found, DuePayment):
        return found
    who = await owner_of(connection, found.participant, model)
    assert isinstance(who, UUID), "it has just been found"
    await hold_accounts(connection, [position_account_id(who, model)])
    identifier, now = derive_id(proposal.id, "drawn"), clock.now()
    await connection.execute(_ALLOCATE, identifier, payment_id, amount_fen, Rule.DRAWN.value, proposal.id, now)
    await connection.execute(_KEEP, identifier, who, model, -amount_fen, payment_id, proposal.id, now)
    credit = due_account(who)
    refused = await take_out(connection, identifier, (who, model), credit, amount_fen, Code.PAYMENT, payment_id, clock)
    if refused is None:
        await move_on(connection, actor, clock)
    return refused


async def _possible(
    connection: Connection, payment_id: UUID, model: str, amount_fen: int, clock: Clock
) -> DuePayment | DrawRefusal:
    payments = await due_now(connection, clock)
    payment = next((it for it in payments if it.id == payment_id and it.incoming), None)
    if payment is None:
        return PaymentNotFound()
    if not payment.late:
        return NotLate(payment.age.days)
    who = await owner_of(connection, payment.participant, model)
    if not isinstance(who, UUID):
        return who
    most = min(payment.open_fen, await spare_fen(connection, who, model))
    return payment if 0 < amount_fen <= most else AmountTooLarge(most)


_ALLOCATE: Final = """
INSERT INTO settlement_allocation (id, payment_id, amount_fen, rule, proposal_id, allocated_at)
VALUES ($1, $2, $3, $4, $5, $6)
"""

_KEEP: Final = """
INSERT INTO settlement_deposit (id, participant_id, model, amount_fen, payment_id, proposal_id, recorded_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
