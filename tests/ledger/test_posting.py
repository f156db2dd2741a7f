"""What a batch does to balances: tables of transfers, and the counters of every account afterwards."""

import asyncio
from collections.abc import Sequence
from contextvars import Context
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from core.database import Database
from core.ids import new_id
from ledger import (
    Account,
    Limit,
    Outcome,
    Status,
    Transfer,
    audit,
    balances,
    hold,
    move_credit_lines,
    post,
    posting,
)
from ledger.errors import SameIdInFlight
from ledger.parts import Part
from tests.blocked import blocks
from tests.ledger.tables import Table
from tests.ledger.test_decision import SAME_ID_IN_A_GROUP, play_the_hour_that_comes_twice


async def test_single_phase(table: Table) -> None:
    """A transfer debits one account and credits the other at once; later ones see it."""
    await table.run("""
        a issued > pot 10 created
        b pot > spent 4 created
        c pot > spent 7 exceeds_credits
        d pot > spent 6 created
    """)
    assert await table.counters() == {"issued": (0, 10, 0, 0), "pot": (0, 10, 0, 10), "spent": (0, 0, 0, 10)}


async def test_pending_counts_on_both_sides(table: Table) -> None:
    """A pending transfer reserves on the debit side, and gives the credit side nothing to spend."""
    await table.run("""
        a issued > pot 10 kind=pending created
        b pot > spent 1 exceeds_credits
    """)
    assert await table.counters() == {"issued": (10, 0, 0, 0), "pot": (0, 0, 10, 0)}


@pytest.mark.parametrize(
    ("end", "shop", "spent"),
    [
        ("e shop > spent 0 kind=post of=p created 10", (0, 10, 0, 0), (0, 0, 0, 10)),
        ("e shop > spent 10 kind=post of=p created 10", (0, 10, 0, 0), (0, 0, 0, 10)),
        ("e shop > spent 3 kind=post of=p created 3", (0, 3, 0, 0), (0, 0, 0, 3)),
        ("e shop > spent 0 kind=void of=p created 10", None, None),
        ("e shop > spent 10 kind=void of=p created 10", None, None),
        ("+60s\ne shop > spent 0 kind=expire of=p created 10", None, None),
    ],
)
async def test_the_end_of_a_pending_transfer(
    table: Table, end: str, shop: tuple[int, ...] | None, spent: tuple[int, ...] | None
) -> None:
    """All is posted, or a part and the rest released, or all released; in the same batch or in a later one."""
    for between in ("", "--"):
        await table.run(f"p shop > spent 10 kind=pending timeout=60 created\n{between}\n{end}")
        expected = {"shop": shop, "spent": spent}
        assert await table.counters() == {name: counters for name, counters in expected.items() if counters}
        table = await Table(table.clock, database=table.database).open()


async def test_groups_succeed_or_fail_together(table: Table) -> None:
    """Of a group with a refused transfer nothing remains, and those around it are untouched."""
    await table.run("""
        a issued > pot 5 created
        b pot > spent 4 group=g linked_failed
        c issued > pot 3 group=g linked_failed
        d pot > spent 5 group=g exceeds_credits
        e pot > spent 5 group=h created
        f issued > pot 1 group=h created
        g pot > spent 1 created
    """)
    assert await table.counters() == {"issued": (0, 6, 0, 0), "pot": (0, 6, 0, 6), "spent": (0, 0, 0, 6)}


async def test_a_group_that_names_a_transfer_twice(table: Table) -> None:
    """It is one transfer, moves once, and counts once."""
    await table.run(SAME_ID_IN_A_GROUP)
    assert await table.counters() == {"issued": (0, 5, 0, 0), "pot": (0, 5, 0, 5), "spent": (0, 0, 0, 5)}
    assert (await audit(table.database)).findings == []


async def test_a_group_is_stored(table: Table) -> None:
    """Its transfers carry its id and its size; a transfer twice in a group counts once."""
    await table.run("""
        a issued > pot 5 group=g created
        b pot > spent 4 group=g created
        a issued > pot 5 group=g exists
        c issued > pot 5 created
    """)
    async with table.database.connection() as connection:
        rows = await connection.fetch("select group_id, group_size, sequence from ledger_transfer order by sequence")
    assert [tuple(row) for row in rows] == [(table.id("g"), 2, 0), (table.id("g"), 2, 1), (None, 1, 3)]


