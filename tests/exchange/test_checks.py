"""The audit finds whatever was tampered with behind the application's back, and names the first wrong row."""

import pytest

from core.database import Connection
from exchange import Award, Burn, Exchange, award, burn
from exchange.checks import CHECKS
from ledger.audit import audit, recomputing
from tests.exchange.conftest import Desk
from tests.network import Network


@pytest.fixture
async def made(network: Network, desk: Desk) -> Exchange:
    """Books with an exchange, an award and a burn, in which nothing is wrong."""
    ann = await network.enrol({"BEANS": 200_00, "HOTEL": 0})
    shop, number = network.brand_id("coffee"), ann.cards["BEANS"].number
    await award(network.database, Award("BEANS", number, 10_00, shop, "till", "1"))
    await burn(network.database, Burn("BEANS", number, 5_00, shop, "till", "2"))
    found = await desk.accept(await desk.quote(ann, 100_50, "BEANS", "HOTEL"))
    await desk.accept(await desk.quote(ann, 50_00, "BEANS", "HOTEL"))
    assert await findings(network) == []
    return found


async def findings(network: Network) -> list[tuple[str, str]]:
    """Check and column of everything that this package's checks find."""
    report = await audit(network.database, checks=CHECKS)
    ours = {check.name for check in CHECKS}
    return [(finding.check, finding.column) for finding in report.findings if finding.check in ours]


AMOUNT = ("movement-transfers", "amount")

TAMPERING = [
    ("UPDATE exchange_exchange SET source_amount = source_amount + 1 WHERE id = $1", ("exchange-legs", "amount")),
    ("UPDATE exchange_exchange SET target_amount = target_amount + 1 WHERE id = $1", ("exchange-legs", "amount")),
    ("UPDATE exchange_exchange SET target_membership_id = id WHERE id = $1", ("exchange-legs", "credit_account_id")),
    ("UPDATE exchange_exchange SET target_expires_at = NULL WHERE id = $1", ("exchange-legs", "lot_expires_at")),
    ("UPDATE exchange_exchange SET accepted_at = now() WHERE id = $1", ("exchange-legs", "recorded_at")),
    ("DELETE FROM exchange_exchange WHERE id = $1", ("exchange-groups", "reference")),
    ("DELETE FROM exchange_history WHERE exchange_id = $1", ("exchange-history", "state")),
    ("UPDATE exchange_exchange SET state = 'REFUNDED' WHERE id = $1", ("exchange-history", "state")),
    ("UPDATE exchange_usage SET total_amount = 1 WHERE $1::uuid IS NOT NULL", ("exchange-usage", "total_amount")),
    ("UPDATE exchange_issuance SET total_amount = 1 WHERE $1::uuid IS NOT NULL", ("exchange-usage", "total_amount")),
    ("DELETE FROM exchange_usage WHERE $1::uuid IS NOT NULL", ("exchange-usage", "total_amount")),
    ("UPDATE exchange_movement SET amount = 1 WHERE kind = 'AWARD' AND $1::uuid IS NOT NULL", AMOUNT),
    ("UPDATE exchange_movement SET amount = 1 WHERE kind = 'BURN' AND $1::uuid IS NOT NULL", AMOUNT),
    ("UPDATE exchange_usage SET day_amount = 1 WHERE $1::uuid IS NOT NULL", ("exchange-periods", "day_amount")),
    (
        "UPDATE exchange_issuance SET year_amount = year_amount + 1 WHERE $1::uuid IS NOT NULL",
        ("exchange-periods", "year_amount"),
    ),
    (
        "UPDATE exchange_quote SET source_amount = 1 WHERE id = (SELECT quote_id FROM exchange_exchange WHERE id = $1)",
        ("exchange-quotes", "source_amount"),
    ),
    (
        "UPDATE exchange_exchange SET member_id = target_membership_id WHERE id = $1",
        ("exchange-quotes", "member_id"),
    ),
    ("DELETE FROM exchange_movement WHERE kind = 'BURN' AND $1::uuid IS NOT NULL", ("movements", "*")),
]


async def test_two_prices_at_once(network: Network, made: Exchange, superuser: Connection) -> None:
    """A version that begins while another one holds is named."""
    await superuser.execute(
        "INSERT INTO brands_rate SELECT (jsonb_populate_record(rate, jsonb_build_object('id', gen_random_uuid(),"
        " 'version', 9, 'valid_to', 'infinity'))).* FROM brands_rate AS rate WHERE id = $1",
        made.source.rate_id,
    )
    assert {check for check, _ in await findings(network)} == {"rate-timelines"}


