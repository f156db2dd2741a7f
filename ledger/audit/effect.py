"""What a transfer does to its accounts, in SQL; apart from the Python that posts, because the audit trusts nobody."""

from ledger.transfer import Kind

_MOVING = ", ".join(str(int(kind)) for kind in (Kind.SINGLE, Kind.POST, Kind.CLOSE, Kind.LOT_EXPIRY))
_ENDING = ", ".join(str(int(kind)) for kind in (Kind.POST, Kind.VOID, Kind.EXPIRE))

OF_SPAN = "transfer.xact > $1::text::xid8 and transfer.xact <= $2::text::xid8"
"""The transfers of a span by transaction."""

EFFECT = f"""
    select transfer.id, transfer.xact, transfer.debit_account_id, transfer.credit_account_id,
           transfer.recorded_at, transfer.sequence,
           case when transfer.kind in ({_MOVING}) then transfer.amount else 0 end as posted,
           case when transfer.kind = {int(Kind.PENDING)} then transfer.amount
                when transfer.kind in ({_ENDING}) then -pending.amount
                else 0 end as pending
    from ledger_transfer as transfer
    left join lateral (
        select amount from ledger_transfer where transfer.pending_id is not null and id = transfer.pending_id limit 1
    ) as pending on true
    where {OF_SPAN}
"""
"""Of each transfer of the span: what it adds to the posted and to the pending counter of its two sides."""
