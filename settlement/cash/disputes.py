"""Payments that a participant does not accept, and small differences: what is due and will not simply be paid.

dispute     Dr disputed / Cr due: the window can settle, the amount is kept in sight
paid        Dr suspense / Cr disputed, when the money came after all
written off Dr write-off / Cr disputed
tolerance   Dr write-off / Cr due, for a small difference of one payment; Dr owed / Cr write-off, of one paid out
Each is proposed by one person and decided by another.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeAlias
from uuid import UUID

from asyncpg import Record

from brands.accounts import due_account, owed_account
from core.clock import Clock
from core.codes import Code
from core.database import Connection, Database
from core.ids import derive_id
from ledger import Account, Transfer
from settlement.cash.allocating import missing, movement
from settlement.cash.claims import already_claimed
from settlement.cash.errors import (
    AmountTooLarge,
    CashLineNotFound,
    CashLineUsed,
    DisputeNotFound,
    PaymentNotFound,
    ProposalOpen,
)
from settlement.cash.locking import hold_accounts, lock_money
from settlement.cash.matching import OpenPayment, Rule
from settlement.cash.payments import in_words, open_payments
from settlement.cash.postings import disputed_account, suspense_account, write_off_account
from settlement.cash.progress import move_on
from settlement.cash.proposals import Kind, Proposal, keep_proposal
from settlement.errors import ReasonMissing
from settlement.netting import FEN_MICRO
from settlement.participants import codes
from settlement.persons import Actor
from settlement.refused import post_all
from settlement.windows import lock_paying

TOLERANCE_MAX_FEN: Final = 10_00
"""The largest difference that counts as small, if it is also at most `TOLERANCE_MAX_PERCENT` of the payment."""
TOLERANCE_MAX_PERCENT: Final = 1

DueRefusal: TypeAlias = PaymentNotFound | AmountTooLarge
EndRefusal: TypeAlias = DisputeNotFound | CashLineNotFound | CashLineUsed | AmountTooLarge


class Outcome(StrEnum):
    """What became of a dispute, or of a part of it."""

    PAID = "PAID"
    """The participant paid after all."""
    WRITTEN_OFF = "WRITTEN_OFF"
    """The operator gives it up."""


@dataclass(frozen=True, slots=True)
class Dispute:
    """What a participant does not accept of a payment."""

    id: UUID
    payment_id: UUID
    participant: str
    window: int
    amount_fen: int
    open_fen: int
    """What is neither paid nor written off."""
    opened_at: datetime
    reason: str


async def disputes(database: Database, *, open_only: bool = True) -> list[Dispute]:
    """Disputes, the oldest first."""
    async with database.connection() as connection:
        found = await _disputes(connection)
    return [it for it in found if it.open_fen or not open_only]


async def propose_dispute(
    database: Database, payment_id: UUID, amount_fen: int, actor: Actor, *, reason: str
) -> Proposal | DueRefusal | ProposalOpen | ReasonMissing:
    """Propose that a part of what is due be put among the disputed amounts; the reason is the participant's."""
    return await _propose_due(database, Kind.DISPUTE, payment_id, amount_fen, actor, reason)


async def propose_tolerance(
    database: Database, payment_id: UUID, amount_fen: int, actor: Actor, *, reason: str
) -> Proposal | DueRefusal | ProposalOpen | ReasonMissing:
    """Propose that a small difference of a payment be given up."""
    return await _propose_due(database, Kind.TOLERANCE, payment_id, amount_fen, actor, reason)


