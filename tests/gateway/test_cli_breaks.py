"""`agio breaks`: the work list, what one person does, and what two decide."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.cli import command_line
from tests.network import AIRLINE, COFFEE, HOTEL
from tests.settlement.reconciliation.statements import STATEMENT_FILE, Stated, written


@pytest.fixture
def break_id(monkeypatch: pytest.MonkeyPatch, database_url: str, tmp_path: Path) -> str:
    """A break: the airline states 100 miles that we do not have."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("AGIO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "400")
    paths = [tmp_path / f"{number}.toml" for number in range(3)]
    for path, text in zip(paths, (HOTEL, AIRLINE + STATEMENT_FILE, COFFEE), strict=True):
        path.write_text(text)
    assert agio("brand", "apply", *paths).exit_code == 0
    file = tmp_path / "january.csv"
    file.write_bytes(written([Stated("A-1", "100")]).encode("gb18030"))
    assert agio("reconcile", "airline", file, "--as", "lin.wei").exit_code == 1
    (found,) = json.loads(agio("breaks", "list", "--json").stdout)
    assert (found["kind"], found["at_risk_cny"], found["owner"]) == ("MISSING_HERE", "7.500000", "operator")
    return str(found["id"])


def agio(*arguments: object) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(command_line(()), [str(argument) for argument in arguments])


def test_what_one_person_does(break_id: str) -> None:
    """Comments, evidence, another owner, another day: all in the history, and shown."""
    who = ("--as", "lin.wei")
    assert agio("breaks", "comment", break_id, "called the airline", *who).exit_code == 0
    assert agio("breaks", "comment", break_id, "its mail of Monday", "--evidence", *who).exit_code == 0
    assert agio("breaks", "assign", break_id, "chen.yu", *who, "--reason", "holiday").exit_code == 0
    waited = agio("breaks", "resolve", break_id, "wait", "--until", "2999-03-01", *who, "--reason", "promised")
    assert waited.exit_code == 0, waited.output
    passed = agio("breaks", "resolve", break_id, "wait", "--until", "2026-01-01", *who, "--reason", "late")
    assert (passed.exit_code, "a day that is over" in passed.output) == (1, True)
    shown = json.loads(agio("breaks", "show", break_id, "--json").stdout)
    assert [it["kind"] for it in shown["events"]] == ["OPENED", "COMMENT", "ATTACHED", "ASSIGNED", "WAIT"]
    assert (shown["owner"], shown["due_on"], shown["state"]) == ("chen.yu", "2999-03-01", "OPEN")
    assert "called the airline" in agio("breaks", "show", break_id).stdout
    assert json.loads(agio("breaks", "list", "--owner", "operator", "--json").stdout) == []


def test_the_work_list_by_pages(break_id: str) -> None:
    """Filters leave out what is not wanted; the total is told; a window and a page that are not there are said."""
    for wanted in ("--brand airline", "--program MILES", "--age 7", "--kind MISSING_HERE", "--due-before 2999-01-01"):
        (found,) = json.loads(agio("breaks", "list", *wanted.split(), "--json").stdout)
        assert found["id"] == break_id
    for other in ("--brand hotel", "--program HOTEL", "--age older", "--kind AMOUNT", "--disputed", "--state CLOSED"):
        assert json.loads(agio("breaks", "list", *other.split(), "--json").stdout) == [], other
    assert "1 in all, CNY 7.500000 at risk" in agio("breaks", "list").stdout
    assert json.loads(agio("breaks", "list", "--after", f"7500000/{break_id}", "--json").stdout) == []
    assert agio("breaks", "list", "--after", "elsewhere").exit_code == 2
    for nobody in ("--window", "--brand", "--program"):
        assert agio("breaks", "list", nobody, "9").exit_code == 1, nobody


