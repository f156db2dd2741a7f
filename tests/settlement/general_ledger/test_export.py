"""The journal for a general ledger: accepted by bean-check, tied to the ledger, whatever the stretch."""

import csv
import io
from collections import defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest
from beancount import loader
from beancount.core.data import Balance, Open, Transaction

from core.clock import SettableClock
from core.database import Connection, Database
from core.ids import new_id
from ledger import trial_balance
from ledger.journal import Side
from settlement import BooksBroken
from settlement.general_ledger import Extent, export_journal
from settlement.general_ledger.chart import Chart
from tests.network import Network, load_network
from tests.settlement.trade import claim_lounge, to_netted, trade, visit_lounge

JANUARY = Extent(date(2026, 1, 1), date(2026, 1, 31))
FEBRUARY = Extent(date(2026, 2, 1), date(2026, 2, 28))


async def two_months(database: Database, clock: SettableClock) -> Network:
    """Trade, a lounge visit and a netting in January; more trade in February."""
    network = await load_network(database)
    ann = await network.enrol({"HOTEL": 30_000, "MILES": 9_000, "BEANS": 100_00})
    await trade(network, (ann, "HOTEL", "MILES", 3_000), (ann, "MILES", "BEANS", 1_110))
    await visit_lounge(network, ann, await claim_lounge(network, ann, "MILES"))
    await to_netted(database)
    clock.set(datetime(2026, 2, 5, tzinfo=UTC))
    await trade(network, (ann, "HOTEL", "MILES", 2_000), (ann, "HOTEL", "MILES", 2_000))
    return network


async def exported(database: Database, form: str, extent: Extent) -> tuple[int, bytes]:
    """How many entries, and the file."""
    file = io.BytesIO()
    done = await export_journal(database, cast("BinaryIO", file), form, extent)
    return done.entries, file.getvalue()


def checked(content: bytes, folder: Path) -> list[Any]:
    """What bean-check reads; it must find nothing wrong."""
    path = folder / f"{new_id()}.beancount"
    path.write_bytes(content)
    entries, errors, _ = loader.load_file(str(path))
    assert errors == []
    return entries


@pytest.mark.parametrize("by_day", [False, True])
async def test_bean_check_accepts_the_journal(
    pinned_database: Database, clock: SettableClock, tmp_path: Path, *, by_day: bool
) -> None:
    """Each month by itself, and all of it; the assertions at the end are the ledger's own balances."""
    await two_months(pinned_database, clock)
    for extent in (Extent(by_day=by_day), Extent(JANUARY.first_day, JANUARY.last_day, by_day=by_day), FEBRUARY):
        count, content = await exported(pinned_database, "beancount", extent)
        entries = checked(content, tmp_path)
        opening = [it for it in entries if isinstance(it, Transaction) and it.narration == "opening balances"]
        assert len([it for it in entries if isinstance(it, Transaction)]) == count + len(opening)
        opened = {it.account for it in entries if isinstance(it, Open)}
        assert {it.account for it in entries if isinstance(it, Balance)} == opened


async def test_totals_tie_to_the_trial_balance(pinned_database: Database, clock: SettableClock, tmp_path: Path) -> None:
    """For each asset and purpose, what bean-check asserts is what the ledger's trial balance says."""
    await two_months(pinned_database, clock)
    _, content = await exported(pinned_database, "beancount", Extent())
    found: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for entry in checked(content, tmp_path):
        if isinstance(entry, Balance):
            _, asset, purpose, *_ = entry.account.split(":")
            found[asset.lower(), purpose.lower()] -= entry.amount.number or 0
    async with pinned_database.connection() as connection:
        decimals = {row["code"]: row["scale"] for row in await connection.fetch("SELECT code, scale FROM ledger_asset")}
        lines = await trial_balance(connection, clock.now())
    expected: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for line in lines:
        name = "".join(word.capitalize() for word in line.asset.replace(":", " ").replace("-", "- ").split())
        key = (name.lower(), line.purpose.replace("_", "").lower())
        expected[key] += Decimal(line.net_credit).scaleb(-decimals[line.asset])
    assert {key: it for key, it in found.items() if it} == {key: it for key, it in expected.items() if it}


