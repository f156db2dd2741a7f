"""The release of pending transfers that have timed out. They could not be posted any more in any case."""

from collections.abc import Sequence
from uuid import UUID

from core.database import Connection, Database
from core.ids import derive_id, new_id
from ledger.posting import post
from ledger.status import Status
from ledger.transfer import Kind, Transfer

BATCH = 1_000
"""Releases in one transaction."""


async def expire_pending(database: Database) -> int:
    """Release all pending transfers that have timed out; how many this run released.

    Any number of runs at once, or one after the other, release each of them once.
    """
    expired = 0
    while True:
        async with database.transaction() as connection:
            batch = await _expire_batch(connection, database)
        if not batch:
            return expired
        expired += batch


async def _expire_batch(connection: Connection, database: Database) -> int:
    rows = await connection.fetch(_DUE, database.clock.pinned, BATCH)
    ids = await _release_ids(connection, [row["id"] for row in rows])
    transfers = [
        Transfer(
            ids[row["id"]],
            row["debit_account_id"],
            row["credit_account_id"],
            0,
            row["code"],
            Kind.EXPIRE,
            pending_id=row["id"],
            reference=row["reference"],
        )
        for row in rows
    ]
    outcomes = await post(connection, transfers, clock=database.clock)
    return sum(outcome.status is Status.CREATED for outcome in outcomes)


async def _release_ids(connection: Connection, pending_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """The id of each one's release: derived, so that runs at once make one; another when that has an answer for ever.

    It was refused, if the clock was turned back between looking for what has timed out and releasing it; or somebody
    has sent a transfer of his own with it.
    """
    ids = {pending_id: derive_id(pending_id, "expire") for pending_id in pending_ids}
    taken = {row["id"] for row in await connection.fetch(_TAKEN, list(ids.values()))} if ids else set()
    return {key: new_id() if identifier in taken else identifier for key, identifier in ids.items()}


_TAKEN = f"""
select id from ledger_refusal where id = any($1::uuid[])
union all
select id from ledger_transfer where id = any($1::uuid[]) and kind <> {Kind.EXPIRE:d}
"""

_DUE = """
select transfer.id, transfer.debit_account_id, transfer.credit_account_id, transfer.code, transfer.reference
from ledger_pending as pending
join ledger_transfer as transfer on transfer.id = pending.id
where pending.resolved_by is null and pending.times_out_at <= coalesce($1, statement_timestamp())
order by pending.times_out_at, pending.id
limit $2
"""
