"""Who pays whom for a window, at which bank and until when, as it stood when its statements were first written."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from brands import OPERATOR_ID
from core.clock import Clock
from core.database import Connection
from core.ids import derive_id
from settlement.agreed_models import model_coded
from settlement.cash.account import BankAccount
from settlement.schedules import BANK_DAY, Schedule
from settlement.statement import Paying
from settlement.windows import Window


@dataclass(frozen=True, slots=True)
class Parties:
    """Both sides of every payment of a window."""

    accounts: dict[UUID, BankAccount]
    """By participant; without those who had none at the advice."""
    due_on: date

    def paying(self, participant_id: UUID) -> Paying:
        """What the participant's statement says of it."""
        return Paying(self.due_on, self.accounts.get(OPERATOR_ID), self.accounts.get(participant_id))


async def keep_parties(connection: Connection, window: Window, clock: Clock) -> None:
    """Remember the accounts that are in use now, and on which day payments are due."""
    model = await model_coded(connection, window.model)
    due_on = due_day(clock.now(), model.terms.schedule if model else Schedule())
    rows = await connection.fetch(_TAKING_PART, window.id)
    await connection.executemany(
        _KEEP,
        [(derive_id(window.id, f"party:{who}"), window.id, who, account, due_on) for who, account in map(tuple, rows)],
    )


async def parties(connection: Connection, window: Window) -> Parties | None:
    """What was remembered; None: the window was advised before anything was."""
    rows = await connection.fetch(_KEPT, window.id)
    if not rows:
        return None
    accounts = {
        row["participant_id"]: BankAccount(row["holder"], row["number"], row["bank_code"])
        for row in rows
        if row["holder"] is not None
    }
    return Parties(accounts, rows[0]["due_on"])


def due_day(advised_at: datetime, schedule: Schedule) -> date:
    """The first day of business after the advice."""
    return schedule.business_day_after(advised_at.astimezone(BANK_DAY).date())


_TAKING_PART: Final = """
SELECT participant_id, (
    SELECT id FROM settlement_bank_account AS account WHERE account.participant_id = position.participant_id
    ORDER BY valid_from DESC, id DESC LIMIT 1
)
FROM settlement_position AS position WHERE window_id = $1 ORDER BY participant_id
"""

_KEEP: Final = """
INSERT INTO settlement_advice_party (id, window_id, participant_id, bank_account_id, due_on)
VALUES ($1, $2, $3, $4, $5)
"""

_KEPT: Final = """
SELECT party.participant_id, holder, number, bank_code, due_on
FROM settlement_advice_party AS party LEFT JOIN settlement_bank_account AS account ON account.id = bank_account_id
WHERE window_id = $1
"""
