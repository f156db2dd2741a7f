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
    ("tampering", "check"),
    [
        ("UPDATE rights_grant SET price = price + 1 WHERE idempotency_key = 'card'", "grant-legs"),
        ("UPDATE rights_grant SET uses = uses + 1 WHERE idempotency_key = 'card'", "grant-legs"),
        ("UPDATE rights_grant SET funding_micro = funding_micro + 1 WHERE idempotency_key = 'again'", "grant-legs"),
        ("UPDATE rights_grant SET membership_id = id WHERE idempotency_key = 'card'", "grant-legs"),
        ("UPDATE rights_redemption SET settlement_micro = settlement_micro + 1", "redemption-legs"),
        ("UPDATE rights_expiry SET uses = uses + 1", "grant-expiries"),
        ("DELETE FROM rights_redemption", "right-groups"),
        ("DELETE FROM rights_grant WHERE idempotency_key = 'again'", "right-groups"),
    ],
)
async def test_a_changed_row(network: Network, made: Grant, superuser: Connection, tampering: str, check: str) -> None:
    """Each amount and owner is what the ledger's legs say, and no leg is without its row."""
    assert made.uses == 10
    await superuser.execute(f"SET session_replication_role = replica; {tampering}")
    report = await audit(network.database, checks=CHECKS)
    assert {finding.check for finding in report.findings} == {check}
    assert report.findings[0].table == "ledger_transfer"
