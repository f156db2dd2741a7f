"""`agio trial-balance`, `agio journal`, `agio settle replay` and `explain`, on books with one advised window."""

import asyncio
import json
from pathlib import Path

import pytest
from beancount import loader
from typer.testing import CliRunner, Result

from core.database import Database
from gateway.cli import command_line
from tests.network import load_network
from tests.settlement.trade import to_advised, trade


@pytest.fixture(autouse=True)
def books(monkeypatch: pytest.MonkeyPatch, database_url: str, tmp_path: Path) -> None:
    """One exchange, settled as far as its statements."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("AGIO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "400")
    asyncio.run(_fill(database_url, tmp_path / "statements"))


async def _fill(url: str, folder: Path) -> None:
    database = await Database.connect(url)
    network = await load_network(database)
    ann = await network.enrol({"HOTEL": 20_000, "MILES": 0})
    await trade(network, (ann, "HOTEL", "MILES", 3_000))
    await to_advised(database, folder)
    await database.close()


def agio(*arguments: object) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(command_line(()), [str(argument) for argument in arguments])


def test_from_a_figure_to_its_transfers() -> None:
    (line,) = json.loads(agio("settle", "explain", 1, "airline", "--kind", "POSITION_CREDIT", "--json").stdout)
    assert (line["counterparty"], line["credit"]) == ("hotel", "148.500000")
    found = json.loads(agio("settle", "explain", 1, "airline", "--transfer", line["transfer"], "--json").stdout)
    assert [it["asset"] for it in found["transfers"]] == ["HOTEL", "CNY", "MILES", "CNY", "CNY"]
    assert found["exchange"] == line["reference"]
    assert "No brand's line" in agio("settle", "explain", 1, "airline", "--transfer", line["transfer"]).stdout
    assert agio("settle", "explain", 1, "nobody").exit_code == 1
    assert agio("settle", "explain", 99, "airline").exit_code == 1
    assert agio("settle", "explain", 1, "airline", "--transfer", "0" * 32).exit_code == 1
    for window, participant in ((1, "hotel"), (2, "airline"), (1, "nobody"), (9, "airline")):
        elsewhere = agio("settle", "explain", window, participant, "--transfer", line["transfer"])
        assert (elsewhere.exit_code, elsewhere.stdout) == (1, "")
    assert "is no line of the statement of hotel in window 1; it is one of airline in window 1." in elsewhere_of(line)


def elsewhere_of(line: dict[str, str]) -> str:
    """What is said of a line of the airline's in the hotel's statement."""
    return agio("settle", "explain", 1, "hotel", "--transfer", line["transfer"]).stderr


def test_a_window_is_replayed_in_all_formats() -> None:
    ran = agio("settle", "replay", 1, "--json")
    found = json.loads(ran.stdout)
    assert (ran.exit_code, found["agrees"]) == (0, True)
    assert {it["format"] for it in found["statements"]} == {"csv", "json", "xlsx", "pdf"}
    assert all(it["kept"] == it["written"] for it in found["statements"])
    assert agio("settle", "replay", 2).exit_code == 1


def test_the_trial_balance_at_an_instant() -> None:
    rows = json.loads(agio("trial-balance", "--json").stdout)
    assert {row["asset"] for row in rows} == {"CNY", "HOTEL", "MILES"}
    assert "Nothing had moved" in agio("trial-balance", "--at", "2001-01-01").stdout
    assert agio("trial-balance", "--at", "yesterday").exit_code == 2
    ahead = agio("trial-balance", "--at", "2999-01-01")
    assert (ahead.exit_code, ahead.stdout, "has not come yet" in ahead.stderr) == (1, "", True)


def test_the_journal_as_a_table_and_for_beancount(tmp_path: Path) -> None:
    for name, options in (("all.beancount", []), ("days.beancount", ["--by-day"]), ("all.csv", [])):
        assert agio("journal", tmp_path / name, *options).exit_code == 0, name
        if name.endswith("beancount"):
            _, errors, _ = loader.load_file(str(tmp_path / name))
            assert errors == []
    assert (tmp_path / "all.csv").read_text("utf-8-sig").startswith("row,day,recorded_at,code")
    assert agio("journal", tmp_path / "books.pdf").exit_code == 2
    assert agio("journal", tmp_path / "a.csv", "--time-zone", "Mars/Olympus").exit_code == 2
    assert agio("journal", tmp_path / "a.csv", "--first-day", "January").exit_code == 2
    turned = agio("journal", tmp_path / "a.csv", "--first-day", "2026-02-01", "--last-day", "2026-01-31")
    assert (turned.exit_code, "the last day comes before the first" in turned.output) == (2, True)
    for days in (("--last-day", "2999-01-31"), ("--first-day", "2999-01-31")):
        ahead = agio("journal", tmp_path / "a.csv", *days)
        assert (ahead.exit_code, "2999-01-31 has not come yet" in ahead.stderr) == (1, True)
    assert not (tmp_path / "a.csv").exists()
