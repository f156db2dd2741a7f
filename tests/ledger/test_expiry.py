"""Points and reservations whose time has passed."""

import asyncio
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from asyncpg import Record

from core.database import Database
from core.ids import derive_id
from ledger import (
    Expired,
    LotTerms,
    Transfer,
    close_period,
    expire_lots,
    expire_pending,
    expiry,
    pending_expiry,
    reading_lots,
)
from ledger.allocation import LotState
from ledger.books import Books
from tests.ledger.tables import Table

EXPIRY = 4


async def expire(table: Table, purpose: str | None = None) -> Expired:
    """Run the expiry of points."""
    return await expire_lots(table.database, "P", table.account("issued"), code=EXPIRY, purpose=purpose)


async def test_expired_points_go_back_to_where_points_come_from(table: Table) -> None:
    """One transfer for each account and instant of expiry, dated at that instant; what still lives stays."""
    await table.run("""
        a issued > ann 10 lot=+1h created
        b issued > ann 5 lot=+1h created
        c issued > ann 4 lot=+2h created
        d issued > ann 3 lot=+9h created
        e issued > bob 2 lot=+2h created
        f ann > issued 1 created
    """)
    start = table.clock.now()
    table.clock.advance(timedelta(hours=2))
    assert await expire(table) == Expired(3, 20)
    assert await table.counters() == {"issued": (0, 24, 0, 21), "ann": (0, 19, 0, 22), "bob": (0, 2, 0, 2)}
    assert await table.lots("ann") == [("d", 3)]
    async with table.database.connection() as connection:
        posted = await connection.fetch(
            "select debit_account_id, amount, code, event_time from ledger_transfer where kind = 7 order by sequence"
        )
    first, second = start + timedelta(hours=1), start + timedelta(hours=2)
    assert {tuple(row) for row in posted} == {
        (table.account("ann"), 14, EXPIRY, first),
        (table.account("ann"), 4, EXPIRY, second),
        (table.account("bob"), 2, EXPIRY, second),
    }


async def test_nothing_expires_before_the_day_is_over(table: Table) -> None:
    """A lot that lives until the end of the 15th in Shanghai expires at midnight there, not a microsecond earlier."""
    midnight = datetime(2026, 1, 16, tzinfo=ZoneInfo("Asia/Shanghai"))
    transfer = Transfer(table.id("a"), table.account("issued"), table.account("ann"), 5, 1, lot=LotTerms(midnight))
    await table.expect([transfer], [("created", None)])
    table.clock.set(midnight - timedelta(microseconds=1))
    assert await expire(table) == Expired()
    await table.run("b ann > issued 1 created")
    table.clock.set(midnight)
    assert await expire(table) == Expired(1, 4)


async def test_a_second_run_changes_nothing(table: Table) -> None:
    """Whatever has expired, expires once, also when two run at the same time."""
    await table.run("a issued > ann 10 lot=+1h created\nb issued > bob 10 lot=+1h created\n+1h")
    runs = await asyncio.gather(expire(table), expire(table))
    assert sum(run.amount for run in runs) == 20
    assert await expire(table) == Expired()
    assert await table.counters() == {"issued": (0, 20, 0, 20), "ann": (0, 10, 0, 10), "bob": (0, 10, 0, 10)}


async def test_only_accounts_of_a_purpose(table: Table) -> None:
    """What is held can be left alone."""
    await table.run("a issued > ann 10 lot=+1h created\nh issued > held 7 lot=+1h created\n+1h")
    assert await expire(table, "ann") == Expired(1, 10)
    assert (await table.counters())["held"] == (0, 0, 0, 7)


async def test_a_late_run_does_not_touch_a_closed_period(table: Table) -> None:
    """What expired in it is dated just after its end."""
    await table.run("a issued > ann 10 lot=+1h created\nb issued > ann 10 lot=+2h created\n+3h")
    async with table.database.transaction() as connection:
        closed_until = table.clock.now() - timedelta(minutes=30)
        assert await close_period(connection, "P", closed_until, clock=table.clock) is None
    assert await expire(table) == Expired(1, 20)
    async with table.database.connection() as connection:
        found = await connection.fetchval("select event_time from ledger_transfer where kind = 7")
    assert found == closed_until + timedelta(microseconds=1)


