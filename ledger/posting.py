"""Posting: the one way in which anything moves."""

from collections.abc import Sequence

from core.clock import Clock
from core.database import Connection
from ledger.account import Account
from ledger.decision import decide
from ledger.outcome import Outcome
from ledger.reading import read_books
from ledger.status import Status
from ledger.transfer import BATCH_MAX, Transfer
from ledger.writing import write


async def post(
    connection: Connection, transfers: Sequence[Transfer], *, accounts: Sequence[Account] = (), clock: Clock
) -> list[Outcome]:
    """Record the transfers in the caller's transaction; one outcome for each, in order.

    Those of `accounts` that the transfers use and that are not open yet are opened. The transaction keeps the
    accounts locked until it ends; two calls in one transaction may deadlock with others, one call never does.
    Raises whatever the database raises (serialisation, deadlock, lost connection): then nothing is recorded, and the
    same transfers may be sent again.
    """
    if not transfers:
        return []
    if len(transfers) > BATCH_MAX:
        return [Outcome(transfer.id, Status.BATCH_TOO_LARGE, 0, None) for transfer in transfers]
    books = await read_books(connection, transfers, accounts, clock)
    decision = decide(transfers, books)
    await write(connection, books, decision)
    return decision.outcomes
