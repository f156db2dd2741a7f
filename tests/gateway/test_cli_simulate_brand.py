"""The simulator as a process of its own: it comes up, is killed, and comes back with the same books."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import orjson

from core.file_locks import locked_if_free
from tests.gateway.shell import Shell

KEY = "a key of the test"


def start(state: Path, *more: str) -> tuple["subprocess.Popen[str]", str]:
    """The process and its URL."""
    command = [sys.executable, "-c", "from gateway.cli import main; main()", "simulate-brand", "--port", "0"]
    arguments = [*command, "--state", str(state), "--key", KEY, "--program", "RAIL", "--decimals", "2", *more]
    brand = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"})
    assert brand.stdout
    return brand, brand.stdout.readline().strip()


def curl(url: str, body: object = None) -> dict[str, object]:
    """Ask from outside."""
    given = [] if body is None else ["--data", orjson.dumps(body).decode()]
    command = ["curl", "--silent", "--header", f"Authorization: Bearer {KEY}", *given, url]
    found: dict[str, object] = orjson.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return found


def test_the_books_outlive_a_killed_process(tmp_path: Path) -> None:
    state = tmp_path / "rail.journal"
    order = {"reference": "r-1", "memberId": "10000001", "amount": "12.34"}
    brand, url = start(state)
    done = curl(f"{url}/v1/lps/RAIL/debits", order)
    brand.kill()
    brand.communicate(timeout=60)
    again, url = start(state)
    assert (done["status"], done["balance"]) == ("success", "99987.66")
    assert curl(f"{url}/v1/lps/RAIL/transactions/r-1")["transactionId"] == done["transactionId"]
    assert curl(f"{url}/v1/lps/RAIL/debits", order)["errors"] == [
        {"code": "DUPLICATE_SAME", "description": "The reference was used before, for the same."}
    ]
    books = curl(f"{url}/control/books?limit=0")
    assert (books["sum"], books["whole"], books["members"], books["transactions"]) == ("2099987.66", True, [], [])
    again.send_signal(signal.SIGINT)
    again.communicate(timeout=60)
    assert again.returncode == 130


def test_a_state_belongs_to_one_simulator(agio: Shell, tmp_path: Path) -> None:
    state = tmp_path / "rail.journal"
    with locked_if_free(tmp_path / "rail.journal.lock"):
        ran = agio("simulate-brand", "--state", state)
    assert (ran.code, ran.out, state.exists()) == (1, "", False)
    assert "is used by another simulator" in ran.err


def test_a_state_that_is_no_journal_ends_with_1(agio: Shell, tmp_path: Path) -> None:
    state = tmp_path / "rail.journal"
    state.write_text("{}]\n")
    ran = agio("simulate-brand", "--state", state)
    assert (ran.code, ran.out) == (1, "")
    assert "is not a journal of the simulator" in ran.err
