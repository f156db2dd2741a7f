"""Movements that nobody but two persons can give to a payment."""

from dataclasses import dataclass
from datetime import date
from typing import TypeAlias
from uuid import UUID

from core.amounts import format_amount
from core.clock import Clock
from core.database import Connection, Database
from core.ids import derive_id
from settlement.cash.claims import already_claimed
from settlement.cash.errors import AllocationTooLarge, CashLineNotFound, CashLineUsed, PaymentNotFound, ProposalOpen
from settlement.cash.locking import hold_accounts, lock_money
from settlement.cash.matching import OpenPayment, Rule
from settlement.cash.payments import in_words, open_payments, to
from settlement.cash.postings import cash_accounts, explained
from settlement.cash.progress import move_on
from settlement.cash.proposals import Kind, Proposal, keep_proposal
from settlement.errors import ReasonMissing
from settlement.persons import Actor
from settlement.refused import post_all
from settlement.windows import lock_paying

AllocationRefusal: TypeAlias = CashLineNotFound | CashLineUsed | PaymentNotFound | AllocationTooLarge


@dataclass(frozen=True, slots=True)
class CashLine:
    """A movement at the bank of which something is not explained yet."""

    id: UUID
    amount_fen: int
    """Positive: money came in; negative: money went out."""
    left_fen: int
    """What is not explained; positive."""
    booked_on: date
    text: str
    other_account: str
    other_name: str

    def __str__(self) -> str:
        told = ", ".join(it for it in (self.other_name, self.text) if it)
        return f"CNY {format_amount(self.amount_fen, 2)} of {self.booked_on}{f' ({told})' if told else ''}"


async def unexplained_lines(database: Database) -> list[CashLine]:
    """What still lies in suspense: where most is left first, then the oldest."""
    async with database.connection() as connection:
        return await _lines(connection)


async def propose_allocation(
    database: Database, cash_id: UUID, payment_id: UUID, amount_fen: int, actor: Actor, *, reason: str
) -> Proposal | AllocationRefusal | ProposalOpen | ReasonMissing:
    """Propose that `amount_fen` (positive) of a movement pay a payment."""
    if not reason.strip():
        return ReasonMissing()
    async with database.transaction() as connection:
        await lock_money(connection)
        found = await _possible(connection, cash_id, payment_id, amount_fen)
        if not isinstance(found, OpenPayment):
            return found
        line = await movement(connection, cash_id)
        assert line is not None, "it has just been found"
        waiting = await already_claimed(connection, amount_fen, {cash_id: line.left_fen, payment_id: found.open_fen})
        if waiting is not None:
            return waiting
        content = {"cash_id": str(cash_id), "payment_id": str(payment_id), "amount_fen": amount_fen, "cash": str(line)}
        content |= {"payment": await in_words(connection, found)}
        return await keep_proposal(connection, Kind.ALLOCATION, content, actor, reason.strip(), database.clock)


async def allocate(connection: Connection, proposal: Proposal, actor: Actor, clock: Clock) -> AllocationRefusal | None:
    """What the approval of such a proposal does, if it still can be done."""
    await lock_paying(connection)
    await hold_accounts(connection)
    found = proposal.content
    cash_id, payment_id, amount_fen = UUID(found["cash_id"]), UUID(found["payment_id"]), int(found["amount_fen"])
    payment = await _possible(connection, cash_id, payment_id, amount_fen)
    if not isinstance(payment, OpenPayment):
        return payment
    identifier, what = derive_id(proposal.id, "allocation"), (amount_fen, Rule.PERSON.value, proposal.id, clock.now())
    await connection.execute(_KEEP, identifier, cash_id, *to(payment), *what)
    transfer = explained(identifier, cash_id, amount_fen, payment)
    await post_all(connection, [transfer], cash_accounts([payment.participant_id]), clock)
    await move_on(connection, actor, clock)
    return None


async def movement(connection: Connection, cash_id: UUID) -> CashLine | None:
    """A movement of which something is not explained yet."""
    return next((line for line in await _lines(connection) if line.id == cash_id), None)


async def missing(connection: Connection, cash_id: UUID | None) -> CashLineNotFound | CashLineUsed:
    """Why `movement` found nothing."""
    return CashLineUsed() if await connection.fetchval(_KNOWN, cash_id) else CashLineNotFound()


async def _possible(
    connection: Connection, cash_id: UUID, payment_id: UUID, amount_fen: int
) -> OpenPayment | AllocationRefusal:
    line = await movement(connection, cash_id)
    if line is None:
        return await missing(connection, cash_id)
    payment = next((payment for payment in await open_payments(connection) if payment.id == payment_id), None)
    if payment is None or payment.incoming != (line.amount_fen > 0):
        return PaymentNotFound()
    if not 0 < amount_fen <= min(line.left_fen, payment.open_fen):
        return AllocationTooLarge(line.left_fen, payment.open_fen)
    return payment


async def _lines(connection: Connection) -> list[CashLine]:
    return [CashLine(*row.values()) for row in await connection.fetch(_UNEXPLAINED)]


_UNEXPLAINED = """
SELECT cash.id, cash.amount_fen, abs(cash.amount_fen) - explained_fen AS left_fen, booked_on, text,
       other_account, other_name
FROM settlement_cash AS cash
CROSS JOIN LATERAL (
    SELECT coalesce(sum(amount_fen), 0)::bigint AS explained_fen
    FROM (
        SELECT amount_fen FROM settlement_allocation WHERE cash_id = cash.id
        UNION ALL SELECT amount_fen FROM settlement_deposit WHERE cash_id = cash.id
        UNION ALL SELECT amount_fen FROM settlement_dispute_end WHERE cash_id = cash.id
        UNION ALL SELECT amount_fen FROM settlement_own WHERE cash_id = cash.id
        UNION ALL SELECT amount_fen FROM settlement_returned WHERE cash.id IN (incoming_id, outgoing_id)
    ) AS found
) AS allocated
WHERE abs(cash.amount_fen) > explained_fen
ORDER BY left_fen DESC, booked_on, cash.id
"""

_KNOWN = "SELECT EXISTS (SELECT FROM settlement_cash WHERE id = $1)"

_KEEP = """
INSERT INTO settlement_allocation
    (id, cash_id, payment_id, withdrawal_id, amount_fen, rule, proposal_id, allocated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
