"""How far an account with a limit may overrun it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from core.amounts import AMOUNT_MAX
from core.database import Connection
from core.errors import Refusal
from ledger.account import Limit
from ledger.balance import balances
from ledger.books import AccountState
from ledger.headroom import credit_headroom, debit_headroom
from ledger.holding import hold


@dataclass(frozen=True, slots=True)
class AccountNotOpen(Refusal):
    """There is no such account."""

    account_id: UUID


@dataclass(frozen=True, slots=True)
class CreditLineInUse(Refusal):
    """More than the new credit line is already in use."""

    account_id: UUID
    used: int
    """Minor units; the credit line can be this or more."""


@dataclass(frozen=True, slots=True)
class LotsHaveNoCreditLine(Refusal):
    """An account with lots gives what it has and no more."""

    account_id: UUID


CreditLineRefusal = AccountNotOpen | CreditLineInUse | LotsHaveNoCreditLine


async def set_credit_line(connection: Connection, account_id: UUID, credit_line: int) -> CreditLineRefusal | None:
    """Set one account's credit line, in minor units; None when it was set."""
    return (await set_credit_lines(connection, {account_id: credit_line})).get(account_id)


async def set_credit_lines(connection: Connection, lines: Mapping[UUID, int]) -> dict[UUID, CreditLineRefusal]:
    """Set credit lines by account, in minor units; the refusals by account. Raises ValueError out of range."""
    return await _set(connection, (await hold(connection, lines)).accounts, lines)


async def move_credit_lines(connection: Connection, changes: Mapping[UUID, int]) -> dict[UUID, CreditLineRefusal]:
    """Widen or narrow credit lines by so many minor units; the refusals by account. Raises ValueError out of range."""
    accounts = (await hold(connection, changes)).accounts
    return await _set(connection, accounts, {key: it.credit_line + changes[key] for key, it in accounts.items()})


async def _set(
    connection: Connection, accounts: Mapping[UUID, AccountState], lines: Mapping[UUID, int]
) -> dict[UUID, CreditLineRefusal]:
    if not all(0 <= line <= AMOUNT_MAX for line in lines.values()):
        message = f"a credit line is from 0 to {AMOUNT_MAX}"
        raise ValueError(message)
    refusals = {key: refusal for key, line in lines.items() if (refusal := _refusal(key, accounts.get(key), line))}
    granted = [key for key in lines if key not in refusals]
    await connection.execute(_SET, granted, [lines[key] for key in granted])
    return refusals


async def credit_lines(connection: Connection, account_ids: Collection[UUID]) -> dict[UUID, int]:
    """How far each account may overrun its limit, in minor units; an account that is missing: not at all."""
    found = {row["id"]: row["credit_line"] for row in await connection.fetch(_LINES, list(account_ids))}
    return {key: found.get(key, 0) for key in account_ids}


async def headrooms(connection: Connection, account_ids: Collection[UUID]) -> dict[UUID, int]:
    """How much more each account can be debited, in minor units: what it has available, and its credit line."""
    lines = await credit_lines(connection, account_ids)
    return {key: it.available_credit + lines[key] for key, it in (await balances(connection, account_ids)).items()}


def _refusal(account_id: UUID, account: AccountState | None, line: int) -> CreditLineRefusal | None:
    if account is None:
        return AccountNotOpen(account_id)
    if account.keeps_lots:
        return LotsHaveNoCreditLine(account_id) if line else None
    used = _used(account)
    return CreditLineInUse(account_id, used) if used > line else None


def _used(account: AccountState) -> int:
    used = 0
    if account.limits & Limit.DEBITS_MUST_NOT_EXCEED_CREDITS:
        used = max(used, account.credit_line - debit_headroom(account))
    if account.limits & Limit.CREDITS_MUST_NOT_EXCEED_DEBITS:
        used = max(used, account.credit_line - credit_headroom(account))
    return used


_LINES = "select id, credit_line from ledger_account where id = any($1::uuid[])"

_SET = """
update ledger_account as account set credit_line = new.credit_line
from unnest($1::uuid[], $2::bigint[]) as new (id, credit_line)
where account.id = new.id
"""
