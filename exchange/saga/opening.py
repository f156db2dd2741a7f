"""The beginning: the first errand and its job are committed with the hold, before any brand is called."""

from collections.abc import Sequence
from datetime import datetime

from brands import Directory
from core.database import Connection
from core.jobs import enqueue
from exchange.exchanges import Exchange
from exchange.saga.errand_writing import write_new
from exchange.saga.judging import first_errand
from exchange.saga.turn_writing import job_for
from exchange.states import State


async def open_sagas(
    connection: Connection, directory: Directory, exchanges: Sequence[Exchange], now: datetime
) -> None:
    """Begin with those of the exchanges that are held; the others are completed already."""
    held = [exchange for exchange in exchanges if exchange.state is State.HELD]
    if held:
        errands = [first_errand(exchange, directory, now) for exchange in held]
        await write_new(connection, errands)
        await enqueue(connection, [job_for(errand, directory, errand.created_at) for errand in errands])
