"""Rows of the ledger's tables as values."""

from asyncpg import Record

from ledger.transfer import Balancing, Kind, LotTerms, Transfer

CONTENT = """id, debit_account_id, credit_account_id, amount, code, kind, group_id, pending_id, reverses_id, lots_of,
       timeout_seconds, event_time, reference, balancing, lot_unit_cost, lot_expires_at, lot_available_at, lot_funder"""
"""The columns that a transfer's content is made of."""

LOT = """id, account_id, transfer_id, opened, remaining,
       least(expires_at, '9999-12-31 23:59:59.999999+00') as expires_at, available_at, unit_cost, funder, origin"""
"""The columns that a lot is made of, in its order; what never expires gets the last instant that Python knows."""


def transfer_of(row: Record, amount: int) -> Transfer:
    """The content of a stored transfer that asked for `amount`."""
    return Transfer(
        row["id"],
        row["debit_account_id"],
        row["credit_account_id"],
        amount,
        row["code"],
        Kind(row["kind"]),
        group_id=row["group_id"],
        pending_id=row["pending_id"],
        reverses_id=row["reverses_id"],
        lots_of=row["lots_of"],
        timeout_seconds=row["timeout_seconds"],
        event_time=row["event_time"],
        reference=row["reference"],
        balancing=Balancing(row["balancing"]),
        lot=_terms_of(row),
    )


def _terms_of(row: Record) -> LotTerms | None:
    if row["lot_unit_cost"] is None:
        return None
    return LotTerms(row["lot_expires_at"], row["lot_available_at"], row["lot_funder"], row["lot_unit_cost"])
