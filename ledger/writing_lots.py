"""Lots: those that were opened, what is left of those that were used, and the trace of each use."""

from collections.abc import Collection, Sequence
from uuid import UUID

from ledger.allocation import LotState
from ledger.books import Posting
from ledger.parts import Part


def lot_parts(postings: Sequence[Posting], earlier: Sequence[Posting] = ()) -> list[Part]:
    """Write what the postings do to lots, and what is left of lots after them and those `earlier` in the batch."""
    parts = new_lot_parts(postings)
    using = [posting for part in (earlier, postings) for posting in part if posting.uses]
    if using:
        changed = {lot.id: lot for posting in using for lot, _ in posting.uses}
        opened = {lot.id for posting in postings for lot in posting.opened}
        left = [lot for lot in changed.values() if lot.id not in opened]
        parts += [_update(left)] if left else ()
    return parts


def new_lot_parts(postings: Sequence[Posting]) -> list[Part]:
    """Write the lots that the postings opened, as they are by now, and the trace of those that they used."""
    moving = [posting for posting in postings if posting.uses or posting.opened]
    opened = [lot for posting in moving for lot in posting.opened]
    using = [posting for posting in moving if posting.uses]
    return [*([_insert(opened)] if opened else ()), *([_trace(using)] if using else ())]


def _insert(lots: Collection[LotState]) -> Part:
    values = (
        [lot.id for lot in lots],
        [lot.account_id for lot in lots],
        [lot.opened for lot in lots],
        [lot.remaining for lot in lots],
        [lot.expires_at for lot in lots],
        [lot.available_at for lot in lots],
        [lot.unit_cost for lot in lots],
        [lot.funder for lot in lots],
    )
    if all(lot.id is lot.transfer_id and lot.origin is None for lot in lots):
        return Part("opened", _INSERT_OWN, values)
    return Part("opened", _INSERT, (*values, [lot.transfer_id for lot in lots], [lot.origin for lot in lots]))


def _update(lots: Collection[LotState]) -> Part:
    return Part("used", _UPDATE, ([lot.id for lot in lots], [lot.remaining for lot in lots]))


def _trace(using: Sequence[Posting]) -> Part:
    firsts, lasts = [], []
    lot_ids: list[UUID] = []
    amounts: list[int] = []
    for posting in using:
        firsts.append(len(lot_ids) + 1)
        for lot, amount in posting.uses:
            lot_ids.append(lot.id)
            amounts.append(amount)
        lasts.append(len(lot_ids))
    transfer_ids = [posting.transfer.id for posting in using]
    restores = [_restores(posting) for posting in using]
    return Part("uses", _TRACE, (lot_ids, amounts, transfer_ids, restores, firsts, lasts))


def _restores(posting: Posting) -> UUID | None:
    gives_back = any(amount < 0 for _, amount in posting.uses)
    return posting.original.uses_of if posting.original is not None and gives_back else None


_INSERT = """
insert into ledger_lot (id, account_id, opened, remaining, expires_at, available_at, unit_cost, funder, transfer_id,
                        origin)
select * from unnest(?::uuid[], ?::uuid[], ?::bigint[], ?::bigint[], ?::timestamptz[], ?::timestamptz[], ?::bigint[],
                     ?::uuid[], ?::uuid[], ?::uuid[])
"""

_INSERT_OWN = """
insert into ledger_lot (id, account_id, opened, remaining, expires_at, available_at, unit_cost, funder, transfer_id)
select *, id from unnest(?::uuid[], ?::uuid[], ?::bigint[], ?::bigint[], ?::timestamptz[], ?::timestamptz[],
                         ?::bigint[], ?::uuid[])
    as lot (id, account_id, opened, remaining, expires_at, available_at, unit_cost, funder)
"""
"""The lots of ordinary credits: each has the id of its transfer, and no origin."""

_UPDATE = """
update ledger_lot as lot set remaining = used.remaining
from unnest(?::uuid[], ?::bigint[]) as used (id, remaining)
where lot.id = used.id
"""

_TRACE = """
insert into ledger_lot_use (lot_ids, amounts, transfer_id, restores)
select (?::uuid[])[first:last], (?::bigint[])[first:last], transfer_id, restores
from unnest(?::uuid[], ?::uuid[], ?::int[], ?::int[]) as uses (transfer_id, restores, first, last)
"""
