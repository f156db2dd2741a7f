"""All transfers that belong to one domain object, found without an index on their references.

Ids that are derived from an object's id share its first 48 bits (`core.ids.derive_id`), so they lie together in the
primary key. What was recorded in the same database transaction, and what takes any of it back, is found from there.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from core.database import Connection
from ledger.transfer import Kind

_TAIL_BITS: Final = 80

TRACE = """
with near as (
    select id, xact from ledger_transfer where id between $2 and $3 and reference = $1
    union
    select id, xact from ledger_transfer where id = any($4::uuid[]) and reference = $1
), found as (
    select id from near
    union
    select transfer.id from ledger_transfer as transfer
    where transfer.xact = any(array(select distinct xact from near)) and transfer.reference = $1
)
select transfer.id, transfer.recorded_at, transfer.kind, transfer.code, transfer.amount, transfer.reverses_id,
       transfer.reference, debit.asset, debit.purpose as debit_purpose, debit.owner as debit_owner,
       credit.purpose as credit_purpose, credit.owner as credit_owner
from ledger_transfer as transfer
join ledger_account as debit on debit.id = transfer.debit_account_id
join ledger_account as credit on credit.id = transfer.credit_account_id
where transfer.id = any(array(
    select id from found
    union
    select reversal_id from ledger_reversal where original_id = any(array(select id from found))
))
order by transfer.recorded_at, transfer.xact, transfer.sequence
"""


@dataclass(frozen=True, slots=True)
class TracedTransfer:
    """A transfer with the accounts that it moved, in minor units of its asset."""

    id: UUID
    recorded_at: datetime
    kind: Kind
    code: int
    amount: int
    reverses_id: UUID | None
    reference: UUID | None
    asset: str
    debit_purpose: str
    debit_owner: UUID
    credit_purpose: str
    credit_owner: UUID


async def trace(connection: Connection, reference: UUID, *, known: Collection[UUID] = ()) -> list[TracedTransfer]:
    """The transfers with this reference, and their reversals, in the order of recording.

    `known`: ids of some that may not be derived from the reference.
    """
    first = reference.int >> _TAIL_BITS << _TAIL_BITS
    bounds = UUID(int=first), UUID(int=first | (1 << _TAIL_BITS) - 1)
    rows = await connection.fetch(TRACE, reference, *bounds, list(known))
    return [TracedTransfer(**{**dict(row), "kind": Kind(row["kind"])}) for row in rows]
