"""`agio awards import` as a process of its own, which is killed while it records."""

import asyncio
import sys
from pathlib import Path

from core.database import Connection, Database
from exchange.checks import CHECKS
from ledger import audit
from tests.gateway.shell import Shell
from tests.network import load_network

ROWS = 10_000
PEOPLE = 50
RECORDED = "SELECT count(*) FROM exchange_movement"
SPREAD = "SELECT array_agg(DISTINCT credits_posted) FROM ledger_account WHERE asset = 'BEANS' AND purpose = 'member'"


async def _killed_after(arguments: list[str], superuser: Connection, rows: int) -> int:
    """Begin, kill -9 as soon as more than `rows` rows stand; how many stand then."""
    quiet = asyncio.subprocess.DEVNULL
    command = [sys.executable, "-c", "from gateway.cli import main; main()", *arguments]
    process = await asyncio.create_subprocess_exec(*command, stdout=quiet, stderr=quiet)
    while await superuser.fetchval(RECORDED) <= rows:
        assert process.returncode is None, "it was over before it could be killed"
        await asyncio.sleep(0.005)
    process.kill()
    await process.wait()
    recorded: int = await superuser.fetchval(RECORDED)
    return recorded


async def test_a_file_of_ten_thousand_rows_killed_twice(
    agio: Shell, database: Database, superuser: Connection, tmp_path: Path
) -> None:
    """Sent again it goes on where it stopped; in the end each row is recorded once, and once more changes nothing."""
    network = await load_network(database)
    people = await network.enrol_many(PEOPLE, {"BEANS": 0})
    numbers = [person.cards["BEANS"].number for person in people]
    file = tmp_path / "january.csv"
    lines = (f"{at},{numbers[at % PEOPLE]},1.00" for at in range(ROWS))
    file.write_text("\n".join(["key,number,amount", *lines]))
    arguments = ["awards", "import", "BEANS", str(file)]
    stood = [await _killed_after(arguments, superuser, rows) for rows in (0, 3_000)]
    assert stood == sorted(stood)
    assert all(rows % 1_000 == 0 and 0 < rows < ROWS for rows in stood)
    done = await asyncio.to_thread(agio, *arguments, "--json")
    assert (done.code, done.json["row_count"], done.json["moved"], done.json["refused"]) == (0, ROWS, ROWS, 0)
    assert await superuser.fetchval(RECORDED) == ROWS
    assert await superuser.fetchval(SPREAD) == [ROWS // PEOPLE * 100]
    posted = await superuser.fetchval("SELECT count(*) FROM ledger_transfer")
    again = await asyncio.to_thread(agio, *arguments, "--json")
    assert (again.code, again.json["moved"]) == (0, ROWS)
    assert await superuser.fetchval("SELECT count(*) FROM ledger_transfer") == posted
    assert not (await audit(database, checks=CHECKS)).findings
