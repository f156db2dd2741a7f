"""The black hole: 10,000 exchanges are open at a brand that neither acts nor answers; the others are not slowed.

`python -m tests.exchange.saga.black_hole 10000` says how long others' exchanges took before and meanwhile, and how much
memory the worker needed.
"""

import asyncio
import random
import sys
import tempfile
from itertools import count
from pathlib import Path

from adapters.simulator.faults import Fault, FaultKind
from core.postgres import private_postgres
from core.scratch import connect_as_owner
from exchange import Acceptance, Exchange, QuoteRequest, accept_many, quote_many
from exchange.offers import Quote
from tests.exchange.saga.storm import Storm, open_storm

PROBES = 1_000
AMOUNTS = {"HOTEL": 1_000}
turn = count()
"""Everybody in turn."""

_LATENCIES = """
SELECT percentile_disc(ARRAY[0.5, 0.99]) WITHIN GROUP (ORDER BY seconds) FROM (
    SELECT extract(epoch FROM last.recorded_at - exchange.accepted_at)::float8 AS seconds
    FROM exchange_exchange AS exchange JOIN exchange_history AS last ON last.exchange_id = exchange.id
    WHERE exchange.id = ANY($1::uuid[]) AND last.state = 'COMPLETED'
) AS taken
"""
_DONE = "SELECT count(*) FROM exchange_exchange WHERE id = ANY($1::uuid[]) AND state = 'COMPLETED'"


async def accept_some(storm: Storm, source: str, target: str, number: int) -> list[Exchange]:
    """Exchanges between two brands, in bulks."""
    made: list[Exchange] = []
    while len(made) < number:
        size = min(number - len(made), 200)
        people = [storm.people[next(turn) % len(storm.people)] for _ in range(size)]
        offers = await quote_many(
            storm.database, [QuoteRequest(it.id, source, target, AMOUNTS.get(source, 100)) for it in people]
        )
        orders = [Acceptance(it.id, it.member_id, str(it.id)) for it in offers if isinstance(it, Quote)]
        found = [it for it in await accept_many(storm.database, orders) if isinstance(it, Exchange)]
        assert len(found) == size, offers[:1]
        made += found
    return made


async def probe(storm: Storm, number: int = PROBES) -> list[float]:
    """Median and 99th percentile of the seconds that others' exchanges took, one after the other."""
    ids = []
    connection = await connect_as_owner(storm.url)
    draw = random.Random(1)  # noqa: S311 - the same every time
    for _ in range(number):
        (made,) = await accept_some(storm, "TAXI", "CABLE", 1)
        ids.append(made.id)
        await asyncio.sleep(draw.random() * 0.04)
    while await connection.fetchval(_DONE, ids) < number:  # noqa: ASYNC110 - the worker is another process
        await asyncio.sleep(0.2)
    found: list[float] = await connection.fetchval(_LATENCIES, ids)
    await connection.close()
    return found


def memory_mib(pid: int) -> float:
    """What a process has in memory, and had at most."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


async def main(number: int) -> None:
    """Before, and meanwhile."""
    with tempfile.TemporaryDirectory() as folder, private_postgres(Path(folder), durable=False) as url:
        async with open_storm(url, Path(folder)) as storm:
            for simulator in storm.simulators.values():
                simulator.faults.set(())
            await storm.enrol(400)
            await storm.hire(sweep_seconds=60)  # as `agio worker` does
            await storm.ready(storm.workers[0])
            await probe(storm, 50)
            before, empty = await probe(storm), memory_mib(storm.workers[0].pid)
            storm.simulators["FERRY"].faults.set((Fault(kind=FaultKind.BLACK_HOLE),))
            # Their points live on the platform: the first who is called is the black hole.
            await storm.network.give([(person.cards["HOTEL"].id, "HOTEL", 200_000) for person in storm.people])
            await accept_some(storm, "HOTEL", "FERRY", number)
            meanwhile, full = await probe(storm), memory_mib(storm.workers[0].pid)
            print(  # noqa: T201
                f"{number} open: p50 {before[0] * 1000:.0f} -> {meanwhile[0] * 1000:.0f} ms, "
                f"p99 {before[1] * 1000:.0f} -> {meanwhile[1] * 1000:.0f} ms ({meanwhile[1] / before[1]:.2f} ×); "
                f"worker's memory {empty:.0f} -> {full:.0f} MiB"
            )


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
