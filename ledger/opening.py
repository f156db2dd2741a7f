"""Opening accounts that are missing."""

from collections.abc import Iterable, Sequence
from operator import attrgetter
from uuid import UUID

from core.database import Connection
from ledger.account import Account


async def open_accounts(connection: Connection, accounts: Sequence[Account], ids: Iterable[UUID]) -> None:
    """Open those of `accounts` whose ids are among `ids`; an account of an unknown asset is not opened."""
    needed = set(ids)
    wanted = {account.id: account for account in accounts if account.id in needed}
    ordered = [wanted[identifier] for identifier in sorted(wanted, key=attrgetter("int"))]
    await connection.execute(
        _OPEN,
        [account.id for account in ordered],
        [account.owner for account in ordered],
        [account.asset for account in ordered],
        [account.purpose for account in ordered],
        [int(account.limit) for account in ordered],
        [account.credit_line for account in ordered],
        [account.lots for account in ordered],
    )


_OPEN = """
insert into ledger_account (id, owner, asset, purpose, limits, credit_line, lots)
select account.id, account.owner, account.asset, account.purpose, account.limits, account.credit_line, account.lots
from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::smallint[], $6::bigint[], $7::boolean[])
    as account (id, owner, asset, purpose, limits, credit_line, lots)
where exists (select from ledger_asset where code = account.asset)
order by account.id
on conflict do nothing
"""
# Ids follow from owner, asset and purpose, which are unique as well. With `(id)` as the only arbiter two that open one
# account in the same instant can meet at the other index, and one of them would be refused instead of waiting.
