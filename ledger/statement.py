"""An account's history line by line, with the balance after each line."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import asyncpg

from core.database import Connection
from ledger.balance import Balance
from ledger.history import balance_at
from ledger.transfer import Kind

LINES_PER_PAGE = 1_000
BEGINNING = datetime.min.replace(tzinfo=UTC)
END = datetime.max.replace(tzinfo=UTC)

PAGE = """
select balance.recorded_at, item.id, item.place
from ledger_balance as balance
cross join lateral unnest(balance.transfer_ids) with ordinality as item (id, place)
where balance.account_id = $1 and balance.recorded_at between $2 and $4
  and (balance.recorded_at > $2 or item.place > $3)
order by balance.recorded_at, item.place
limit $5
"""

# Transfers are looked up by a list of ids, not by a join: so only the partitions that hold them are opened.
TRANSFERS = """
select id, kind, amount, code, debit_account_id, credit_account_id, group_id, reference, event_time, pending_id
from ledger_transfer where id = any($1::uuid[])
"""


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One transfer as one of its accounts sees it. Credits are positive, debits negative, in minor units."""

    transfer_id: UUID
    recorded_at: datetime
    event_time: datetime | None
    kind: Kind
    code: int
    other_account_id: UUID
    group_id: UUID | None
    reference: UUID | None
    posted: int
    """What it moved for good."""
    pending: int
    """What it reserved, or released (the other sign)."""
    balance: Balance
    """The account after this line."""


async def statement(
    connection: Connection, account_id: UUID, *, after: datetime | None = None, until: datetime | None = None
) -> AsyncIterator[StatementLine]:
    """The lines recorded later than `after`, up to and including `until`, in the order of recording.

    Read a page at a time: the length of the history does not matter. Lines recorded meanwhile are included as long
    as they are not later than `until`.
    """
    balance = await balance_at(connection, account_id, after or BEGINNING)
    # `place` counts within one recording, from 1; no recording has this many, so the first page begins after `after`.
    position = (after or BEGINNING, 2**31)
    while places := await connection.fetch(PAGE, account_id, *position, until or END, LINES_PER_PAGE):
        transfers = await _transfers(connection, [place["id"] for place in places])
        for place in places:
            line = _line(transfers[place["id"]], place["recorded_at"], transfers, balance)
            balance = line.balance
            yield line
        position = (places[-1]["recorded_at"], places[-1]["place"])


async def _transfers(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, asyncpg.Record]:
    """The transfers with these ids, and the pending transfers that they resolve."""
    found = {row["id"]: row for row in await connection.fetch(TRANSFERS, ids)}
    pending = {row["pending_id"] for row in found.values()} - found.keys() - {None}
    return found | ({row["id"]: row for row in await connection.fetch(TRANSFERS, list(pending))} if pending else {})


def _line(
    row: asyncpg.Record, recorded_at: datetime, transfers: Mapping[UUID, asyncpg.Record], before: Balance
) -> StatementLine:
    kind = Kind(row["kind"])
    debited = row["debit_account_id"] == before.account_id
    reserved = transfers[row["pending_id"]]["amount"] if row["pending_id"] else 0
    posted, pending = movement(kind, row["amount"], reserved)
    sign = -1 if debited else 1
    return StatementLine(
        transfer_id=row["id"],
        recorded_at=recorded_at,
        event_time=row["event_time"],
        kind=kind,
        code=row["code"],
        other_account_id=row["credit_account_id"] if debited else row["debit_account_id"],
        group_id=row["group_id"],
        reference=row["reference"],
        posted=sign * posted,
        pending=sign * pending,
        balance=_after(before, posted, pending, debited=debited),
    )


def movement(kind: Kind, amount: int, reserved: int) -> tuple[int, int]:
    """What a transfer adds to a side's posted and pending counters; `reserved` is its pending transfer's amount."""
    match kind:
        case Kind.PENDING:
            return 0, amount
        case Kind.POST:
            return amount, -reserved
        case Kind.VOID | Kind.EXPIRE:
            return 0, -reserved
        case Kind.SINGLE | Kind.CLOSE | Kind.LOT_EXPIRY:
            return amount, 0


def _after(balance: Balance, posted: int, pending: int, *, debited: bool) -> Balance:
    debit_pending, debit_posted = (pending, posted) if debited else (0, 0)
    credit_pending, credit_posted = (0, 0) if debited else (pending, posted)
    return Balance(
        balance.account_id,
        balance.debits_pending + debit_pending,
        balance.debits_posted + debit_posted,
        balance.credits_pending + credit_pending,
        balance.credits_posted + credit_posted,
    )
