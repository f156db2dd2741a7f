"""An import whose process is killed, again and again."""

import asyncio
import signal
import sys
from pathlib import Path

from core.database import Connection, Database
from ledger import audit
from members import ImportReport, MemberKeys, import_file
from tests.network import AIRLINE, COFFEE, HOTEL, load_network

MEMBERS = 1_000
FORM = """
[programs.MILES.member_file]
columns = { number = "n", phone = "p", tier = "t", balance = "b", enrolled_on = "e" }
"""
IMPORT = """
import asyncio, sys
from pathlib import Path
from core.database import Database
from members import MemberKeys, import_file

async def main(url, path):
    database = await Database.connect(url)
    keys = MemberKeys.from_root(bytes(32))
    tell = lambda done, total: print(done, flush=True)
    await import_file(database, keys, "airline", Path(path), progress=tell, batch_rows=100)

asyncio.run(main(*sys.argv[1:]))
"""

STATE = """
SELECT count(*) AS cards, count(DISTINCT record.member_id) AS members, sum(opening_amount) AS points,
    (SELECT sum(amount) FROM ledger_transfer) AS posted, (SELECT count(*) FROM members_evidence) AS evidence
FROM members_membership JOIN members_record AS record USING (id)
"""


async def test_killed(
    database: Database, database_url: str, superuser: Connection, keys: MemberKeys, tmp_path: Path
) -> None:
    """Killed in mid-batch three times over, an import goes on where it stopped; in the end everything is there once."""
    await load_network(database, (HOTEL, AIRLINE + FORM, COFFEE))
    path = tmp_path / "members.csv"
    rows = (f"M{number},1380000{number // 2 + 1:04},base,{number},2020-01-01" for number in range(MEMBERS))
    path.write_text("\n".join(("n,p,t,b,e", *rows)))
    loaded = [await _import_and_kill(database_url, path, superuser) for _ in range(3)]
    assert loaded == sorted(loaded)
    assert all(count % 100 == 0 and 0 < count < MEMBERS for count in loaded)
    report = await import_file(database, keys, "airline", path)
    assert isinstance(report, ImportReport)
    assert (report.imported, report.unchanged) == (MEMBERS - loaded[-1], loaded[-1])
    (state,) = await superuser.fetch(STATE)
    points = MEMBERS * (MEMBERS - 1) // 2
    # Two cards of one program on each phone number: nobody is joined, everybody is asked about.
    assert tuple(state.values()) == (MEMBERS, MEMBERS, points, points, 2 * MEMBERS)
    assert await superuser.fetchval("SELECT count(*) FROM members_review WHERE closed_at IS NULL") == MEMBERS // 2
    assert not (await audit(database)).findings


async def _import_and_kill(url: str, path: Path, superuser: Connection) -> int:
    """Kill an import after it has committed two more batches; how many cards there are when all is quiet."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", IMPORT, url, str(path), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    before = await superuser.fetchval("SELECT count(*) FROM members_membership")
    for _ in range(before // 100 + 2):
        assert await process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    await process.wait()
    async with superuser.transaction():  # waits for what the killed process was still committing
        await superuser.execute("LOCK TABLE members_membership IN ACCESS EXCLUSIVE MODE")
        count: int = await superuser.fetchval("SELECT count(*) FROM members_membership")
    return count
