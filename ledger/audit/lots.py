"""Lots against transfers and accounts, and the changes of terms against the terms now."""

from ledger.audit.effect import EFFECT
from ledger.audit.span import SqlCheck, by_account, by_transaction

LOT_MOVEMENTS = SqlCheck(
    "lot-movements",
    f"""
with effect as ({EFFECT}), side as (
    select effect.*, account.id as account_id, account.id = debit_account_id as debited
    from effect
    join ledger_account as account on account.id in (debit_account_id, credit_account_id) and account.lots
), moving as (
    select distinct id, xact from side
), change as (
    select id, xact, account_id, case when debited then -posted - pending else posted end as expected, 0 as found
    from side
    union all
    select moving.id, moving.xact, lot.account_id, 0, lot.opened
    from moving
    cross join lateral (
        select account_id, opened from ledger_lot where id = moving.id and transfer_id = moving.id
        union all
        select account_id, opened from ledger_lot where transfer_id = moving.id and id <> transfer_id
    ) as lot
    union all
    select moving.id, moving.xact, lot.account_id, 0, -piece.amount
    from moving
    join ledger_lot_use as used on used.transfer_id = moving.id
    cross join lateral unnest(used.lot_ids, used.amounts) as piece (lot_id, amount)
    left join ledger_lot as lot on lot.id = piece.lot_id
)
select 'ledger_lot_use', id || ' on ' || coalesce(account_id::text, 'a lot that is not there'), 'amounts',
       sum(expected)::text, sum(found)::text
from change
group by id, xact, account_id
having sum(expected) <> sum(found)
order by xact, id, account_id
""",
    by_transaction,
)
"""What a transfer changes in an account with lots, it changes in that account's lots."""

USES = SqlCheck(
    "lot-uses",
    """
select 'ledger_lot_use', used.transfer_id::text, cell.name, cell.expected, cell.found
from ledger_lot_use as used
left join ledger_transfer as transfer on transfer.id = used.transfer_id
left join ledger_transfer as original on original.id = coalesce(transfer.reverses_id, transfer.lots_of)
cross join lateral (values
    ('*', transfer.id::text, used.transfer_id::text),
    ('restores', case when 0 > any (used.amounts)
        then coalesce(transfer.pending_id, original.pending_id, original.id)::text end, used.restores::text)
) as cell (name, expected, found)
where cell.expected is distinct from cell.found
order by used.transfer_id
""",
)
"""Uses of lots belong to a transfer, and what they give back was taken by the transfer they name."""

LOTS = SqlCheck(
    "lots",
    """
with use as (
    select piece.lot_id, sum(piece.amount) as amount
    from ledger_lot_use as used
    cross join lateral unnest(used.lot_ids, used.amounts) as piece (lot_id, amount)
    group by piece.lot_id
)
select 'ledger_lot', coalesce(lot.id, use.lot_id)::text, cell.name, cell.expected, cell.found
from ledger_lot as lot
full join use on use.lot_id = lot.id
left join ledger_transfer as transfer on transfer.id = lot.transfer_id
cross join lateral (values
    ('*', coalesce(lot.id, use.lot_id)::text, lot.id::text),
    ('remaining', (lot.opened - coalesce(use.amount, 0))::text, lot.remaining::text),
    ('account_id', transfer.credit_account_id::text, lot.account_id::text)
) as cell (name, expected, found)
where cell.expected is distinct from cell.found
order by lot.id
""",
)
"""A lot was opened by a transfer to its account, and has left what was not used."""

LOTS_OF_ACCOUNTS = SqlCheck(
    "lots-of-accounts",
    """
select 'ledger_account', account.id::text, 'lots', account.available::text, coalesce(lot.remaining, 0)::text
from (
    select id, case when lots then credits_posted - debits_posted - debits_pending else 0 end as available
    from ledger_account where id between $1::text::uuid and $2::text::uuid
) as account
cross join lateral (
    select sum(remaining) as remaining from ledger_lot where live and account_id = account.id
) as lot
where account.available <> coalesce(lot.remaining, 0)
order by account.id
""",
    by_account,
)
"""What an account with lots has available is what its lots have left; other accounts have no lots."""

EXTENSIONS = SqlCheck(
    "lot-extensions",
    """
select cell.source, cell.key, cell.name, cell.expected, cell.found
from (
    select *, lead(expired_at) over (partition by lot_id order by recorded_at, expired_at, id) as next
    from ledger_lot_extension
) as extension
left join ledger_lot as lot on lot.id = extension.lot_id
cross join lateral (values
    ('ledger_lot_extension', extension.id::text, 'lot_id', lot.id::text, extension.lot_id::text),
    ('ledger_lot_extension', extension.id::text, 'expires_at',
        coalesce(extension.next, extension.expires_at)::text, extension.expires_at::text),
    ('ledger_lot', extension.lot_id::text, 'expires_at', extension.expires_at::text,
        case when extension.next is null then lot.expires_at else extension.expires_at end::text)
) as cell (source, key, name, expected, found)
where cell.expected is distinct from cell.found
order by extension.recorded_at, extension.id
""",
)
"""A lot's expiry is where its extensions lead, one after the other; those of one call, from the earliest expiry on."""

TERMS = SqlCheck(
    "terms",
    """
select cell.source, cell.key, cell.name, cell.expected, cell.found
from (
    select *, lead(id) over successive is null as is_last,
           lead(credit_line_before) over successive as next_credit_line,
           lead(closed_until_before) over successive as next_closed_until
    from ledger_term_change
    window successive as (partition by account_id, asset order by id)
) as change
left join ledger_account as account on account.id = change.account_id
left join ledger_asset as asset on asset.code = change.asset
cross join lateral (values
    ('ledger_term_change', change.id::text, 'account_id', account.id::text, change.account_id::text),
    ('ledger_term_change', change.id::text, 'asset', asset.code, change.asset),
    ('ledger_term_change', change.id::text, 'credit_line',
        case when change.is_last then change.credit_line else change.next_credit_line end::text,
        change.credit_line::text),
    ('ledger_term_change', change.id::text, 'closed_until',
        case when change.is_last then change.closed_until else change.next_closed_until end::text,
        change.closed_until::text),
    ('ledger_account', account.id::text, 'credit_line', change.credit_line::text,
        case when change.is_last then account.credit_line else change.credit_line end::text),
    ('ledger_asset', asset.code, 'closed_until', change.closed_until::text,
        case when change.is_last then asset.closed_until else change.closed_until end::text)
) as cell (source, key, name, expected, found)
where cell.expected is distinct from cell.found
order by change.id
""",
)
"""Credit lines and closed periods are where their changes lead, one after the other."""
