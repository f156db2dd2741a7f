"""Writing what was decided: one statement for each table."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from core.database import Connection
from ledger.allocation import LotState
from ledger.books import AccountState, Books, Posting
from ledger.decision import Decision, RefusalEntry
from ledger.timeout import times_out_at
from ledger.transfer import Kind, Transfer


async def write(connection: Connection, books: Books, decision: Decision) -> None:
    """Write the decision about a batch."""
    if decision.postings:
        await _write_transfers(connection, decision.postings, books.recorded_at)
        await _write_balances(connection, decision.postings, books.recorded_at)
        await _write_claims(connection, decision.postings, books.recorded_at)
        await _write_lots(connection, decision.postings)
    if decision.refusals:
        await _write_refusals(connection, decision.refusals, books.recorded_at)


def _content(transfer: Transfer) -> tuple[object, ...]:
    lot = transfer.lot
    terms = (lot.unit_cost, lot.expires_at, lot.available_at, lot.funder) if lot else (None, None, None, None)
    return (
        transfer.id,
        transfer.debit_account_id,
        transfer.credit_account_id,
        transfer.code,
        transfer.kind.value,
        transfer.group_id,
        transfer.pending_id,
        transfer.reverses_id,
        transfer.lots_of,
        transfer.timeout_seconds,
        transfer.event_time,
        transfer.reference,
        transfer.balancing.value,
        *terms,
    )


_CONTENT_COLUMNS = (
    "id",
    "debit_account_id",
    "credit_account_id",
    "code",
    "kind",
    "group_id",
    "pending_id",
    "reverses_id",
    "lots_of",
    "timeout_seconds",
    "event_time",
    "reference",
    "balancing",
    "lot_unit_cost",
    "lot_expires_at",
    "lot_available_at",
    "lot_funder",
)


async def _write_transfers(connection: Connection, postings: Sequence[Posting], recorded_at: datetime) -> None:
    await connection.copy_records_to_table(
        "ledger_transfer",
        columns=(*_CONTENT_COLUMNS, "sequence", "amount", "requested", "group_size", "recorded_at"),
        records=[
            (
                *_content(posting.transfer),
                posting.sequence,
                posting.amount,
                None if posting.transfer.amount == posting.amount else posting.transfer.amount,
                posting.group_size,
                recorded_at,
            )
            for posting in postings
        ],
    )


async def _write_refusals(connection: Connection, refusals: Sequence[RefusalEntry], recorded_at: datetime) -> None:
    await connection.copy_records_to_table(
        "ledger_refusal",
        columns=(*_CONTENT_COLUMNS, "sequence", "amount", "status", "recorded_at"),
        records=[
            (*_content(entry.transfer), entry.sequence, entry.transfer.amount, entry.status.value, recorded_at)
            for entry in refusals
        ],
    )


async def _write_balances(connection: Connection, postings: Sequence[Posting], recorded_at: datetime) -> None:
    touched: dict[UUID, tuple[AccountState, list[UUID]]] = {}
    for posting in postings:
        for account in (posting.debit, posting.credit):
            touched.setdefault(account.id, (account, []))[1].append(posting.transfer.id)
    await _update_accounts(connection, [account for account, _ in touched.values()], recorded_at)
    closed = {posting.debit.id for posting in postings if posting.transfer.kind is Kind.CLOSE}
    if closed:
        await connection.execute(_CLOSE_ACCOUNTS, list(closed), recorded_at)
    await connection.copy_records_to_table(
        "ledger_balance",
        columns=_BALANCE_COLUMNS,
        records=[(*_balance(account), recorded_at, ids) for account, ids in touched.values()],
    )


async def _update_accounts(connection: Connection, accounts: Sequence[AccountState], recorded_at: datetime) -> None:
    await connection.execute(
        _UPDATE_ACCOUNTS,
        [account.id for account in accounts],
        [account.debits_pending for account in accounts],
        [account.debits_posted for account in accounts],
        [account.credits_pending for account in accounts],
        [account.credits_posted for account in accounts],
        recorded_at,
    )


def _balance(account: AccountState) -> tuple[UUID, int, int, int, int]:
    return (
        account.id,
        account.debits_pending,
        account.debits_posted,
        account.credits_pending,
        account.credits_posted,
    )


_BALANCE_COLUMNS = (
    "account_id",
    "debits_pending",
    "debits_posted",
    "credits_pending",
    "credits_posted",
    "recorded_at",
    "transfer_ids",
)


async def _write_claims(connection: Connection, postings: Sequence[Posting], recorded_at: datetime) -> None:
    opened = [posting.transfer for posting in postings if posting.transfer.kind is Kind.PENDING]
    if opened:
        instants = [times_out_at(transfer, recorded_at) for transfer in opened]
        await connection.execute(_INSERT_PENDING, [transfer.id for transfer in opened], instants)
    ended = [posting.transfer for posting in postings if posting.transfer.pending_id is not None]
    if ended:
        kinds = [transfer.kind.value for transfer in ended]
        pending_ids = [transfer.pending_id for transfer in ended]
        await connection.execute(_UPDATE_PENDING, pending_ids, [transfer.id for transfer in ended], kinds)
    reversals = [posting.transfer for posting in postings if posting.transfer.reverses_id is not None]
    if reversals:
        originals = [transfer.reverses_id for transfer in reversals]
        await connection.execute(_INSERT_REVERSALS, originals, [transfer.id for transfer in reversals])


async def _write_lots(connection: Connection, postings: Sequence[Posting]) -> None:
    opened = {lot.id: lot for posting in postings for lot in posting.opened}
    if opened:
        await _insert_lots(connection, opened.values())
    used = [posting for posting in postings if posting.uses]
    if not used:
        return
    changed = {lot.id: lot for posting in used for lot, _ in posting.uses if lot.id not in opened}
    await connection.execute(_UPDATE_LOTS, list(changed), [lot.remaining for lot in changed.values()])
    await connection.copy_records_to_table(
        "ledger_lot_use",
        columns=("transfer_id", "restores", "lot_ids", "amounts"),
        records=[
            (
                posting.transfer.id,
                _restores(posting),
                [lot.id for lot, _ in posting.uses],
                [amount for _, amount in posting.uses],
            )
            for posting in used
        ],
    )


def _restores(posting: Posting) -> UUID | None:
    gives_back = any(amount < 0 for _, amount in posting.uses)
    return posting.original.uses_of if posting.original is not None and gives_back else None


async def _insert_lots(connection: Connection, lots: Iterable[LotState]) -> None:
    await connection.copy_records_to_table(
        "ledger_lot",
        columns=(
            "id",
            "account_id",
            "transfer_id",
            "opened",
            "remaining",
            "expires_at",
            "available_at",
            "unit_cost",
            "funder",
            "origin",
        ),
        records=[
            (
                lot.id,
                lot.account_id,
                lot.transfer_id,
                lot.opened,
                lot.remaining,
                lot.expires_at,
                lot.available_at,
                lot.unit_cost,
                lot.funder,
                lot.origin,
            )
            for lot in lots
        ],
    )


_UPDATE_ACCOUNTS = """
update ledger_account as account
set debits_pending = new.debits_pending, debits_posted = new.debits_posted,
    credits_pending = new.credits_pending, credits_posted = new.credits_posted, last_recorded_at = $6
from unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
    as new (id, debits_pending, debits_posted, credits_pending, credits_posted)
where account.id = new.id
"""

_CLOSE_ACCOUNTS = "update ledger_account set closed_at = $2 where id = any($1::uuid[])"

_INSERT_PENDING = """
insert into ledger_pending (id, times_out_at) select * from unnest($1::uuid[], $2::timestamptz[])
"""

_UPDATE_PENDING = """
update ledger_pending as pending set resolved_by = ended.transfer_id, resolution = ended.kind
from unnest($1::uuid[], $2::uuid[], $3::smallint[]) as ended (id, transfer_id, kind)
where pending.id = ended.id
"""

_INSERT_REVERSALS = """
insert into ledger_reversal (original_id, reversal_id) select * from unnest($1::uuid[], $2::uuid[])
"""

_UPDATE_LOTS = """
update ledger_lot as lot set remaining = used.remaining
from unnest($1::uuid[], $2::bigint[]) as used (id, remaining)
where lot.id = used.id
"""