async def test_balancing(table: Table) -> None:
    """Up to the amount, as far as balance, credit line and lots allow, on the sides that are named."""
    await table.run("""
        a issued > pot 10 created
        b pot > spent 4 up_to=debit created
        c pot > spent 9223372036854775807 up_to=debit created 6
        d shop > spent 60 up_to=debit created 50
        e issued > stock 60 up_to=credit created 10
        f issued > ann 9 lot=+1h created
        g issued > ann 5 created
        +1h
        h ann > spent 60 up_to=debit created 5
        i issued > pot 3 created
        j stock > issued 2 created
        k pot > stock 60 up_to=both created 2
        l pot > spent 60 kind=pending up_to=debit created 1
        m spent > stock 1 up_to=credit exceeds_debits
    """)
    counters = await table.counters()
    assert (counters["pot"], counters["stock"]) == ((1, 12, 0, 13), (0, 2, 0, 12))


async def test_closing_moves_what_is_left(table: Table) -> None:
    """The last transfer of an account empties it, the lots that expired or are still to come included."""
    await table.run("""
        a issued > ann 9 lot=+1h created
        b issued > ann 5 lot=-,+1d created
        c ann > issued 2 created
        +1h
        d ann > spent 0 kind=close created 12
        e issued > ann 1 credit_account_closed
    """)
    assert await table.lots("ann") == []
    assert await table.counters() == {"issued": (0, 14, 0, 2), "ann": (0, 14, 0, 14), "spent": (0, 0, 0, 12)}


async def test_reversal(table: Table) -> None:
    """A transfer is taken back once, whole or in part; a posted one is taken back through its post."""
    await table.run("""
        a issued > pot 10 created
        b pot > issued 4 reverses=a created
        p shop > spent 10 kind=pending created
        q shop > spent 7 kind=post of=p created
        --
        r spent > shop 7 reverses=q created
        s spent > shop 7 reverses=p original_not_reversible
    """)
    assert await table.counters() == {
        "issued": (0, 10, 0, 4),
        "pot": (0, 4, 0, 10),
        "shop": (0, 7, 0, 7),
        "spent": (0, 7, 0, 7),
    }


async def test_the_same_batch_again(table: Table) -> None:
    """Sent again, every transfer gets its first outcome, amount and instant included, and nothing moves."""
    batch = """
        a issued > pot 10 {created}
        b pot > spent 60 up_to=debit {created} 10
        c pot > spent 1 exceeds_credits
        d issued > pot 2 group=g linked_failed
        e pot > spent 9 group=g exceeds_credits
        f issued > pot 1 code=-1 code_out_of_range
    """
    first = await table.run(batch.format(created="created"))
    counters = await table.counters()
    table.clock.advance(timedelta(days=1))
    again = await table.run(batch.format(created="exists"))
    assert [(o.id, o.amount, o.recorded_at) for o in again] == [(o.id, o.amount, o.recorded_at) for o in first]
    assert await table.counters() == counters


async def test_instants_of_the_hour_that_comes_twice(table: Table) -> None:
    """When clocks are turned back, half past two comes twice: the same instant is the same, the other one is not."""
    await play_the_hour_that_comes_twice(table)


async def test_recordings_of_an_account_are_one_after_the_other(table: Table) -> None:
    """While the clock stands, and even when it goes back, each batch on an account is recorded later than the last."""
    instants = [
        outcome.recorded_at
        for outcome in await table.run("a issued > pot 1 created\n--\nb pot > spent 2 exceeds_credits")
    ]
    table.clock.advance(timedelta(hours=-1))
    instants += [
        outcome.recorded_at for outcome in await table.run("c pot > spent 1 created\nd issued > ann 1 created")
    ]
    assert instants[0] is not None
    microsecond = timedelta(microseconds=1)
    second = instants[0] + microsecond
    assert instants == [instants[0], second, second + microsecond, second + microsecond]


