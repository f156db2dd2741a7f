"""Telling the bank to pay a deposit back, once two persons have decided it."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias
from uuid import UUID

from brands import OPERATOR_ID
from core.clock import Clock
from core.database import Connection, Database
from core.ids import derive_id
from settlement.cash.bank_accounts import bank_accounts
from settlement.cash.errors import AccountsMissing, WithdrawalNotFound
from settlement.cash.locking import lock_money
from settlement.cash.pain import Order, Transfer, pain_001
from settlement.cash.references import paying_back
from settlement.files import appearing
from settlement.participants import codes
from settlement.persons import Actor
from settlement.schedules import BANK_DAY

PayingBackRefusal: TypeAlias = WithdrawalNotFound | AccountsMissing


@dataclass(frozen=True, slots=True)
class PaidBack:
    """The file for the bank."""

    path: Path
    reference: str
    total_fen: int


@dataclass(frozen=True, slots=True)
class Owed:
    """What is to be paid back."""

    id: UUID
    participant_id: UUID
    number: int
    amount_fen: int


async def pay_back(
    database: Database, withdrawal_id: UUID, actor: Actor, *, folder: Path
) -> PaidBack | PayingBackRefusal:
    """Write the payment order: pain.001.001.09, to be executed on the day it is first written.

    Written again, the bytes are the same. Raises OSError when the folder cannot be written to.
    """
    async with database.transaction() as connection:
        await lock_money(connection)
        row = await connection.fetchrow(_WITHDRAWAL, withdrawal_id)
        if row is None:
            return WithdrawalNotFound()
        if await connection.fetchval(_KEPT, withdrawal_id) is None:
            missing = await _order(connection, Owed(*row.values()), actor, database.clock)
            if missing is not None:
                return missing
        kept = await connection.fetchrow(_KEPT, withdrawal_id)
        assert kept is not None, "it has just been kept"
        path = folder / kept["file_name"]
        with appearing(path) as file:
            file.write(kept["content"].encode())
        return PaidBack(path, paying_back(row["number"]), kept["total_fen"])


async def _order(connection: Connection, it: Owed, actor: Actor, clock: Clock) -> AccountsMissing | None:
    accounts, coded = await bank_accounts(connection), await codes(connection)
    missing = sorted(coded[who] for who in (OPERATOR_ID, it.participant_id) if who not in accounts)
    if missing:
        return AccountsMissing(tuple(missing))
    now, message_id = clock.now(), f"AGIO-D{it.number:09}"
    paid = Transfer(paying_back(it.number), accounts[it.participant_id], it.amount_fen, f"Agio deposit {it.number}")
    content = pain_001(Order(message_id, now, now.astimezone(BANK_DAY).date(), accounts[OPERATOR_ID], [paid]))
    told = (message_id, f"{message_id}.pain.001.xml", content.decode(), hashlib.sha256(content).hexdigest())
    await connection.execute(_KEEP, derive_id(it.id, "order"), it.id, *told, it.amount_fen, now, actor.subject)
    return None


_WITHDRAWAL: Final = "SELECT id, participant_id, number, amount_fen FROM settlement_withdrawal WHERE id = $1"

_KEPT: Final = "SELECT file_name, content, total_fen FROM settlement_order WHERE withdrawal_id = $1"

_KEEP: Final = """
INSERT INTO settlement_order
    (id, withdrawal_id, message_id, file_name, content, sha256, total_fen, ordered_at, ordered_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""
