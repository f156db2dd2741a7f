"""Balances: the accounts' counters, and one row of history for each account and batch."""

from datetime import datetime
from uuid import UUID

from core.database import Connection
from ledger.books import AccountState, Books
from ledger.decision import Decision
from ledger.parts import Part
from ledger.transfer import Kind


def account_parts(books: Books, decision: Decision) -> list[Part]:
    """Write the accounts that the batch moved, and mark those for which something was refused.

    A refusal moves an account's last recording as well, so that the order of recording is the order of decisions.
    """
    touched: dict[UUID, tuple[AccountState, list[UUID]]] = {}
    for posting in decision.postings:
        identifier = posting.transfer.id
        for account in (posting.debit, posting.credit):
            entry = touched.get(account.id)
            if entry is None:
                touched[account.id] = (account, [identifier])
            else:
                entry[1].append(identifier)
    for refusal in decision.refusals:
        for account_id in (refusal.transfer.debit_account_id, refusal.transfer.credit_account_id):
            if account_id in books.accounts:
                touched.setdefault(account_id, (books.accounts[account_id], []))
    return _parts(touched, books.recorded_at) if touched else []


def _parts(touched: dict[UUID, tuple[AccountState, list[UUID]]], recorded_at: datetime) -> list[Part]:
    accounts = [account for account, _ in touched.values()]
    firsts: list[int] = []
    lasts: list[int] = []
    transfer_ids: list[UUID] = []
    for _, identifiers in touched.values():
        firsts.append(len(transfer_ids) + 1)
        transfer_ids += identifiers
        lasts.append(len(transfer_ids))
    return [
        Part(
            "balances",
            _BALANCES,
            (
                [account.id for account in accounts],
                [account.debits_pending for account in accounts],
                [account.debits_posted for account in accounts],
                [account.credits_pending for account in accounts],
                [account.credits_posted for account in accounts],
                firsts,
                lasts,
            ),
        ),
        Part("accounts", _UPDATE_ACCOUNTS, (recorded_at,)),
        Part("history", _INSERT_HISTORY, (recorded_at, transfer_ids)),
    ]


async def close_accounts(connection: Connection, decision: Decision, recorded_at: datetime) -> None:
    """Close the accounts whose closing was recorded: a second update of their rows, hence a second statement."""
    closed = [posting.debit.id for posting in decision.postings if posting.transfer.kind is Kind.CLOSE]
    if closed:
        await connection.execute(_CLOSE, closed, recorded_at)


_BALANCES = """
select * from unnest(?::uuid[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[], ?::int[], ?::int[])
    as new (id, debits_pending, debits_posted, credits_pending, credits_posted, first, last)
"""

_UPDATE_ACCOUNTS = """
update ledger_account as account
set debits_pending = balances.debits_pending, debits_posted = balances.debits_posted,
    credits_pending = balances.credits_pending, credits_posted = balances.credits_posted, last_recorded_at = ?
from balances where account.id = balances.id
"""

_INSERT_HISTORY = """
insert into ledger_balance (account_id, recorded_at, debits_pending, debits_posted, credits_pending, credits_posted,
                            transfer_ids)
select id, ?::timestamptz, debits_pending, debits_posted, credits_pending, credits_posted, (?::uuid[])[first:last]
from balances where first <= last
"""

_CLOSE = "update ledger_account set closed_at = $2 where id = any($1::uuid[])"
