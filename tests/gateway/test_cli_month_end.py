"""`agio month-end` and `agio estimate`, from an estimate to a workbook."""

import json
from pathlib import Path

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner, Result

from gateway.cli import command_line
from tests.network import AIRLINE, COFFEE, HOTEL

PROPOSAL = ("estimate", "propose", "BEANS", "2026-01", "--allocated", "8676", "--points", "10000", "--expected", "9500")


@pytest.fixture(autouse=True)
def network(monkeypatch: pytest.MonkeyPatch, database_url: str, tmp_path: Path) -> None:
    """The network in force."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("AGIO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "400")
    paths = [tmp_path / f"{number}.toml" for number in range(3)]
    for path, text in zip(paths, (HOTEL, AIRLINE, COFFEE), strict=True):
        path.write_text(text)
    assert agio("brand", "apply", *paths).exit_code == 0


def agio(*arguments: object) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(command_line(()), [str(argument) for argument in arguments])


def test_from_an_estimate_to_a_workbook(tmp_path: Path) -> None:
    """Two persons, then the month on the screen, as JSON, as CSV and as a workbook."""
    assert agio(*PROPOSAL, "--as", "lin", "--reason", "survey").exit_code == 0
    assert "cannot approve" in agio("estimate", "approve", "BEANS", 1, "--as", "LIN", "--reason", "me too").stderr
    assert agio("estimate", "approve", "BEANS", 1, "--as", "chen", "--reason", "checked").exit_code == 0
    (listed,) = json.loads(agio("estimate", "list", "BEANS", "--json").stdout)
    assert (listed["decision"], listed["allocated"], listed["decided_by"]) == ("APPROVED", "8676.00", "chen")
    ran = agio("month-end", "BEANS", "2026-01", "--csv", tmp_path / "m.csv", "--xlsx", tmp_path / "m.xlsx", "--json")
    found = json.loads(ran.stdout)
    amounts = {row["line"]: row["amount"] for row in found["lines"]}
    assert (amounts["closing"], amounts["revenue"], amounts["liability left"]) == ("0.00", "0.00", "8676.00")
    assert (tmp_path / "m.csv").read_text("utf-8-sig").splitlines()[-1].endswith(found["digest"])
    assert load_workbook(tmp_path / "m.xlsx").sheetnames == ["2026-01"]
    assert "liability left" in agio("month-end", "BEANS", "2026-01").stdout


def test_what_is_refused_ends_with_1_and_what_is_no_month_with_2() -> None:
    assert agio("month-end", "NIX", "2026-01").exit_code == 1
    assert agio("month-end", "BEANS", "9998-01").exit_code == 1
    assert agio("month-end", "BEANS", "January").exit_code == 2
    assert agio(*PROPOSAL[:-1], "10001", "--as", "lin", "--reason", "survey").exit_code == 1
    assert agio(*PROPOSAL[:-1], "1.234", "--as", "lin", "--reason", "survey").exit_code == 2
    assert agio("estimate", "reject", "BEANS", 1, "--as", "lin", "--reason", "none").exit_code == 1
    assert agio("estimate", "list", "NIX").exit_code == 1
