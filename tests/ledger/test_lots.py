"""Points that expire: which lots a debit takes, what a credit opens, and what comes back when something is undone."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from core.clock import SettableClock
from core.ids import new_id
from ledger import LotTerms, Transfer, lots, post, spendable
from ledger.reading import read_books
from tests.ledger.tables import Table

THREE = """
    late issued > ann 10 lot=+3d created
    soon issued > ann 10 lot=+1d created
    never issued > ann 10 created
    next issued > ann 10 lot=+2d created
"""


async def rows(table: Table, query: str) -> list[tuple[Any, ...]]:
    """The rows of a query, as tuples."""
    async with table.database.connection() as connection:
        return [tuple(row) for row in await connection.fetch(query)]


async def test_first_expiring_first(table: Table) -> None:
    """A debit takes the lots that expire first, and the trace says how much of which."""
    await table.run(THREE + "a ann > issued 15 created\n--\nb ann > issued 17 created")
    assert await table.lots("ann") == [("never", 8)]
    uses = await rows(table, "select transfer_id, lot_ids, amounts from ledger_lot_use order by transfer_id")
    ids = table.ids
    assert uses == [
        (ids["a"], [ids["soon"], ids["next"]], [10, 5]),
        (ids["b"], [ids["next"], ids["late"], ids["never"]], [5, 10, 2]),
    ]


async def test_lots_that_expire_together_go_in_the_order_of_their_ids(table: Table) -> None:
    """Equal days are taken oldest first."""
    await table.run("a issued > ann 5 lot=+1d created\nb issued > ann 5 lot=+1d created\n--\nc ann > issued 7 created")
    assert await table.lots("ann") == [("b", 3)]


async def test_a_lot_keeps_its_terms(table: Table) -> None:
    """Funder, cost, expiry and availability are those of the credit."""
    clock = table.clock
    terms = LotTerms(clock.now() + timedelta(days=9), clock.now() + timedelta(days=2), table.id("funder"), 123)
    transfer = Transfer(table.id("a"), table.account("issued"), table.account("ann"), 5, 1, lot=terms)
    async with table.database.transaction() as connection:
        await post(connection, [transfer], accounts=list(table.accounts.values()), clock=clock)
        found = (await lots(connection, [table.account("ann")], clock=clock))[table.account("ann")]
    assert [(lot.id, lot.remaining, lot.expires_at, lot.available_at, lot.funder, lot.unit_cost) for lot in found] == [
        (transfer.id, 5, terms.expires_at, terms.available_at, terms.funder, 123)
    ]


async def test_expired_points_cannot_be_spent_before_the_expiry_has_run(table: Table) -> None:
    """From the very instant of expiry, though the balance still has them."""
    await table.run("a issued > ann 10 lot=+1h created\nb issued > ann 3 created")
    table.clock.advance(timedelta(hours=1) - timedelta(microseconds=1))
    assert await _spendable(table, "ann") == 13
    table.clock.advance(timedelta(microseconds=1))
    assert await _spendable(table, "ann") == 3
    await table.run("c ann > issued 4 exceeds_spendable\nd ann > issued 3 created")
    assert await table.counters() == {"issued": (0, 13, 0, 3), "ann": (0, 3, 0, 13)}


async def test_points_to_come_cannot_be_spent_yet(table: Table) -> None:
    """From the very instant of availability they can."""
    await table.run("a issued > ann 10 lot=+9d,+1h created\nb ann > issued 1 exceeds_spendable")
    assert await _spendable(table, "ann") == 0
    table.clock.advance(timedelta(hours=1) - timedelta(microseconds=1))
    await table.run("c ann > issued 1 exceeds_spendable")
    table.clock.advance(timedelta(microseconds=1))
    assert await _spendable(table, "ann") == 10
    await table.run("d ann > issued 10 created")


async def test_pending_debits_take_lots_at_once(table: Table) -> None:
    """What is reserved is gone for others; what is voided or times out goes back to the same lots."""
    for end in ("v ann > issued 0 kind=void of=p created 15", "+60s\nv ann > issued 0 kind=expire of=p created 15"):
        table = await Table(table.clock, database=table.database).open()
        await table.run(THREE + "p ann > issued 15 kind=pending timeout=60 created")
        assert await table.lots("ann") == [("next", 5), ("late", 10), ("never", 10)]
        await table.run("a ann > issued 1 created\n" + end)
        assert await table.lots("ann") == [("soon", 10), ("next", 9), ("late", 10), ("never", 10)]


async def test_a_partial_post_gives_back_what_expires_last(table: Table) -> None:
    """As if the pending transfer had been smaller; a lot that has expired meanwhile gets its points back as well."""
    await table.run(THREE + "p ann > issued 25 kind=pending created\n+50h\nq ann > issued 12 kind=post of=p created")
    assert await table.lots("ann") == [("late", 10), ("never", 10)]
    left = dict(await rows(table, "select id, remaining from ledger_lot"))
    names = {table.id(name): name for name in ("soon", "next", "late", "never")}
    assert {names[key]: value for key, value in left.items()} == {"soon": 0, "next": 8, "late": 10, "never": 10}


async def test_pending_credits_open_their_lot_when_posted(table: Table) -> None:
    """On the terms of the post, or else of the pending transfer."""
    await table.run("""
        p issued > ann 10 kind=pending lot=+5d created
        q issued > bob 10 kind=pending lot=+5d created
        --
        a issued > ann 7 kind=post of=p created
        b issued > bob 7 kind=post of=q lot=+2h created
    """)
    assert (await table.lots("ann"), await table.lots("bob")) == ([("a", 7)], [("b", 7)])
    table.clock.advance(timedelta(hours=3))
    assert (await table.lots("ann"), await table.lots("bob")) == ([("a", 7)], [])


async def test_moving_between_accounts_keeps_the_terms(table: Table) -> None:
    """Each lot taken opens one with the same terms, and the origin is on record."""
    await table.run(THREE + "h ann > held 25 created")
    assert await table.lots("held") == [("h", 10), ("h.1", 10), ("h.2", 5)]
    moved = "select lot.opened, lot.expires_at = origin.expires_at, origin.id from ledger_lot as lot "
    found = await rows(table, moved + "join ledger_lot as origin on origin.id = lot.origin order by lot.expires_at")
    assert found == [(10, True, table.id("soon")), (10, True, table.id("next")), (5, True, table.id("late"))]


async def test_a_move_on_terms_of_its_own(table: Table) -> None:
    """Lots that are given with a transfer win over those moved."""
    await table.run(THREE + "g ann > bob 25 lot=+9d created\n+8d")
    assert await table.lots("bob") == [("g", 25)]


async def test_capture_and_release_of_a_hold(table: Table) -> None:
    """What is captured is taken first-expiring-first, what is released goes back to where it came from."""
    await table.run(
        THREE
        + """
        h ann > held 25 created
        other issued > held 99 lot=+1h created
        --
        c held > issued 12 lots_of=h created
        r held > ann 13 reverses=h created
        d held > issued 1 lots_of=h exceeds_lots_of
    """
    )
    assert await table.lots("ann") == [("next", 8), ("late", 10), ("never", 10)]
    assert await table.lots("held") == [("other", 99)]


async def test_release_of_a_part_leaves_what_expires_first_held(table: Table) -> None:
    """The rest is as if the hold had been smaller."""
    await table.run(THREE + "h ann > held 25 created\n--\nr held > ann 6 lots_of=h created")
    assert await table.lots("ann") == [("next", 1), ("late", 10), ("never", 10)]
    assert await table.lots("held") == [("h", 10), ("h.1", 9)]


async def test_a_refund_restores_the_lots(table: Table) -> None:
    """In parts, latest expiring first, and not more than was taken."""
    await table.run(
        THREE
        + """
        a ann > issued 25 created
        --
        b issued > ann 8 lots_of=a created
        c issued > ann 20 lots_of=a exceeds_lots_of
        --
        d issued > ann 17 lots_of=a created
        e issued > ann 1 lots_of=a exceeds_lots_of
        f issued > ann 1 reverses=a exceeds_lots_of
    """
    )
    assert await table.lots("ann") == [("soon", 10), ("next", 10), ("late", 10), ("never", 10)]


async def test_a_refund_of_expired_points_is_a_grace_lot(table: Table) -> None:
    """It lives 30 days, or as long as the refund says; its origin is the expired lot, which stays empty."""
    await table.run(
        THREE
        + """
        a ann > issued 20 created
        b ann > issued 4 created
        +50h
        r issued > ann 20 reverses=a created
        s issued > ann 3 lots_of=b lot=+1d created
    """
    )
    assert sorted(await table.lots("ann")) == [("late", 9), ("never", 10), ("r", 10), ("r.1", 10)]
    grace = "select origin, opened, transfer_id, expires_at from ledger_lot where origin is not null"
    until = table.clock.now() + timedelta(days=30)
    assert set(await rows(table, grace)) == {
        (table.id("soon"), 10, table.id("r"), until),
        (table.id("next"), 10, table.id("r"), until),
    }
    assert await rows(table, "select count(*) from ledger_lot where not live and origin is null") == [(2,)]


async def test_the_day_of_a_grace_lot_can_be_given(table: Table) -> None:
    """The lot terms of the refund say until when, and nothing else."""
    await table.run("""
        a issued > ann 10 lot=+1h,-,7 created
        b ann > issued 10 created
        +2h
        r issued > ann 10 reverses=b lot=+2d,-,9 created
    """)
    found = await rows(table, "select expires_at, unit_cost from ledger_lot where live")
    assert found == [(table.clock.now() + timedelta(days=2), 7)]


async def test_the_reversal_of_an_award_takes_the_points_awarded(table: Table) -> None:
    """Others that expire sooner stay; what was spent meanwhile cannot be taken back."""
    await table.run("""
        old issued > ann 10 lot=+1d created
        new issued > ann 10 lot=+9d created
        a ann > issued 10 reverses=new created
        --
        next issued > ann 10 lot=+5h created
        b ann > issued 4 created
        c ann > issued 10 reverses=next exceeds_lots_of
        d ann > issued 6 reverses=next created
    """)
    assert await table.lots("ann") == [("old", 10)]


async def test_lots_taken_by_choice_may_have_expired(table: Table) -> None:
    """A hold taken in time is captured in time, however long the capture takes."""
    await table.run(
        "a issued > ann 10 lot=+1h created\nh ann > held 10 created\n+2h\nc held > issued 10 lots_of=h created"
    )
    assert await table.counters() == {
        "issued": (0, 10, 0, 10),
        "ann": (0, 10, 0, 10),
        "held": (0, 10, 0, 10),
    }


async def test_a_small_spend_reads_few_lots(table: Table) -> None:
    """Of an account with thousands of lots, a spend loads only as many as it could need."""
    await _earn(table, 2_000)
    transfer = Transfer(table.id("s"), table.account("ann"), table.account("issued"), 3, 1)
    async with table.database.transaction() as connection:
        books, _ = await read_books(connection, [transfer], [], table.clock)
    assert len(books.accounts[transfer.debit_account_id].shelf.lots) == 3


async def test_nobody_can_take_the_id_of_another_transfer_s_lot(table: Table) -> None:
    """Lots that are moved have ids derived from the transfer's, and no transfer can have such an id."""
    await table.run(THREE + "a ann > bob 35 created")
    for place, status in enumerate(["exists_with_different_debit_account_id", "id_not_time_ordered"]):
        lot = (await rows(table, "select id from ledger_lot where origin is not null order by expires_at, id"))[place]
        own = Transfer(lot[0], table.account("issued"), table.account("ann"), 5, 1)
        await table.expect([own, replace(own, id=new_id())], [(status, 0), ("created", 5)])
    assert [name for name, _ in await table.lots("bob")] == ["a", "a.1", "a.2", "a.3"]


