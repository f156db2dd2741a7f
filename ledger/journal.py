"""The journal: everything that moved for good, in the order of recording, one by one or added up by day.

Read through a cursor: the length of the journal does not matter. Accounts of purposes that stand for persons are shown
as one, without an owner.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from core.database import Connection
from ledger.statement import BEGINNING, END

PREFETCH: Final = 2_000
"""Rows on their way at a time."""

# Kinds 2, 4 and 5 reserve and release; nothing moves for good.
_MOVED: Final = """
    from ledger_transfer as transfer
    join ledger_account as debit on debit.id = transfer.debit_account_id
    join ledger_account as credit on credit.id = transfer.credit_account_id
    where transfer.recorded_at >= $1 and transfer.recorded_at < $2 and transfer.kind not in (2, 4, 5)
"""

_SIDES: Final = """
    debit.asset, debit.purpose as debit_purpose,
    case when debit.purpose <> all($3::text[]) then debit.owner end as debit_owner,
    credit.purpose as credit_purpose,
    case when credit.purpose <> all($3::text[]) then credit.owner end as credit_owner
"""

EACH: Final = f"""
select (transfer.recorded_at at time zone $4)::date as day, transfer.code, transfer.amount, 1 as transfers, {_SIDES},
       transfer.recorded_at, transfer.id, transfer.reference
{_MOVED}
order by transfer.recorded_at, transfer.xact, transfer.sequence
"""

BY_DAY: Final = f"""
select (transfer.recorded_at at time zone $4)::date as day, transfer.code, sum(transfer.amount)::numeric as amount,
       count(*) as transfers, {_SIDES}, null::timestamptz as recorded_at, null::uuid as id, null::uuid as reference
{_MOVED}
group by 1, 2, 5, 6, 7, 8, 9
order by 1, 5, 2, 6, 8, 7, 9
"""

TOTALS: Final = """
select account.asset, account.purpose,
       case when account.purpose <> all($2::text[]) then account.owner end as owner,
       sum(balance.credits_posted - balance.debits_posted)::numeric as net_credit
from ledger_account as account
cross join lateral (
    select debits_posted, credits_posted from ledger_balance
    where account_id = account.id and recorded_at < $1
    order by recorded_at desc limit 1
) as balance
group by 1, 2, 3
order by 1, 2, 3
"""

SCALES: Final = "select code, scale from ledger_asset"


@dataclass(frozen=True, slots=True, order=True)
class Side:
    """One side of an entry: all accounts of an asset and purpose, or those of one owner."""

    asset: str
    purpose: str
    owner: UUID | None
    """None where the owners are persons."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What moved from one side to the other, in minor units."""

    day: date
    code: int
    amount: int
    transfers: int
    """How many are added up."""
    debit: Side
    credit: Side
    recorded_at: datetime | None
    """With `transfer_id` and `reference`: None where several are added up."""
    transfer_id: UUID | None
    reference: UUID | None


async def journal(
    connection: Connection,
    *,
    since: datetime | None,
    before: datetime | None,
    time_zone: str,
    persons: Sequence[str],
    by_day: bool = False,
) -> AsyncIterator[Entry]:
    """What was recorded at `since` or later, and before `before`. Must be read inside a transaction.

    `persons`: the purposes of accounts that stand for persons.
    """
    query = BY_DAY if by_day else EACH
    bounds = since or BEGINNING, before or END
    async for row in connection.cursor(query, *bounds, list(persons), time_zone, prefetch=PREFETCH):
        yield Entry(
            row["day"],
            row["code"],
            int(row["amount"]),
            row["transfers"],
            Side(row["asset"], row["debit_purpose"], row["debit_owner"]),
            Side(row["asset"], row["credit_purpose"], row["credit_owner"]),
            row["recorded_at"],
            row["id"],
            row["reference"],
        )


async def totals(connection: Connection, *, before: datetime | None, persons: Sequence[str]) -> dict[Side, int]:
    """What each side held just before an instant, by the accounts' own counters: credits less debits."""
    rows = await connection.fetch(TOTALS, before or END, list(persons))
    return {Side(row["asset"], row["purpose"], row["owner"]): int(row["net_credit"]) for row in rows}


async def scales(connection: Connection) -> dict[str, int]:
    """The decimals of every asset."""
    return {row["code"]: row["scale"] for row in await connection.fetch(SCALES)}
