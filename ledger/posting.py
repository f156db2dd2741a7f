"""Posting: the one way in which anything moves."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import asyncpg

from core.clock import Clock
from core.database import Connection
from ledger.account import Account
from ledger.decision import decide_in_portions
from ledger.errors import SameIdInFlight
from ledger.outcome import Outcome
from ledger.parts import Part
from ledger.reading import read_books
from ledger.status import Status
from ledger.transfer import BATCH_MAX, Transfer
from ledger.writing import write
from ledger.writing_ahead import Ahead

PORTION = 250
"""How many transfers are decided before they are sent, while the next are decided."""


def nothing(outcomes: Sequence[Outcome]) -> Sequence[Part]:
    """Nothing goes along with a batch."""
    del outcomes
    return ()


async def post(
    connection: Connection,
    transfers: Sequence[Transfer],
    *,
    accounts: Sequence[Account] = (),
    clock: Clock,
    along: Callable[[Sequence[Outcome]], Sequence[Part]] = nothing,
) -> list[Outcome]:
    """Record the transfers in the caller's transaction; one outcome for each, in order.

    Those of `accounts` that the transfers use and that are not open yet are opened. The transaction keeps the
    accounts locked until it ends; two calls in one transaction may deadlock with others, one call never does.
    What `along` makes of the outcomes is written by the same statement, sparing a round trip under the locks.
    Raises NoTransaction; SameIdInFlight, and whatever the database raises (deadlock, lost connection): then the
    transaction is over, as after any other exception from here on, and the same transfers may be sent again.
    """
    if not transfers:
        return []
    if len(transfers) > BATCH_MAX:
        return [Outcome(transfer.id, Status.BATCH_TOO_LARGE, 0, None) for transfer in transfers]
    books, form = await read_books(connection, transfers, accounts, clock)
    with taken_ids_told():
        async with Ahead(connection, books) as ahead:
            for decision in decide_in_portions(transfers, form, books, PORTION):
                if len(decision.outcomes) < len(transfers):
                    await ahead.send(decision.postings)
            await write(connection, books, decision, along(decision.outcomes), ahead)
    return decision.outcomes


@contextmanager
def taken_ids_told() -> Iterator[None]:
    """Raises SameIdInFlight where an id was taken while the batch was decided."""
    try:
        yield
    except asyncpg.UniqueViolationError as error:
        # Only ids can be taken: everything else of ours that is unique belongs to accounts that are locked.
        if str(error.table_name).startswith("ledger_"):
            raise SameIdInFlight from error
        raise
