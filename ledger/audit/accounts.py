"""Accounts against their history: counters, limits, ids, closing, and the sums of each asset."""

from collections.abc import Sequence

from core.database import Connection
from ledger.account import account_id
from ledger.audit.finding import Finding
from ledger.audit.span import FINDINGS_PER_SPAN, Books, Span, SqlCheck, by_account

ACCOUNTS = SqlCheck(
    "accounts",
    """
select 'ledger_account', account.id::text, cell.name, cell.expected, cell.found
from ledger_account as account
left join lateral (
    select * from ledger_balance as balance
    where balance.account_id = account.id
    order by balance.recorded_at desc limit 1
) as last on true
cross join lateral (values
    ('debits_pending', coalesce(last.debits_pending, 0)::text, account.debits_pending::text),
    ('debits_posted', coalesce(last.debits_posted, 0)::text, account.debits_posted::text),
    ('credits_pending', coalesce(last.credits_pending, 0)::text, account.credits_pending::text),
    ('credits_posted', coalesce(last.credits_posted, 0)::text, account.credits_posted::text),
    ('last_recorded_at', greatest(last.recorded_at, account.last_recorded_at)::text, account.last_recorded_at::text),
    ('limits', 'debits within credits', case when account.limits & 1 = 1 and account.debits_pending::numeric
        + account.debits_posted - account.credit_line > account.credits_posted then 'debits beyond credits'
        else 'debits within credits' end),
    ('limits', 'credits within debits', case when account.limits & 2 = 2 and account.credits_pending::numeric
        + account.credits_posted - account.credit_line > account.debits_posted then 'credits beyond debits'
        else 'credits within debits' end)
) as cell (name, expected, found)
where account.id between $1::text::uuid and $2::text::uuid and cell.expected is distinct from cell.found
order by account.id
""",
    by_account,
)
"""An account is as its last batch left it, and within its limits."""

OWNERS_OF_BALANCES = SqlCheck(
    "owners-of-balances",
    """
select 'ledger_account', found.account_id::text, '*', 'an account', null
from (
    select distinct balance.account_id from ledger_balance as balance
    where balance.account_id between $1::text::uuid and $2::text::uuid
) as found
left join ledger_account as account on account.id = found.account_id
where account.id is null
order by found.account_id
""",
    by_account,
)
"""Every balance belongs to an account."""

CLOSINGS = SqlCheck(
    "closings",
    """
select 'ledger_account', coalesce(account.id, closing.account_id)::text, 'closed_at',
       closing.recorded_at::text, account.closed_at::text
from (
    select debit_account_id as account_id, recorded_at from ledger_transfer where kind = 6
) as closing
full join (select id, closed_at from ledger_account where closed_at is not null) as account
    on account.id = closing.account_id
where closing.recorded_at is distinct from account.closed_at
order by 2
""",
)
"""The accounts that are closed are those with a closing transfer."""

SUMS = SqlCheck(
    "sums",
    """
select 'ledger_asset', asset, side.name, side.credits::text, side.debits::text
from (
    select asset, sum(debits_posted) as debits_posted, sum(credits_posted) as credits_posted,
           sum(debits_pending) as debits_pending, sum(credits_pending) as credits_pending
    from ledger_account group by asset
) as total
cross join lateral (values
    ('debits_posted', total.debits_posted, total.credits_posted),
    ('debits_pending', total.debits_pending, total.credits_pending)
) as side (name, debits, credits)
where side.debits <> side.credits
order by asset, side.name
""",
)
"""For each asset debits equal credits, posted and pending."""


class IdsOfAccounts:
    """An account's id is derived from its owner, asset and purpose."""

    name = "ids-of-accounts"

    async def spans(self, connection: Connection, books: Books) -> Sequence[Span]:
        """By account."""
        del connection
        return books.by_account

    async def look(self, connection: Connection, span: Span) -> Sequence[Finding]:
        """The first accounts whose id is not theirs."""
        rows = await connection.fetch(_NAMES, *span)
        named = ((row, account_id.__wrapped__(row["owner"], row["asset"], row["purpose"])) for row in rows)
        wrong = [(row["id"], expected) for row, expected in named if row["id"] != expected]
        return [
            Finding(self.name, "ledger_account", str(found), "id", str(expected), str(found))
            for found, expected in wrong[:FINDINGS_PER_SPAN]
        ]


_NAMES = """
select id, owner, asset, purpose from ledger_account where id between $1::text::uuid and $2::text::uuid order by id
"""
