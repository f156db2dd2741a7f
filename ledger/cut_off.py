"""An instant that separates what was recorded on some accounts from what will be.

Two steps, between which its owner decides what it means: every round trip in between, postings wait for.
"""

import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from uuid import UUID

from core.clock import Clock
from core.database import Connection
from ledger.account import Account
from ledger.books import AccountState, Books
from ledger.decision import Decision, decide
from ledger.outcome import Outcome
from ledger.parts import Part, execute_parts, plan_as_usual
from ledger.posting import nothing, taken_ids_told
from ledger.reading import lock_accounts, open_books, read_more
from ledger.transfer import Transfer
from ledger.writing import decision_parts, write
from ledger.writing_ahead import Ahead


@dataclass(frozen=True, slots=True)
class CutOff:
    """A line that is about to be drawn: the accounts are locked until the transaction ends."""

    instant: datetime
    """Everything recorded on the accounts up to here is committed."""
    net_credits: Mapping[UUID, int]
    """What is posted at the instant on each account that is open: credits less debits."""
    account_ids: frozenset[UUID]
    """Those between whose recordings it is drawn."""
    books: Books
    """For what is recorded just after it."""
    lots: bool
    """Whether one of the accounts keeps lots."""


async def cut_off(
    connection: Connection,
    account_ids: Collection[UUID],
    *,
    others: Collection[UUID] = (),
    accounts: Sequence[Account] = (),
    clock: Clock,
) -> CutOff:
    """Lock the accounts until the transaction ends, opening those of `accounts` that are missing, and read the clock.

    `others` are locked with them, for transfers that follow. The line stands only once it is drawn.
    """
    cut = frozenset(account_ids)
    locked = await lock_accounts(connection, sorted(cut.union(others), key=attrgetter("int")), accounts)
    books = open_books(locked, clock)
    instant = books.recorded_at
    books.recorded_at = instant + _MICROSECOND
    found = {key: it.credits_posted - it.debits_posted for key, it in books.accounts.items()}
    return CutOff(instant, found, cut, books, locked.lots)


async def draw_line(
    connection: Connection,
    line: CutOff,
    transfers: Sequence[Transfer] = (),
    *,
    along: Callable[[Sequence[Outcome]], Sequence[Part]] = nothing,
) -> list[Outcome]:
    """Let everything recorded on the accounts from now on be later than the line, beginning with the transfers.

    They may use the accounts that are locked only, and their ids must be new. The rest is as for `post`: one statement,
    the same exceptions.
    """
    await read_more(connection, line.books, transfers, lots=line.lots)
    decision = decide(transfers, line.books)
    drawn = Part("line", _DRAW, (list(line.account_ids - _touched(decision)),))
    with taken_ids_told():
        async with Ahead(connection, line.books) as ahead:
            await write(connection, line.books, decision, [drawn, *along(decision.outcomes)], ahead)
    return decision.outcomes


async def rehearse_line(
    connection: Connection,
    transfers: Sequence[Transfer],
    *,
    along: Callable[[Sequence[Outcome]], Sequence[Part]] = nothing,
    clock: Clock,
) -> None:
    """Have what `cut_off` and `draw_line` will send planned on this connection: nothing is locked or written.

    For transfers and parts of the same form as these; of fewer than three transfers nothing is planned.
    """
    await lock_accounts(connection, [])
    if len(transfers) < _MANY:
        await plan_as_usual(connection)
        return
    now = clock.now()
    ids = frozenset(key for it in transfers for key in (it.debit_account_id, it.credit_account_id))
    books = Books(now, sys.maxsize, {key: _imagined(key, now) for key in ids})
    decision = decide(transfers, books)
    parts = [*decision_parts(books, decision), Part("line", _DRAW, ([],)), *along(decision.outcomes)]
    await execute_parts(connection, now, [Part(it.name, it.sql, list(map(_blank, it.values))) for it in parts])


def _imagined(account_id: UUID, now: datetime) -> AccountState:
    return AccountState(
        id=account_id,
        asset="",
        limits=0,
        credit_line=0,
        keeps_lots=False,
        closed=False,
        debits_pending=0,
        debits_posted=0,
        credits_pending=0,
        credits_posted=0,
        last_recorded_at=now,
    )


def _blank(value: object) -> object:
    """No rows for rows, nothing for what is looked for: the same statement finds nothing to write."""
    return [] if isinstance(value, list | tuple) else None


def _touched(decision: Decision) -> frozenset[UUID]:
    """The accounts whose last recording the batch moves itself."""
    transfers = [it.transfer for it in decision.postings] + [it.transfer for it in decision.refusals]
    return frozenset(key for it in transfers for key in (it.debit_account_id, it.credit_account_id))


_MICROSECOND = timedelta(microseconds=1)

_MANY = 3
"""From here on rows are sent as arrays, which can be empty."""

_DRAW = "update ledger_account set last_recorded_at = $1::timestamptz where id = any(?::uuid[])"
