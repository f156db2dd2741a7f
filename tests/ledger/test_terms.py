"""Changing what an account, a lot or an asset allows: credit lines, extensions, closed periods, new assets."""

import asyncio
from contextvars import Context
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from core.ids import new_id
from ledger import (
    Account,
    Asset,
    AssetKind,
    CreditLineInUse,
    Extended,
    Extension,
    Limit,
    audit,
    close_period,
    cut_off,
    draw_line,
    expire_lots,
    extend_expiry,
    open_assets,
    set_credit_line,
)
from ledger.credit_line import AccountNotOpen, CreditLineRefusal, LotsHaveNoCreditLine
from ledger.errors import AssetDiffers, SameIdInFlight
from ledger.extension import ExpiryNotLater, ExtensionDiffers, ExtensionRefusal, LotNotFound, LotUsedUp
from ledger.period import AssetNotOpen, PeriodClosedLater, PeriodNotOver
from tests.blocked import blocks
from tests.ledger.tables import Table


async def set_line(table: Table, account_id: UUID, line: int) -> CreditLineRefusal | None:
    """Set a credit line in a transaction of its own."""
    async with table.database.transaction() as connection:
        return await set_credit_line(connection, account_id, line)


async def extend(table: Table, *extensions: Extension) -> list[Extended | ExtensionRefusal]:
    """Extend lots in a transaction of its own."""
    async with table.database.transaction() as connection:
        return await extend_expiry(connection, extensions, clock=table.clock)


async def test_a_credit_line_may_be_moved_down_to_what_is_used(table: Table) -> None:
    """Pending amounts are used; below that it is refused and stays."""
    await table.run("a shop > spent 30 created\nb shop > spent 9 kind=pending created")
    shop = table.account("shop")
    assert await set_line(table, shop, 38) == CreditLineInUse(shop, 39)
    assert await set_line(table, shop, 39) is None
    await table.run("c shop > spent 1 exceeds_credits")
    assert await set_line(table, shop, 40) is None
    await table.run("d shop > spent 1 created")


async def test_a_credit_line_of_the_other_side(table: Table) -> None:
    """It works for accounts that are limited in their credits as well."""
    await table.run("a spent > stock 7 created")
    stock = table.account("stock")
    assert await set_line(table, stock, 6) == CreditLineInUse(stock, 7)
    assert await set_line(table, stock, 7) is None
    await table.run("b spent > stock 1 exceeds_debits")


async def test_credit_lines_that_cannot_be(table: Table) -> None:
    """No account, an account with lots, a negative line."""
    await table.run("a issued > ann 1 created")
    ann, pot = table.account("ann"), table.account("pot")
    assert await set_line(table, pot, 1) == AccountNotOpen(pot)
    assert await set_line(table, ann, 1) == LotsHaveNoCreditLine(ann)
    assert await set_line(table, ann, 0) is None
    with pytest.raises(ValueError, match="from 0 to"):
        await set_line(table, ann, -1)
    with pytest.raises(ValueError, match="from 0 to"):
        await set_line(table, ann, 2**63)


async def test_an_extension_lets_points_live_longer_and_leaves_a_trace(table: Table) -> None:
    """The lot expires later; from when to when, and for whom, stands in the trace."""
    await table.run("a issued > ann 10 lot=+1d created")
    now, until = table.clock.now(), table.clock.now() + timedelta(days=5)
    extension = Extension(new_id(), table.id("a"), until, reference=table.id("campaign"))
    recorded_at = now + timedelta(microseconds=1)
    expected = Extended(extension.id, now + timedelta(days=1), recorded_at)
    assert await extend(table, extension) == [expected]
    table.clock.advance(timedelta(days=4))
    await table.run("b ann > issued 1 created")
    assert await extend(table, extension, replace(extension, expires_at=now)) == [
        expected,
        ExtensionDiffers(extension.id),
    ]
    async with table.database.connection() as connection:
        trace = await connection.fetch(
            "select lot_id, expired_at, expires_at, recorded_at, reference from ledger_lot_extension"
        )
    assert [tuple(row) for row in trace] == [
        (table.id("a"), now + timedelta(days=1), until, recorded_at, table.id("campaign"))
    ]


async def test_expired_points_can_be_brought_back_until_the_expiry_has_run(table: Table) -> None:
    """After that there is nothing to extend."""
    await table.run("a issued > ann 10 lot=+1d created\nb issued > bob 10 lot=+1d created\n+2d")
    later = table.clock.now() + timedelta(days=1)
    answers = await extend(table, Extension(new_id(), table.id("a"), later))
    assert isinstance(answers[0], Extended)
    await expire_lots(table.database, "P", table.account("issued"), code=4)
    assert await extend(table, Extension(new_id(), table.id("b"), later)) == [LotUsedUp(table.id("b"))]
    await table.run("c ann > issued 10 created")


