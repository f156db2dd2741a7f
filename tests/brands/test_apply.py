"""Files are put into force whole or not at all, and the second time changes nothing."""

import asyncio
import json
from collections import Counter
from datetime import UTC, datetime

import pytest

from brands import Applied, apply, apply_all, directory, load_network_files
from core.database import Connection, Database
from tests.brands.samples import CAFE, EXAMPLES, HOTEL, MAKER, bend, put, put_refused, read

TABLES = ("brand", "program", "tier", "rate", "right", "client", "revision")
START = datetime(2026, 1, 15, 4, tzinfo=UTC)


async def everything(superuser: Connection) -> dict[str, list[str]]:
    """Every row of the package and of the ledger's assets and accounts."""
    tables = [*(f"brands_{table}" for table in TABLES), "ledger_asset", "ledger_account"]
    return {
        table: [
            row["row"] for row in await superuser.fetch(f"SELECT to_jsonb(t)::text AS row FROM {table} AS t ORDER BY 1")
        ]
        for table in tables
    }


async def test_the_examples_go_into_force_together(database: Database, superuser: Connection) -> None:
    """Six brands, none of them there before: every table of the files is a change, and every one has its row."""
    configs = load_network_files(sorted(EXAMPLES.glob("*.toml")))
    assert isinstance(configs, list)
    applied = await apply_all(database, configs)
    assert isinstance(applied, Applied)
    assert Counter(change.path.partition(".")[0] for change in applied.changes) == {
        "brands": 17,
        "programs": 6,
        "rights": 7,
        "clients": 8,
    }
    counts = {table: len(rows) for table, rows in (await everything(superuser)).items() if table.startswith("brands")}
    assert counts == {
        "brands_brand": 17,
        "brands_program": 6,
        "brands_tier": 18,
        "brands_rate": 6,
        "brands_right": 7,
        "brands_client": 8,
        "brands_revision": 1,
    }


async def test_the_second_time_changes_nothing(database: Database, superuser: Connection) -> None:
    """The same files again write nothing and say so, in whatever order."""
    await put(database, HOTEL, CAFE)
    before = await everything(superuser)
    assert await put(database, HOTEL, CAFE) == Applied(())
    assert await put(database, CAFE) == Applied(())
    assert await put(database, CAFE, HOTEL) == Applied(())
    assert await everything(superuser) == before


