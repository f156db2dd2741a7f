"""A small book with a row of every kind in every table of the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from core.clock import SettableClock
from core.database import Connection, Database
from core.ids import new_id
from ledger import Account, Asset, AssetKind, Kind, Limit, LotTerms, Transfer, open_assets, post, seal

START = datetime(2026, 1, 15, 4, tzinfo=UTC)
"""Noon in Shanghai on 15 January 2026."""

_UNSEALED = " or ".join(
    f"exists (select from {table} where xact > (select xact_until from ledger_seal_head))"
    for table in (
        "ledger_asset",
        "ledger_account",
        "ledger_transfer",
        "ledger_refusal",
        "ledger_lot_extension",
        "ledger_term_change",
    )
)


@dataclass
class SmallBook:
    """Its accounts, and the transfers worth knowing."""

    issued: Account = field(default_factory=lambda: Account(new_id(), "AURORA", "issued"))
    ann: Account = field(default_factory=lambda: _member("AURORA"))
    bob: Account = field(default_factory=lambda: _member("AURORA"))
    bank: Account = field(default_factory=lambda: Account(new_id(), "CNY", "bank"))
    shop: Account = field(
        default_factory=lambda: Account(
            new_id(), "CNY", "position", Limit.DEBITS_MUST_NOT_EXCEED_CREDITS, credit_line=5_000
        )
    )
    due: Account = field(default_factory=lambda: Account(new_id(), "CNY", "due", Limit.CREDITS_MUST_NOT_EXCEED_DEBITS))
    owed: Account = field(default_factory=lambda: Account(new_id(), "CNY", "owed"))
    transfers: dict[str, UUID] = field(default_factory=dict)

    @property
    def accounts(self) -> Sequence[Account]:
        """All of them."""
        return [self.issued, self.ann, self.bob, self.bank, self.shop, self.due, self.owed]

    def transfer(self, name: str, debit: Account, credit: Account, amount: int, **content: Any) -> Transfer:
        """A transfer that is known by its name from now on."""
        self.transfers[name] = new_id()
        return Transfer(self.transfers[name], debit.id, credit.id, amount, 2, **content)

    def ending(self, kind: Kind, pending: str, debit: Account, credit: Account, amount: int = 0) -> Transfer:
        """The end of the pending transfer of that name."""
        return self.transfer(
            f"{kind.name} {pending}", debit, credit, amount, kind=kind, pending_id=self.transfers[pending]
        )


def _member(asset: str) -> Account:
    return Account(new_id(), asset, "member", Limit.DEBITS_MUST_NOT_EXCEED_CREDITS, lots=True)


async def write_small_book(database: Database, clock: SettableClock) -> SmallBook:
    """Write it, in several batches some time apart."""
    book = SmallBook()
    async with database.transaction() as connection:
        assets = [("AURORA", 0, AssetKind.POINTS), ("CNY", 6, AssetKind.MONEY), ("HKD", 6, AssetKind.MONEY)]
        await open_assets(connection, [Asset(*asset) for asset in assets])
    for batch in (_openings, _spending, _pendings, _endings, _reversals):
        clock.advance(timedelta(minutes=1))
        await _post(database, clock, book, batch(book, clock.now()))
    clock.advance(timedelta(hours=1))
    await _post(database, clock, book, _late(book))
    async with database.transaction() as connection:
        await _change_terms(connection, book)
    return book


async def _post(database: Database, clock: SettableClock, book: SmallBook, batch: Sequence[Transfer]) -> None:
    async with database.transaction() as connection:
        outcomes = await post(connection, batch, accounts=book.accounts, clock=clock)
    refused = [o for o, transfer in zip(outcomes, batch, strict=True) if not o.ok and transfer.amount < 10**9]
    assert not refused, refused


def _openings(book: SmallBook, now: datetime) -> list[Transfer]:
    soon, later = now + timedelta(days=3), now + timedelta(days=300)
    return [
        book.transfer(
            "earn soon", book.issued, book.ann, 100, lot=LotTerms(expires_at=soon, funder=new_id(), unit_cost=7)
        ),
        book.transfer("earn later", book.issued, book.ann, 200, lot=LotTerms(expires_at=later)),
        book.transfer("earn bob", book.issued, book.bob, 50, event_time=now - timedelta(days=1), reference=new_id()),
        book.transfer("fund", book.bank, book.shop, 1_000),
        book.transfer("call in", book.due, book.bank, 700),
        book.transfer("owe", book.bank, book.owed, 300),
    ]


def _spending(book: SmallBook, now: datetime) -> list[Transfer]:
    del now
    group = new_id()
    return [
        book.transfer("spend", book.ann, book.issued, 120),
        book.transfer("too much", book.ann, book.issued, 10**9),
        book.transfer("leg 1", book.ann, book.issued, 10, group_id=group),
        book.transfer("leg 2", book.shop, book.bank, 1_500, group_id=group),
        book.transfer("give", book.ann, book.bob, 20),
    ]


def _pendings(book: SmallBook, now: datetime) -> list[Transfer]:
    del now
    return [
        book.transfer("open", book.ann, book.issued, 11, kind=Kind.PENDING),
        book.transfer("posted", book.ann, book.issued, 12, kind=Kind.PENDING, timeout_seconds=600),
        book.transfer("partly", book.ann, book.bob, 13, kind=Kind.PENDING),
        book.transfer("voided", book.ann, book.issued, 14, kind=Kind.PENDING),
        book.transfer("expired", book.shop, book.bank, 15, kind=Kind.PENDING, timeout_seconds=1_800),
    ]


def _endings(book: SmallBook, now: datetime) -> list[Transfer]:
    del now
    return [
        book.ending(Kind.POST, "posted", book.ann, book.issued),
        book.ending(Kind.POST, "partly", book.ann, book.bob, 5),
        book.ending(Kind.VOID, "voided", book.ann, book.issued),
    ]


def _reversals(book: SmallBook, now: datetime) -> list[Transfer]:
    del now
    return [
        book.transfer("refund", book.issued, book.ann, 30, reverses_id=book.transfers["spend"]),
        book.transfer("hand over", book.bob, book.ann, 8),
    ]


def _late(book: SmallBook) -> list[Transfer]:
    return [
        book.ending(Kind.EXPIRE, "expired", book.shop, book.bank),
        book.transfer("close", book.owed, book.bank, 0, kind=Kind.CLOSE),
    ]


async def _change_terms(connection: Connection, book: SmallBook) -> None:
    await connection.execute("update ledger_account set credit_line = 6000 where id = $1", book.shop.id)
    await connection.execute("update ledger_account set credit_line = 7000 where id = $1", book.shop.id)
    await connection.execute("update ledger_asset set closed_until = $1 where code = 'CNY'", START - timedelta(days=9))
    lot_id = book.transfers["earn later"]
    for days in (330, 360):
        await connection.execute(
            """
            with old as (select id, expires_at from ledger_lot where id = $1), trace as (
                insert into ledger_lot_extension (id, lot_id, expired_at, expires_at, recorded_at)
                select $2, id, expires_at, $3, $4 from old
            )
            update ledger_lot set expires_at = $3 where id = $1
            """,
            lot_id,
            new_id(),
            START + timedelta(days=days),
            START + timedelta(minutes=days),
        )


async def seal_all(database: Database, *, entries_per_seal: int = 10_000) -> None:
    """Seal until nothing is left; other databases' transactions in the same server may hold the horizon back."""
    while True:
        await seal(database, entries_per_seal=entries_per_seal)
        async with database.connection() as connection:
            if not await connection.fetchval(f"select {_UNSEALED}"):
                return
