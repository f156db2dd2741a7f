"""Deposits that are paid back: two persons decide, the bank is told, and its statement proves it.

decided   Dr prefund / Cr withdrawn, and the cap is narrower by as much
paid      Dr withdrawn / Cr bank
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias
from uuid import UUID

from core.clock import Clock
from core.codes import Code
from core.database import Connection, Database
from core.ids import derive_id
from settlement.cash.deposits import owner_of, spare_fen, take_out
from settlement.cash.errors import AmountTooLarge, NotInModel, UnknownParticipant
from settlement.cash.postings import withdrawn_account
from settlement.cash.proposals import Kind, Proposal, keep_proposal
from settlement.cash.references import paying_back
from settlement.errors import ReasonMissing
from settlement.participants import codes
from settlement.persons import Actor

WithdrawalRefusal: TypeAlias = UnknownParticipant | NotInModel | AmountTooLarge


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What two persons decided to pay back of a deposit."""

    id: UUID
    number: int
    """From 1, without gaps."""
    participant: str
    model: str
    amount_fen: int
    open_fen: int
    """What the bank's statements have not proven yet."""
    reference: str
    ordered_at: datetime | None
    """When the bank was told; None: not yet."""
    recorded_at: datetime


async def withdrawals(database: Database, *, open_only: bool = True) -> list[Withdrawal]:
    """What is paid back, the oldest first; with `open_only`, without what the bank has paid."""
    async with database.connection() as connection:
        coded = await codes(connection)
        rows = await connection.fetch(_WITHDRAWALS)
    found = [
        Withdrawal(
            row["id"],
            row["number"],
            coded[row["participant_id"]],
            row["model"],
            row["amount_fen"],
            row["amount_fen"] - row["paid_fen"],
            paying_back(row["number"]),
            row["ordered_at"],
            row["recorded_at"],
        )
        for row in rows
    ]
    return [it for it in found if it.open_fen or not open_only]


async def propose_withdrawal(
    database: Database, participant: str, model: str, amount_fen: int, actor: Actor, *, reason: str
) -> Proposal | WithdrawalRefusal | ReasonMissing:
    """Propose that `amount_fen` (positive) of a participant's deposit in a model be paid back to its bank account."""
    if not reason.strip():
        return ReasonMissing()
    async with database.transaction() as connection:
        found = await _possible(connection, participant, model, amount_fen)
        if not isinstance(found, UUID):
            return found
        content = {"participant": participant, "model": model, "amount_fen": amount_fen}
        return await keep_proposal(connection, Kind.WITHDRAWAL, content, actor, reason.strip(), database.clock)


async def withdraw(connection: Connection, proposal: Proposal, actor: Actor, clock: Clock) -> WithdrawalRefusal | None:
    """What the approval of such a proposal does: the bank can be told."""
    del actor
    participant, model = str(proposal.content["participant"]), str(proposal.content["model"])
    amount_fen = int(proposal.content["amount_fen"])
    who = await _possible(connection, participant, model, amount_fen)
    if not isinstance(who, UUID):
        return who
    identifier, now = derive_id(proposal.id, "withdrawal"), clock.now()
    await connection.execute(_KEEP, identifier, who, model, amount_fen, proposal.id, now)
    row = (derive_id(identifier, "deposit"), who, model, -amount_fen, identifier, proposal.id, now)
    await connection.execute(_KEEP_DEPOSIT, *row)
    credit = withdrawn_account(who)
    return await take_out(connection, identifier, (who, model), credit, amount_fen, Code.PAYMENT, identifier, clock)


async def _possible(connection: Connection, participant: str, model: str, amount_fen: int) -> UUID | WithdrawalRefusal:
    who = await owner_of(connection, participant, model)
    if not isinstance(who, UUID):
        return who
    most = await spare_fen(connection, who, model)
    return who if 0 < amount_fen <= most else AmountTooLarge(most)


_KEEP: Final = """
INSERT INTO settlement_withdrawal (id, number, participant_id, model, amount_fen, proposal_id, recorded_at)
SELECT $1, 1 + (SELECT coalesce(max(number), 0) FROM settlement_withdrawal), $2, $3, $4, $5, $6
"""

_KEEP_DEPOSIT: Final = """
INSERT INTO settlement_deposit (id, participant_id, model, amount_fen, withdrawal_id, proposal_id, recorded_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""

_WITHDRAWALS: Final = """
SELECT withdrawal.*, told.ordered_at, (
    SELECT coalesce(sum(amount_fen), 0)::bigint FROM settlement_allocation WHERE withdrawal_id = withdrawal.id
) AS paid_fen
FROM settlement_withdrawal AS withdrawal LEFT JOIN settlement_order AS told ON told.withdrawal_id = withdrawal.id
ORDER BY number
"""