def test_what_is_disputed_is_seen(break_id: str) -> None:
    """Nobody approves alone; the amount stands in the list and in the trial balance until it is decided, in part."""
    maker, checker = ("--as", "lin.wei", "--reason", "it objects"), ("--as", "chen.yu", "--reason", "checked")

    def agreed(*how: str) -> None:
        (told,) = json.loads(agio("breaks", "resolve", break_id, *how, *maker, "--json").stdout)
        seen = (told["proposal"], "--digest", told["digest"])
        assert agio("breaks", "approve", *seen, *maker).exit_code == 1
        assert agio("breaks", "approve", *seen, *checker).exit_code == 0

    def balance() -> str:
        return agio("trial-balance").stdout

    agreed("dispute", "--amount", "5.00")
    (listed,) = json.loads(agio("breaks", "list", "--disputed", "--json").stdout)
    assert (listed["id"], listed["disputed_cny"], listed["disputed_age"]) == (break_id, "5.000000", "up to 7 days")
    assert "break_disputed" in balance()
    assert agio("audit").exit_code == 0
    agreed("dispute-won", "--amount", "2.00")
    shown = json.loads(agio("breaks", "show", break_id, "--json").stdout)
    assert (shown["state"], shown["at_stake_cny"], shown["disputed_cny"]) == ("OPEN", "5.500000", "0.000000")
    assert agio("audit").exit_code == 0


def test_what_two_decide(break_id: str) -> None:
    """A write-off waits for another person; the amount and the reason are needed."""
    maker, checker = ("--as", "lin.wei", "--reason", "small"), ("--as", "chen.yu", "--reason", "checked")
    assert agio("breaks", "resolve", break_id, "write-off", *maker).exit_code == 1
    proposed = agio("breaks", "resolve", break_id, "write-off", "--amount", "7.50", *maker, "--json")
    (told,) = json.loads(proposed.stdout)
    seen = (told["proposal"], "--digest", told["digest"])
    own = agio("breaks", "approve", *seen, *maker)
    assert (own.exit_code, "cannot also approve" in own.stderr) == (1, True)
    assert agio("breaks", "approve", told["proposal"], *checker).exit_code == 2
    other = agio("breaks", "approve", told["proposal"], "--digest", "0" * 64, *checker)
    assert (other.exit_code, "digest" in other.stderr) == (1, True)
    assert agio("breaks", "approve", *seen, *checker).exit_code == 0
    assert json.loads(agio("breaks", "show", break_id, "--json").stdout)["state"] == "RESOLVED"
    assert agio("audit").exit_code == 0


def test_what_waits_is_seen_and_taken_back(break_id: str) -> None:
    """In the list and in `show`; a second proposal is refused, naming the first; its proposer takes it back."""
    maker = ("--as", "lin.wei", "--reason", "small")
    off = ("breaks", "resolve", break_id, "write-off", "--amount")
    (told,) = json.loads(agio(*off, "7.50", *maker, "--json").stdout)
    (listed,) = json.loads(agio("breaks", "list", "--json").stdout)
    assert listed["waits_for_approval"] == f"WRITE_OFF {told['proposal']} by lin.wei"
    second = agio(*off, "1.00", *maker)
    assert (second.exit_code, told["proposal"] in second.stderr) == (1, True)
    (shown,) = json.loads(agio("breaks", "show", break_id, "--json").stdout)["proposals"]
    assert (shown["amount_cny"], shown["digest"], shown["verdict"]) == ("7.500000", told["digest"], None)
    other = agio("breaks", "retract", told["proposal"], "--as", "chen.yu", "--reason", "x")
    assert (other.exit_code, "lin.wei" in other.stderr) == (1, True)
    assert agio("breaks", "retract", told["proposal"], *maker).exit_code == 0
    assert json.loads(agio("settle", "proposals", "--json").stdout) == []
    assert json.loads(agio("breaks", "list", "--json").stdout)[0]["waits_for_approval"] == ""
    assert "RETRACTED" in agio("breaks", "show", break_id).stdout
    (again,) = json.loads(agio(*off, "1.00", *maker, "--json").stdout)
    assert agio("settle", "retract", again["proposal"], *maker).exit_code == 0
    assert agio("audit").exit_code == 0


def test_what_cannot_be_meant(break_id: str) -> None:
    """Words that are missing are asked for; what is not there is said."""
    who = ("--as", "lin.wei", "--reason", "x")
    assert agio("breaks", "resolve", break_id, "wait", *who).exit_code == 2
    assert agio("breaks", "resolve", break_id, "write-off", "--amount", "a lot", *who).exit_code == 2
    assert agio("breaks", "resolve", break_id, "suggestion", *who).exit_code == 1
    assert agio("breaks", "show", "0198d2a0-0000-7000-8000-000000000000").exit_code == 1
    assert agio("reconcile", "airline").exit_code == 2
