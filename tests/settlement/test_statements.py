"""Statements of real windows: opening + lines = closing, tied to the ledger, the same bytes every time."""

import csv
import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from brands import Applied, BrandConfig, apply_all, parse_network
from brands.accounts import position_account
from core.clock import SettableClock
from core.database import Connection, Database
from core.ids import new_id
from ledger import balance_at
from settlement import Advice, BooksBroken, Format, Replay, Status, Window, advise, replay
from settlement.cash import BankAccount, propose_bank_account
from settlement.files import appearing
from tests.network import AIRLINE, COFFEE, HOTEL, Network, load_network
from tests.settlement.trade import MAKER, approved, claim_lounge, seen, to_advised, to_approved, trade, visit_lounge

ACCOUNTS = ("operator", "hotel", "airline")


async def busy(database: Database) -> Network:
    """A network in which all four programs of a member were used."""
    network = await load_network(database)
    ann = await network.enrol({"HOTEL": 20_000, "MILES": 9_000, "BEANS": 100_00})
    await trade(network, (ann, "HOTEL", "MILES", 3_000), (ann, "MILES", "BEANS", 1_110), (ann, "BEANS", "HOTEL", 5_050))
    await visit_lounge(network, ann, await claim_lounge(network, ann, "MILES"))
    return network


def read_json(advice: Advice, participant: str) -> dict[str, Any]:
    """A participant's JSON statement."""
    (path,) = [f.path for f in advice.files if f.participant == participant and f.format is Format.JSON]
    found: dict[str, Any] = json.loads(path.read_bytes())
    return found


def read_csv(advice: Advice, participant: str) -> list[dict[str, str]]:
    """The rows of a participant's CSV statement."""
    (path,) = [f.path for f in advice.files if f.participant == participant and f.format is Format.CSV]
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


async def test_every_participant_gets_every_form(database: Database, tmp_path: Path) -> None:
    await busy(database)
    advice = await to_advised(database, tmp_path)
    folder = tmp_path / "window-000001"
    participants = ("airline", "coffee", "hotel", "hotel-franchise", "operator")
    expected = {folder / f"{code}.{end}" for code in participants for end in ("csv", "json", "xlsx", "pdf")}
    assert set(folder.iterdir()) == expected
    assert {file.path for file in advice.files} == expected


@pytest.mark.parametrize("participant", ["airline", "coffee", "hotel", "operator"])
async def test_a_statement_ties_to_the_ledger(database: Database, tmp_path: Path, participant: str) -> None:
    """Opening and lines lead to the closing balance, which is the ledger's at the cut-off; so do both sets of sums."""
    network = await busy(database)
    advice = await to_advised(database, tmp_path)
    found, rows = read_json(advice, participant), read_csv(advice, participant)
    lines = found["lines"]
    movement = sum(Decimal(line["credit"]) - Decimal(line["debit"]) for line in lines)
    assert Decimal(found["opening"]) + movement == Decimal(found["closing"])
    assert Decimal(found["settled"]) + Decimal(found["carried"]) == Decimal(found["closing"])
    for sums in (found["by_kind"].values(), found["by_counterparty"].values(), [found["total"]]):
        assert sum(Decimal(it["credits"]) - Decimal(it["debits"]) for it in sums) == movement
        assert sum(it["lines"] for it in sums) == len(lines)
    assert [line["balance"] for line in lines][-1] == found["closing"]
    assert [row["balance"] for row in rows if row["row"] == "closing"] == [found["closing"]]
    assert [row["transfer"] for row in rows if row["row"] == "line"] == [line["transfer"] for line in lines]
    if participant != "operator" and advice.window.cut_off_at:
        account = position_account(network.directory.brands[network.brand_id(participant)])
        async with database.connection() as connection:
            balance = await balance_at(connection, account.id, advice.window.cut_off_at)
        assert Decimal(found["closing"]) == Decimal(balance.net_credit) / 10**6


async def test_a_line_names_what_it_stands_for(database: Database, tmp_path: Path) -> None:
    """With its other end, whatever account the money passed through."""
    await busy(database)
    advice = await to_advised(database, tmp_path)
    lines = read_json(advice, "airline")["lines"]
    assert [(line["kind"], line["counterparty"], line["detail"], line["debit"], line["credit"]) for line in lines] == [
        ("POSITION_CREDIT", "hotel", "HOTEL 3000 for MILES 1980", "0.000000", "148.500000"),
        ("POSITION_DEBIT", "coffee", "MILES 1110 for BEANS 656.01", "66.600000", "0.000000"),
        ("RIGHT_FUNDING", "hotel", "lounge for MILES 1500", "90.000000", "0.000000"),
        ("RIGHT_SETTLEMENT", "hotel", "lounge at airline-lounge", "0.000000", "80.000000"),
    ]
    fees = read_json(advice, "operator")["lines"]
    assert {(line["kind"], line["counterparty"]) for line in fees} == {
        *(("FEE", code) for code in ("hotel", "airline", "coffee")),
        ("ROUNDING", "coffee"),
    }


