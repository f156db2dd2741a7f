"""Earlier transfers that a batch posts, voids, reverses or takes the lots of."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from operator import attrgetter
from uuid import UUID

from asyncpg import Record

from core.database import Connection
from ledger.allocation import LotState, LotUse, given_back, own_use
from ledger.books import Books, Original
from ledger.rows import CONTENT, LOT, transfer_of
from ledger.transfer import Kind


async def read_originals(connection: Connection, books: Books, ids: Collection[UUID]) -> None:
    """Put the transfers with these ids on the books, and the lots they used and opened on their accounts' shelves."""
    ordered = sorted(ids, key=attrgetter("int"))
    rows = await connection.fetch(_ORIGINALS, ordered, ordered[0], ordered[-1])
    for row in rows:
        books.originals[row["id"]] = _original(row)
    if any(account.keeps_lots for account in books.accounts.values()):
        await _read_lots(connection, books)


def _original(row: Record) -> Original:
    return Original(
        transfer_of(row, row["asked"]),
        row["amount"],
        times_out_at=row["times_out_at"],
        resolution=None if row["resolution"] is None else Kind(row["resolution"]),
        reversed=row["reversal_id"] is not None,
        uses_of=row["pending_id"] if row["kind"] == Kind.POST else row["id"],
    )


async def _read_lots(connection: Connection, books: Books) -> None:
    users = {original.uses_of for original in books.originals.values()}
    uses = await connection.fetch(_USES, list(users))
    used_lots = {identifier for row in uses for identifier in row["lot_ids"]}
    rows = await connection.fetch(_LOTS, list(books.originals), list(used_lots))
    lots = {row["id"]: LotState(*row) for row in rows}
    for lot in lots.values():
        if lot.account_id in books.accounts:
            books.accounts[lot.account_id].shelf.put(lot)
    _attach(books, _net(uses, lots), lots.values())


def _net(rows: Sequence[Record], lots: dict[UUID, LotState]) -> dict[UUID, dict[UUID, LotUse]]:
    """By transfer: what it took from lots, less what others have given back for it."""
    net: dict[UUID, dict[UUID, LotUse]] = defaultdict(dict)
    for row in rows:
        changes = [(lots[lot_id], amount) for lot_id, amount in zip(row["lot_ids"], row["amounts"], strict=True)]
        counted = given_back(changes) if row["restored"] else own_use(changes).values()
        mine = net[row["user_id"]]
        for lot, amount in counted:
            mine[lot.id] = (lot, mine.get(lot.id, (lot, 0))[1] + amount)
    return net


def _attach(books: Books, net: dict[UUID, dict[UUID, LotUse]], lots: Collection[LotState]) -> None:
    opened: dict[UUID, list[LotState]] = defaultdict(list)
    for lot in lots:
        opened[lot.transfer_id].append(lot)
    for identifier, original in books.originals.items():
        assert original.uses_of is not None, "set where it was read"
        original.uses = net.get(original.uses_of, {})
        original.opened = tuple(opened[identifier])


_ORIGINALS = f"""
select {", ".join("transfer." + column.strip() for column in CONTENT.split(","))},
       coalesce(transfer.requested, transfer.amount) as asked,
       pending.times_out_at, pending.resolution, reversal.reversal_id
from ledger_transfer as transfer
left join ledger_pending as pending on pending.id = transfer.id
left join ledger_reversal as reversal on reversal.original_id = transfer.id
where transfer.id = any($1::uuid[]) and transfer.id between $2 and $3
"""
"""The span of the ids tells which months to look into; a list of ids does not."""

_USES = """
select transfer_id as user_id, false as restored, lot_ids, amounts from ledger_lot_use
where transfer_id = any($1::uuid[])
union all
select restores, true, lot_ids, amounts from ledger_lot_use where restores = any($1::uuid[])
"""

_LOTS = f"""
select {LOT} from ledger_lot where id = any($1::uuid[])
union
select {LOT} from ledger_lot where transfer_id = any($1::uuid[]) and id <> transfer_id
union
select {LOT} from ledger_lot where id = any($2::uuid[])
"""
