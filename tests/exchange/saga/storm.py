"""The storm: exchanges among five brands with a fifth of all calls failing, two workers of which one is killed again
and again, and PostgreSQL restarted once. `python -m tests.exchange.saga.storm 5000` runs it at full size.
"""

import asyncio
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path

from adapters.brand_systems.registry import OpenBrandSystems, open_brand_systems
from adapters.simulator.books import Member
from adapters.simulator.brand import BrandSimulator
from adapters.simulator.faults import Fault, FaultKind
from adapters.simulator.terms import Terms
from core.database import Connection, Database
from core.faults import Fault as Blame
from core.faults import fault_of
from core.migrate import migrate
from core.postgres import private_postgres
from core.scratch import connect_as_owner
from exchange import Acceptance, Exchange, QuoteRequest, accept_many, quote_many
from exchange.checks import CHECKS
from exchange.offers import Quote
from exchange.states import FINISHED, State
from ledger.audit import audit
from tests.exchange.saga.stage import BRAND
from tests.network import AIRLINE, HOTEL, Network, Person, load_network

PROGRAMS = ("RAIL", "FERRY", "TAXI", "CABLE", "TRAM")
KEY = "simulator-key"
F = FaultKind
KINDS: list[tuple[FaultKind, float | None]] = [
    (F.LOST_REQUEST, None), (F.LOST_ANSWER, None), (F.MALFORMED, None), (F.HALF, None), (F.DUPLICATE, None),
    (F.SLOW_ANSWER, 0.3), (F.TOO_MANY, 0.2), (F.ERROR_BEFORE, None), (F.ERROR_AFTER, None), (F.SYSTEM_ERROR, None),
    (F.PENDING_SUCCESS, 1), (F.PENDING_FAILURE, 1), (F.LATE_SUCCESS, 4), (F.MAINTENANCE, 0.2), (F.REFUSE, None),
]  # fmt: skip
SHARE = 0.2
"""Of calls that meet a fault."""


def faults(seed: int) -> tuple[Fault, ...]:
    """Each kind equally often, together a fifth of all calls."""
    each = 1 - (1 - SHARE) ** (1 / len(KINDS))
    return tuple(
        Fault(kind=kind, probability=each, seed=seed * 100 + place, seconds=seconds)
        for place, (kind, seconds) in enumerate(KINDS)
    )


@dataclass
class Storm:
    """Everything that is open while it blows."""

    url: str
    home: Path
    database: Database
    network: Network
    simulators: dict[str, BrandSimulator]
    environment: dict[str, str]
    systems: OpenBrandSystems
    people: list[Person] = field(default_factory=list)
    workers: list[asyncio.subprocess.Process] = field(default_factory=list)
    kills: int = 0
    restarts: int = 0
    at_work: set[int] = field(default_factory=set)
    """Ids of the processes that have said so."""

    async def enrol(self, count: int) -> None:
        """Members with points at every brand."""
        self.people = await self.network.enrol_many(count, dict.fromkeys((*PROGRAMS, "HOTEL"), 0))
        for person in self.people:
            for code, simulator in self.simulators.items():
                simulator.open_members(Member(person.cards[code].number, 10_000))

    async def accept(self, count: int, seed: int = 1) -> None:
        """As many exchanges, in bulks of fifty, whatever becomes of PostgreSQL meanwhile."""
        draw = random.Random(seed)  # noqa: S311 - the same storm every time
        pairs = list(permutations(PROGRAMS, 2))
        for first in range(0, count, 50):
            chosen = [
                (self.people[number % len(self.people)], draw.choice(pairs))
                for number in range(first, min(first + 50, count))
            ]
            await self._insist(chosen, draw, first)

    async def _insist(self, chosen: Sequence[tuple[Person, tuple[str, str]]], draw: random.Random, first: int) -> None:
        requests = [QuoteRequest(person.id, *pair, draw.randint(100, 900)) for person, pair in chosen]
        while True:
            try:
                offers = await quote_many(self.database, requests)
                orders = [
                    Acceptance(offer.id, offer.member_id, f"{first} {place}")
                    for place, offer in enumerate(offers)
                    if isinstance(offer, Quote)
                ]
                made = await accept_many(self.database, orders)
            except Exception as error:
                if fault_of(error) is Blame.OWN:
                    raise
                await asyncio.sleep(0.2)
            else:
                assert all(isinstance(one, Exchange) for one in made), made
                return

    async def hire(self, *, sweep_seconds: float = 2.0) -> None:
        """One more worker."""
        with (self.home / f"worker-{self.kills}-{len(self.workers)}.log").open("wb") as complaints:
            worker = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "tests.exchange.saga.storm_worker",
                self.url,
                str(sweep_seconds),
                env=self.environment,
                stdout=asyncio.subprocess.PIPE,
                stderr=complaints,
            )
        self.workers.append(worker)

    async def kill_again_and_again(self, every_seconds: float) -> None:
        """Kill a worker every few seconds, once all are at work, and hire another."""
        while True:
            for worker in self.workers:
                await self.ready(worker)
            await asyncio.sleep(every_seconds)
            victim = self.workers.pop(0)
            with suppress(ProcessLookupError):
                victim.kill()
            await victim.communicate()
            self.kills += 1
            await self.hire()

    async def ready(self, worker: asyncio.subprocess.Process) -> None:
        """Wait until a worker is at work."""
        assert worker.stdout is not None, "it is a pipe"
        if worker.pid not in self.at_work:
            await worker.stdout.readline()
            self.at_work.add(worker.pid)

    async def restart_postgres(self) -> None:
        """Kill one of its processes: it ends all sessions, recovers from its log, and goes on."""
        connection = await connect_as_owner(self.url)
        pid = await connection.fetchval("SELECT pg_backend_pid()")
        os.kill(pid, signal.SIGKILL)
        connection.terminate()
        self.restarts += 1

    async def settled(self) -> bool:
        """Whether every exchange is final, or in the manual queue, and nothing is asked but what is watched."""
        try:
            async with self.database.connection() as connection:
                found: bool = await connection.fetchval(_SETTLED, [state.value for state in FINISHED | {State.MANUAL}])
        except Exception as error:
            if fault_of(error) is Blame.OWN:
                raise
            return False
        return found

    async def dismiss(self) -> None:
        """Send all workers home."""
        for worker in self.workers:
            with suppress(ProcessLookupError):
                worker.kill()
            await worker.communicate()
        self.workers.clear()


