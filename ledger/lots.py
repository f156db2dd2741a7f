"""Lots: points that were credited together, expire together and were paid for by the same funder."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.clock import Clock
from core.database import Connection


@dataclass(frozen=True, slots=True)
class Lot:
    """What is left of a lot, in minor units of the account's asset."""

    id: UUID
    """The id of the transfer that opened it, or derived from it."""
    account_id: UUID
    remaining: int
    expires_at: datetime | None
    """None: never."""
    available_at: datetime | None
    """None: at once."""
    funder: UUID | None
    unit_cost: int
    """Micro-CNY for one minor unit."""


async def lots(connection: Connection, account_ids: Collection[UUID], *, clock: Clock) -> dict[UUID, list[Lot]]:
    """The lots that are not used up and not expired, first expiring first, those still to come included."""
    found: dict[UUID, list[Lot]] = {identifier: [] for identifier in account_ids}
    for row in await connection.fetch(_LOTS, list(found), clock.pinned):
        found[row["account_id"]].append(Lot(*row))
    return found


_LOTS = """
select id, account_id, remaining, nullif(lot.expires_at, 'infinity') as expiry,
    nullif(available_at, 'epoch') as available, funder, unit_cost
from ledger_lot as lot
where account_id = any($1::uuid[]) and live and lot.expires_at > coalesce($2, statement_timestamp())
order by account_id, lot.expires_at, id
"""