async def propose_end(
    database: Database,
    dispute_id: UUID,
    outcome: Outcome,
    amount_fen: int,
    actor: Actor,
    *,
    reason: str,
    cash_id: UUID | None = None,
) -> Proposal | EndRefusal | ProposalOpen | ReasonMissing:
    """Propose what became of a dispute; a receipt is needed when it was paid."""
    if not reason.strip():
        return ReasonMissing()
    content = {
        "dispute_id": str(dispute_id),
        "outcome": outcome.value,
        "amount_fen": amount_fen,
        "cash_id": None if cash_id is None else str(cash_id),
    }
    async with database.transaction() as connection:
        await lock_money(connection)
        found = await _endable(connection, dispute_id, outcome, amount_fen, cash_id)
        if not isinstance(found, Dispute):
            return found
        receipt = None if cash_id is None else await movement(connection, cash_id)
        left = {dispute_id: found.open_fen} | ({} if receipt is None else {receipt.id: receipt.left_fen})
        waiting = await already_claimed(connection, amount_fen, left)
        if waiting is not None:
            return waiting
        content |= {"dispute": f"of {found.participant} in window {found.window}"}
        if receipt is not None:
            content |= {"cash": str(receipt)}
        return await keep_proposal(connection, Kind.DISPUTE_END, content, actor, reason.strip(), database.clock)


async def dispute(connection: Connection, proposal: Proposal, actor: Actor, clock: Clock) -> DueRefusal | None:
    """What the approval of a dispute does."""
    found = await _give_way(connection, proposal, actor, clock, Rule.DISPUTE)
    return None if isinstance(found, OpenPayment) else found


async def tolerate(connection: Connection, proposal: Proposal, actor: Actor, clock: Clock) -> DueRefusal | None:
    """What the approval of a tolerance does."""
    found = await _give_way(connection, proposal, actor, clock, Rule.TOLERANCE)
    return None if isinstance(found, OpenPayment) else found


async def end_dispute(connection: Connection, proposal: Proposal, actor: Actor, clock: Clock) -> EndRefusal | None:
    """What the approval of a dispute's end does."""
    del actor
    await lock_paying(connection)
    content, outcome = proposal.content, Outcome(proposal.content["outcome"])
    cash_id = None if content["cash_id"] is None else UUID(content["cash_id"])
    dispute_id, amount_fen = UUID(content["dispute_id"]), int(content["amount_fen"])
    found = await _endable(connection, dispute_id, outcome, amount_fen, cash_id)
    if not isinstance(found, Dispute):
        return found
    identifier, who = derive_id(proposal.id, "end"), await connection.fetchval(_DISPUTER, dispute_id)
    row = (identifier, dispute_id, outcome.value, amount_fen, cash_id, proposal.id, clock.now())
    await connection.execute(_KEEP_END, *row)
    debit = suspense_account() if outcome is Outcome.PAID else write_off_account()
    sides = (debit, disputed_account(who))
    await _post(connection, identifier, sides, amount_fen, Code.ADJUSTMENT, dispute_id, clock)
    return None


async def _propose_due(
    database: Database, kind: Kind, payment_id: UUID, amount_fen: int, actor: Actor, reason: str
) -> Proposal | DueRefusal | ProposalOpen | ReasonMissing:
    if not reason.strip():
        return ReasonMissing()
    async with database.transaction() as connection:
        await lock_money(connection)
        found = await _due(connection, kind, payment_id, amount_fen)
        if not isinstance(found, OpenPayment):
            return found
        waiting = await already_claimed(connection, amount_fen, {payment_id: found.open_fen})
        if waiting is not None:
            return waiting
        told = await in_words(connection, found)
        content = {"payment_id": str(payment_id), "payment": told, "amount_fen": amount_fen}
        return await keep_proposal(connection, kind, content, actor, reason.strip(), database.clock)


