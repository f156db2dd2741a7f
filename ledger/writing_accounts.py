"""Balances: the accounts' counters, and one row of history for each account and batch."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from uuid import UUID

from core.database import Connection
from ledger.books import AccountState, Books, Posting
from ledger.decision import Decision
from ledger.parts import Part, Rows
from ledger.writing_transfers import SINGLE_POSTING


def account_parts(books: Books, decision: Decision) -> list[Part]:
    """Write the accounts that the batch moved, and mark those for which something was refused.

    A refusal moves an account's last recording as well, so that the order of recording is the order of decisions.
    """
    if len(decision.postings) == 1 and not decision.refusals:
        return _single_parts(decision.postings[0])
    touched: list[AccountState] = []
    for posting in decision.postings:
        for account in (posting.debit, posting.credit):
            if account.transfer_ids is None:
                account.transfer_ids = [posting.transfer.id]
                touched.append(account)
            else:
                account.transfer_ids.append(posting.transfer.id)
    touched += _refused(books, decision)
    return _parts(touched) if touched else []


def _refused(books: Books, decision: Decision) -> Iterator[AccountState]:
    for entry in decision.refusals:
        for account_id in (entry.transfer.debit_account_id, entry.transfer.credit_account_id):
            account = books.accounts.get(account_id)
            if account is not None and account.transfer_ids is None:
                account.transfer_ids = []
                yield account


def _parts(accounts: Sequence[AccountState]) -> list[Part]:
    rows: list[tuple[object, ...]] = []
    transfer_ids: list[UUID] = []
    for account in accounts:
        first = len(transfer_ids) + 1
        transfer_ids += account.transfer_ids or ()
        rows.append((account.id, *_counters(account), first, len(transfer_ids)))
    source, values = _BALANCES.of(rows)
    return [Part("accounts", _update(source), values), Part("history", _INSERT_HISTORY, (transfer_ids,))]


def _single_parts(posting: Posting) -> list[Part]:
    # The same for the batch that is a single posting: what the insert of the transfer sends is not sent again.
    values = _counters(posting.debit) + _counters(posting.credit)
    return [Part("accounts", _UPDATE_OF_SINGLE, values), Part("history", _INSERT_HISTORY_OF_SINGLE, ())]


async def close_accounts(connection: Connection, decision: Decision, recorded_at: datetime) -> None:
    """Close the accounts whose closing was recorded: a second update of their rows, hence a second statement."""
    closed = [posting.debit.id for posting in decision.postings if posting.closes]
    if closed:
        await connection.execute(_CLOSE, closed, recorded_at)


_NAMES = ("debits_pending", "debits_posted", "credits_pending", "credits_posted")
_counters = attrgetter(*_NAMES)

_BALANCES = Rows(["uuid", "bigint", "bigint", "bigint", "bigint", "int", "int"])


@lru_cache
def _update(rows: str) -> str:
    return _UPDATE.format(rows=f"{rows} as new (id, {', '.join(_NAMES)}, first, last)") + "returning new.*"


_UPDATE = """
update ledger_account as account
set debits_pending = new.debits_pending, debits_posted = new.debits_posted,
    credits_pending = new.credits_pending, credits_posted = new.credits_posted, last_recorded_at = $1::timestamptz
from {rows}
where account.id = new.id
"""

_INSERT = """
insert into ledger_balance (account_id, recorded_at, debits_pending, debits_posted, credits_pending, credits_posted,
                            transfer_ids)
select id, $1::timestamptz, debits_pending, debits_posted, credits_pending, credits_posted, """

_INSERT_HISTORY = _INSERT + "(?::uuid[])[first:last] from accounts where first <= last"


def _single() -> tuple[str, str]:
    transfer_id, *account_ids = SINGLE_POSTING
    row = "({}::uuid, ?accounts.{}::bigint, ?accounts.{}::bigint, ?accounts.{}::bigint, ?accounts.{}::bigint)"
    values = ", ".join(
        row.format(key, *range(first, first + 4)) for key, first in zip(account_ids, (1, 5), strict=True)
    )
    rows = f"(values {values}) as new (id, {', '.join(_NAMES)})"
    return _UPDATE.format(rows=rows), f"{_INSERT} array[{transfer_id}::uuid] from {rows}"


_UPDATE_OF_SINGLE, _INSERT_HISTORY_OF_SINGLE = _single()

_CLOSE = "update ledger_account set closed_at = $2 where id = any($1::uuid[])"
