"""Taking in the bank's statements: every movement is posted, and pays what it certainly belongs to."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias
from uuid import UUID

from brands import OPERATOR_CODE, OPERATOR_ID
from brands.accounts import bank_account
from core.clock import Clock
from core.database import Connection, Database
from core.errors import AgioError
from core.ids import derive_id, new_id
from ledger import Transfer, balances
from settlement.cash.bank_accounts import bank_accounts
from settlement.cash.camt import BankEntry, BankStatement, read_camt_053
from settlement.cash.errors import (
    AccountsMissing,
    StatementChanged,
    StatementGap,
    StatementOfOtherAccount,
    StatementUnreadable,
)
from settlement.cash.locking import hold_accounts, lock_money
from settlement.cash.matching import Allocation, OpenPayment, match
from settlement.cash.payments import open_payments, to
from settlement.cash.postings import cash_accounts, paid, unexplained
from settlement.cash.progress import move_on
from settlement.netting import FEN_MICRO
from settlement.persons import Actor
from settlement.refused import post_all
from settlement.windows import Window, lock_paying

POSTED_AT_ONCE: Final = 4_000
"""Transfers in one batch of the ledger."""

ImportRefusal: TypeAlias = (
    StatementUnreadable | StatementOfOtherAccount | StatementChanged | StatementGap | AccountsMissing
)


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file of bank statements brought."""

    statements: int
    """New ones; those imported before change nothing."""
    movements: int
    matched: int
    """Movements that pay a payment, wholly or in part."""
    unexplained: int
    """Movements of which something is left for a person to explain."""
    moved: tuple[Window, ...]
    """Windows that went on because of it."""


