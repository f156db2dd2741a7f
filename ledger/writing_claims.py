"""What recorded transfers do to earlier ones: pending transfers begin and end, originals are reversed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from ledger.books import Posting
from ledger.parts import Part
from ledger.timeout import times_out_at
from ledger.transfer import Kind, Transfer


def claim_parts(postings: Sequence[Posting], recorded_at: datetime) -> list[Part]:
    """Write the beginnings and ends of pending transfers, and the reversals."""
    transfers = [posting.transfer for posting in postings]
    begun = {t.id: t for t in transfers if t.kind is Kind.PENDING}
    ends = {t.pending_id: t for t in transfers if t.pending_id is not None}
    reversals = [t for t in transfers if t.reverses_id is not None]
    ended_later = [t for pending_id, t in ends.items() if pending_id not in begun]
    return [
        *(_begin(list(begun.values()), ends, recorded_at) if begun else ()),
        *(_end(ended_later) if ended_later else ()),
        *(_reverse(reversals) if reversals else ()),
    ]


def _begin(begun: Sequence[Transfer], ends: Mapping[UUID, Transfer], recorded_at: datetime) -> list[Part]:
    # What begins and ends in one batch is inserted as it ended: one statement cannot insert and update a row.
    by = [ends.get(transfer.id) for transfer in begun]
    values = (
        [transfer.id for transfer in begun],
        [times_out_at(transfer, recorded_at) for transfer in begun],
        [None if end is None else end.id for end in by],
        [None if end is None else end.kind for end in by],
    )
    return [Part("begun", _INSERT_PENDING, values)]


def _end(ended: Sequence[Transfer]) -> list[Part]:
    values = ([t.pending_id for t in ended], [t.id for t in ended], [t.kind for t in ended])
    return [Part("ended", _UPDATE_PENDING, values)]


def _reverse(reversals: Sequence[Transfer]) -> list[Part]:
    return [Part("reversals", _INSERT_REVERSALS, ([t.reverses_id for t in reversals], [t.id for t in reversals]))]


_INSERT_PENDING = """
insert into ledger_pending (id, times_out_at, resolved_by, resolution)
select * from unnest(?::uuid[], ?::timestamptz[], ?::uuid[], ?::smallint[])
"""

_UPDATE_PENDING = """
update ledger_pending as pending set resolved_by = ended.transfer_id, resolution = ended.kind
from unnest(?::uuid[], ?::uuid[], ?::smallint[]) as ended (id, transfer_id, kind)
where pending.id = ended.id
"""

_INSERT_REVERSALS = """
insert into ledger_reversal (original_id, reversal_id) select * from unnest(?::uuid[], ?::uuid[])
"""
