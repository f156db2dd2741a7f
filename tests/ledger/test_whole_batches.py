"""Half of a batch is never committed, whatever becomes of the call, and its connection serves others afterwards."""

import asyncio
from collections.abc import Sequence
from contextvars import Context

import asyncpg
import pytest
from msgspec.structs import replace

from core.database import Database
from core.ids import new_id
from ledger import Kind, Outcome, Part, Transfer, audit, cut_off, draw_line, post, posting, set_credit_line, writing
from ledger.errors import NoTransaction
from ledger.side_by_side import ended, sent, undisturbed
from tests.ledger.tables import Table


def fail(_: Sequence[Outcome]) -> Sequence[Part]:
    """Nothing can be written along."""
    raise KeyError


@pytest.fixture
async def paying(table: Table, monkeypatch: pytest.MonkeyPatch) -> list[Transfer]:
    """Seven payments, of which most go ahead."""
    monkeypatch.setattr(posting, "PORTION", 2)
    await table.run("z issued > pot 9 created\nx issued > spent 1 created")
    return [Transfer(new_id(), table.account("pot"), table.account("spent"), 1, 1) for _ in range(7)]


async def test_a_caller_who_goes_on_after_a_failure_commits_nothing(table: Table, paying: list[Transfer]) -> None:
    """The transaction is over, and says so."""
    async with table.database.connection() as connection:
        with pytest.raises(asyncpg.InFailedSQLTransactionError):
            async with connection.transaction():
                with pytest.raises(KeyError):
                    await post(connection, paying, clock=table.clock, along=fail)
                await connection.execute("select 1")
        async with connection.transaction():
            with pytest.raises(KeyError):
                await post(connection, paying, clock=table.clock, along=fail)
    await unmoved(table, paying)


async def test_a_savepoint_is_enough(table: Table, paying: list[Transfer]) -> None:
    """What the transaction did before the batch can still be committed."""
    async with table.database.transaction() as connection:
        await post(connection, paying[:1], clock=table.clock)
        with pytest.raises(KeyError):
            async with connection.transaction():
                await post(connection, paying[1:], clock=table.clock, along=fail)
    await unmoved(table, paying[1:])


@pytest.mark.parametrize(("before", "after"), [(0, 0), (0, 1), (7, 0), (6, 3), (0, 7)])
async def test_an_amount_that_is_no_whole_number(table: Table, paying: list[Transfer], before: int, after: int) -> None:
    """It is never rounded: the batch fails, wherever it stands, when others went ahead as well."""
    half = replace(paying[0], id=new_id(), amount=2.5)
    async with table.database.transaction() as connection:
        with pytest.raises((TypeError, asyncpg.DataError)):
            await post(connection, [*paying[:before], half, *paying[:after]], clock=table.clock)
    await unmoved(table, paying)


@pytest.mark.parametrize("cancels", [1, 2, 5])
async def test_a_caller_who_goes_on_after_being_cancelled(table: Table, paying: list[Transfer], cancels: int) -> None:
    """However often they are cancelled, nothing of the batch is committed."""

    def cancel(times: int) -> None:
        task.cancel()
        if times > 1:
            asyncio.get_running_loop().call_soon(cancel, times - 1)

    def cancelled(_: Sequence[Outcome]) -> Sequence[Part]:
        cancel(cancels)
        return ()

    async def stubborn() -> None:
        async with table.database.transaction() as connection:
            with pytest.raises(asyncio.CancelledError):
                await post(connection, paying, clock=table.clock, along=cancelled)

    task = asyncio.get_running_loop().create_task(stubborn(), context=Context())
    await asyncio.wait([task])
    await unmoved(table, paying)


@pytest.mark.parametrize("by_line", [False, True])
async def test_a_closing_that_stops_half_way(table: Table, monkeypatch: pytest.MonkeyPatch, *, by_line: bool) -> None:
    """The account is closed by a second statement: without it the first is not committed either."""
    await table.run("z issued > pot 9 created")
    closing = Transfer(new_id(), table.account("pot"), table.account("issued"), 0, 1, Kind.CLOSE)

    async def stop(*_: object) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as patch:
        patch.setattr(writing, "close_accounts", stop)
        async with table.database.transaction() as connection:
            with pytest.raises(asyncio.CancelledError):
                if by_line:
                    ids = [closing.debit_account_id, closing.credit_account_id]
                    line = await cut_off(connection, ids, clock=table.clock)
                    await draw_line(connection, line, [closing])
                else:
                    await post(connection, [closing], clock=table.clock)
    await unmoved(table, [closing])


async def test_nothing_is_locked_outside_of_a_transaction(table: Table) -> None:
    """Locks that are gone at once would let two batches overwrite each other."""
    await table.run("z issued > shop 9 created")
    moved = Transfer(new_id(), table.account("shop"), table.account("issued"), 1, 1)
    async with table.database.connection() as connection:
        with pytest.raises(NoTransaction):
            await post(connection, [moved], clock=table.clock)
        with pytest.raises(NoTransaction):
            await set_credit_line(connection, moved.debit_account_id, 60)
    await unmoved(table, [moved])


