"""What a seal covers, row by row: everything in the ledger that cannot be computed from something else.

An entry is a row's binary form (PostgreSQL's `record_send`: types and values, nulls apart from zeros) under its table's
name. Columns that may change are sealed as they were when the row was made: their changes are entries of their own.
Counters, balances, remaining lots, pending and reversal marks are left out, because the audit recomputes them.
"""

_IN_RANGE = "{0}.xact > $1::text::xid8 and {0}.xact <= $2::text::xid8"

_LOT = """
select 4, 'ledger_lot', lot.id::text, record_send(row(
    'ledger_lot'::text, lot.id, lot.account_id, lot.transfer_id, lot.opened, coalesce(first.expired_at, lot.expires_at),
    lot.available_at, lot.unit_cost, lot.funder, lot.origin))
from ledger_transfer as transfer
join ledger_lot as lot on {join}
left join lateral (
    select expired_at from ledger_lot_extension where lot_id = lot.id order by recorded_at, id limit 1
) as first on true
where {in_range}
"""

_SOURCES = (
    """
select 1 as rank, 'ledger_asset' as source, asset.code as key, record_send(row(
    'ledger_asset'::text, asset.code, asset.scale, asset.kind, asset.time_zone,
    case when first.id is null then asset.closed_until else first.closed_until_before end, asset.xact)) as content
from ledger_asset as asset
left join lateral (
    select id, closed_until_before from ledger_term_change where asset = asset.code order by id limit 1
) as first on true
where """
    + _IN_RANGE.format("asset"),
    """
select 2, 'ledger_account', account.id::text, record_send(row(
    'ledger_account'::text, account.id, account.owner, account.asset, account.purpose, account.limits, account.lots,
    coalesce(first.credit_line_before, account.credit_line), account.opened_at, account.xact))
from ledger_account as account
left join lateral (
    select credit_line_before from ledger_term_change where account_id = account.id order by id limit 1
) as first on true
where """
    + _IN_RANGE.format("account"),
    """
select 3, 'ledger_transfer', transfer.id::text, record_send(row(
    'ledger_transfer'::text, transfer.id, transfer.debit_account_id, transfer.credit_account_id, transfer.amount,
    transfer.recorded_at, transfer.xact, transfer.sequence, transfer.code, transfer.kind, transfer.balancing,
    transfer.group_size, transfer.group_id, transfer.reference, transfer.pending_id, transfer.reverses_id,
    transfer.lots_of, transfer.requested, transfer.timeout_seconds, transfer.event_time, transfer.lot_expires_at,
    transfer.lot_available_at, transfer.lot_funder, transfer.lot_unit_cost))
from ledger_transfer as transfer
where """
    + _IN_RANGE.format("transfer"),
    _LOT.format(join="lot.id = transfer.id", in_range=_IN_RANGE.format("transfer")),
    _LOT.format(
        join="lot.transfer_id = transfer.id and lot.id <> lot.transfer_id", in_range=_IN_RANGE.format("transfer")
    ),
    """
select 5, 'ledger_lot_use', used.transfer_id::text, record_send(row(
    'ledger_lot_use'::text, used.transfer_id, used.restores, used.lot_ids, used.amounts))
from ledger_transfer as transfer
join ledger_lot_use as used on used.transfer_id = transfer.id
where """
    + _IN_RANGE.format("transfer"),
    """
select 6, 'ledger_lot_extension', extension.id::text, record_send(row(
    'ledger_lot_extension'::text, extension.id, extension.lot_id, extension.expired_at, extension.expires_at,
    extension.recorded_at, extension.reference, extension.xact))
from ledger_lot_extension as extension
where """
    + _IN_RANGE.format("extension"),
    """
select 7, 'ledger_refusal', refusal.id::text, record_send(row(
    'ledger_refusal'::text, refusal.id, refusal.debit_account_id, refusal.credit_account_id, refusal.amount,
    refusal.recorded_at, refusal.xact, refusal.sequence, refusal.code, refusal.kind, refusal.balancing,
    refusal.group_id, refusal.reference, refusal.pending_id, refusal.reverses_id, refusal.lots_of,
    refusal.timeout_seconds, refusal.event_time, refusal.lot_expires_at, refusal.lot_available_at,
    refusal.lot_funder, refusal.lot_unit_cost, refusal.status))
from ledger_refusal as refusal
where """
    + _IN_RANGE.format("refusal"),
    """
select 8, 'ledger_term_change', lpad(change.id::text, 20, '0'), record_send(row(
    'ledger_term_change'::text, change.id, change.account_id, change.asset, change.credit_line_before,
    change.credit_line, change.closed_until_before, change.closed_until, change.recorded_at, change.xact))
from ledger_term_change as change
where """
    + _IN_RANGE.format("change"),
)

# `offset 0` keeps PostgreSQL from computing the digest once for each time it is used.
_ENTRIES = (
    "select rank, source, key, sha256(content) as digest from ("
    + "\nunion all\n".join(_SOURCES)
    + ") as entry offset 0\n"
)

# The collation is named because a database's own may differ between machines, and the order is part of the seal.
_ORDER = 'order by rank, key collate "C"'

_LOCATOR = "set_byte('\\x00'::bytea, 0, rank) || substr(digest, 1, 4)"

DIGEST = f"""
select count(*)::int as entries,
       sha256(string_agg(digest, ''::bytea {_ORDER})) as digest,
       string_agg({_LOCATOR}, ''::bytea {_ORDER}) as locators
from ({_ENTRIES}) as entry
"""
"""The digest of all entries of the transactions after $1 and up to $2, and a locator for each of them."""

LOCATOR_BYTES = 5
"""A locator is the number of the entry's table and the first four bytes of the entry's SHA-256."""

LISTING = f"select source, key, {_LOCATOR} as locator from ({_ENTRIES}) as entry {_ORDER}"
"""The same entries one by one."""

TABLES = (
    "",
    "ledger_asset",
    "ledger_account",
    "ledger_transfer",
    "ledger_lot",
    "ledger_lot_use",
    "ledger_lot_extension",
    "ledger_refusal",
    "ledger_term_change",
)
"""The tables by their numbers in locators."""

_SEALED_TABLES = ("ledger_transfer", "ledger_account", "ledger_refusal", "ledger_asset", "ledger_lot_extension")

NEXT = (
    """
select max(xact)::text as xact_until
from (
    select xact from (
"""
    + "\nunion all\n".join(
        f"(select xact from {table} where xact > $1::text::xid8 and xact < $2::text::xid8 order by xact limit $3)"
        for table in (*_SEALED_TABLES, "ledger_term_change")
    )
    + """
    ) as found
    order by xact
    limit $3
) as next
"""
)
"""The last transaction of the next $3 rows after transaction $1 and before $2; null when there are none."""
