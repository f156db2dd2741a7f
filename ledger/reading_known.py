"""Transfers of a batch that were answered before."""

from collections.abc import Sequence
from uuid import UUID

from core.database import Connection
from ledger.books import Known
from ledger.rows import CONTENT, transfer_of
from ledger.status import Status


async def read_known(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, Known]:
    """The recorded and the refused transfers with these ids, which are in order."""
    rows = await connection.fetch(_KNOWN, ids, ids[0], ids[-1])
    return {
        row["id"]: Known(transfer_of(row, row["requested"]), Status(row["status"]), row["moved"], row["recorded_at"])
        for row in rows
    }


_KNOWN = f"""
select {CONTENT}, recorded_at, 0 as moved, amount as requested, status
from ledger_refusal where id = any($1::uuid[])
union all
select {CONTENT}, recorded_at, amount, coalesce(requested, amount), 'created'
from ledger_transfer where id = any($1::uuid[]) and id between $2 and $3
"""
"""Transfers last: where an id was sent with two contents at the same time, what was recorded counts."""