async def test_written_again_the_bytes_are_the_same(database: Database, tmp_path: Path) -> None:
    """Into the same folder or another one, after more trade, and after the brands have changed their names."""
    network = await busy(database)
    first = await to_advised(database, tmp_path / "one")
    ann = await network.enrol({"HOTEL": 5_000, "MILES": 0})
    await trade(network, (ann, "HOTEL", "MILES", 3_000))
    renamed = [
        parse_network(content.replace('name = "Airline"', 'name = "Air"').encode())
        for content in (HOTEL, AIRLINE, COFFEE)
    ]
    assert isinstance(await apply_all(database, [it for it in renamed if isinstance(it, BrandConfig)]), Applied)
    for folder in (tmp_path / "one", tmp_path / "two"):
        again = await advise(database, first.window.id, MAKER, folder=folder)
        assert isinstance(again, Advice)
        assert again.window.status is Status.ADVISED
        assert [(f.path.name, f.sha256) for f in again.files] == [(f.path.name, f.sha256) for f in first.files]
    pairs = [((tmp_path / "one" / "window-000001" / file.path.name), file.path) for file in first.files]
    assert all(one.read_bytes() == two.read_bytes() for one, two in pairs)


async def test_accounts_and_the_due_day_stay_those_of_the_advice(
    pinned_database: Database, clock: SettableClock, tmp_path: Path
) -> None:
    """An account that is changed the day after is for the next window: this one's statements say the former."""
    await busy(pinned_database)
    former = {code: BankAccount(f"{code} Ltd", f"62220000001{code[0].upper()}", "104100000004") for code in ACCOUNTS}
    await _register(pinned_database, former)
    first = await to_advised(pinned_database, tmp_path / "one")
    clock.set(clock.now() + timedelta(days=3))
    await _register(
        pinned_database, {code: BankAccount("Somebody else", "999999999999", "104100000009") for code in ACCOUNTS}
    )
    again = await advise(pinned_database, first.window.id, MAKER, folder=tmp_path / "two")
    assert isinstance(again, Advice)
    assert [(it.path.name, it.sha256) for it in again.files] == [(it.path.name, it.sha256) for it in first.files]
    assert (await replayed(pinned_database, first.window)).agrees
    found = read_json(again, "airline")
    assert found["due_on"] == "2026-01-16"
    assert found["accounts"] == {
        "participant": {"holder": "airline Ltd", "number": "62220000001A", "bank_code": "104100000004"},
        "clearing_house": {"holder": "operator Ltd", "number": "62220000001O", "bank_code": "104100000004"},
    }
    assert read_json(again, "coffee")["accounts"]["participant"] is None


async def _register(database: Database, accounts: dict[str, BankAccount]) -> None:
    for code, account in accounts.items():
        await approved(database, await propose_bank_account(database, code, account, MAKER, reason="the contract"))


async def replayed(database: Database, window: Window) -> Replay:
    """The window, counted and written again."""
    found = await replay(database, window.id, statements=True)
    assert isinstance(found, Replay)
    return found


async def test_a_record_that_changed_after_the_advice_is_found(
    database: Database, superuser: Connection, tmp_path: Path
) -> None:
    """Another text would come out under the same window: nothing is passed off as the statement that was advised."""
    await busy(database)
    advice = await to_advised(database, tmp_path)
    await superuser.execute("UPDATE exchange_exchange SET source_amount = source_amount + 1")
    with pytest.raises(BooksBroken, match="has changed"):
        await advise(database, advice.window.id, MAKER, folder=tmp_path / "again")


async def test_a_folder_that_cannot_be_written_to(database: Database, tmp_path: Path) -> None:
    """The window stays approved, nothing half-written stays behind, and the step can be taken again."""
    await busy(database)
    window = await to_approved(database)
    (tmp_path / "taken").write_text("a file, not a folder")
    with pytest.raises(OSError, match="taken"):
        await advise(database, window.id, MAKER, folder=tmp_path / "taken")
    assert (await seen(database, window.id)).window.status is Status.APPROVED
    assert isinstance(await advise(database, window.id, MAKER, folder=tmp_path / "free"), Advice)


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "statement.csv"
    path.write_bytes(b"before")
    with pytest.raises(RuntimeError), appearing(path) as file:
        file.write(b"half a ")
        raise RuntimeError
    assert [(found.name, found.read_bytes()) for found in tmp_path.iterdir()] == [("statement.csv", b"before")]
    with appearing(path) as file:
        file.write(b"a whole file")
    assert [(found.name, found.read_bytes()) for found in tmp_path.iterdir()] == [("statement.csv", b"a whole file")]
    assert file.size_bytes == 12


async def test_a_long_statement_is_written_in_batches(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The batch's size makes no difference to the bytes."""
    await busy(database)
    whole = await to_advised(database, tmp_path / "one")
    monkeypatch.setattr("settlement.lines.BATCH", 1)
    again = await advise(database, whole.window.id, MAKER, folder=tmp_path / str(new_id()))
    assert isinstance(again, Advice)
    assert [file.sha256 for file in again.files] == [file.sha256 for file in whole.files]
