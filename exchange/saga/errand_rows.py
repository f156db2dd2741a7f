"""Errands and their exchanges in the database, read in sets by hand-written SQL."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import asyncpg

from core.database import Connection
from exchange.exchange_rows import exchange_of
from exchange.exchanges import Exchange
from exchange.saga.errands import Errand, Mode, Outcome, Role

_HOLD: Final = "SELECT * FROM exchange_hold($1, $2)"

_ERRANDS: Final = "SELECT * FROM exchange_errand WHERE exchange_id = ANY($1::uuid[]) ORDER BY created_at, id"

_BY_ID: Final = "SELECT * FROM exchange_errand WHERE id = ANY($1::uuid[])"


@dataclass(frozen=True, slots=True)
class Locked:
    """Exchanges that nobody else changes until the transaction ends, and when they were locked."""

    now: datetime
    exchanges: Mapping[UUID, Exchange]
    revision: UUID | None
    """Of the directory."""
    waiting: Mapping[UUID, Sequence[Errand]]
    """By exchange, the errands that are not over or still have a call to make, in the order of their making."""


async def lock_exchanges(connection: Connection, ids: Iterable[UUID], pinned: datetime | None) -> Locked | None:
    """Lock exchanges in one order; None: none of them exists."""
    rows = await connection.fetch(_HOLD, list(ids), pinned)
    if not rows:
        return None
    exchanges = {row["exchange"]["id"]: exchange_of(row["exchange"]) for row in rows}
    waiting = {row["exchange"]["id"]: [_errand(errand) for errand in row["waiting"]] for row in rows}
    return Locked(rows[0]["held_at"], exchanges, rows[0]["revision"], waiting)


async def errands_of(connection: Connection, exchange_ids: Iterable[UUID]) -> dict[UUID, list[Errand]]:
    """By exchange, all errands in the order of their making."""
    return _grouped(await connection.fetch(_ERRANDS, list(exchange_ids)))


async def errands_by_id(connection: Connection, ids: Iterable[UUID]) -> dict[UUID, Errand]:
    """Errands by id; unknown ones are left out."""
    return {row["id"]: _errand(row) for row in await connection.fetch(_BY_ID, list(ids))}


def _grouped(rows: Iterable[asyncpg.Record]) -> dict[UUID, list[Errand]]:
    found: dict[UUID, list[Errand]] = {}
    for row in rows:
        found.setdefault(row["exchange_id"], []).append(_errand(row))
    return found


def _errand(row: asyncpg.Record) -> Errand:
    outcome = row["outcome"]
    return Errand(
        row["id"], row["exchange_id"], Role(row["role"]), row["sequence"], row["program_id"], row["amount"],
        row["created_at"], None if outcome is None else Outcome(outcome), row["failure"], row["ended_at"],
        Mode(row["mode"]), row["due_at"], row["deadline_at"], row["attempts"], row["sends"], row["first_sent_at"],
        row["last_sent_at"], row["ambiguous"], row["call_id"], row["lease_until"], row["brand_reference"],
    )  # fmt: skip