_SETTLED = """
SELECT NOT EXISTS (SELECT FROM exchange_exchange WHERE state <> ALL($1::text[]))
    AND NOT EXISTS (SELECT FROM exchange_errand WHERE outcome IS NULL AND due_at IS NOT NULL)
"""


@asynccontextmanager
async def open_storm(url: str, home: Path) -> AsyncIterator[Storm]:
    """The network, five simulators, and the test's own way to them."""
    await migrate(url)
    database = await Database.connect(url)
    brands = [BRAND.format(code=code.lower(), name=code.title(), program=code) for code in PROGRAMS]
    terms = "concurrency_max = 40\ndeadline_seconds = 1.5"
    configured = [
        it.replace("deadline_seconds = 2", terms)
        .replace("final_after_seconds = 60", "final_after_seconds = 2")
        .replace('net_debit_cap = "100000.00"', 'net_debit_cap = "90000000.00"')
        for it in brands
    ]
    platform = HOTEL.replace('net_debit_cap = "100000.00"', 'net_debit_cap = "90000000.00"')
    network = await load_network(database, (platform, AIRLINE, *configured))
    environment = {**os.environ, "AGIO_HOME": str(home)}
    async with AsyncExitStack() as stack:
        stack.push_async_callback(database.close)
        simulators = {}
        for seed, code in enumerate(PROGRAMS):
            simulator = BrandSimulator(Terms(program=code, key=KEY, magic_amounts=False))
            environment[f"AGIO_BRAND_{code}_URL"] = await stack.enter_async_context(simulator.serving())
            environment[f"AGIO_BRAND_{code}_API_KEY"] = KEY
            simulator.faults.set(faults(seed))
            simulators[code] = simulator
        systems = await stack.enter_async_context(open_brand_systems(database, home, environment))
        storm = Storm(url, home, database, network, simulators, environment, systems)
        stack.push_async_callback(storm.dismiss)
        yield storm


async def blow(storm: Storm, count: int, *, kill_every_seconds: float, seconds_max: float = 900) -> float:
    """Run it to its end; the seconds it took."""
    began = time.monotonic()
    await storm.hire()
    await storm.hire()
    killing = asyncio.create_task(storm.kill_again_and_again(kill_every_seconds))
    accepting = asyncio.create_task(storm.accept(count))
    while not storm.kills:  # noqa: ASYNC110 - several wait for the same
        await asyncio.sleep(0.2)
    await storm.restart_postgres()
    await accepting
    while not (storm.kills > 1 and await storm.settled()):
        assert time.monotonic() - began < seconds_max, "it does not end"
        await asyncio.sleep(0.5)
    killing.cancel()
    # What was given up without a brand's word is asked for once more: late successes of 4 s have come by now.
    await asyncio.sleep(5)
    for simulator in storm.simulators.values():
        simulator.faults.set(())
    return time.monotonic() - began