MEMBER_COLUMNS = (("number", "a"), ("tier", "b"), ("balance", "c"), ("enrolled_on", "d"))
CHANGED = [
    (
        'name = "Hotel"',
        'name = "Hôtel"',
        ["brands.hotel.name: Hotel → Hôtel", "brands.hotel.name_zh: Hotel → Hôtel"],
    ),
    ('name_zh = "客栈"', 'name_zh = "小店"', ["brands.inn.name_zh: 客栈 → 小店"]),
    ('kind = "dealer"', 'kind = "store"', ["brands.inn-harbour.kind: dealer → store"]),
    ('parent = "inn"', 'parent = "hotel"', ["brands.inn-harbour.parent: inn → hotel"]),
    ('"1000.00"', '"1000.01"', ["brands.hotel.net_debit_cap: 1000.000000 → 1000.010000"]),
    ('prefund = "50.00"', "", ["brands.hotel.prefund: 50.000000 → 0.000000"]),
    ('kind = "dealer"', 'kind = "dealer"\nclosed = true', ["brands.inn-harbour.closed: false → true"]),
    (
        'name = "Nights"',
        'name = "Stays"',
        ["programs.HOTEL.name: Nights → Stays", "programs.HOTEL.name_zh: Nights → Stays"],
    ),
    ('"0.04"', '"0.03"', ["programs.HOTEL.opening_value: 0.04000 → 0.03000"]),
    (
        '"Fine", level = 3',
        '"Fine", level = 4',
        ["programs.HOTEL.tiers.fine: Fine, Fine, level 3 → Fine, Fine, level 4"],
    ),
    ("months = 24", "months = 12", ["programs.HOTEL.expiry: 24 months, month_end → 12 months, month_end"]),
    ('sell = "0.05"', 'sell = "0.055"', ["programs.HOTEL.rate.sell: 0.05000 → 0.05500"]),
    ('buy = "0.06"', 'buy = "0.07"', ["programs.HOTEL.rate.buy: 0.06000 → 0.07000"]),
    ("fee_bp = 100", "fee_bp = 0", ["programs.HOTEL.rate.fee_bp: 100 → 0"]),
    (
        "fee_bp = 100",
        'fee_bp = 100\nfee_fixed = "0.5"\nswing_pause_bp = 100\ntiers.fine = { fee_bp = 50 }',
        [
            "programs.HOTEL.rate.fee_fixed: 0.000000 → 0.500000",
            "programs.HOTEL.rate.swing_pause_bp: 2000 → 100",
            "programs.HOTEL.rate.tiers.fine: added (50, 0.000000)",
        ],
    ),
    ('min = "10"', 'min = "10.5"', ["programs.HOTEL.limits.min: 10.0 → 10.5"]),
    ('max = "500.5"', 'max = "500"', ["programs.HOTEL.limits.max: 500.5 → 500.0"]),
    ('step = "0.5"', 'step = "0.1"', ["programs.HOTEL.limits.step: 0.5 → 0.1"]),
    ("member_day = 1000", "member_day = 900", ["programs.HOTEL.limits.member_day: 1000.0 → 900.0"]),
    (
        "member_day = 1000",
        "member_day = 1000\nmember_month = 2000\nmember_year = 3000\ncooling_off_hours = 48",
        [
            "programs.HOTEL.limits.member_month: added (2000.0)",
            "programs.HOTEL.limits.member_year: added (3000.0)",
            "programs.HOTEL.limits.cooling_off_hours: 0 → 48",
        ],
    ),
    (
        "[programs.HOTEL.limits]",
        '[programs.HOTEL.issuance]\nday = 100\nyear = "5000.5"\n[programs.HOTEL.limits]',
        ["programs.HOTEL.issuance.day: added (100.0)", "programs.HOTEL.issuance.year: added (5000.5)"],
    ),
    (
        'prefund = "50.00"',
        'prefund = "50.00"\ncap_warnings = [95, 50]\ncap_warning_hours = 6',
        ["brands.hotel.cap_warnings: 80, 95 → 50, 95", "brands.hotel.cap_warning_hours: 24 → 6"],
    ),
    (
        "[programs.HOTEL.limits]",
        (
            "[programs.HOTEL.member_file]\ndelimiter = ';'\ndates = ['iso', 'excel']\n"
            "columns = { number = 'a', tier = 'b', balance = 'c', enrolled_on = 'd' }\n[programs.HOTEL.limits]"
        ),
        [
            *(f"programs.HOTEL.member_file.columns.{name}: added ({cell})" for name, cell in MEMBER_COLUMNS),
            "programs.HOTEL.member_file.encoding: added (utf-8)",
            "programs.HOTEL.member_file.delimiter: added (;)",
            "programs.HOTEL.member_file.decimal_mark: added (.)",
            "programs.HOTEL.member_file.dates: added (iso, excel)",
            "programs.HOTEL.member_file.unionid_provider: added (wechat)",
        ],
    ),
    ('"15.5"', '"16"', ["rights.late.price.HOTEL: 15.5 → 16.0"]),
    ('price = { HOTEL = "15.5" }', "", ["rights.late.price.HOTEL: removed (15.5)"]),
    ('eligibility = { HOTEL = "fine" }', "", ["rights.late.eligibility.HOTEL: removed (fine)"]),
    ('["inn"]', '["inn", "hotel"]', ["rights.late.honoured_by: inn → hotel, inn"]),
    ("hours = 48", "hours = 24", ["rights.late.validity: 48 hours → 24 hours"]),
    (
        "hours = 48",
        'first_day = 2026-01-01, last_day = 2026-01-31, time_zone = "Asia/Tokyo"',
        ["rights.late.validity: 48 hours → 2026-01-01 to 2026-01-31, Asia/Tokyo"],
    ),
    ("stock = 3", "", ["rights.late.stock: 3 → unlimited"]),
    ('settlement_price = "20.00"', "settlement_price = 0", ["rights.late.settlement_price: 20.000000 → 0.000000"]),
    ("stock = 3", "stock = 3\ntransferable = true", ["rights.late.transferable: false → true"]),
    ('name = "Desk"', 'name = "Door"', ["clients.harbour-desk.name: Desk → Door"]),
    ('till = "desk-1"', "", ["clients.harbour-desk.till: desk-1 → none"]),
    ('brand = "inn-harbour"', 'brand = "inn"', ["clients.harbour-desk.brand: inn-harbour → inn"]),
    (', "awards:write"', "", ["clients.hotel-crm.scopes: awards:write, members:read → members:read"]),
    (
        "[programs.HOTEL.expiry]",
        'best = { name = "Best", level = 5 }\n[programs.HOTEL.expiry]',
        [
            "programs.HOTEL.tiers: plain, fine → plain, fine, best",
            "programs.HOTEL.tiers.best: added (Best, Best, level 5)",
        ],
    ),
]
"""The last one cannot be undone."""


