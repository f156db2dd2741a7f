"""`agio bench ledger-growth`: posting and balances in the past, with a short history and with a long one.

Two databases on one server, measured in turns, per second. The long one is sealed and audited at the end, whole and
with rows forged (`benchmarks/proving.py`).
"""

import random
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from benchmarks.crowd import Crowd, Spread
from benchmarks.machine import Machine, describe_machine, describe_server
from benchmarks.pace import Contestant, Rates, Stopwatch, in_turns, middle, ratio
from benchmarks.posting import post_all, post_in_batches
from benchmarks.proving import prove
from benchmarks.registry import Options
from benchmarks.report import Goal, Report
from benchmarks.scratch import scratch_database
from core.database import Database
from core.migrate import migrate
from core.scratch import connect_as_owner, create_database
from ledger import balance_at

MEMBERS, MEMBERS_QUICK = 10_000, 2_000
SHORT, LONG = 100_000, 10_000_000
SHORT_QUICK, LONG_QUICK = 20_000, 120_000
_BATCH = 8_000
_POSTINGS = 2_000
_PROBES = 500

GOALS = {"as_of.growth": Goal(most=1.15), "posting.growth": Goal(most=1.15)}


@dataclass(slots=True)
class _History:
    """The history that grows, and instants that lie in it."""

    url: str
    database: Database
    members: Crowd
    instants: list[datetime] = field(default_factory=list)
    transfers: int = 0

    async def grow(self, until: int, options: Options) -> None:
        """Post until the history has `until` transfers."""
        while self.transfers < until:
            count = min(_BATCH, until - self.transfers)
            outcomes = await post_all(self.database, self.members.transfers(Spread.ZIPF, count))
            assert all(outcome.ok for outcome in outcomes)
            self.instants += [instant for outcome in outcomes[:1] if (instant := outcome.recorded_at)]
            self.transfers += count
            if self.transfers % (50 * _BATCH) == 0:
                options.progress(f"{self.transfers:,} of {until:,} transfers")
        await self._settle()

    async def _settle(self) -> None:
        # What autovacuum would have done in the time that such a history takes; so both lengths are measured at rest.
        connection = await connect_as_owner(self.url)
        try:
            await connection.execute("vacuum analyze")
            await connection.execute("checkpoint")
        finally:
            await connection.close()

    def contestants(self, name: str) -> dict[str, Contestant]:
        """Posting in batches of 1,000, few enough not to lengthen the history much; and balances in the past."""
        posting = Contestant(self._post, size=_POSTINGS)
        return {f"posting.{name}": posting, f"as_of.{name}": Contestant(self._probe, _PROBES)}

    async def _post(self, count: int) -> float:
        transfers = self.members.transfers(Spread.ZIPF, count)
        self.transfers += count
        return await post_in_batches(self.database, transfers, 1_000)

    async def _probe(self, count: int) -> float:
        pick = random.choice
        async with self.database.connection() as connection:
            places = [(pick(self.members.members).id, pick(self.instants)) for _ in range(count)]
            look = partial(balance_at, connection)
            with Stopwatch() as watch:
                for account_id, instant in places:
                    await look(account_id, instant)
        return watch.seconds


async def run(options: Options) -> Report:
    """Make both histories, measure them in turns, then seal and audit the long one."""
    seconds, rounds = (0.15, 9) if options.quick else (0.5, 50)
    async with AsyncExitStack() as stack:
        options.progress("starting a PostgreSQL of its own")
        server = await stack.enter_async_context(scratch_database())
        short = await _begin(stack, server, "short", options)
        long = await _begin(stack, server, "long", options)
        await short.grow(SHORT_QUICK if options.quick else SHORT, options)
        await long.grow(LONG_QUICK if options.quick else LONG, options)
        options.progress("measuring")
        contestants = short.contestants("short") | long.contestants("long")
        # Right after a checkpoint every page that is changed is logged whole, and a long history has more of them: each
        # account has pages of its own. That is soon over, and checkpoints are minutes apart.
        rates = await in_turns(contestants, seconds=seconds, rounds=rounds, warm_up=rounds)
        figures = middle(rates) | {"transfers.short": short.transfers, "transfers.long": long.transfers}
        proof = await prove(long.url, long.database, long.members, options)
        machine = await _machine(long.database)
    return Report("ledger-growth", machine, figures | proof.figures, _ratios(rates), GOALS, proof.faults)


def _ratios(rates: Rates) -> dict[str, float]:
    """How much longer a posting, and a look into the past, takes with the long history."""
    return {f"{name}.growth": ratio(rates, f"{name}.short", f"{name}.long") for name in ("as_of", "posting")}


async def _begin(stack: AsyncExitStack, server: str, name: str, options: Options) -> _History:
    url = await create_database(server, name)
    await migrate(url)
    database = await Database.connect(url)
    stack.push_async_callback(database.close)
    members = Crowd(MEMBERS_QUICK if options.quick else MEMBERS)
    await members.open(database)
    return _History(url, database, members)


async def _machine(database: Database) -> Machine:
    async with database.connection() as connection:
        return describe_machine() | await describe_server(connection)