class _Refused(AgioError):
    """Raised so that the transaction is rolled back, caught at its edge."""

    def __init__(self, refusal: ImportRefusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class _Part:
    """A movement and what it pays."""

    id: UUID
    entry: BankEntry
    allocation: Allocation | None

    @property
    def left_fen(self) -> int:
        """What nobody has explained yet; not negative."""
        return abs(self.entry.amount_fen) - (self.allocation.amount_fen if self.allocation else 0)


async def import_bank_statements(database: Database, content: bytes, actor: Actor) -> Imported | ImportRefusal:
    """Take in a camt.053 file: all of it or, when anything in it is wrong, nothing.

    A statement must begin where the books stand, the first one at nothing, so none can be missing. The same file again
    changes nothing.
    """
    statements = read_camt_053(content)
    if isinstance(statements, StatementUnreadable):
        return statements
    try:
        async with database.transaction() as connection:
            await lock_money(connection)
            return await _import(connection, statements, actor, database.clock)
    except _Refused as refused:
        return refused.refusal


async def _import(connection: Connection, statements: Sequence[BankStatement], actor: Actor, clock: Clock) -> Imported:
    await lock_paying(connection)
    await hold_accounts(connection)
    own = (await bank_accounts(connection)).get(OPERATOR_ID)
    if own is None:
        raise _Refused(AccountsMissing((OPERATOR_CODE,)))
    brought = [
        await _take_in(connection, statement, actor, clock)
        for statement in statements
        if await _is_new(connection, statement, own.number)
    ]
    parts = [part for parts in brought for part in parts]
    matched, rest = sum(part.allocation is not None for part in parts), sum(part.left_fen > 0 for part in parts)
    return Imported(len(brought), len(parts), matched, rest, tuple(await move_on(connection, actor, clock)))


async def _is_new(connection: Connection, statement: BankStatement, own_number: str) -> bool:
    """Whether the statement was not imported before. Raises _Refused when it cannot be."""
    kept = await connection.fetchval(_KEPT, statement.account, statement.id)
    if kept is not None and kept != _digest(statement):
        raise _Refused(StatementChanged(statement.id))
    if kept is None and own_number != statement.account:
        raise _Refused(StatementOfOtherAccount(statement.account))
    return kept is None


async def _take_in(connection: Connection, statement: BankStatement, actor: Actor, clock: Clock) -> list[_Part]:
    """Keep a new statement, post its movements and pay what they certainly belong to."""
    identifier, number = new_id(), 1 + await connection.fetchval(_COUNT)
    await _check_opening(connection, statement)
    who = (statement.account, statement.id, _digest(statement), statement.opening_fen, statement.closing_fen)
    await connection.execute(_KEEP, identifier, number, *who, actor.subject, clock.now())
    payments = {payment.id: payment for payment in await open_payments(connection)}
    allocations = match(statement.entries, payments.values())
    parts = [_Part(new_id(), entry, allocations.get(entry.key)) for entry in statement.entries]
    await _keep_parts(connection, identifier, statement.account, parts, payments, clock)
    transfers = [transfer for part in parts for transfer in _transfers(part, payments)]
    accounts = cash_accounts({payment.participant_id for payment in payments.values()})
    for batch in range(0, len(transfers), POSTED_AT_ONCE):
        await post_all(connection, transfers[batch : batch + POSTED_AT_ONCE], accounts, clock)
    return parts


async def _check_opening(connection: Connection, statement: BankStatement) -> None:
    """Raises _Refused when the statement, also the very first one, does not begin where the books stand."""
    account = bank_account().id
    books_fen = (await balances(connection, [account]))[account].net_debit // FEN_MICRO
    if books_fen != statement.opening_fen:
        raise _Refused(StatementGap(statement.id, books_fen, statement.opening_fen))


async def _keep_parts(
    connection: Connection,
    identifier: UUID,
    account: str,
    parts: Sequence[_Part],
    payments: Mapping[UUID, OpenPayment],
    clock: Clock,
) -> None:
    known = await connection.fetchval(_KNOWN, account, [part.entry.key for part in parts])
    if known is not None:
        raise _Refused(StatementUnreadable(known, "this movement was imported before"))
    await connection.executemany(_KEEP_CASH, [(part.id, identifier, account, *_row(part.entry)) for part in parts])
    allocated = [
        (derive_id(part.id, "allocation"), part.id, *to(payments[found.payment_id]), *_said(found), clock.now())
        for part in parts
        if (found := part.allocation)
    ]
    await connection.executemany(_KEEP_ALLOCATION, allocated)


def _transfers(part: _Part, payments: Mapping[UUID, OpenPayment]) -> list[Transfer]:
    found, incoming = part.allocation, part.entry.amount_fen > 0
    transfers = []
    if found is not None:
        transfers.append(paid(part.id, found.amount_fen, payments[found.payment_id]))
    if part.left_fen:
        transfers.append(unexplained(part.id, part.left_fen, incoming=incoming))
    return transfers


def _said(found: Allocation) -> tuple[int, str]:
    return found.amount_fen, found.rule.value


def _row(entry: BankEntry) -> tuple[object, ...]:
    other = (entry.end_to_end_id, entry.text, entry.other_account, entry.other_name)
    return (entry.key, entry.amount_fen, entry.booked_on, *other)


def _digest(statement: BankStatement) -> str:
    return hashlib.sha256(repr(statement).encode()).hexdigest()


_KEPT = "SELECT digest FROM settlement_bank_statement WHERE account = $1 AND statement = $2"

_COUNT = "SELECT count(*) FROM settlement_bank_statement"

_KNOWN = "SELECT key FROM settlement_cash WHERE account = $1 AND key = ANY($2::text[]) ORDER BY key LIMIT 1"

_KEEP = """
INSERT INTO settlement_bank_statement
    (id, number, account, statement, digest, opening_fen, closing_fen, imported_by, imported_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""

_KEEP_CASH = """
INSERT INTO settlement_cash
    (id, bank_statement_id, account, key, amount_fen, booked_on, end_to_end_id, text, other_account, other_name)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""

_KEEP_ALLOCATION = """
INSERT INTO settlement_allocation (id, cash_id, payment_id, withdrawal_id, amount_fen, rule, allocated_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
