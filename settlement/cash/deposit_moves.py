"""What moved deposits: why, by how much, and what is left after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from asyncpg import Record

from core.database import Connection


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
class DepositMove:
    """One movement of a participant's deposit in a model."""

    id: UUID
    participant_id: UUID
    model: str
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


async def moves_of_deposit(connection: Connection, participant_id: UUID, model: str) -> list[DepositMove]:
    """All of one deposit, the oldest first."""
    return _moves(await connection.fetch(_OF_DEPOSIT, participant_id, model))


async def moves_of_proposal(connection: Connection, proposal_id: UUID) -> list[DepositMove]:
    """What the approval of a proposal did to deposits."""
    return _moves(await connection.fetch(_OF_PROPOSAL, proposal_id))


async def moves_of_window(connection: Connection, window_id: UUID) -> list[DepositMove]:
    """What the bank's order of a window took from deposits."""
    return _moves(await connection.fetch(_OF_WINDOW, window_id))


def _moves(rows: Sequence[Record]) -> list[DepositMove]:
    return [_move(*row.values()) for row in rows]


def _move(key: UUID, who: UUID, model: str, why: str, *rest: Any) -> DepositMove:
    return DepositMove(key, who, model, Movement(why), *rest)


_MOVES: Final = """
SELECT moved.id, moved.participant_id, moved.model,
    CASE WHEN moved.amount_fen > 0 THEN 'TOPPED_UP' WHEN moved.withdrawal_id IS NOT NULL THEN 'PAID_BACK'
        WHEN moved.proposal_id IS NOT NULL THEN 'DRAWN' ELSE 'TAKEN' END AS movement,
    moved.amount_fen, (
        SELECT sum(amount_fen)::bigint FROM settlement_deposit AS known
        WHERE known.participant_id = moved.participant_id AND known.model = moved.model
            AND (known.recorded_at, known.id) <= (moved.recorded_at, moved.id)
    ) AS balance_fen,
    settling.number, coalesce(proposed_reason, '') AS reason, moved.recorded_at
FROM settlement_deposit AS moved
LEFT JOIN settlement_proposal AS proposal ON proposal.id = moved.proposal_id
LEFT JOIN settlement_payment AS payment ON payment.id = moved.payment_id
LEFT JOIN settlement_window AS settling ON settling.id = payment.window_id
"""

_ORDER: Final = "ORDER BY moved.recorded_at, moved.id"

_OF_DEPOSIT: Final = f"{_MOVES} WHERE moved.participant_id = $1 AND moved.model = $2 {_ORDER}"

_OF_PROPOSAL: Final = f"{_MOVES} WHERE moved.proposal_id = $1 {_ORDER}"

_OF_WINDOW: Final = f"{_MOVES} WHERE payment.window_id = $1 AND moved.proposal_id IS NULL {_ORDER}"