async def test_an_unpinned_clock_is_the_databases(database: Database) -> None:
    """Between two looks at the database's clock lies the instant of the recording."""
    table = await Table(database.clock, database=database).open()  # type: ignore[arg-type]
    async with database.transaction() as connection:
        before = await connection.fetchval("select clock_timestamp()")
        transfer = Transfer(new_id(), table.account("issued"), table.account("pot"), 1, 1)
        outcomes = await post(connection, [transfer], accounts=list(table.accounts.values()), clock=database.clock)
        after = await connection.fetchval("select clock_timestamp()")
    assert outcomes[0].recorded_at is not None
    assert before < outcomes[0].recorded_at < after


async def test_an_empty_batch(table: Table) -> None:
    """Nothing in, nothing out."""
    assert await table.expect([], []) == []


async def test_accounts_open_when_first_used(table: Table) -> None:
    """A given account opens with its first transfer and keeps its terms; one of an unknown asset never opens."""
    pot, issued = table.accounts["pot"], table.accounts["issued"]
    stranger = Account(new_id(), "unheard", "of")
    transfers = [Transfer(new_id(), issued.id, to, 5, 1) for to in (pot.id, stranger.id)]
    async with table.database.transaction() as connection:
        outcomes = await post(connection, transfers, accounts=[pot, issued, stranger], clock=table.clock)
    assert [outcome.status for outcome in outcomes] == [Status.CREATED, Status.CREDIT_ACCOUNT_NOT_FOUND]
    changed = replace(pot, limit=Limit.NONE)
    too_much = Transfer(new_id(), pot.id, issued.id, 6, 1)
    async with table.database.transaction() as connection:
        outcomes = await post(connection, [too_much], accounts=[changed, issued], clock=table.clock)
        found = await connection.fetchval("select count(*) from ledger_account")
    assert ([outcome.status for outcome in outcomes], found) == ([Status.EXCEEDS_CREDITS], 2)


async def test_an_account_that_was_never_opened_has_a_balance_of_zero(table: Table) -> None:
    """Asking for a balance opens nothing."""
    account = table.accounts["pot"].id
    async with table.database.connection() as connection:
        balance = (await balances(connection, [account]))[account]
        assert await connection.fetchval("select count(*) from ledger_account") == 0
    assert (balance.net_credit, balance.net_debit, balance.available_credit) == (0, 0, 0)


async def test_the_same_id_at_the_same_time(table: Table) -> None:
    """Of two transactions that record the same id on different accounts one must try again, and learns the truth."""
    await table.run("z issued > pot 9 created\ny issued > shop 9 created")
    first = Transfer(new_id(), table.account("pot"), table.account("spent"), 3, 1)
    second = Transfer(first.id, table.account("shop"), table.account("other"), 3, 1)
    await table.run("x issued > spent 1 created\nw issued > other 1 created")
    async with table.database.transaction() as connection:
        await post(connection, [first], clock=table.clock)
        waiting = asyncio.create_task(_post(table, second), context=Context())
        await blocks(connection)
    with pytest.raises(SameIdInFlight):
        await waiting
    assert await _post(table, second) is Status.EXISTS_WITH_DIFFERENT_DEBIT_ACCOUNT_ID


