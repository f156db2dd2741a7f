"""The lives of exchanges, and lists of them for staff and brands."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from core.database import Connection
from exchange.exchange_rows import exchange_of
from exchange.exchanges import Exchange
from exchange.states import State

_HISTORY: Final = """
SELECT exchange_id, state, recorded_at FROM exchange_history
WHERE exchange_id = ANY($1::uuid[]) ORDER BY exchange_id, sequence
"""

_LIST: Final = """
SELECT * FROM exchange_exchange
WHERE ($1::text[] IS NULL OR state = ANY($1))
    AND ($2::uuid[] IS NULL OR source_program_id = ANY($2) OR target_program_id = ANY($2))
    AND ($3::uuid IS NULL OR id < $3)
ORDER BY id DESC LIMIT $4
"""


@dataclass(frozen=True, slots=True)
class LifeStep:
    """One step of an exchange's life."""

    state: State
    recorded_at: datetime


async def lives(connection: Connection, exchange_ids: Iterable[UUID]) -> dict[UUID, list[LifeStep]]:
    """By exchange, its life so far."""
    found: dict[UUID, list[LifeStep]] = {}
    for row in await connection.fetch(_HISTORY, list(exchange_ids)):
        found.setdefault(row["exchange_id"], []).append(LifeStep(State(row["state"]), row["recorded_at"]))
    return found


async def latest_exchanges(
    connection: Connection,
    *,
    states: Iterable[State] | None = None,
    program_ids: Iterable[UUID] | None = None,
    before_id: UUID | None = None,
    count: int = 50,
) -> list[Exchange]:
    """The latest exchanges, newest first: in one of the states, into or out of one of the programs."""
    wanted = None if states is None else [state.value for state in states]
    programs = None if program_ids is None else list(program_ids)
    return [exchange_of(row) for row in await connection.fetch(_LIST, wanted, programs, before_id, count)]
