"""The expiry of points: what is left of expired lots goes back, day by day, to where points come from."""

from dataclasses import dataclass
from uuid import UUID

from core.database import Connection, Database
from core.ids import new_id
from ledger.posting import post
from ledger.status import Status
from ledger.transfer import Kind, Transfer

BATCH = 1_000
"""Postings in one transaction."""


@dataclass(frozen=True, slots=True)
class Expired:
    """What a run of the expiry has posted."""

    transfers: int = 0
    amount: int = 0
    """Minor units."""


async def expire_lots(
    database: Database, asset: str, contra_account_id: UUID, *, code: int, purpose: str | None = None
) -> Expired:
    """Move what is left of all expired lots of an asset to the contra account; `purpose` narrows the accounts.

    One transfer for each account and instant of expiry, with that instant as its event time, or the first one after
    the closed period. Any number of runs at once, or one after the other, expire each point once: a run that finds
    nothing moves nothing.
    """
    expired = Expired()
    while True:
        async with database.transaction() as connection:
            batch = await _expire_batch(connection, database, asset, contra_account_id, code=code, purpose=purpose)
        if not batch.transfers:
            return expired
        expired = Expired(expired.transfers + batch.transfers, expired.amount + batch.amount)


async def _expire_batch(
    connection: Connection, database: Database, asset: str, contra_account_id: UUID, *, code: int, purpose: str | None
) -> Expired:
    rows = await connection.fetch(_DUE, asset, purpose, database.clock.pinned, BATCH)
    transfers = [
        Transfer(new_id(), row["account_id"], contra_account_id, 0, code, Kind.LOT_EXPIRY, event_time=row["event_time"])
        for row in rows
    ]
    outcomes = await post(connection, transfers, clock=database.clock)
    created = [outcome.amount for outcome in outcomes if outcome.status is Status.CREATED]
    return Expired(len(created), sum(created))


_DUE = """
select distinct account_id, greatest(expires_at, closed_until + interval '1 microsecond') as event_time
from (
    select lot.account_id, lot.expires_at, asset.closed_until
    from ledger_lot as lot
    join ledger_account as account on account.id = lot.account_id
    join ledger_asset as asset on asset.code = account.asset
    where lot.live and lot.expires_at <= coalesce($3, statement_timestamp()) and lot.expires_at < 'infinity'
      and account.asset = $1 and account.closed_at is null and ($2::text is null or account.purpose = $2)
    order by lot.expires_at, lot.account_id
    limit $4
) as lot
order by event_time, account_id
"""
"""The inner limit ends the walk along the index: a million expired lots are not looked at a thousand times."""
