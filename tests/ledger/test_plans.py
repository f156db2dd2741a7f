"""The hot queries find what they need by index, in the months that have it, however many months there are.

What is looked at are the plans PostgreSQL really used, for the statements really sent, after enough repetitions for it
to settle on a generic plan.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import pytest

from core.clock import SettableClock
from core.database import Connection
from core.scratch import connect_as_owner
from ledger import (
    Account,
    Asset,
    AssetKind,
    Kind,
    Limit,
    LotTerms,
    Transfer,
    balance_at,
    balances,
    ensure_partitions,
    lots,
    open_assets,
    post,
    spendable,
    statement,
)
from ledger.seal_entries import NEXT

MONTHS = 24
BATCH = 400
MEMBERS = 2_000
REPETITIONS = 8
"""From the sixth time on PostgreSQL may use a generic plan."""

FIRST_MONTH = datetime(2040, 1, 15, tzinfo=UTC)
FIRST_MONTH_OF_IDS = datetime(2024, 1, 15, tzinfo=UTC)
"""Ids may not be ahead of the clock on the wall, unlike the instants of recording."""

EMPTY = {"ledger_lot_extension", "ledger_term_change"}
"""Tables with nothing in them here, which are read whole."""

_SCAN = re.compile(
    r"(?P<how>Seq Scan|Index Scan|Index Only Scan|Bitmap Heap Scan)[^\n]* on (?P<table>ledger_\w+)[^\n]*"
)


def _month(number: int, first: datetime = FIRST_MONTH) -> datetime:
    return (first + timedelta(days=30.44 * number)).replace(day=15)


class Explained:
    """A connection, and the plans of what it was last asked to do."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.plans: list[str] = []

    async def of(self, work: Callable[[], Awaitable[object]]) -> list[str]:
        """The plans of the last of several repetitions."""
        for _ in range(REPETITIONS):
            self.plans.clear()
            await work()
        return self.plans


def scans(plans: list[str]) -> list[tuple[str, str]]:
    """How which tables and months were read; what was planned and never done is left out."""
    found = [match for plan in plans for match in _SCAN.finditer(plan)]
    return [(match["how"], match["table"]) for match in found if "never executed" not in match[0]]


def sequential(plans: list[str]) -> set[str]:
    """The tables that were read from end to end. A handful of assets may be."""
    return {table for how, table in scans(plans) if how == "Seq Scan"} - {"ledger_asset"}


def months(plans: list[str], table: str) -> set[str]:
    """The months of the table that were looked into."""
    return {
        found.removeprefix(f"{table}_")
        for _, found in scans(plans)
        if re.fullmatch(rf"{table}_(\d+_\d+|default)", found)
    }


class Years:
    """Two years of history: everybody moves in every month."""

    def __init__(self) -> None:
        self.random = Random(1)  # noqa: S311 - the same history every time
        self.clock = SettableClock(FIRST_MONTH)
        self.ids = 0
        self.ids_made_at = FIRST_MONTH_OF_IDS
        limit = Limit.DEBITS_MUST_NOT_EXCEED_CREDITS
        self.issued = Account(UUID(int=1), "AURORA", "issued")
        self.members = [Account(UUID(int=n), "AURORA", "member", limit, lots=True) for n in range(2, MEMBERS)]

    def new_id(self) -> UUID:
        """A time-ordered id."""
        self.ids += 1
        return UUID(int=int(self.ids_made_at.timestamp() * 1000) << 80 | 0x7 << 76 | 0x8 << 60 | self.ids)

    def transfer(self) -> Transfer:
        """Somebody earns or spends."""
        member = self.random.choice(self.members)
        if self.random.random() < 0.7:
            terms = LotTerms(expires_at=self.clock.now() + timedelta(days=9_000))
            return Transfer(self.new_id(), self.issued.id, member.id, 50, 2, lot=terms)
        return Transfer(self.new_id(), member.id, self.issued.id, 20, 3)

    async def post(self, connection: Connection, count: int) -> list[Transfer]:
        """Post a batch."""
        batch = [self.transfer() for _ in range(count)]
        async with connection.transaction():
            await post(connection, batch, accounts=[self.issued, *self.members], clock=self.clock)
        return batch


@pytest.fixture
async def years(superuser: Connection) -> Years:
    """The history, analysed as autovacuum would have done."""
    await open_assets(superuser, [Asset("AURORA", 0, AssetKind.POINTS)])
    written = Years()
    for number in range(MONTHS):
        written.clock.set(_month(number))
        written.ids_made_at = _month(number, FIRST_MONTH_OF_IDS)
        for instant in (written.clock.now(), written.ids_made_at):
            await ensure_partitions(superuser, instant, months_ahead=0)
        for _ in range(2):
            await written.post(superuser, BATCH)
    await superuser.execute("analyze")
    return written


@pytest.fixture
async def explained(database_url: str) -> AsyncIterator[Explained]:
    """A connection that tells its plans."""
    connection = await connect_as_owner(database_url)
    await connection.execute(
        """
        load 'auto_explain';
        set auto_explain.log_min_duration = 0;
        set auto_explain.log_nested_statements = on;
        set auto_explain.log_analyze = on;
        set auto_explain.log_timing = off;
        set auto_explain.log_level = notice;
        """
    )
    explained = Explained(connection)
    connection.add_log_listener(lambda _, message: explained.plans.append(str(message.message)))
    yield explained
    await connection.close()


async def _lines(connection: Connection, account: Account, after: datetime, until: datetime) -> int:
    return len([line async for line in statement(connection, account.id, after=after, until=until)])