async def _due(connection: Connection, kind: Kind, payment_id: UUID, amount_fen: int) -> OpenPayment | DueRefusal:
    payment = next((it for it in await open_payments(connection) if it.id == payment_id), None)
    if payment is None or payment.paid_back or not (payment.incoming or kind is Kind.TOLERANCE):
        return PaymentNotFound()
    most = payment.open_fen
    if kind is Kind.TOLERANCE:
        most = min(most, TOLERANCE_MAX_FEN, payment.amount_fen * TOLERANCE_MAX_PERCENT // 100)
    return payment if 0 < amount_fen <= most else AmountTooLarge(most)


async def _give_way(
    connection: Connection, proposal: Proposal, actor: Actor, clock: Clock, rule: Rule
) -> OpenPayment | DueRefusal:
    await lock_paying(connection)
    await hold_accounts(connection)
    payment_id, amount_fen = UUID(proposal.content["payment_id"]), int(proposal.content["amount_fen"])
    payment = await _due(connection, proposal.kind, payment_id, amount_fen)
    if not isinstance(payment, OpenPayment):
        return payment
    identifier, who, now = derive_id(proposal.id, "given way"), payment.participant_id, clock.now()
    await connection.execute(_ALLOCATE, identifier, payment_id, amount_fen, rule.value, proposal.id, now)
    debit, credit = (
        (write_off_account(), due_account(who)) if payment.incoming else (owed_account(who), write_off_account())
    )
    code = Code.TOLERANCE
    if rule is Rule.DISPUTE:
        debit, code = disputed_account(who), Code.ADJUSTMENT
        await connection.execute(_KEEP, identifier, payment_id, who, amount_fen, proposal.id, now)
    await _post(connection, identifier, (debit, credit), amount_fen, code, payment_id, clock)
    await move_on(connection, actor, clock)
    return payment


async def _post(
    connection: Connection,
    key: UUID,
    sides: tuple[Account, Account],
    amount_fen: int,
    code: Code,
    reference: UUID,
    clock: Clock,
) -> None:
    debit, credit = sides
    transfer = Transfer(key, debit.id, credit.id, amount_fen * FEN_MICRO, code, reference=reference)
    await post_all(connection, [transfer], sides, clock)


async def _endable(
    connection: Connection, dispute_id: UUID, outcome: Outcome, amount_fen: int, cash_id: UUID | None
) -> Dispute | EndRefusal:
    found = next((it for it in await _disputes(connection) if it.id == dispute_id and it.open_fen), None)
    if found is None:
        return DisputeNotFound()
    most = found.open_fen
    if outcome is Outcome.PAID:
        line = None if cash_id is None else await movement(connection, cash_id)
        if line is None:
            return await missing(connection, cash_id)
        if line.amount_fen < 0:
            return CashLineNotFound()
        most = min(most, line.left_fen)
    elif cash_id is not None:
        return CashLineNotFound()
    return found if 0 < amount_fen <= most else AmountTooLarge(most)


async def _disputes(connection: Connection) -> list[Dispute]:
    coded = await codes(connection)
    return [_dispute(row, coded[row["participant_id"]]) for row in await connection.fetch(_DISPUTES)]


def _dispute(row: Record, participant: str) -> Dispute:
    amounts = (row["amount_fen"], row["amount_fen"] - row["ended_fen"])
    return Dispute(
        row["id"], row["payment_id"], participant, row["number"], *amounts, row["opened_at"], row["proposed_reason"]
    )


_DISPUTES: Final = """
SELECT it.id, it.payment_id, it.participant_id, settling.number, it.amount_fen, it.opened_at, proposed_reason,
    (SELECT coalesce(sum(amount_fen), 0)::bigint FROM settlement_dispute_end WHERE dispute_id = it.id) AS ended_fen
FROM settlement_dispute AS it JOIN settlement_proposal AS proposal ON proposal.id = it.proposal_id
JOIN settlement_payment AS payment ON payment.id = it.payment_id
JOIN settlement_window AS settling ON settling.id = payment.window_id
ORDER BY it.opened_at, it.id
"""

_DISPUTER: Final = "SELECT participant_id FROM settlement_dispute WHERE id = $1"

_ALLOCATE: Final = """
INSERT INTO settlement_allocation (id, payment_id, amount_fen, rule, proposal_id, allocated_at)
VALUES ($1, $2, $3, $4, $5, $6)
"""

_KEEP: Final = """
INSERT INTO settlement_dispute (id, payment_id, participant_id, amount_fen, proposal_id, opened_at)
VALUES ($1, $2, $3, $4, $5, $6)
"""

_KEEP_END: Final = """
INSERT INTO settlement_dispute_end (id, dispute_id, outcome, amount_fen, cash_id, proposal_id, recorded_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