async def test_an_id_that_is_taken_while_the_rest_of_its_batch_is_decided(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A transfer that went ahead ends its batch as any other does, and nothing of the batch remains."""
    monkeypatch.setattr(posting, "PORTION", 2)
    await table.run("z issued > pot 9 created\ny issued > shop 9 created\nx issued > spent 1 created")
    first = Transfer(new_id(), table.account("shop"), table.account("other"), 3, 1)
    batch = [_paid(table, identifier) for identifier in (new_id(), first.id, *(new_id() for _ in range(5)))]
    await table.run("w issued > other 1 created")
    async with table.database.transaction() as connection:
        await post(connection, [first], clock=table.clock)
        waiting = asyncio.create_task(_post_all(table, batch), context=Context())
        await blocks(connection)
    with pytest.raises(SameIdInFlight):
        await waiting
    assert await table.counters() == {
        "issued": (0, 20, 0, 0),
        "pot": (0, 0, 0, 9),
        "shop": (0, 3, 0, 9),
        "spent": (0, 0, 0, 1),
        "other": (0, 0, 0, 4),
    }
    assert (await _post_all(table, batch))[:3] == [
        Status.CREATED,
        Status.EXISTS_WITH_DIFFERENT_DEBIT_ACCOUNT_ID,
        Status.CREATED,
    ]


@pytest.mark.parametrize("portion", [2, 3, 100])
async def test_what_fails_after_transfers_went_ahead(
    table: Table, portion: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing of the batch remains, and the connection is as good as before."""
    monkeypatch.setattr(posting, "PORTION", portion)
    await table.run("z issued > pot 9 created\nx issued > spent 1 created")
    batch = [_paid(table, new_id()) for _ in range(7)]

    def fail(_: Sequence[Outcome]) -> Sequence[Part]:
        raise KeyError

    async with table.database.connection() as connection:
        for _ in range(2):
            with pytest.raises(KeyError):
                async with connection.transaction():
                    await post(connection, batch, clock=table.clock, along=fail)
        assert await connection.fetchval("select count(*) from ledger_transfer") == 2
        async with connection.transaction():
            assert all(outcome.ok for outcome in await post(connection, batch, clock=table.clock))
    assert (await audit(table.database)).findings == []


async def test_a_caller_who_gives_up_after_transfers_went_ahead(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the batch remains, and its connection serves others."""
    monkeypatch.setattr(posting, "PORTION", 2)
    await table.run("z issued > pot 9 created\ny issued > shop 9 created\nx issued > spent 1 created")
    first = Transfer(new_id(), table.account("shop"), table.account("issued"), 3, 1)
    batch = [_paid(table, identifier) for identifier in (first.id, *(new_id() for _ in range(6)))]
    async with table.database.transaction() as connection:
        await post(connection, [first], clock=table.clock)
        waiting = asyncio.create_task(_post_all(table, batch), context=Context())
        await blocks(connection)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    assert (await table.counters())["spent"] == (0, 0, 0, 1)
    assert len(set(await _post_all(table, batch[1:]))) == 1


async def test_two_contents_at_the_same_time_of_which_one_is_refused(table: Table) -> None:
    """Neither sees the other; what was recorded counts from then on, and the books are whole."""
    await table.run("o pot > spent 1 exceeds_credits")
    moved = Transfer(table.id("a"), table.account("issued"), table.account("ann"), 5, 1)
    overspent = Transfer(table.id("a"), table.account("pot"), table.account("spent"), 7, 1)
    async with table.database.transaction() as connection:
        outcomes = await post(connection, [moved], accounts=list(table.accounts.values()), clock=table.clock)
        assert [outcome.status for outcome in outcomes] == [Status.CREATED]
        task = asyncio.get_running_loop().create_task(_post(table, overspent), context=Context())
        assert await task is Status.EXCEEDS_CREDITS
    await table.expect([moved, overspent], [("exists", 5), ("exists_with_different_debit_account_id", 0)])
    assert (await audit(table.database)).findings == []


async def _post(table: Table, transfer: Transfer) -> Status:
    async with table.database.transaction() as connection:
        return (await post(connection, [transfer], clock=table.clock))[0].status


async def test_plans_are_made_as_usual_afterwards(table: Table) -> None:
    """Whether anything was written or not: what holds for a batch must not hold for its caller's queries."""
    usual = "select array[current_setting('enable_seqscan'), current_setting('plan_cache_mode')]"
    await table.run("z issued > pot 9 created")
    twice = [Transfer(new_id(), table.account("pot"), table.account("spent"), 1, 1)]
    async with table.database.transaction() as connection:
        for _ in range(2):
            await post(connection, twice, clock=table.clock)
            assert await connection.fetchval(usual) == ["on", "auto"]
        await hold(connection, [table.account("pot")])
        assert await connection.fetchval(usual) == ["on", "auto"]
        await move_credit_lines(connection, {table.account("pot"): 1})
        assert await connection.fetchval(usual) == ["on", "auto"]


def _paid(table: Table, identifier: UUID) -> Transfer:
    return Transfer(identifier, table.account("pot"), table.account("spent"), 1, 1)


async def _post_all(table: Table, transfers: Sequence[Transfer]) -> list[Status]:
    async with table.database.transaction() as connection:
        return [outcome.status for outcome in await post(connection, transfers, clock=table.clock)]
