"""What commands say of a database that fails under them: a sentence, never the lines of our own code."""

import sys

import asyncpg
import orjson
import pytest

from gateway import cli


@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("as_json", [False, True])
def test_a_full_disk(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, grouped: bool, as_json: bool
) -> None:
    """Also in one of several tasks: it ends with 1, and is told apart from something that was found."""
    full = asyncpg.DiskFullError("could not extend file: No space left on device")

    def fail(_: object) -> None:
        raise ExceptionGroup("tasks", [full]) if grouped else full

    monkeypatch.setattr("gateway.cli.audit.run_on_books", fail)
    monkeypatch.setattr(sys, "argv", ["agio", "audit", *(["--json"] if as_json else [])])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = capsys.readouterr()
    assert ended.value.code == 1
    told = orjson.loads(said.out)["error"] if as_json else {"code": "DatabaseFailed", "message": said.err.strip()}
    assert told["code"] == "DatabaseFailed"
    assert told["message"] == (
        "The database failed: its disk is full (53100)."
        " Nothing was found or refused: once that is mended, run it again."
    )


SECRETS = ("10.1.2.3", "SELECT", "ledger_account", "6222000", "base/16384", "agio_app")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (asyncpg.DiskFullError('could not extend file "base/16384/2601"'), "its disk is full (53100)"),
        (ConnectionRefusedError(111, "Connect call failed ('10.1.2.3', 5432)"), "nobody answers at its address"),
        (OSError("Multiple exceptions: [Errno 111] Connect call failed ('10.1.2.3', 5432)"), "it cannot be reached"),
        (TimeoutError(), "it did not answer in time"),
        (asyncpg.ConnectionDoesNotExistError("connection to 10.1.2.3 was closed"), "the connection broke (08003)"),
        (asyncpg.InterfaceError("cannot perform SELECT 6222000: closed"), "the connection broke"),
        (asyncpg.LockNotAvailableError("on ledger_account"), "a lock was not to be had in time (55P03)"),
        (asyncpg.TooManyConnectionsError("too many for role agio_app"), "it takes no more connections (53300)"),
        (asyncpg.AdminShutdownError("terminating connection"), "somebody stopped it (57P01)"),
        (asyncpg.QueryCanceledError("canceling statement"), "it took too long, or somebody stopped it (57014)"),
    ],
)
def test_nothing_of_the_database_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception, told: str
) -> None:
    """No value, no statement, no path, no host: what happened, and the code under which the database says more."""
    said = _failed(monkeypatch, capsys, error)
    again = "Nothing was found or refused: once that is mended, run it again."
    assert said == f"The database failed: {told}. {again}\n"


def test_a_bug_that_the_database_stops_tells_no_value(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """PostgreSQL would show the whole row."""
    error = asyncpg.UniqueViolationError("duplicate key value in ledger_account, Key (number)=(6222000) exists")
    said = _failed(monkeypatch, capsys, error)
    assert said.startswith("The database refused what was to be written (23505). Nothing of it was kept.")
    assert not any(secret in said for secret in SECRETS)


def test_a_file_or_port_here_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    missing = FileNotFoundError(2, "No such file or directory", "january.csv")
    assert _failed(monkeypatch, capsys, missing) == "[Errno 2] No such file or directory: 'january.csv'\n"
    taken = OSError(98, "address already in use")
    assert _failed(monkeypatch, capsys, taken) == "[Errno 98] address already in use\n"


def _failed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception) -> str:
    """What the command says of the error; it ends with 1, and nothing is on the output."""

    def fail(_: object) -> None:
        raise error

    monkeypatch.setattr("gateway.cli.audit.run_on_books", fail)
    monkeypatch.setattr(sys, "argv", ["agio", "audit"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = capsys.readouterr()
    assert (ended.value.code, said.out) == (1, "")
    return said.err