@pytest.mark.parametrize(("statement", "finding"), TAMPERING)
async def test_a_changed_row(
    network: Network, made: Exchange, superuser: Connection, statement: str, finding: tuple[str, str]
) -> None:
    """One row of ours changed or removed is found by the check it breaks first."""
    await superuser.execute(statement, made.id)
    assert (await findings(network))[0] == finding


@pytest.mark.parametrize(
    ("change", "columns"),
    [
        ("sell_micro = sell_micro - 1", {"value_micro", "fee_micro", "target_amount", "credit_micro"}),
        ("fee_bp = fee_bp + 100", {"fee_micro", "target_amount", "credit_micro"}),
        ("buy_micro = buy_micro + 1", {"target_amount", "credit_micro"}),
        ("program_id = (SELECT id FROM brands_program WHERE code = 'MILES'), version = 9, valid_to = now()", {"*"}),
        ("id = gen_random_uuid()", {"*"}),
    ],
)
async def test_a_rate_rewritten_after_it_was_used(
    network: Network, made: Exchange, superuser: Connection, change: str, columns: set[str]
) -> None:
    """Every exchange names the versions it was made at; what they would make of it now must be what was made of it."""
    changed = made.target if "buy" in change else made.source
    await superuser.execute(f"UPDATE brands_rate SET {change} WHERE id = $1", changed.rate_id)
    found = [finding for finding in await findings(network) if finding[0] != "rate-timelines"]
    assert {check for check, _ in found} == {"exchange-rates"}
    every = {"value_micro", "fee_micro", "target_amount", "credit_micro"}
    assert {column for _, column in found} <= (every if columns == {"*"} else columns)
    assert len(found) >= 2, "both exchanges were made at this rate"


async def test_another_member(network: Network, made: Exchange, superuser: Connection) -> None:
    """An exchange is its card's owner's, with or without its quote; nothing is said when somebody changed since."""
    bob = await network.enrol({"BEANS": 0})
    await superuser.execute("DELETE FROM exchange_quote")
    await superuser.execute("UPDATE exchange_exchange SET member_id = $2 WHERE id = $1", made.id, bob.id)
    assert await findings(network) == [("exchange-members", "member_id")]
    await superuser.execute("UPDATE members_record SET identity_changed_at = now() WHERE id = $1", bob.id)
    assert await findings(network) == []


async def test_a_changed_leg(network: Network, made: Exchange, superuser: Connection) -> None:
    """A leg that was changed, removed or moved to another reference in the ledger is found from both ends."""
    async with superuser.transaction():
        await superuser.execute("SET LOCAL session_replication_role = replica")
        await superuser.execute("UPDATE ledger_transfer SET amount = 1 WHERE code = 14 AND reference = $1", made.id)
        await superuser.execute("DELETE FROM ledger_transfer WHERE code = 15 AND reference = $1", made.id)
        await superuser.execute("UPDATE ledger_transfer SET reference = id WHERE code = 10 AND group_id = $1", made.id)
    assert set(await findings(network)) >= {
        ("exchange-legs", "amount"),
        ("exchange-legs", "*"),
        ("exchange-legs", "reference"),
        ("exchange-groups", "reference"),
    }


@pytest.mark.parametrize(
    ("purpose", "checks"),
    [
        ("exchange_clearing", {"exchange-clearing", "exchange-in-flight", "positions"}),
        ("position", {"positions"}),
        ("issued", {"issued"}),
        ("member", {"issued"}),
    ],
)
@pytest.mark.usefixtures("made")
async def test_a_changed_balance(network: Network, superuser: Connection, purpose: str, checks: set[str]) -> None:
    """An identity that no longer adds up is named."""
    await superuser.execute(
        """
        UPDATE ledger_account SET credits_posted = credits_posted + 1 WHERE id = (
            SELECT id FROM ledger_account WHERE purpose = $1 AND asset IN ('CNY', 'BEANS') ORDER BY id LIMIT 1)
        """,
        purpose,
    )
    assert {check for check, _ in await findings(network)} == checks


async def test_many_exchanges_are_looked_at_in_spans(
    network: Network, desk: Desk, superuser: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each exchange is in one span, the last one too."""
    monkeypatch.setattr(recomputing, "ROWS_PER_SPAN", 2)
    people = await network.enrol_many(5, {"HOTEL": 1_000, "MILES": 0})
    made = [await desk.accept(await desk.quote(person, 1_000)) for person in people]
    assert await findings(network) == []
    for exchange in made:
        await superuser.execute("UPDATE exchange_exchange SET target_expires_at = NULL WHERE id = $1", exchange.id)
    assert await findings(network) == [("exchange-legs", "lot_expires_at")] * 5
