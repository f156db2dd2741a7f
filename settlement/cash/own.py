"""Movements at the bank that are no participant's: what the bank charges and pays, small differences, own money.

came in   Dr suspense / Cr bank interest, write-off or funds
went out  Dr bank charges, write-off or funds / Cr suspense
"""

from enum import StrEnum
from typing import Final, TypeAlias
from uuid import UUID

from core.clock import Clock
from core.codes import Code
from core.database import Connection, Database
from core.ids import derive_id
from ledger import Transfer
from settlement.cash.allocating import CashLine, missing, movement
from settlement.cash.claims import already_claimed
from settlement.cash.disputes import TOLERANCE_MAX_FEN
from settlement.cash.errors import AmountTooLarge, CashLineNotFound, CashLineUsed, ProposalOpen, WrongDirection
from settlement.cash.locking import lock_money
from settlement.cash.postings import own_account, suspense_account
from settlement.cash.proposals import Kind, Proposal, keep_proposal
from settlement.errors import ReasonMissing
from settlement.netting import FEN_MICRO
from settlement.persons import Actor
from settlement.refused import post_all

OwnRefusal: TypeAlias = CashLineNotFound | CashLineUsed | AmountTooLarge | WrongDirection


class Purpose(StrEnum):
    """What a movement is that is the operator's own."""

    BANK_CHARGE = "BANK_CHARGE"
    """What the bank takes: for its services, or on a balance below zero. Only what went out."""
    BANK_INTEREST = "BANK_INTEREST"
    """What the bank pays: on the balance, or charges given back. Only what came in."""
    DIFFERENCE = "DIFFERENCE"
    """So little too much or too little that nobody asks for it: at most 10.00."""
    FUNDS = "FUNDS"
    """The operator's own money, brought in or taken out."""

    @property
    def account(self) -> str:
        """The purpose of the account that it is posted to."""
        return _ACCOUNTS[self]

    @property
    def code(self) -> Code:
        """Of its transfer."""
        return Code.TOLERANCE if self is Purpose.DIFFERENCE else Code.PAYMENT


_ACCOUNTS: Final = {
    Purpose.BANK_CHARGE: "bank_charges",
    Purpose.BANK_INTEREST: "bank_interest",
    Purpose.DIFFERENCE: "write_off",
    Purpose.FUNDS: "funds",
}


async def propose_own(
    database: Database, cash_id: UUID, purpose: Purpose, amount_fen: int, actor: Actor, *, reason: str
) -> Proposal | OwnRefusal | ProposalOpen | ReasonMissing:
    """Propose that `amount_fen` (positive) of a movement be the operator's own."""
    if not reason.strip():
        return ReasonMissing()
    async with database.transaction() as connection:
        await lock_money(connection)
        found = await _possible(connection, cash_id, purpose, amount_fen)
        if not isinstance(found, CashLine):
            return found
        waiting = await already_claimed(connection, amount_fen, {cash_id: found.left_fen})
        if waiting is not None:
            return waiting
        content = {"cash_id": str(cash_id), "cash": str(found), "purpose": purpose.value, "amount_fen": amount_fen}
        return await keep_proposal(connection, Kind.OWN, content, actor, reason.strip(), database.clock)


async def book_own(connection: Connection, proposal: Proposal, actor: Actor, clock: Clock) -> OwnRefusal | None:
    """What the approval of such a proposal does."""
    del actor
    cash_id, purpose = UUID(proposal.content["cash_id"]), Purpose(proposal.content["purpose"])
    amount_fen = int(proposal.content["amount_fen"])
    found = await _possible(connection, cash_id, purpose, amount_fen)
    if not isinstance(found, CashLine):
        return found
    identifier = derive_id(proposal.id, "own")
    await connection.execute(_KEEP, identifier, cash_id, purpose.value, amount_fen, proposal.id, clock.now())
    sides = [suspense_account(), own_account(purpose.account)]
    debit, credit = sides if found.amount_fen > 0 else reversed(sides)
    transfer = Transfer(identifier, debit.id, credit.id, amount_fen * FEN_MICRO, purpose.code, reference=cash_id)
    await post_all(connection, [transfer], sides, clock)
    return None


async def _possible(connection: Connection, cash_id: UUID, purpose: Purpose, amount_fen: int) -> CashLine | OwnRefusal:
    line = await movement(connection, cash_id)
    if line is None:
        return await missing(connection, cash_id)
    came_in = line.amount_fen > 0
    if purpose is (Purpose.BANK_CHARGE if came_in else Purpose.BANK_INTEREST):
        return WrongDirection(purpose.value, came_in)
    most = min(line.left_fen, TOLERANCE_MAX_FEN) if purpose is Purpose.DIFFERENCE else line.left_fen
    return line if 0 < amount_fen <= most else AmountTooLarge(most)


_KEEP: Final = """
INSERT INTO settlement_own (id, cash_id, purpose, amount_fen, proposal_id, recorded_at) VALUES ($1, $2, $3, $4, $5, $6)
"""
