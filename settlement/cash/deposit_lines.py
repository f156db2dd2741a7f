"""What moved a participant's deposit, line by line: opening at nothing, each line, and what is left after it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import accumulate
from typing import Final
from uuid import UUID

from core.database import Database
from settlement.cash.deposits import owner_of
from settlement.cash.errors import NotInModel, UnknownParticipant


class Movement(StrEnum):
    """Why a deposit moved."""

    TOPPED_UP = "TOPPED_UP"
    """Two persons said that a receipt is a deposit."""
    TAKEN = "TAKEN"
    """It paid for a window of a prefunded model when the bank was told."""
    DRAWN = "DRAWN"
    """Two persons took from it what was late."""
    PAID_BACK = "PAID_BACK"
    """Two persons decided to pay it back."""


@dataclass(frozen=True, slots=True)
class DepositLine:
    """One movement of a deposit."""

    id: UUID
    movement: Movement
    amount_fen: int
    """Positive: it grew."""
    balance_fen: int
    """After it."""
    window: int | None
    """The number of the window that it paid for."""
    reason: str
    """The proposer's; empty where nobody proposed it."""
    recorded_at: datetime


async def deposit_lines(
    database: Database, participant: str, model: str
) -> list[DepositLine] | UnknownParticipant | NotInModel:
    """Everything that moved a participant's deposit in a model, the oldest first."""
    async with database.connection() as connection:
        who = await owner_of(connection, participant, model)
        if not isinstance(who, UUID):
            return who
        rows = await connection.fetch(_LINES, who, model)
    balances = accumulate(row["amount_fen"] for row in rows)
    return [
        DepositLine(
            row["id"],
            Movement(row["movement"]),
            row["amount_fen"],
            balance,
            row["number"],
            row["reason"],
            row["recorded_at"],
        )
        for row, balance in zip(rows, balances, strict=True)
    ]


_LINES: Final = """
SELECT moved.id, moved.amount_fen, settling.number, coalesce(proposed_reason, '') AS reason, moved.recorded_at,
    CASE WHEN moved.amount_fen > 0 THEN 'TOPPED_UP' WHEN moved.withdrawal_id IS NOT NULL THEN 'PAID_BACK'
        WHEN moved.proposal_id IS NOT NULL THEN 'DRAWN' ELSE 'TAKEN' END AS movement
FROM settlement_deposit AS moved
LEFT JOIN settlement_proposal AS proposal ON proposal.id = moved.proposal_id
LEFT JOIN settlement_payment AS payment ON payment.id = moved.payment_id
LEFT JOIN settlement_window AS settling ON settling.id = payment.window_id
WHERE moved.participant_id = $1 AND moved.model = $2
ORDER BY moved.recorded_at, moved.id
"""