@pytest.mark.parametrize("amount", [0, -1_000_000])
async def test_an_impossible_amount_takes_nothing_from_the_others(table: Table, amount: int) -> None:
    """Of a batch with one, the others find as many lots as they would without it."""
    await _earn(table, 8)
    await table.run(f"no ann > issued {amount} amount_must_be_positive\nyes ann > issued 701 created")
    assert await table.lots("ann") == [("e7", 99)]


async def test_a_spend_from_ten_thousand_lots(table: Table) -> None:
    """1,000,000 points in lots of 100 go in one transfer, in a handful of statements."""
    await _earn(table, 10_000)
    queries: list[str] = []
    transfer = Transfer(table.id("s"), table.account("ann"), table.account("issued"), 999_950, 1)
    async with table.database.transaction() as connection:
        with connection.query_logger(lambda record: queries.append(record.query)):
            outcomes = await post(connection, [transfer], clock=table.clock)
    assert outcomes[0].ok
    assert len(queries) == 4
    assert [remaining for _, remaining in await _remaining(table)] == [50]


async def test_many_small_spends_from_many_lots_in_one_batch(table: Table) -> None:
    """Each takes what the ones before have left."""
    await _earn(table, 400)
    accounts = table.account("ann"), table.account("issued")
    batch = [Transfer(table.id(f"s{n}"), *accounts, 35, 1) for n in range(1_000)]
    await table.expect(batch, [("created", None)] * 1_000)
    assert sum(remaining for _, remaining in await _remaining(table)) == 5_000
    assert len(await _remaining(table)) == 50


async def _earn(table: Table, count: int) -> None:
    now: SettableClock = table.clock
    accounts = table.account("issued"), table.account("ann")
    for start in range(0, count, 5_000):
        batch = [
            Transfer(table.id(f"e{n}"), *accounts, 100, 1, lot=LotTerms(now.now() + timedelta(days=1, minutes=n)))
            for n in range(start, min(start + 5_000, count))
        ]
        await table.expect(batch, [("created", None)] * len(batch))


async def _remaining(table: Table) -> list[tuple[str, int]]:
    return [(str(row[0]), row[1]) for row in await rows(table, "select id, remaining from ledger_lot where live")]


async def _spendable(table: Table, name: str) -> int:
    async with table.database.connection() as connection:
        return (await spendable(connection, [table.account(name)], clock=table.clock))[table.account(name)]
