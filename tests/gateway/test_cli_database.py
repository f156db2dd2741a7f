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
        "The database failed: could not extend file: No space left on device."
        " Nothing was found or refused: once that is mended, run it again."
    )
