"""Grants: rights given to memberships, and what is left of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from brands import Right, directory
from brands.accounts import grant_account
from core.database import Connection
from ledger import balances


@dataclass(frozen=True, slots=True)
class Grant:
    """A right that a membership holds."""

    id: UUID
    right: Right
    membership_id: UUID
    claimant_id: UUID
    """The member who asked for it."""
    idempotency_key: str
    handle: int
    """Names the grant in its codes: ten digits."""
    uses: int
    uses_left: int
    price_program_id: UUID | None
    """Whose points it was paid with; None: it was free."""
    price: int
    """In minor units of those points."""
    funding_micro: int
    """What the participant behind those points owes the right's issuer for it, in micro-CNY."""
    granted_at: datetime
    valid_from: datetime
    valid_until: datetime
    """The first instant at which it can no longer be used."""

    def usable(self, instant: datetime) -> bool:
        """Whether it could be redeemed at `instant`."""
        return self.uses_left > 0 and self.valid_from <= instant < self.valid_until


_COLUMNS = (
    "id, right_id, membership_id, claimant_id, idempotency_key, uses, price_program_id, price, funding_micro, handle, "
    "granted_at, valid_from, valid_until"
)
BY_MEMBERSHIP = f"SELECT {_COLUMNS} FROM rights_grant WHERE membership_id = ANY($1::uuid[]) ORDER BY id"
BY_ID = f"SELECT {_COLUMNS} FROM rights_grant WHERE id = ANY($1::uuid[])"
BETWEEN = f"""
SELECT {_COLUMNS} FROM rights_grant
WHERE ($1::uuid IS NULL OR id > $1) AND ($2::uuid IS NULL OR id <= $2) ORDER BY id
"""
BY_HANDLE = f"SELECT {_COLUMNS} FROM rights_grant WHERE handle = ANY($1::bigint[])"
BY_KEY = f"""
SELECT {_COLUMNS} FROM rights_grant
JOIN unnest($1::uuid[], $2::text[]) AS claim (claimant_id, idempotency_key) USING (claimant_id, idempotency_key)
"""


async def grants(connection: Connection, membership_ids: Sequence[UUID]) -> dict[UUID, list[Grant]]:
    """Everything ever granted to each membership, oldest first; a membership without grants has an empty list."""
    found: dict[UUID, list[Grant]] = {identifier: [] for identifier in membership_ids}
    for grant in await read_grants(connection, BY_MEMBERSHIP, list(membership_ids)):
        found[grant.membership_id].append(grant)
    return found


async def grants_by_id(connection: Connection, grant_ids: Sequence[UUID]) -> dict[UUID, Grant]:
    """The grants that exist among `grant_ids`."""
    return {grant.id: grant for grant in await read_grants(connection, BY_ID, list(grant_ids))}


async def read_grants(connection: Connection, query: str, *arguments: object) -> list[Grant]:
    """The grants that one of this module's queries finds, with the uses left of each as the ledger has them."""
    rows = await connection.fetch(query, *arguments)
    if not rows:
        return []
    rights = (await directory(connection)).rights
    accounts = [grant_account(row["id"], rights[row["right_id"]]).id for row in rows]
    left = await balances(connection, accounts)
    return [
        grant_of(dict(row), rights[row["right_id"]], left[account].available_credit)
        for row, account in zip(rows, accounts, strict=True)
    ]


def grant_of(row: Mapping[str, object], right: Right, uses_left: int) -> Grant:
    """A row of rights_grant as a value."""
    terms = {name: row[name] for name in Grant.__dataclass_fields__ if name not in {"right", "uses_left"}}
    return Grant(right=right, uses_left=uses_left, **terms)  # type: ignore[arg-type]
