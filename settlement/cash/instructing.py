"""Telling the bank what to pay out for an advised window."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias
from uuid import UUID

from asyncpg import Record

from brands import OPERATOR_ID
from core.clock import Clock
from core.database import Connection, Database
from core.ids import derive_id
from settlement.cash.account import BankAccount
from settlement.cash.bank_accounts import accounts_missing, bank_accounts
from settlement.cash.deposit_moves import moves_of_window
from settlement.cash.deposits import earmarked_positions, take_deposits
from settlement.cash.errors import AccountsMissing
from settlement.cash.locking import hold_accounts, lock_money
from settlement.cash.pain import Order, Transfer, pain_001
from settlement.cash.progress import move_on
from settlement.cash.references import places, reference
from settlement.errors import WindowNotFound, WrongStep
from settlement.figures import Figures
from settlement.files import appearing
from settlement.persons import Actor
from settlement.ports import SILENT, Outbox
from settlement.records import kept_figures
from settlement.schedules import BANK_DAY
from settlement.steps import Status
from settlement.windows import Window, advance, find, lock, lock_paying

InstructionRefusal: TypeAlias = WindowNotFound | WrongStep | AccountsMissing


@dataclass(frozen=True, slots=True)
class Instructed:
    """The window after the bank was told, and the file for the bank."""

    window: Window
    path: Path | None
    """None when there is nothing to pay out."""
    total_fen: int


async def instruct(
    database: Database, window_id: UUID, actor: Actor, *, folder: Path, reason: str = "", outbox: Outbox = SILENT
) -> Instructed | InstructionRefusal:
    """Write the payment order of an advised window: pain.001.001.09, to be executed on the day it is first written.

    Written again, the bytes are the same, whatever has become of the bank accounts meanwhile. A window without
    anything to pay goes straight on. Raises OSError when the folder cannot be written to.
    """
    async with database.transaction() as connection:
        await lock_money(connection)
        await lock_paying(connection)
        window = await lock(connection, window_id)
        if window is None:
            return WindowNotFound(str(window_id))
        if not window.status.has_reached(Status.ADVISED):
            return WrongStep(window.number, window.status, Status.ADVISED)
        if window.status is Status.ADVISED:
            missing = await _order(connection, window, database.clock)
            if missing is not None:
                return missing
            await hold_accounts(connection, await earmarked_positions(connection, window))
            await take_deposits(connection, window, database.clock)
            if taken := await moves_of_window(connection, window.id):
                await outbox.deposited(connection, taken)
            await advance(connection, window, Status.INSTRUCTED, actor, clock=database.clock, reason=reason.strip())
            await move_on(connection, actor, database.clock)
        return await _write(connection, window_id, folder)


async def _order(connection: Connection, window: Window, clock: Clock) -> AccountsMissing | None:
    """Keep what the bank is told; nothing is kept when nobody is paid."""
    figures, accounts = await kept_figures(connection, window), await bank_accounts(connection)
    if all(payment.payer_id != OPERATOR_ID for payment in figures.payments):
        return None
    missing = await accounts_missing(connection, figures.payments)
    if missing:
        return AccountsMissing(missing)
    await _keep(connection, window, _compose(window, figures, accounts, clock))
    return None


def _compose(window: Window, figures: Figures, accounts: Mapping[UUID, BankAccount], clock: Clock) -> Order:
    now = clock.now()
    transfers = [
        Transfer(reference(window.number, place), accounts[it.payee_id], it.amount_fen, f"Agio window {window.number}")
        for it, place in places(figures.payments).items()
        if it.payer_id == OPERATOR_ID
    ]
    message_id, day = f"AGIO-{window.number:06}", now.astimezone(BANK_DAY).date()
    return Order(message_id, now, day, accounts[OPERATOR_ID], transfers)


async def _keep(connection: Connection, window: Window, order: Order) -> None:
    content = pain_001(order)
    total = sum(transfer.amount_fen for transfer in order.transfers)
    name, sha256 = f"{order.message_id}.pain.001.xml", hashlib.sha256(content).hexdigest()
    row = (derive_id(window.id, "order"), window.id, order.message_id, name, content.decode(), sha256, total)
    await connection.execute(_KEEP, *row, order.ordered_at)


async def _write(connection: Connection, window_id: UUID, folder: Path) -> Instructed:
    window = await find(connection, window_id)
    assert window is not None, "it is locked"
    row: Record | None = await connection.fetchrow(_KEPT, window_id)
    if row is None:
        return Instructed(window, None, 0)
    path = folder / row["file_name"]
    with appearing(path) as file:
        file.write(row["content"].encode())
    return Instructed(window, path, row["total_fen"])


_KEEP = """
INSERT INTO settlement_order (id, window_id, message_id, file_name, content, sha256, total_fen, ordered_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""

_KEPT = "SELECT file_name, content, total_fen FROM settlement_order WHERE window_id = $1"
