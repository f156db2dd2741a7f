"""The payments of advised windows: what is open, since when, and under which reference."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from asyncpg import Record

from brands import OPERATOR_ID
from core.clock import Clock
from core.database import Connection, Database
from settlement.cash.bank_accounts import bank_accounts
from settlement.cash.matching import OpenPayment
from settlement.cash.references import Referred, paying_back, reference
from settlement.participants import codes
from settlement.schedules import BANK_DAY

LATE_AFTER: Final = timedelta(days=2)
"""How long after the advice nobody is late yet."""


@dataclass(frozen=True, slots=True)
class DuePayment:
    """A payment that is not wholly paid."""

    id: UUID
    window: int
    """The window's number."""
    participant: str
    """By code."""
    incoming: bool
    """Whether the participant pays; otherwise it is paid."""
    amount_fen: int
    open_fen: int
    reference: str
    advised_at: datetime
    age: timedelta
    """How long ago the window was advised."""
    due_on: date
    """The bank's day on which it is to be paid, as the statement says."""
    late: bool
    """Whether that day is over, and the window was advised two days ago or longer."""
    counterparty: str | None = None
    """Gross: to whom it is passed on, or from whom it comes; None: it is for everybody."""


async def due_payments(database: Database) -> list[DuePayment]:
    """Everything that is not wholly paid, the oldest first."""
    async with database.connection() as connection:
        return await due_now(connection, database.clock)


async def due_now(connection: Connection, clock: Clock) -> list[DuePayment]:
    """The same, in the caller's transaction."""
    coded, now = await codes(connection), clock.now()
    return [_due(row, coded, now) for row in await connection.fetch(_OPEN, OPERATOR_ID)]


async def open_payments(connection: Connection) -> list[OpenPayment]:
    """The same, as matching needs them, and what is to be paid back of deposits."""
    accounts = {who: account.number for who, account in (await bank_accounts(connection)).items()}
    of_windows = [_open(row, accounts) for row in await connection.fetch(_OPEN, OPERATOR_ID)]
    return of_windows + [_paying_back(row, accounts) for row in await connection.fetch(_PAYING_BACK)]


async def in_words(connection: Connection, payment: OpenPayment) -> str:
    """By its reference and its participant, as persons know it."""
    it = payment.referred
    named = paying_back(it.place) if payment.paid_back else reference(it.window, it.place)
    return f"{named} of {(await codes(connection))[payment.participant_id]}"


def to(payment: OpenPayment) -> tuple[UUID | None, UUID | None]:
    """What an allocation names: a window's payment, or what pays a deposit back."""
    return (None, payment.id) if payment.paid_back else (payment.id, None)


def _due(row: Record, coded: Mapping[UUID, str], now: datetime) -> DuePayment:
    age, due_on = now - row["advised_at"], row["due_on"] or _day_after(row["advised_at"])
    return DuePayment(
        row["id"],
        row["number"],
        coded[_participant(row)],
        row["payee_id"] == OPERATOR_ID,
        row["amount_fen"],
        row["open_fen"],
        reference(row["number"], row["place"]),
        row["advised_at"],
        age,
        due_on,
        age >= LATE_AFTER and now.astimezone(BANK_DAY).date() > due_on,
        coded.get(row["for_id"]),
    )


def _day_after(advised_at: datetime) -> date:
    """When it was due before statements said so."""
    return advised_at.astimezone(BANK_DAY).date() + timedelta(days=1)


def _open(row: Record, accounts: Mapping[UUID, str]) -> OpenPayment:
    referred, incoming = Referred(row["number"], row["place"]), row["payee_id"] == OPERATOR_ID
    who = _participant(row)
    return OpenPayment(row["id"], referred, who, incoming, row["open_fen"], accounts.get(who), row["amount_fen"])


def _paying_back(row: Record, accounts: Mapping[UUID, str]) -> OpenPayment:
    who = row["participant_id"]
    amounts = {"open_fen": row["open_fen"], "amount_fen": row["amount_fen"]}
    return OpenPayment(
        row["id"], Referred(0, row["number"]), who, incoming=False, account=accounts.get(who), paid_back=True, **amounts
    )


def _participant(row: Record) -> UUID:
    found: UUID = row["payer_id"] if row["payee_id"] == OPERATOR_ID else row["payee_id"]
    return found


_OPEN = """
SELECT payment.*, number, advised_at, party.due_on, amount_fen - paid_fen AS open_fen
FROM (
    SELECT id, window_id, payer_id, payee_id, amount_fen, for_id,
           row_number() OVER (PARTITION BY window_id ORDER BY payer_id, payee_id, for_id) AS place
    FROM settlement_payment
) AS payment
JOIN settlement_window AS settling ON settling.id = window_id AND status IN ('ADVISED', 'INSTRUCTED', 'FUNDED')
CROSS JOIN LATERAL (
    SELECT min(recorded_at) AS advised_at FROM settlement_history AS step
    WHERE step.window_id = settling.id AND step.status = 'ADVISED'
) AS advice
CROSS JOIN LATERAL (
    SELECT coalesce(sum(amount_fen), 0)::bigint AS paid_fen FROM settlement_allocation WHERE payment_id = payment.id
) AS allocated
LEFT JOIN settlement_advice_party AS party
    ON party.window_id = payment.window_id AND party.participant_id <> $1
    AND party.participant_id IN (payer_id, payee_id)
WHERE amount_fen > paid_fen
ORDER BY number, place
"""

_PAYING_BACK = """
SELECT withdrawal.id, number, participant_id, amount_fen, amount_fen - paid_fen AS open_fen
FROM settlement_withdrawal AS withdrawal
CROSS JOIN LATERAL (
    SELECT coalesce(sum(amount_fen), 0)::bigint AS paid_fen FROM settlement_allocation
    WHERE withdrawal_id = withdrawal.id
) AS allocated
WHERE amount_fen > paid_fen AND EXISTS (SELECT FROM settlement_order AS told WHERE told.withdrawal_id = withdrawal.id)
ORDER BY number
"""
