"""The audit finds what was tampered with in the configuration and in its prices."""

import pytest

from brands.checks import CHECKS
from brands.pricing import PriceChange, Proposal, approve, submit
from brands.rate import Terms
from core.database import Connection, Database
from core.persons import Actor
from ledger import audit
from tests.brands.samples import CAFE, HOTEL, put


@pytest.fixture
async def priced(database: Database) -> Database:
    """Two brands, and a price that two persons agreed on."""
    await put(database, HOTEL, CAFE)
    submitted = await submit(database, PriceChange("HOTEL", None, Terms(5_100, 6_000, 100)), Actor("lin.wei"))
    assert isinstance(submitted, Proposal)
    digest = submitted.digest
    assert isinstance(
        await approve(database, submitted.number, Actor("chen.yu"), digest=digest, reason="agreed"), Proposal
    )
    assert await findings(database) == []
    return database


async def findings(database: Database) -> list[tuple[str, str, str]]:
    """Check, table and column of everything that is found."""
    report = await audit(database, checks=CHECKS)
    return [(it.check, it.table, it.column) for it in report.findings]


LATEST = "WHERE version = 2"
TAMPERING = (
    (f"UPDATE brands_rate SET sell_micro = 1 {LATEST}", ("approved-prices", "brands_rate", "sell_micro")),
    (f"UPDATE brands_rate SET fee_bp = 1 {LATEST}", ("approved-prices", "brands_rate", "fee_bp")),
    (f"UPDATE brands_rate SET approved_by = 'eve' {LATEST}", ("approved-prices", "brands_rate", "approved_by")),
    (f"UPDATE brands_rate SET id = gen_random_uuid() {LATEST}", ("approved-prices", "brands_rate", "*")),
    (
        "UPDATE brands_rate_proposal SET terms = jsonb_set(terms, '{fee_bp}', '1')",
        ("approved-prices", "brands_rate_proposal", "digest"),
    ),
    ("DELETE FROM brands_rate_proposal", ("prices-decided", "brands_rate", "approved_by")),
    ("UPDATE brands_program SET scale = 0 WHERE code = 'HOTEL'", ("program-assets", "brands_program", "scale")),
    ("UPDATE brands_program SET brand_id = id WHERE code = 'HOTEL'", ("configuration", "brands_program", "brand_id")),
    ("UPDATE brands_right SET issuer_id = id", ("configuration", "brands_right", "issuer_id")),
)


async def test_changed_rows(priced: Database, superuser: Connection) -> None:
    """Each is named; put back, nothing is found."""
    await superuser.execute("SET session_replication_role = replica")
    for tampering, finding in TAMPERING:
        table = finding[1] if "proposal" not in tampering else "brands_rate_proposal"
        await superuser.execute(f"CREATE TEMP TABLE kept AS TABLE {table}")
        await superuser.execute(tampering)
        assert (await findings(priced))[0] == finding
        await superuser.execute(f"DELETE FROM {table}")
        await superuser.execute(f"INSERT INTO {table} OVERRIDING SYSTEM VALUE TABLE kept; DROP TABLE kept")
    assert await findings(priced) == []
