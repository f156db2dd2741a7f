"""Reversals in the database."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import takewhile
from typing import TYPE_CHECKING, Final
from uuid import UUID

import asyncpg

from core.database import Connection
from exchange.saga.plans import ReversalStep
from exchange.saga.postings import Part
from exchange.saga.reversals import Reversal, ReversalState

if TYPE_CHECKING:
    from exchange.saga.turns import Turn

_OF: Final = """
SELECT reversal.*, exchange.target_amount AS exchanged
FROM exchange_reversal AS reversal JOIN exchange_exchange AS exchange ON exchange.id = reversal.exchange_id
WHERE exchange_id = ANY($1::uuid[]) ORDER BY exchange_id, sequence
"""

_KEYED: Final = "SELECT exchange_id FROM exchange_reversal WHERE requested_by = $1 AND idempotency_key = $2"

_INSERT: Final = """
INSERT INTO exchange_reversal (id, exchange_id, sequence, source_amount, target_amount, value_micro, credit_micro,
    requested_by, idempotency_key, reason, requested_at, state, failure, taken_at, ended_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
"""

_STEP: Final = """
UPDATE exchange_reversal AS reversal SET state = item.state, failure = item.failure,
    taken_at = CASE WHEN item.state IN ('TAKEN', 'DONE') THEN coalesce(taken_at, $4) END,
    ended_at = CASE WHEN item.state IN ('REFUSED', 'DONE') THEN $4::timestamptz END
FROM unnest($1::uuid[], $2::text[], $3::text[], $5::int[]) AS item (exchange_id, state, failure, late)
WHERE reversal.exchange_id = item.exchange_id
    AND CASE WHEN item.late IS NULL THEN reversal.state IN ('OPEN', 'TAKEN')
        ELSE reversal.sequence = item.late AND reversal.state = 'REFUSED' END
"""


_UNDER_WAY: Final = frozenset({ReversalState.OPEN, ReversalState.TAKEN})

_DECIDE: Final = """
UPDATE exchange_reversal SET state = $2, decided_by = $3, decided_at = $4, decided_reason = $5,
    ended_at = CASE WHEN $2 = 'REJECTED' THEN $4::timestamptz END
WHERE id = $1 AND state = 'PROPOSED'
"""


async def decide_reversal(
    connection: Connection, reversal_id: UUID, state: ReversalState, decided_by: str, reason: str, now: datetime
) -> None:
    """Write a second person's decision."""
    await connection.execute(_DECIDE, reversal_id, state.value, decided_by, now, reason)


async def reversals_of(connection: Connection, exchange_ids: Iterable[UUID]) -> dict[UUID, list[Reversal]]:
    """By exchange, its reversals in order."""
    found: dict[UUID, list[Reversal]] = {}
    for row in await connection.fetch(_OF, list(exchange_ids)):
        earlier = found.setdefault(row["exchange_id"], [])
        earlier.append(_reversal(row, earlier))
    return found


async def open_parts(connection: Connection, exchange_ids: Iterable[UUID]) -> dict[UUID, Part]:
    """By exchange, the part of the reversal that is under way."""
    found = await reversals_of(connection, exchange_ids)
    return {key: it.part for key, its in found.items() for it in its if it.state in _UNDER_WAY}


async def given_up_parts(connection: Connection, exchange_ids: Iterable[UUID]) -> dict[UUID, dict[int, Part]]:
    """By exchange and number, the reversals that were given up and could go on: nothing was taken back since."""
    found = await reversals_of(connection, exchange_ids)
    return {key: {it.part.sequence: it.part for it in _left(its)} for key, its in found.items()}


def _left(reversals: Sequence[Reversal]) -> Iterator[Reversal]:
    """From the last one back to the first that took something, or is about to."""
    for it in takewhile(lambda it: not it.state.counts, reversed(reversals)):
        if it.state is ReversalState.REFUSED and it.failure is None:
            yield it


async def exchanges_of_reversals(connection: Connection, ids: Iterable[UUID]) -> set[UUID]:
    """The exchanges that these reversals are of."""
    rows = await connection.fetch("SELECT exchange_id FROM exchange_reversal WHERE id = ANY($1::uuid[])", list(ids))
    return {row["exchange_id"] for row in rows}


async def reversals_by_id(connection: Connection, ids: Iterable[UUID]) -> dict[UUID, Reversal]:
    """Reversals by id; unknown ones are left out."""
    wanted = set(ids)
    found = await reversals_of(connection, await exchanges_of_reversals(connection, wanted))
    return {it.id: it for its in found.values() for it in its if it.id in wanted}


async def exchange_of_key(connection: Connection, requested_by: str, key: str) -> UUID | None:
    """Which exchange a reversal was asked for under this key."""
    found: UUID | None = await connection.fetchval(_KEYED, requested_by, key)
    return found


async def write_reversal(connection: Connection, reversal: Reversal) -> None:
    """Keep a reversal that was just asked for."""
    part = reversal.part
    taken_at = reversal.requested_at if reversal.state in {ReversalState.TAKEN, ReversalState.DONE} else None
    await connection.execute(
        _INSERT, reversal.id, reversal.exchange_id, part.sequence, part.source, part.target, part.value_micro,
        part.credit_micro, reversal.requested_by, reversal.idempotency_key, reversal.reason, reversal.requested_at,
        reversal.state.value, reversal.failure, taken_at, reversal.ended_at,
    )  # fmt: skip


async def write_reversal_steps(connection: Connection, turns: Sequence["Turn"], now: datetime) -> None:
    """Move the reversals on that turns have moved."""
    steps = [
        (
            turn.exchange.id,
            ReversalState(step.value),
            turn.errand.failure if step is ReversalStep.REFUSED else None,
            turn.errand.sequence if turn.late else None,
        )
        for turn in turns
        if (step := turn.plan.reversal)
    ]
    await _move(connection, steps, now)


async def move_reversals(
    connection: Connection, steps: Sequence[tuple[UUID, ReversalState, str | None]], now: datetime
) -> None:
    """Move the reversals under way of these exchanges on: (exchange, state, why it was refused)."""
    await _move(connection, [(*step, None) for step in steps], now)


async def _move(
    connection: Connection, steps: Sequence[tuple[UUID, ReversalState, str | None, int | None]], now: datetime
) -> None:
    """The last of each step: the number of a reversal that was given up; None: the one that is under way."""
    if steps:
        ids, states, failures, late = map(list, zip(*steps, strict=True))
        await connection.execute(_STEP, ids, [str(state) for state in states], failures, now, late)


def _reversal(row: asyncpg.Record, earlier: Sequence[Reversal]) -> Reversal:
    before = sum(it.part.target for it in earlier if it.state.counts)
    part = Part(
        row["sequence"], row["source_amount"], row["target_amount"], row["value_micro"], row["credit_micro"],
        whole=before + row["target_amount"] == row["exchanged"],
    )  # fmt: skip
    return Reversal(
        row["id"], row["exchange_id"], part, row["requested_by"], row["idempotency_key"], row["reason"],
        row["requested_at"], ReversalState(row["state"]), row["failure"], row["ended_at"], row["decided_by"],
    )  # fmt: skip
