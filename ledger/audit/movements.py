"""Transfers against what they did: balances after each batch, accounts, groups, pending transfers and reversals."""

from ledger.audit.effect import EFFECT, OF_SPAN
from ledger.audit.span import SqlCheck, by_transaction

ACCOUNTS_OF_TRANSFERS = SqlCheck(
    "accounts-of-transfers",
    f"""
select 'ledger_transfer', transfer.id::text, side.name, 'an account of one asset',
       side.account_id::text || ' ' || side.state
from ledger_transfer as transfer
left join ledger_account as debit on debit.id = transfer.debit_account_id
left join ledger_account as credit on credit.id = transfer.credit_account_id
cross join lateral (values
    ('debit_account_id', transfer.debit_account_id, coalesce('of ' || debit.asset, 'not open'), debit.asset),
    ('credit_account_id', transfer.credit_account_id, coalesce('of ' || credit.asset, 'not open'), credit.asset)
) as side (name, account_id, state, asset)
where {OF_SPAN} and (side.asset is null or debit.asset <> credit.asset)
order by transfer.xact, transfer.id, side.name desc
""",
    by_transaction,
)
"""Every transfer is between two open accounts of one asset."""

BALANCES = SqlCheck(
    "balances",
    f"""
with effect as ({EFFECT}), side as (
    select debit_account_id as account_id, recorded_at, sequence, id,
           pending as debits_pending, posted as debits_posted, 0 as credits_pending, 0 as credits_posted
    from effect
    union all
    select credit_account_id, recorded_at, sequence, id, 0, 0, pending, posted from effect
), batch as (
    select account_id, recorded_at, sum(debits_pending) as debits_pending, sum(debits_posted) as debits_posted,
           sum(credits_pending) as credits_pending, sum(credits_posted) as credits_posted,
           array_agg(id order by sequence) as transfer_ids
    from side
    group by account_id, recorded_at
), written as (
    select batch.*, after, lag(after) over earlier as before, lag((after).recorded_at) over earlier as before_at
    from batch
    left join lateral (
        select balance from ledger_balance as balance
        where balance.account_id = batch.account_id and balance.recorded_at = batch.recorded_at
        limit 1
    ) as found (after) on true
    window earlier as (partition by batch.account_id order by batch.recorded_at)
), compared as (
    select written.account_id, written.recorded_at, written.transfer_ids, (written.after).transfer_ids as listed,
           written.after is null as is_missing,
           coalesce((coalesce(probed, written.before)).debits_pending, 0) + written.debits_pending as debits_pending,
           coalesce((coalesce(probed, written.before)).debits_posted, 0) + written.debits_posted as debits_posted,
           coalesce((coalesce(probed, written.before)).credits_pending, 0) + written.credits_pending as credits_pending,
           coalesce((coalesce(probed, written.before)).credits_posted, 0) + written.credits_posted as credits_posted,
           (written.after).debits_pending as found_debits_pending,
           (written.after).debits_posted as found_debits_posted,
           (written.after).credits_pending as found_credits_pending,
           (written.after).credits_posted as found_credits_posted
    from written
    left join lateral (
        select balance from ledger_balance as balance
        where balance.account_id = written.account_id and balance.recorded_at < written.recorded_at
          and balance.recorded_at > coalesce(written.before_at, '-infinity')
        order by balance.recorded_at desc limit 1
    ) as probe (probed) on true
)
select 'ledger_balance', account_id || ' at ' || recorded_at, cell.name, cell.expected, cell.found
from compared
left join lateral (
    select place
    from generate_series(1, greatest(cardinality(transfer_ids), cardinality(listed))) as place
    where transfer_ids[place] is distinct from listed[place]
    order by place limit 1
) as differing on transfer_ids <> listed
cross join lateral (values
    ('*', 'the transfers ' || transfer_ids[1] || ' ...', case when not is_missing then
        'the transfers ' || transfer_ids[1] || ' ...' end),
    ('transfer_ids[' || differing.place || ']', transfer_ids[differing.place]::text, listed[differing.place]::text),
    ('debits_pending', debits_pending::text, found_debits_pending::text),
    ('debits_posted', debits_posted::text, found_debits_posted::text),
    ('credits_pending', credits_pending::text, found_credits_pending::text),
    ('credits_posted', credits_posted::text, found_credits_posted::text)
) as cell (name, expected, found)
where (is_missing or transfer_ids <> listed
       or (debits_pending, debits_posted, credits_pending, credits_posted) is distinct from
          (found_debits_pending, found_debits_posted, found_credits_pending, found_credits_posted))
  and cell.name is not null and cell.expected is distinct from cell.found and (cell.name = '*' or not is_missing)
order by recorded_at, account_id
""",
    by_transaction,
)
"""After each batch an account's counters are those before it plus the batch's transfers, which are listed in order.

The row before need not be of this span: a transaction that got its number later may have recorded earlier.
"""

BATCHES_OF_BALANCES = SqlCheck(
    "batches-of-balances",
    """
select 'ledger_balance', balance.account_id || ' at ' || balance.recorded_at, '*', null,
       'a row that no transfer explains'
from ledger_balance as balance
left join ledger_transfer as transfer on transfer.id = balance.transfer_ids[1]
where (transfer.recorded_at = balance.recorded_at
       and balance.account_id in (transfer.debit_account_id, transfer.credit_account_id)) is not true
order by balance.account_id, balance.recorded_at
""",
)
"""Every balance is the result of transfers recorded at that instant on that account."""

