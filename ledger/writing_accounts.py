"""Balances: the accounts' counters, and one row of history for each account and batch."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from core.database import Connection
from ledger.books import AccountState, Books
from ledger.decision import Decision
from ledger.parts import Part, rows_of


def account_parts(books: Books, decision: Decision) -> list[Part]:
    """Write the accounts that the batch moved, and mark those for which something was refused.

    A refusal moves an account's last recording as well, so that the order of recording is the order of decisions.
    """
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
    firsts: list[int] = []
    lasts: list[int] = []
    transfer_ids: list[UUID] = []
    for account in accounts:
        firsts.append(len(transfer_ids) + 1)
        transfer_ids += account.transfer_ids or ()
        lasts.append(len(transfer_ids))
    rows, values = rows_of(
        _BALANCE_TYPES,
        (
            [account.id for account in accounts],
            [account.debits_pending for account in accounts],
            [account.debits_posted for account in accounts],
            [account.credits_pending for account in accounts],
            [account.credits_posted for account in accounts],
            firsts,
            lasts,
        ),
    )
    return [Part("accounts", _update(rows), values), Part("history", _INSERT_HISTORY, (transfer_ids,))]


async def close_accounts(connection: Connection, decision: Decision, recorded_at: datetime) -> None:
    """Close the accounts whose closing was recorded: a second update of their rows, hence a second statement."""
    closed = [posting.debit.id for posting in decision.postings if posting.closes]
    if closed:
        await connection.execute(_CLOSE, closed, recorded_at)


_BALANCE_TYPES = ("uuid", "bigint", "bigint", "bigint", "bigint", "int", "int")


@lru_cache
def _update(rows: str) -> str:
    return f"""
update ledger_account as account
set debits_pending = new.debits_pending, debits_posted = new.debits_posted,
    credits_pending = new.credits_pending, credits_posted = new.credits_posted, last_recorded_at = $1::timestamptz
from {rows} as new (id, debits_pending, debits_posted, credits_pending, credits_posted, first, last)
where account.id = new.id
returning new.*
"""


_INSERT_HISTORY = """
insert into ledger_balance (account_id, recorded_at, debits_pending, debits_posted, credits_pending, credits_posted,
                            transfer_ids)
select id, $1::timestamptz, debits_pending, debits_posted, credits_pending, credits_posted, (?::uuid[])[first:last]
from accounts where first <= last
"""

_CLOSE = "update ledger_account set closed_at = $2 where id = any($1::uuid[])"
