"""Writing the lives of exchanges: the states they come through, the last of which they keep."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, TypeAlias
from uuid import UUID

from core.database import Connection
from core.ids import new_id
from exchange.states import State
from ledger import Part, write_parts

Steps: TypeAlias = Sequence[tuple[UUID, Sequence[State]]]
"""Exchanges with the states that they come through, in order."""

_GIVEN: Final = """SELECT * FROM unnest(?::uuid[], ?::uuid[], ?::text[], ?::int[], ?::boolean[])
    AS item (id, exchange_id, state, place, last)"""

_MOVE: Final = """UPDATE exchange_exchange AS exchange SET state = lives_given.state
FROM lives_given WHERE lives_given.last AND exchange.id = lives_given.exchange_id"""

_TELL: Final = """INSERT INTO exchange_history (id, exchange_id, sequence, state, recorded_at)
SELECT id, exchange_id, place + (SELECT max(sequence) FROM exchange_history AS history
    WHERE history.exchange_id = lives_given.exchange_id), state, {instant}
FROM lives_given"""


def life_parts(steps: Steps) -> list[Part]:
    """What writes the steps together with the postings, at their instant of recording."""
    return _parts(steps, Part("lives_told", _TELL.format(instant="$1::timestamptz"), ()))


async def write_states(connection: Connection, steps: Steps, instant: datetime) -> None:
    """Move exchanges through these states, the last of which they keep, and write their history."""
    await write_parts(connection, _parts(steps, Part("lives_told", _TELL.format(instant="?::timestamptz"), (instant,))))


def _parts(steps: Steps, told: Part) -> list[Part]:
    columns = _rows(steps)
    return [Part("lives_given", _GIVEN, columns), Part("lives_moved", _MOVE, ()), told] if columns else []


def _rows(steps: Steps) -> list[list[object]]:
    rows = [
        (new_id(), exchange_id, state.value, place, place == len(states))
        for exchange_id, states in steps
        for place, state in enumerate(states, 1)
    ]
    return list(map(list, zip(*rows, strict=True)))