async def test_extensions_that_cannot_be(table: Table) -> None:
    """No such lot, not later than now, a lot that never expires; several of one lot are taken in turn."""
    await table.run("a issued > ann 10 lot=+2d created\nb issued > ann 10 created")
    lot, now = table.id("a"), table.clock.now()
    nowhere = new_id()
    day = timedelta(days=1)
    answers = await extend(
        table,
        Extension(new_id(), nowhere, now + day),
        Extension(new_id(), lot, now + 2 * day),
        Extension(new_id(), lot, now + 4 * day),
        Extension(new_id(), lot, now + 3 * day),
        Extension(new_id(), table.id("b"), now + day),
    )
    assert isinstance(answers[2], Extended)
    del answers[2]
    assert answers == [
        LotNotFound(nowhere),
        ExpiryNotLater(lot, now + 2 * day),
        ExpiryNotLater(lot, now + 4 * day),
        ExpiryNotLater(table.id("b"), None),
    ]


async def test_the_same_extension_at_the_same_time(table: Table) -> None:
    """Of two that extend lots of different accounts under one id, one must try again, and learns the truth."""
    await table.run("a issued > ann 10 lot=+1d created\nb issued > bob 10 lot=+1d created")
    one, until = new_id(), table.clock.now() + timedelta(days=2)
    other = Extension(one, table.id("b"), until)
    async with table.database.transaction() as connection:
        await extend_expiry(connection, [Extension(one, table.id("a"), until)], clock=table.clock)
        waiting = asyncio.create_task(extend(table, other), context=Context())
        await blocks(connection)
    with pytest.raises(SameIdInFlight):
        await waiting
    assert await extend(table, other) == [ExtensionDiffers(one)]


async def test_extensions_of_one_lot_in_one_call_make_a_whole_chain(table: Table) -> None:
    """Whatever their ids, the audit follows them in the order in which they took effect."""
    await table.run("a issued > ann 10 lot=+1d created")
    lot, now, day = table.id("a"), table.clock.now(), timedelta(days=1)
    later, earlier = new_id(), new_id()
    later, earlier = max(later, earlier), min(later, earlier)
    answers = await extend(table, Extension(later, lot, now + 2 * day), Extension(earlier, lot, now + 3 * day))
    assert [answer.expired_at for answer in answers if isinstance(answer, Extended)] == [now + day, now + 2 * day]
    assert (await audit(table.database)).findings == []


async def test_an_extension_to_the_hour_that_comes_twice(table: Table) -> None:
    """Sent again it is the same; an hour later it is another."""
    await table.run("a issued > ann 10 lot=+1d created")
    until = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    extension = Extension(new_id(), table.id("a"), until)
    other = replace(extension, expires_at=until.replace(fold=1))
    first = await extend(table, extension)
    assert await extend(table, extension, other) == [*first, ExtensionDiffers(extension.id)]


async def test_periods_close_forwards_only(table: Table) -> None:
    """Not into the future, not back, not for an unknown asset; the same again is no change."""
    now, hour = table.clock.now(), timedelta(hours=1)
    async with table.database.transaction() as connection:
        assert await close_period(connection, "X", now, clock=table.clock) == AssetNotOpen("X")
        assert await close_period(connection, "P", now + hour, clock=table.clock) == PeriodNotOver("P", now)
        assert await close_period(connection, "P", now - hour, clock=table.clock) is None
        assert await close_period(connection, "P", now - hour, clock=table.clock) is None
        earlier = await close_period(connection, "P", now - 2 * hour, clock=table.clock)
        assert earlier == PeriodClosedLater("P", now - hour)
    await table.run(
        "a issued > ann 1 event=-1h event_time_in_closed_period\nb bank > ann 1 accounts_have_different_assets"
    )


async def test_a_cut_off_separates_before_from_after(table: Table) -> None:
    """What is recorded on the accounts later is later than the cut-off, even while the clock stands."""
    before = (await table.run("a issued > pot 1 created"))[0].recorded_at
    async with table.database.transaction() as connection:
        line = await cut_off(connection, [table.account("pot")], clock=table.clock)
        await draw_line(connection, line)
    after = (await table.run("b issued > pot 1 created"))[0].recorded_at
    assert before is not None
    assert after is not None
    assert before < line.instant < after


async def test_assets_are_what_they_were_opened_as(table: Table) -> None:
    """The same again changes nothing; another scale, kind or time zone is an error."""
    async with table.database.transaction() as connection:
        await open_assets(connection, [])
        await open_assets(connection, [Asset("P", 0, AssetKind.POINTS), Asset("N", 3, AssetKind.RIGHT)])
        for other in (
            Asset("P", 1, AssetKind.POINTS),
            Asset("P", 0, AssetKind.RIGHT),
            Asset("P", 0, AssetKind.POINTS, "UTC"),
        ):
            with pytest.raises(AssetDiffers, match="P is known as"):
                await open_assets(connection, [other])


@pytest.mark.parametrize("limit", [Limit.NONE, Limit.CREDITS_MUST_NOT_EXCEED_DEBITS, Limit(3)])
def test_lots_need_a_floor(limit: Limit) -> None:
    """An account that could fall below zero, or take no credit, keeps no lots; credit lines have bounds."""
    with pytest.raises(ValueError, match="with lots"):
        Account(new_id(), "P", "member", limit, lots=True)
    with pytest.raises(ValueError, match="with lots"):
        Account(new_id(), "P", "member", Limit.DEBITS_MUST_NOT_EXCEED_CREDITS, credit_line=1, lots=True)
    for line in (-1, 2**63):
        with pytest.raises(ValueError, match="from 0 to"):
            Account(new_id(), "P", "member", credit_line=line)
