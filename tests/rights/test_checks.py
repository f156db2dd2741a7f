"""The audit finds what was tampered with in the rights pool behind the application's back."""

from datetime import timedelta

import pytest

from core.clock import SettableClock
from core.database import Connection
from ledger import audit
from rights import Claim, Grant, Redeemed, claim, expire_grants
from rights.checks import CHECKS
from tests.network import Network
from tests.rights.conftest import Till


@pytest.fixture
async def made(network: Network, till: Till, clock: SettableClock) -> Grant:
    """A card paid with points, redeemed once elsewhere, a visit paid with other points, and one that ran out."""
    ann = await network.enrol({"BEANS": 500_00, "MILES": 3_000})
    visit = await claim(network.database, Claim(ann.id, "lounge", "visit", "MILES"))
    assert isinstance(visit, Grant)
    clock.set(visit.valid_until)
    assert await expire_grants(network.database) == 1
    card = await claim(network.database, Claim(ann.id, "card", "card", "BEANS"))
    assert isinstance(card, Grant)
    assert isinstance(await claim(network.database, Claim(ann.id, "lounge", "again", "MILES")), Grant)
    assert isinstance(await till.scan(await till.show(ann.id, card), "hotel-lake"), Redeemed)
    clock.advance(timedelta(seconds=30))
    return card


async def test_untouched_books_are_whole(network: Network, made: Grant) -> None:
    """Nothing is found where nothing was done."""
    assert made.uses == 10
    assert (await audit(network.database, checks=CHECKS)).whole


@pytest.mark.parametrize(
    ("tampering", "checks"),
    [
        ("UPDATE rights_grant SET price = price + 1 WHERE idempotency_key = 'card'", "grant-legs"),
        ("UPDATE rights_grant SET uses = uses + 1 WHERE idempotency_key = 'card'", "grant-legs"),
        ("UPDATE rights_grant SET funding_micro = funding_micro + 1 WHERE idempotency_key = 'again'", "grant-legs"),
        ("UPDATE rights_grant SET membership_id = id WHERE idempotency_key = 'card'", "grant-legs right-claimants"),
        ("UPDATE rights_redemption SET settlement_micro = settlement_micro + 1", "redemption-legs"),
        ("UPDATE rights_expiry SET uses = uses + 1", "grant-expiries"),
        ("DELETE FROM rights_redemption", "right-groups"),
        ("DELETE FROM rights_grant WHERE idempotency_key = 'again'", "right-groups"),
    ],
)
async def test_a_changed_row(network: Network, made: Grant, superuser: Connection, tampering: str, checks: str) -> None:
    """Each amount and owner is what the ledger's legs say, and no leg is without its row."""
    assert made.uses == 10
    await superuser.execute(f"SET session_replication_role = replica; {tampering}")
    report = await audit(network.database, checks=CHECKS)
    assert {finding.check for finding in report.findings} == set(checks.split())
    assert report.findings[0].table == "ledger_transfer"


@pytest.mark.parametrize(
    ("tampering", "finding"),
    [
        (
            "UPDATE rights_grant SET granted_at = granted_at - interval '1 hour' WHERE idempotency_key = 'card'",
            ("right-times", "granted_at"),
        ),
        (
            "UPDATE rights_redemption SET redeemed_at = redeemed_at + interval '60s'",
            ("right-times", "redeemed_at"),
        ),
        ("UPDATE rights_expiry SET expired_at = expired_at - interval '1 day'", ("right-times", "expired_at")),
        (
            "UPDATE rights_grant SET claimant_id = gen_random_uuid() WHERE idempotency_key = 'card'",
            ("right-claimants", "claimant_id"),
        ),
    ],
)
async def test_a_changed_time_or_person(
    network: Network, made: Grant, superuser: Connection, tampering: str, finding: tuple[str, str]
) -> None:
    """When something was posted is when it happened, and a right is its card's owner's."""
    assert made.uses == 10
    await superuser.execute(f"SET session_replication_role = replica; {tampering}")
    report = await audit(network.database, checks=CHECKS)
    assert [(it.check, it.column) for it in report.findings] == [finding]


@pytest.mark.parametrize(
    ("tampering", "check", "table"),
    [
        ("UPDATE rights_redemption SET brand_id = gen_random_uuid()", "redemption-legs", "rights_redemption"),
        ("UPDATE rights_redemption SET grant_id = gen_random_uuid()", "redemption-legs", "rights_redemption"),
        (
            "UPDATE rights_grant SET right_id = gen_random_uuid() WHERE idempotency_key = 'again'",
            "grant-legs",
            "rights_grant",
        ),
        (
            "DELETE FROM rights_grant WHERE id IN (SELECT grant_id FROM rights_expiry)",
            "grant-expiries",
            "rights_expiry",
        ),
        (
            "UPDATE rights_grant SET price_program_id = gen_random_uuid() WHERE idempotency_key = 'card'",
            "grant-legs",
            "rights_grant",
        ),
    ],
)
async def test_a_row_that_names_nothing(
    network: Network, made: Grant, superuser: Connection, tampering: str, check: str, table: str
) -> None:
    """A row that names what does not exist is itself named, and the others of its piece are looked at all the same."""
    assert made.uses == 10
    await superuser.execute(f"SET session_replication_role = replica; {tampering}")
    report = await audit(network.database, checks=CHECKS)
    found = [(it.check, it.table) for it in report.findings if it.expected == "what it names to exist"]
    assert (check, table) in found
    key = next(it.key for it in report.findings if (it.check, it.table) == (check, table))
    column = "grant_id" if table == "rights_expiry" else "id"
    assert await superuser.fetchval(f"SELECT count(*) FROM {table} WHERE {column} = $1::uuid", key) == 1


async def test_one_broken_row_hides_no_other(network: Network, made: Grant, superuser: Connection) -> None:
    """Beside the row that names nothing, the one with another price is found as well."""
    await superuser.execute("SET session_replication_role = replica")
    await superuser.execute("UPDATE rights_grant SET right_id = gen_random_uuid() WHERE idempotency_key = 'again'")
    await superuser.execute("UPDATE rights_grant SET price = price + 1 WHERE id = $1", made.id)
    findings = (await audit(network.database, checks=CHECKS)).findings
    assert [(it.table, it.column) for it in findings if it.check == "grant-legs"] == [
        ("ledger_transfer", "amount"),
        ("rights_grant", "*"),
    ]
    assert not [it for it in findings if it.check == "redemption-legs"]


async def test_a_directory_that_cannot_be_read(
    network: Network, made: Grant, superuser: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no row is at fault each check says that it could not look, and the audit goes on."""
    assert made.uses == 10
    monkeypatch.setattr("brands.reading._kept", {})
    await superuser.execute("SET session_replication_role = replica")
    await superuser.execute("UPDATE brands_brand SET parent_id = gen_random_uuid() WHERE code = 'hotel-lake'")
    report = await audit(network.database, checks=CHECKS)
    assert {it.check for it in report.findings} == {"grant-legs", "redemption-legs", "grant-expiries"}
    assert {it.table for it in report.findings if it.check != "grant-expiries"} == {"what it reads,"}