async def test_posting_looks_only_where_it_must(years: Years, explained: Explained) -> None:
    """A batch reads accounts and lots by key, and looks for its ids in the month of its ids alone."""
    for count in (1, 50):
        plans = await explained.of(lambda count=count: years.post(explained.connection, count))  # type: ignore[misc]
        assert sequential(plans) == set()
        assert months(plans, "ledger_transfer") == {"2025_12"}
        assert months(plans, "ledger_balance") == set()


async def test_ends_and_reversals_find_their_originals_by_key(years: Years, explained: Explained) -> None:
    """Posting a pending transfer or reversing one reads that transfer, its lots and nothing else."""
    member = years.members[0]
    earned = Transfer(years.new_id(), years.issued.id, member.id, 10_000, 2)
    async with explained.connection.transaction():
        await post(explained.connection, [earned], accounts=[years.issued, member], clock=years.clock)

    async def reserve_and_end() -> None:
        spent = Transfer(years.new_id(), member.id, years.issued.id, 5, 2)
        held = Transfer(years.new_id(), member.id, years.issued.id, 5, 2, Kind.PENDING)
        sides = (member.id, years.issued.id)
        ends = Transfer(years.new_id(), *sides, 0, 2, Kind.POST, pending_id=held.id)
        back = Transfer(years.new_id(), *sides[::-1], 5, 2, reverses_id=spent.id)
        for batch in ([spent, held], [ends, back]):
            async with explained.connection.transaction():
                outcomes = await post(explained.connection, batch, clock=years.clock)
                assert all(outcome.ok for outcome in outcomes)

    plans = await explained.of(reserve_and_end)
    assert sequential(plans) == set()
    assert months(plans, "ledger_transfer") == {"2025_12"}


async def test_a_balance_in_the_past_is_one_probe(years: Years, explained: Explained) -> None:
    """Of an account that moved in that month: one index search in one month, with 24 of them open."""
    instant = _month(12) + timedelta(days=1)
    plans = await explained.of(lambda: balance_at(explained.connection, years.issued.id, instant))
    assert [table for _, table in scans(plans)] == [f"ledger_balance_{instant:%Y_%m}"]
    assert sequential(plans) == set()
    assert not any(word in plan for plan in plans for word in ("Merge Append", "Sort"))


async def test_a_balance_in_a_short_history_is_not_sorted(superuser: Connection, explained: Explained) -> None:
    """Planned while an account has few rows, for all instants at once: the plan is right when it has many."""
    await open_assets(superuser, [Asset("AURORA", 0, AssetKind.POINTS)])
    short = Years()
    for _ in range(3):
        await short.post(superuser, BATCH)
    await superuser.execute("analyze")
    plans = await explained.of(lambda: balance_at(explained.connection, short.issued.id, FIRST_MONTH))
    assert "Sort" not in "".join(plans)
    assert "recorded_at <= $2" in "".join(plans)


async def test_a_balance_of_a_quiet_account_stops_at_its_last_month(years: Years, explained: Explained) -> None:
    """Months are searched from the instant backwards, and no further than to the row that is found."""
    assert len(years.members) > 1_000
    member = await explained.connection.fetchrow(
        """
        select account_id, max(recorded_at) as last from ledger_balance
        group by account_id having max(recorded_at) between $1 and $2 order by 1 limit 1
        """,
        _month(8),
        _month(16),
    )
    assert member is not None
    plans = await explained.of(lambda: balance_at(explained.connection, member["account_id"], _month(20)))
    searched = months(plans, "ledger_balance")
    assert min(searched) == f"{member['last']:%Y_%m}"
    assert max(searched) == f"{_month(20):%Y_%m}"


async def test_a_statement_opens_the_months_it_covers(years: Years, explained: Explained) -> None:
    """A month's statement reads the balances of that month and the transfers of theirs."""
    after, until = _month(10) - timedelta(days=1), _month(11) - timedelta(days=1)
    found = [member for member in years.members[:50] if await _lines(explained.connection, member, after, until)]
    plans = await explained.of(lambda: _lines(explained.connection, found[0], after, until))
    assert sequential(plans) == set()
    assert months(plans, "ledger_transfer") == {f"{_month(10, FIRST_MONTH_OF_IDS):%Y_%m}"}
    assert months(plans[2:3], "ledger_balance") <= {f"{_month(number):%Y_%m}" for number in (10, 11)}


async def test_reading_what_is_there_now_goes_by_key(years: Years, explained: Explained) -> None:
    """Balances, spendable points and lots of a few members among thousands."""
    connection, ids = explained.connection, [member.id for member in years.members[:5]]
    readings: list[Callable[[], Awaitable[object]]] = [
        lambda: balances(connection, ids),
        lambda: spendable(connection, ids, clock=years.clock),
        lambda: lots(connection, ids, clock=years.clock),
    ]
    for reading in readings:
        assert sequential(await explained.of(reading)) == set()


async def test_the_next_seal_reads_only_what_is_not_sealed(years: Years, explained: Explained) -> None:
    """The sealer finds the next transactions by their numbers, however much is sealed already."""
    last = await explained.connection.fetchval("select max(xact)::text from ledger_transfer")
    await years.post(explained.connection, 5)
    plans = await explained.of(lambda: explained.connection.fetch(NEXT, last, str(2**63), 10))
    assert sequential(plans) <= EMPTY
    assert months(plans, "ledger_transfer") > {"2025_12"}
