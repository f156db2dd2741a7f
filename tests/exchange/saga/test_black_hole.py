"""The black hole in small; see `black_hole.py` for its full size."""

import asyncio
from pathlib import Path

from adapters.simulator.faults import Fault, FaultKind
from core.postgres import private_postgres
from core.scratch import connect_as_owner
from tests.exchange.saga.black_hole import accept_some, probe
from tests.exchange.saga.storm import open_storm

_STATES = "SELECT state, count(*) FROM exchange_exchange WHERE target_program_id = $1 GROUP BY 1 ORDER BY 1"
_CALLS = "SELECT count(*) FROM exchange_call"


async def test_the_black_hole(tmp_path: Path) -> None:
    """Others' exchanges are completed; of those that wait no more are called than the brand has lines, twice."""
    server = private_postgres(tmp_path, durable=False)
    url = await asyncio.to_thread(server.__enter__)
    try:
        async with open_storm(url, tmp_path) as storm:
            for simulator in storm.simulators.values():
                simulator.faults.set(())
            storm.simulators["FERRY"].faults.set((Fault(kind=FaultKind.BLACK_HOLE),))
            await storm.enrol(30)
            await storm.hire()
            await storm.network.give([(person.cards["HOTEL"].id, "HOTEL", 200_000) for person in storm.people])
            made = await accept_some(storm, "HOTEL", "FERRY", 600)
            assert len(await probe(storm, 20)) == 2
            connection = await connect_as_owner(url)
            rows = await connection.fetch(_STATES, made[0].target.program_id)
            states = {row["state"]: row["count"] for row in rows}
            calls = await connection.fetchval(_CALLS)
            await connection.close()
            assert "COMPLETED" not in states
            assert states["HELD"] > 450
            assert calls < 200
    finally:
        await asyncio.to_thread(server.__exit__, None, None, None)
