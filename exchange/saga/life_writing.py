"""Writing the lives of exchanges: the states they come through, the last of which they keep."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, TypeAlias
from uuid import UUID

from core.database import Connection
from core.ids import new_id
from exchange.states import State
from ledger import Part

Steps: TypeAlias = Sequence[tuple[UUID, Sequence[State]]]
"""Exchanges with the states that they come through, in order."""

_GIVEN: Final = "SELECT * FROM unnest({}::uuid[], {}::uuid[], {}::text[], {}::int[], {}::boolean[])"

_COLUMNS: Final = " AS item (id, exchange_id, state, place, last)"

_MOVE: Final = """UPDATE exchange_exchange AS exchange SET state = lives_given.state
FROM lives_given WHERE lives_given.last AND exchange.id = lives_given.exchange_id"""

_LIVE: Final = """INSERT INTO exchange_history (id, exchange_id, sequence, state, recorded_at)
SELECT id, exchange_id, place + (SELECT max(sequence) FROM exchange_history AS history
    WHERE history.exchange_id = lives_given.exchange_id), state, {}
FROM lives_given"""

_WRITE: Final = (
    f"WITH lives_given AS ({_GIVEN.format('$1', '$2', '$3', '$4', '$5')}{_COLUMNS}), lives_moved AS ({_MOVE}) "
    f"{_LIVE.format('$6')}"
)


def life_parts(steps: Steps) -> list[Part]:
    """What writes the steps together with the postings, at their instant of recording."""
    columns = _rows(steps)
    if not columns:
        return []
    given = _GIVEN.format(*"?????") + _COLUMNS
    return [
        Part("lives_given", given, columns),
        Part("lives_moved", _MOVE, ()),
        Part("lives_told", _LIVE.format("$1::timestamptz"), ()),
    ]


async def write_states(connection: Connection, steps: Steps, instant: datetime) -> None:
    """Move exchanges through these states, the last of which they keep, and write their history."""
    columns = _rows(steps)
    if columns:
        await connection.execute(_WRITE, *columns, instant)


def _rows(steps: Steps) -> list[list[object]]:
    rows = [
        (new_id(), exchange_id, state.value, place, place == len(states))
        for exchange_id, states in steps
        for place, state in enumerate(states, 1)
    ]
    return list(map(list, zip(*rows, strict=True)))
