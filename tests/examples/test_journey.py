"""The journey, as a newcomer sees it: `agio demo` on a home of its own, compared with what is recorded."""

import difflib
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from core.codes import Code
from core.postgres import private_postgres

ROOT = Path(__file__).resolve().parents[2]
RECORDED = ROOT / "examples" / "journey" / "recorded.txt"
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TAMPER = """
UPDATE ledger_transfer SET amount = amount + 1
WHERE id = (SELECT id FROM ledger_transfer WHERE code = $1 ORDER BY id LIMIT 1) RETURNING id
"""


class Newcomer:
    """Somebody at a terminal, with nothing set but a home and a port."""

    def __init__(self, home: Path) -> None:
        kept = {"PATH", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV"}
        self.home = home
        self.environment = {name: value for name, value in os.environ.items() if name in kept}
        self.environment |= {"AGIO_HOME": str(home), "AGIO_PORT": str(_free_port())}

    def agio(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the command line."""
        command = [sys.executable, "-c", "from gateway.cli import main; main()", *words]
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False, timeout=300
        )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Newcomer:
    """One home for the tests of this file, in order."""
    return Newcomer(tmp_path_factory.mktemp("newcomer"))


@pytest.fixture(scope="module")
def first(newcomer: Newcomer) -> subprocess.CompletedProcess[str]:
    """The first start."""
    return newcomer.agio("demo", "--exit")


def test_journey_is_as_recorded(first: subprocess.CompletedProcess[str]) -> None:
    """Every step, amount and refusal, but for the days. `agio demo --exit` on a fresh home records it anew."""
    assert first.returncode == 0, first.stderr
    told, recorded = (DATE.sub("<day>", text).splitlines() for text in (first.stdout, RECORDED.read_text()))
    assert told == recorded, "\n".join(difflib.unified_diff(recorded, told, "recorded", "told", lineterm=""))


def test_second_start_goes_on(newcomer: Newcomer, first: subprocess.CompletedProcess[str]) -> None:
    """The members are known, nothing is brought over twice, and the journey is walked again on the next window."""
    assert first.returncode == 0
    again = newcomer.agio("demo", "--exit")
    assert again.returncode == 0, again.stderr
    assert "As before." in again.stdout
    assert again.stdout.count("5,000 members known") == 3
    assert "The books are whole" in again.stdout


def test_statements_lie_in_the_home(newcomer: Newcomer, first: subprocess.CompletedProcess[str]) -> None:
    """Four forms for each participant and window."""
    assert first.returncode == 0
    names = sorted(path.name for path in (newcomer.home / "statements").rglob("*.*"))
    assert len([name for name in names if name.endswith(".csv")]) == len(names) / 4
    assert {name.rpartition(".")[0].rpartition("-")[2] for name in names} >= {"aurora", "kopi", "meridian"}


async def test_audit_names_a_tampered_row(newcomer: Newcomer, first: subprocess.CompletedProcess[str]) -> None:
    """A superuser raises a posted amount by 1: `agio audit` ends with 1 and names it. Last, for it ruins the home."""
    assert first.returncode == 0
    with private_postgres(newcomer.home) as url:
        connection = await asyncpg.connect(url)
        async with connection.transaction():
            await connection.execute("SET LOCAL session_replication_role = replica")
            changed = await connection.fetchval(_TAMPER, Code.EXCHANGE_CREDIT)
        await connection.close()
        found = newcomer.agio("audit")
    assert found.returncode == 1
    assert str(changed) in found.stderr