async def check(storm: Storm) -> dict[str, int]:
    """All books agree with each brand's own statement, and prove themselves; how many ended how."""
    await storm.dismiss()
    await ask_after_the_dead(storm)
    connection = await connect_as_owner(storm.url)
    try:
        ends = Counter({row["state"]: row["count"] for row in await connection.fetch(_ENDS)})
        reasons = await connection.fetchval(_MANUAL_WITHOUT_A_REASON)
        assert reasons == 0
        for code in PROGRAMS:
            assert await statement(storm, code) == await pairs(connection, _OURS, code), code
            mirrors = await pairs(connection, _MIRRORS, code)
            books = storm.simulators[code].books.members
            moved = {number: member.balance - 10_000 for number, member in books.items() if member.balance != 10_000}
            assert moved == {number: amount for number, amount in mirrors.items() if amount}, code
    finally:
        await connection.close()
    report = await audit(storm.database, checks=CHECKS)
    assert [str(finding) for finding in report.findings] == []
    return dict(ends)


async def ask_after_the_dead(storm: Storm) -> None:
    """Whatever was given up and came late all the same is found now, not in the course of a day."""
    from exchange.saga.guard import Guards  # noqa: PLC0415 - only here
    from exchange.saga.runner import Saga  # noqa: PLC0415

    connection = await connect_as_owner(storm.url)
    await connection.execute(
        "UPDATE exchange_errand SET due_at = now() WHERE due_at IS NOT NULL AND outcome IS NOT NULL"
    )
    await connection.execute("UPDATE exchange_errand SET lease_until = now() WHERE lease_until IS NOT NULL")
    rows = await connection.fetch("SELECT DISTINCT exchange_id FROM exchange_errand WHERE due_at <= now()")
    saga = Saga(storm.database, Guards(storm.systems))
    for row in rows:
        await saga.advance(row["exchange_id"])
    await saga.close()
    await connection.close()


async def pairs(connection: Connection, query: str, code: str) -> dict[str, int]:
    """Rows of two columns about a program."""
    return {row[0]: row[1] for row in await connection.fetch(query, code)}


async def statement(storm: Storm, code: str) -> dict[str, int]:
    """By our reference, what the brand's own list of movements says."""
    system = storm.systems.of(storm.network.program(code))
    now = datetime.now(UTC)
    moved = system.transactions(now - timedelta(days=1), now + timedelta(hours=1))
    return {one.our_reference: one.amount async for one in moved if one.our_reference}


_ENDS = "SELECT state, count(*) FROM exchange_exchange GROUP BY state ORDER BY state"
_MANUAL_WITHOUT_A_REASON = """
SELECT count(*) FROM exchange_exchange AS exchange WHERE state = 'MANUAL' AND NOT EXISTS (
    SELECT FROM exchange_case AS cases WHERE cases.exchange_id = exchange.id AND closed_at IS NULL AND reason <> '')
"""
_OURS = """
SELECT replace(errand.exchange_id::text, '-', '') || CASE role
        WHEN 'DEBIT' THEN '-source-debit' WHEN 'CREDIT' THEN '-target-credit' ELSE '-source-refund' END AS reference,
    CASE role WHEN 'DEBIT' THEN -amount ELSE amount END AS amount
FROM exchange_errand AS errand JOIN brands_program AS program ON program.id = program_id
WHERE program.code = $1 AND (outcome = 'DONE' OR EXISTS (
    SELECT FROM exchange_late_success AS late WHERE late.errand_id = errand.id))
"""
_MIRRORS = """
SELECT card.number, (credits_posted - debits_posted)::bigint FROM ledger_account AS account
JOIN members_membership AS card ON card.id = account.owner WHERE purpose = 'mirror' AND asset = $1
"""


async def main(count: int) -> None:
    """At full size."""
    with tempfile.TemporaryDirectory() as folder, private_postgres(Path(folder), durable=False) as url:
        async with open_storm(url, Path(folder)) as storm:
            await storm.enrol(max(count // 10, 20))
            seconds = await blow(storm, count, kill_every_seconds=4)
            ends = await check(storm)
            print(f"{count} exchanges in {seconds:.0f} s, {storm.kills} workers killed: {ends}")  # noqa: T201


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
