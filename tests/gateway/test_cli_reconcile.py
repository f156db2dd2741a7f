"""`agio reconcile`: ends with 0 only when nobody has anything to do."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.cli import command_line
from tests.network import AIRLINE, COFFEE, HOTEL
from tests.settlement.reconciliation.statements import DAY, STATEMENT_FILE, Stated, written


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, database_url: str, tmp_path: Path) -> Path:
    """A folder with the network in force and one file that cannot be clean, one that is, and one that is cut off."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("AGIO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "400")
    rows = [Stated("A-1", "100"), Stated("A-2", "=1")]
    for name, text in (
        ("broken.csv", written(rows, total=100)),
        ("clean.csv", written([])),
        ("cut.csv", written(rows, total=100).partition("合计")[0]),
    ):
        (tmp_path / name).write_bytes(text.encode("gb18030"))
    paths = [tmp_path / f"{number}.toml" for number in range(3)]
    for path, text in zip(paths, (HOTEL, AIRLINE + STATEMENT_FILE, COFFEE), strict=True):
        path.write_text(text)
    assert agio("brand", "apply", *paths).exit_code == 0
    return tmp_path


def agio(*arguments: object) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(command_line(()), [str(argument) for argument in arguments])


def test_breaks_and_rows_that_were_set_aside_end_with_1(folder: Path) -> None:
    """A dry run tells the same and keeps nothing, so that the real run takes the file in for the first time."""
    dry = agio("reconcile", "airline", folder / "broken.csv", "--dry-run", "--json")
    real = agio("reconcile", "airline", folder / "broken.csv", "--json")
    assert (dry.exit_code, real.exit_code) == (1, 1)
    told, kept = json.loads(dry.stdout), json.loads(real.stdout)
    assert (told["dry_run"], kept["dry_run"], kept["known"]) == (True, False, False)
    assert (kept["program"], kept["first_day"], kept["rows"], kept["accepted"]) == ("MILES", DAY, 2, 1)
    assert [(row["line"], row["reason"]) for row in kept["quarantined"]] == [(3, "is a formula")]
    assert [(it["kind"], it["at_risk_cny"], it["theirs"]) for it in kept["breaks"]] == [
        ("MISSING_HERE", "7.500000", "A-1 100")
    ]


def test_how_mended_rows_come_in_is_said(folder: Path) -> None:
    """With the rows that were set aside, with the same file again, and where the mended file is no correction."""
    first = agio("reconcile", "airline", folder / "broken.csv")
    again = agio("reconcile", "airline", folder / "broken.csv")
    assert ["--correction" in it.stderr for it in (first, again)] == [True, True]
    assert "taken in before" in again.stdout
    assert "This very file" in json.loads(agio("reconcile", "airline", folder / "broken.csv", "--json").stdout)["hint"]
    mended = folder / "mended.csv"
    mended.write_bytes(written([Stated("A-1", "100"), Stated("A-2", "1")]).encode("gb18030"))
    refused = agio("reconcile", "airline", mended)
    assert (refused.exit_code, "--correction" in refused.stderr) == (1, True)
    taken = json.loads(agio("reconcile", "airline", mended, "--correction", "--json").stdout)
    assert (taken["accepted"], taken["replaced"], taken["quarantined_count"], taken["hint"]) == (1, 0, 0, "")
    back = folder / "back.csv"
    back.write_bytes(written([Stated("A-2", "0"), Stated("A-9", "0")]).encode("gb18030"))
    found = json.loads(agio("reconcile", "airline", back, "--correction", "--json").stdout)
    assert (found["accepted"], found["replaced"]) == (1, 1)
    assert [(row["line"], row["value"], row["reason"]) for row in found["quarantined"]] == [
        (3, "A-9", "takes back a line that was never stated, or was taken back before")
    ]


def test_for_people(folder: Path) -> None:
    """A sentence, a table of rows and a table of breaks; a clean file ends with 0."""
    clean = agio("reconcile", "airline", folder / "clean.csv")
    assert (clean.exit_code, clean.stdout.count("Open breaks: 0.")) == (0, 1)
    dry = agio("reconcile", "airline", folder / "broken.csv", "--correction", "--dry-run", "--as", "lin.wei")
    assert dry.exit_code == 1
    assert "is a formula" in dry.stdout
    assert "MISSING_HERE" in dry.stdout


def test_a_refused_file_ends_with_1_and_the_reason(folder: Path) -> None:
    """Programs read the reason's code, people its sentence."""
    cut = agio("reconcile", "airline", folder / "cut.csv", "--json")
    assert (cut.exit_code, json.loads(cut.stdout)["error"]["code"]) == (1, "ControlRowMissing")
    assert "the file is cut off" in agio("reconcile", "airline", folder / "cut.csv").stderr


def test_points_have_their_decimals(folder: Path) -> None:
    """Five beans are 5.00, in the table, in JSON and in the break itself, not 500."""
    beans = STATEMENT_FILE.replace("programs.MILES", "programs.BEANS")
    (folder / "2.toml").write_text(COFFEE + beans)
    assert agio("brand", "apply", folder / "2.toml").exit_code == 0
    (folder / "beans.csv").write_bytes(written([Stated("A-1", "5.00")], total=5).encode("gb18030"))
    found = agio("reconcile", "coffee", folder / "beans.csv", "--json")
    (kept,) = json.loads(found.stdout)["breaks"]
    assert kept["theirs"] == "A-1 5.00"
    shown = json.loads(agio("breaks", "show", kept["id"], "--json").stdout)
    assert [(it["key"], it["amount"]) for it in shown["theirs"]] == [("A-1", "5.00")]