async def test_the_table_says_the_same(pinned_database: Database, clock: SettableClock) -> None:
    """Opening + entries = closing for each account, by the table alone; months join."""
    await two_months(pinned_database, clock)
    closings, rows = [], list[dict[str, str]]()
    for extent in (JANUARY, FEBRUARY):
        count, content = await exported(pinned_database, "csv", extent)
        rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
        held = {kind: balances(rows, kind) for kind in ("opening", "entry", "closing")}
        assert len([row for row in rows if row["row"] == "entry"]) == count
        for account in held["closing"]:
            both = held["opening"].get(account, Decimal(0)) + held["entry"].get(account, Decimal(0))
            assert both == held["closing"][account], account
        closings.append(held)
    nothing = {account: it for account, it in closings[0]["closing"].items() if it}
    assert {account: it for account, it in closings[1]["opening"].items() if it} == nothing
    assert all(row["transfer"] and row["recorded_at"] for row in rows if row["row"] == "entry")


def balances(rows: list[dict[str, str]], kind: str) -> dict[str, Decimal]:
    """What rows of one kind come to, debits positive."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        if row["row"] == kind:
            if row["debit"]:
                found[row["debit"]] += Decimal(row["amount"])
            if row["credit"]:
                found[row["credit"]] -= Decimal(row["amount"])
    return found


async def test_members_are_not_named(pinned_database: Database, clock: SettableClock) -> None:
    """One account for all members of a program, and none of their cards' ids anywhere."""
    await two_months(pinned_database, clock)
    _, content = await exported(pinned_database, "csv", Extent())
    async with pinned_database.connection() as connection:
        owners = await connection.fetch("SELECT owner FROM ledger_account WHERE purpose = 'member'")
    assert b"Liabilities:HOTEL:Member\r\n" in content
    assert not [row["owner"] for row in owners if str(row["owner"]).encode() in content]


async def test_a_journal_that_does_not_tie_is_not_written(
    pinned_database: Database, clock: SettableClock, superuser: Connection
) -> None:
    await two_months(pinned_database, clock)
    await superuser.execute("ALTER TABLE ledger_balance DISABLE TRIGGER USER")
    await superuser.execute(
        "UPDATE ledger_balance SET credits_posted = credits_posted + 1 WHERE account_id = "
        "(SELECT id FROM ledger_account WHERE asset = 'HOTEL' AND purpose = 'issued')"
    )
    with pytest.raises(BooksBroken, match="Equity:HOTEL:Issued:HOTEL: the journal leads it to"):
        await exported(pinned_database, "csv", Extent())


async def test_the_same_books_give_the_same_bytes(pinned_database: Database, clock: SettableClock) -> None:
    await two_months(pinned_database, clock)
    for form in ("csv", "beancount"):
        assert await exported(pinned_database, form, JANUARY) == await exported(pinned_database, form, JANUARY)


def test_names_are_what_beancount_takes_and_never_shared() -> None:
    one, two = new_id(), new_id()
    chart = Chart({one: "hotel-lake", two: "hotel lake"})
    names = [chart.account(Side("right:spa", "position:weekly", owner)) for owner in (one, two, None)]
    assert names[0] == "Liabilities:RightSpa:PositionWeekly:Hotel-lake"
    assert names[1] == "Liabilities:RightSpa:PositionWeekly:HotelLake"
    same = Chart({one: "a.b", two: "a_b"})
    first, second = (same.account(Side("CNY", "due", owner)) for owner in (one, two))
    assert first == "Assets:CNY:Due:AB"
    assert second.startswith("Assets:CNY:Due:AB-")
    assert chart.commodity("CNY") == "CNY"
    assert chart.commodity("right:lounge") == "RIGHT.LOUNGE"
    long = {chart.commodity(f"right:{'x' * 40}{number}") for number in range(3)}
    assert len(long) == 3
    assert all(len(name) <= 24 for name in long)