GROUPS = SqlCheck(
    "groups",
    f"""
select 'ledger_transfer', min(transfer.id::text), 'group_size', count(*)::text,
       string_agg(distinct group_size::text, ', ')
from ledger_transfer as transfer
where {OF_SPAN} and transfer.group_id is not null
group by transfer.group_id, transfer.xact, transfer.recorded_at
having count(*) <> min(group_size) or min(group_size) <> max(group_size)
order by min(transfer.xact::text), 2
""",
    by_transaction,
)
"""Linked transfers are recorded all together."""

PENDING = SqlCheck(
    "pending",
    f"""
select 'ledger_pending', transfer.id::text, cell.name, cell.expected, cell.found
from ledger_transfer as transfer
left join ledger_pending as pending on pending.id = transfer.id
left join ledger_transfer as resolving on resolving.id = pending.resolved_by
cross join lateral (values
    ('*', transfer.id::text, pending.id::text),
    ('times_out_at', (transfer.recorded_at + transfer.timeout_seconds * interval '1 second')::text,
        pending.times_out_at::text),
    ('resolved_by', case when pending.resolved_by is not null then transfer.id::text end, resolving.pending_id::text),
    ('resolution', resolving.kind::text, pending.resolution::text)
) as cell (name, expected, found)
where {OF_SPAN} and transfer.kind = 2 and cell.expected is distinct from cell.found
order by transfer.xact, transfer.id
""",
    by_transaction,
)
"""Every pending transfer is known as open, or as resolved by the transfer that names it."""

RESOLUTIONS = SqlCheck(
    "resolutions",
    f"""
select cell.source, cell.key, cell.name, cell.expected, cell.found
from ledger_transfer as transfer
left join ledger_pending as claim on claim.id = transfer.pending_id
left join ledger_transfer as pending on pending.id = transfer.pending_id and pending.kind = 2
cross join lateral (values
    ('ledger_pending', transfer.pending_id::text, 'resolved_by', transfer.id::text, claim.resolved_by::text),
    ('ledger_transfer', transfer.id::text, 'debit_account_id',
        pending.debit_account_id::text, transfer.debit_account_id::text),
    ('ledger_transfer', transfer.id::text, 'credit_account_id',
        pending.credit_account_id::text, transfer.credit_account_id::text),
    ('ledger_transfer', transfer.id::text, 'amount',
        case when transfer.kind = 3 then least(pending.amount, transfer.amount) else pending.amount end::text,
        transfer.amount::text),
    ('ledger_transfer', transfer.id::text, 'recorded_at', case
        when transfer.kind = 3 and transfer.recorded_at >= claim.times_out_at then 'before the time-out'
        when transfer.kind = 5 and (transfer.recorded_at >= claim.times_out_at) is not true then 'after the time-out'
        else transfer.recorded_at::text end, transfer.recorded_at::text)
) as cell (source, key, name, expected, found)
where {OF_SPAN} and transfer.kind in (3, 4, 5) and cell.expected is distinct from cell.found
order by transfer.xact, transfer.id
""",
    by_transaction,
)
"""A pending transfer is resolved at most once, on its own accounts, within its amount and in time."""

CLAIMS = SqlCheck(
    "claims",
    """
select 'ledger_pending', pending.id::text, '*', null, 'a row without a pending transfer'
from ledger_pending as pending
left join ledger_transfer as transfer on transfer.id = pending.id and transfer.kind = 2
where transfer.id is null
union all
select 'ledger_reversal', claim.original_id::text, 'reversal_id', 'a reversal of it', claim.reversal_id::text
from ledger_reversal as claim
left join ledger_transfer as transfer on transfer.id = claim.reversal_id and transfer.reverses_id = claim.original_id
where transfer.id is null
""",
)
"""What is marked as pending or reversed, is."""

REVERSALS = SqlCheck(
    "reversals",
    f"""
select cell.source, cell.key, cell.name, cell.expected, cell.found
from ledger_transfer as transfer
left join ledger_reversal as claim on claim.original_id = transfer.reverses_id
left join ledger_transfer as original on original.id = transfer.reverses_id
cross join lateral (values
    ('ledger_reversal', transfer.reverses_id::text, 'reversal_id', transfer.id::text, claim.reversal_id::text),
    ('ledger_transfer', transfer.id::text, 'debit_account_id',
        original.credit_account_id::text, transfer.debit_account_id::text),
    ('ledger_transfer', transfer.id::text, 'credit_account_id',
        original.debit_account_id::text, transfer.credit_account_id::text),
    ('ledger_transfer', transfer.id::text, 'amount',
        least(original.amount, transfer.amount)::text, transfer.amount::text)
) as cell (source, key, name, expected, found)
where {OF_SPAN} and transfer.reverses_id is not null and cell.expected is distinct from cell.found
order by transfer.xact, transfer.id
""",
    by_transaction,
)
"""A transfer is reversed at most once, between the same accounts and within its amount."""

REFUSALS = SqlCheck(
    "refusals",
    """
select 'ledger_refusal', refusal.id::text, '*', null, 'refused, yet recorded'
from ledger_refusal as refusal
join ledger_transfer as transfer on transfer.id = refusal.id
where array[refusal.debit_account_id, refusal.credit_account_id]
      && array[transfer.debit_account_id, transfer.credit_account_id]
  and refusal.status not in ('debit_account_not_found', 'credit_account_not_found', 'linked_failed')
order by refusal.id
""",
)
"""What was refused was not recorded.

But an id that two transactions use at the same moment, without an account that both have locked, can be refused by the
one and recorded by the other."""