async def test_what_changed_is_shown_and_stays_changed(database: Database, subtests: pytest.Subtests) -> None:
    """Exactly the changed keys are named, in the file's own words; afterwards the new file changes nothing."""
    for old, new, changes in CHANGED:
        with subtests.test(old=old, new=new):
            await put(database, HOTEL)
            bent = bend(HOTEL, old, new)
            assert [str(change) for change in (await put(database, bent)).changes] == changes
            assert await put(database, bent) == Applied(())


async def test_a_right_taken_from_the_file_is_withdrawn_and_can_return(database: Database) -> None:
    """It keeps its id, so that grants in being and the books still find it."""
    await put(database, HOTEL)
    async with database.connection() as connection:
        before = (await directory(connection)).right("late")
    start = HOTEL.index("[rights.late]")
    without = HOTEL[:start] + HOTEL[HOTEL.index("[clients.hotel-crm]") :]
    assert [str(change) for change in (await put(database, without)).changes] == [
        "rights.late: removed (Late check-out)"
    ]
    assert before is not None
    async with database.connection() as connection:
        found = await directory(connection)
    assert found.right("late") is None
    assert found.listed_rights() == ()
    assert found.rights[before.id].withdrawn
    assert [str(change) for change in (await put(database, HOTEL)).changes] == ["rights.late: added (Late check-out)"]
    async with database.connection() as connection:
        assert (await directory(connection)).right("late") == before


async def test_every_change_is_recorded(pinned_database: Database, superuser: Connection) -> None:
    """Who asks later finds what changed, from which file, and when."""
    await put(pinned_database, HOTEL)
    await apply(pinned_database, read(bend(HOTEL, "fee_bp = 100", "fee_bp = 90"), "hotel.toml"), actor=MAKER)
    row = await superuser.fetchrow("SELECT * FROM brands_revision ORDER BY number DESC LIMIT 1")
    assert row is not None
    assert (row["source"], row["made_at"]) == ("hotel.toml", START)
    assert json.loads(row["changes"]) == [{"path": "programs.HOTEL.rate.fee_bp", "before": "100", "after": "90"}]


async def test_nothing_is_written_when_one_file_of_several_is_refused(
    database: Database, superuser: Connection
) -> None:
    """All or nothing."""
    before = await everything(superuser)
    await put_refused(database, CAFE, bend(HOTEL, '["inn"]', '["inn", "nobody"]'))
    assert await everything(superuser) == before


async def test_many_at_once_are_one(database: Database, superuser: Connection) -> None:
    """Of processes that start together with the same files, one applies them and the others find them applied."""
    applied = await asyncio.gather(*(put(database, HOTEL, CAFE) for _ in range(4)))
    assert sorted(len(one.changes) for one in applied) == [0, 0, 0, 9]
    assert await superuser.fetchval("SELECT count(*) FROM brands_revision") == 1


async def test_two_different_files_at_once_both_count(database: Database) -> None:
    """Neither undoes the other."""
    await put(database, HOTEL, CAFE)
    await asyncio.gather(
        put(database, bend(HOTEL, 'name = "Nights"', 'name = "Stays"')),
        put(database, bend(CAFE, 'name = "Cups"', 'name = "Mugs"')),
    )
    async with database.connection() as connection:
        found = await directory(connection)
    assert {program.code: program.name for program in found.programs.values()} == {"HOTEL": "Stays", "CAFE": "Mugs"}