async def test_a_query_that_nobody_waits_for_any_more(table: Table) -> None:
    """Its own end is not told, also if it has failed; and whoever is cancelled while it ends, is cancelled."""
    async with table.database.connection() as connection:
        failed = await sent(connection.execute("select 1 / 0"))
        await asyncio.wait([failed])
        await ended(failed)
        slow = await sent(connection.execute("select pg_sleep(60)"))
        ending = asyncio.create_task(ended(slow))
        await asyncio.sleep(0)
        ending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await ending
        assert slow.cancelled()
        assert await connection.fetchval("select 1") == 1


async def test_a_caller_who_is_cancelled_while_a_query_is_sent(database: Database) -> None:
    """The connection is free when the caller is."""
    async with database.connection() as connection:
        sending = asyncio.create_task(sent(connection.execute("select pg_sleep(60)")))
        await asyncio.sleep(0)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            _ = await sending
        assert await connection.fetchval("select 1") == 1


async def test_a_query_that_runs_to_its_end(database: Database) -> None:
    """Its caller is cancelled afterwards."""
    async with database.connection() as connection:
        task = asyncio.create_task(undisturbed(connection.execute("select pg_advisory_lock(7)")))
        for _ in range(3):
            await asyncio.sleep(0)
            task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await connection.fetchval("select pg_advisory_unlock(7)")


async def test_what_is_decided_is_sent_while_the_rest_is_decided(table: Table, paying: list[Transfer]) -> None:
    """Two at a time, and the last with everything else: with it, plans are made as usual again."""
    queries: list[str] = []
    eight = [*paying, replace(paying[0], id=new_id())]
    async with table.database.transaction() as connection:
        with connection.query_logger(lambda record: queries.append(record.query)):
            await post(connection, eight, clock=table.clock)
    what = ("insert into ledger_transfer", "update ledger_account", "set_config")
    writes = [tuple(word in it for word in what) for it in queries if it.startswith("with")]
    assert writes == [(True, False, False)] * 3 + [(True, True, True)]


@pytest.mark.parametrize("place", [0, 1, 3, 6])
async def test_a_batch_of_which_one_is_new(table: Table, paying: list[Transfer], place: int) -> None:
    """It is written with its accounts, wherever it stands."""
    async with table.database.transaction() as connection:
        await post(connection, [*paying[:place], *paying[place + 1 :]], clock=table.clock)
    async with table.database.transaction() as connection:
        outcomes = await post(connection, paying, clock=table.clock)
    assert [outcome.status.value for outcome in outcomes] == [
        "created" if number == place else "exists" for number in range(7)
    ]
    assert (await audit(table.database)).findings == []


OF_EVERYTHING = """
    e1 issued > ann 10 lot=+2d created
    e2 issued > ann 10 lot=+1d created
    s1 ann > issued 12 created
    p1 ann > held 5 kind=pending created
    q1 issued > pot 9 kind=pending created
    g1 issued > pot 1 group=g created
    g2 pot > shop 1 group=g created
    h1 issued > pot 1 group=h linked_failed
    h2 pot > other 1000 group=h exceeds_credits
    p2 ann > held 3 kind=post of=p1 created
    q2 issued > pot 0 kind=void of=q1 created 9
    s2 ann > issued 4 created
    e1 issued > ann 10 lot=+2d exists
    r1 issued > ann 2 reverses=s1 created
    c1 pot > issued 0 kind=close created 0
    n1 pot > issued 1 debit_account_closed
"""


@pytest.mark.parametrize("portion", [1, 2, 3, 5, 8, 100])
async def test_a_batch_is_the_same_in_portions_of_any_size(
    table: Table, portion: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What later ones do to lots, pending transfers and accounts of those that went ahead is written once and whole."""
    monkeypatch.setattr(posting, "PORTION", portion)
    await table.run(OF_EVERYTHING)
    assert await table.counters() == {
        "issued": (0, 23, 0, 16),
        "ann": (0, 19, 0, 22),
        "held": (0, 0, 0, 3),
        "pot": (0, 1, 0, 1),
        "shop": (0, 0, 0, 1),
    }
    assert (await table.lots("ann"), await table.lots("held")) == ([("e1", 3)], [("p2", 3)])
    assert (await audit(table.database)).findings == []


async def unmoved(table: Table, batch: Sequence[Transfer]) -> None:
    """Nothing of the batch was recorded: it can be sent as if for the first time; and the books are whole."""
    async with table.database.transaction() as connection:
        outcomes = await post(connection, batch, clock=table.clock)
    assert {outcome.status.value for outcome in outcomes} == {"created"}
    assert (await audit(table.database)).findings == []