async def test_points_given_back_to_an_expired_lot_expire_again(table: Table) -> None:
    """A void returns points to their lot; the next run of the expiry takes them."""
    await table.run("a issued > ann 10 lot=+1h created\np ann > issued 6 kind=pending created\n+1h")
    assert await expire(table) == Expired(1, 4)
    await table.run("v ann > issued 0 kind=void of=p created 6")
    assert await table.lots("ann") == []
    assert await expire(table) == Expired(1, 6)


async def test_an_account_with_many_days_of_expiry_reads_each_lot_once(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many of its days one run makes up for."""
    await table.run("\n".join(f"e{n} issued > ann 1 lot=+{n}m created" for n in range(1, 51)))
    table.clock.advance(timedelta(hours=1))
    sizes, put = [], reading_lots._put

    def counted(books: Books, rows: Sequence[Record]) -> dict[UUID, list[LotState]]:
        sizes.append(len(rows))
        return put(books, rows)

    monkeypatch.setattr(reading_lots, "_put", counted)
    assert await expire(table) == Expired(50, 50)
    assert sizes == [50]


async def test_pending_transfers_that_timed_out_are_released(table: Table) -> None:
    """Once each, also when two run at the same time; those without a time-out and those with time left stay."""
    await table.run("""
        a issued > pot 10 created
        p pot > spent 1 kind=pending timeout=60 created
        q pot > spent 2 kind=pending timeout=90 created
        r pot > spent 3 kind=pending created
        s pot > spent 4 kind=pending timeout=60 created
        t pot > spent 4 kind=post of=s created
        +60s
    """)
    assert sum(await asyncio.gather(expire_pending(table.database), expire_pending(table.database))) == 1
    assert await expire_pending(table.database) == 0
    assert await table.counters() == {"issued": (0, 10, 0, 0), "pot": (5, 4, 0, 10), "spent": (0, 0, 5, 4)}
    await table.run("u pot > spent 0 kind=post of=p pending_transfer_expired\nv pot > spent 0 kind=post of=q created 2")


class TurnedBackClock:
    """A clock that is asked once, and then turned back."""

    def __init__(self, before: datetime, after: datetime) -> None:
        self._after = after
        self._instants = [before]

    def now(self) -> datetime:
        """The instant to use."""
        return self.pinned

    @property
    def pinned(self) -> datetime:
        """First the one, then the other."""
        return self._instants.pop() if self._instants else self._after


async def test_a_clock_turned_back_while_pending_transfers_are_released(table: Table, database_url: str) -> None:
    """What had timed out when it was looked for, and had not when it was to be released, is released later."""
    await table.run("p issued > pot 10 kind=pending timeout=60 created")
    now = table.clock.now()
    for _ in range(2):
        clock = TurnedBackClock(now + timedelta(seconds=60), now + timedelta(seconds=30))
        database = await Database.connect(database_url, clock=clock)
        assert await expire_pending(database) == 0
        await database.close()
    table.clock.set(now + timedelta(seconds=60))
    assert await expire_pending(table.database) == 1
    assert await table.counters() == {}


async def test_a_release_whose_id_somebody_has_taken(table: Table) -> None:
    """The id of a release can be worked out, and sent with a transfer of one's own: it is released all the same."""
    table.ids["taken"] = derive_id(table.id("p"), "expire")
    await table.run("p issued > pot 10 kind=pending timeout=60 created\ntaken issued > bob 1 created\n+60s")
    assert await expire_pending(table.database) == 1
    assert await expire_pending(table.database) == 0
    assert await table.counters() == {"issued": (0, 1, 0, 0), "bob": (0, 0, 0, 1)}


@pytest.mark.parametrize(
    ("query", "arguments", "index"),
    [
        (expiry._DUE, ("P", None, None, 1_000), "ledger_lot_expires_at"),
        (pending_expiry._DUE, (None, 1_000), "ledger_pending_times_out_at"),
    ],
    ids=["lots", "pending"],
)
async def test_what_is_due_is_found_in_its_order(
    table: Table, query: str, arguments: tuple[object, ...], index: str
) -> None:
    """The jobs walk along the index of what is due and stop at the limit, with or without a pinned clock."""
    async with table.database.transaction() as connection:
        await connection.execute("set local enable_seqscan = off")
        rows = await connection.fetch(f"explain {query}", *arguments)
    plan = "\n".join(row[0] for row in rows)
    assert re.search(rf"Limit.*{index}.*Index Cond", plan, re.DOTALL), plan
