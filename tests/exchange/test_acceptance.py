"""One exchange: what moves, what is kept, and that nothing else does."""

from datetime import UTC, datetime, timedelta

from brands import OPERATOR_ID
from brands.accounts import clearing_account, issued_account, operator_position_account, points_account
from core.clock import SettableClock
from core.codes import Code
from core.database import Connection
from exchange import Exchange, State, accept
from exchange.exchange_rows import exchanges_by_id, exchanges_of
from ledger import balances, lots
from tests.exchange.conftest import Desk
from tests.network import NOON, Network

TRANSFERS = """
SELECT code, amount, debit.purpose AS debit, debit.owner AS debit_owner, credit.purpose AS credit,
    credit.owner AS credit_owner, debit.asset AS asset, group_id, reference, group_size
FROM ledger_transfer AS transfer
JOIN ledger_account AS debit ON debit.id = debit_account_id
JOIN ledger_account AS credit ON credit.id = credit_account_id
WHERE code <> 1 ORDER BY sequence
"""


async def test_the_postings(network: Network, desk: Desk, superuser: Connection) -> None:
    """100.50 BEANS into 147 HOTEL: six legs in one linked group, as the table of postings says."""
    ann = await network.enrol({"BEANS": 200_00, "HOTEL": 0})
    found = await accept(network.database, desk.acceptance(await desk.quote(ann, 100_50, "BEANS", "HOTEL")))
    assert isinstance(found, Exchange)
    beans, hotel = network.program("BEANS"), network.program("HOTEL")
    giver, taker = ann.cards["BEANS"].id, ann.cards["HOTEL"].id
    payer, payee = network.brand_id("coffee"), network.brand_id("hotel")
    expected = [
        (Code.EXCHANGE_DEBIT, 100_50, "member", giver, "issued", beans.id, "BEANS"),
        (Code.POSITION_DEBIT, 9_045_000, "position", payer, "exchange_clearing", OPERATOR_ID, "CNY"),
        (Code.EXCHANGE_CREDIT, 147, "issued", hotel.id, "member", taker, "HOTEL"),
        (Code.POSITION_CREDIT, 8_820_000, "exchange_clearing", OPERATOR_ID, "position", payee, "CNY"),
        (Code.FEE, 180_900, "exchange_clearing", OPERATOR_ID, "position", OPERATOR_ID, "CNY"),
        (Code.ROUNDING, 44_100, "exchange_clearing", OPERATOR_ID, "position", OPERATOR_ID, "CNY"),
    ]
    rows = await superuser.fetch(TRANSFERS)
    columns = ("code", "amount", "debit", "debit_owner", "credit", "credit_owner", "asset")
    assert [tuple(row[column] for column in columns) for row in rows] == expected
    assert {(row["group_id"], row["reference"], row["group_size"]) for row in rows} == {(found.id, found.id, 6)}


async def test_the_balances(network: Network, desk: Desk) -> None:
    """3,000 HOTEL become 1,980 MILES; the hotel owes 150.00, the airline is owed 148.50, the operator 1.50."""
    ann, ben = await network.enrol_many(2, {"HOTEL": 5_000, "MILES": 10})
    found = await accept(network.database, desk.acceptance(await desk.quote(ann, 3_000)))
    assert isinstance(found, Exchange)
    assert await network.points(ann) == {"HOTEL": 2_000, "MILES": 1_990}
    assert await network.points(ben) == {"HOTEL": 5_000, "MILES": 10}
    assert await network.positions() == {
        "airline": 148_500_000,
        "coffee": 0,
        "hotel": -150_000_000,
        "hotel-franchise": 0,
    }
    async with network.database.connection() as connection:
        accounts = [
            operator_position_account().id,
            clearing_account().id,
            issued_account(network.program("HOTEL")).id,
            issued_account(network.program("MILES")).id,
        ]
        held = await balances(connection, accounts)
        assert [held[account].net_credit for account in accounts] == [1_500_000, 0, -7_000, -2_000]


async def test_no_leg_of_nothing(network: Network, desk: Desk, superuser: Connection) -> None:
    """3,000 HOTEL are 1,980 MILES without a remainder: there is no rounding leg."""
    ann = await network.enrol({"HOTEL": 3_000, "MILES": 0})
    await desk.accept(await desk.quote(ann, 3_000))
    rows = await superuser.fetch(TRANSFERS)
    assert [(row["code"], row["group_size"]) for row in rows] == [
        (Code.EXCHANGE_DEBIT, 5),
        (Code.POSITION_DEBIT, 5),
        (Code.EXCHANGE_CREDIT, 5),
        (Code.POSITION_CREDIT, 5),
        (Code.FEE, 5),
    ]


async def test_the_lot_received(network: Network, desk: Desk) -> None:
    """It expires by the target's rule, was paid by the source's participant, and cost the target's price."""
    ann = await network.enrol({"HOTEL": 3_000, "MILES": 0})
    found = await desk.accept(await desk.quote(ann, 3_000))
    account = points_account(ann.cards["MILES"].id, network.program("MILES")).id
    async with network.database.connection() as connection:
        (lot,) = (await lots(connection, [account], clock=network.database.clock))[account]
    year_end_2029 = datetime(2029, 12, 31, 16, tzinfo=UTC)
    assert (lot.remaining, lot.expires_at, lot.funder, lot.unit_cost) == (
        1_980,
        year_end_2029,
        network.brand_id("hotel"),
        75_000,
    )
    assert found.target_expires_at == year_end_2029


async def test_points_that_expire_soonest_go_first(network: Network, desk: Desk) -> None:
    """The member keeps the points that live longest."""
    ann = await network.enrol({"HOTEL": 0, "MILES": 0})
    card = ann.cards["HOTEL"].id
    await network.give([(card, "HOTEL", 2_000)], expires_at=NOON + timedelta(days=90))
    await network.give([(card, "HOTEL", 2_000)], expires_at=NOON + timedelta(days=30))
    await desk.accept(await desk.quote(ann, 3_000))
    account = points_account(card, network.program("HOTEL")).id
    async with network.database.connection() as connection:
        left = (await lots(connection, [account], clock=network.database.clock))[account]
    assert [(lot.remaining, lot.expires_at) for lot in left] == [(1_000, NOON + timedelta(days=90))]


async def test_what_is_kept(network: Network, desk: Desk, superuser: Connection) -> None:
    """The exchange is completed, with one line of history, and counts for its day."""
    ann = await network.enrol({"HOTEL": 3_000, "MILES": 0})
    offer = await desk.quote(ann, 3_000)
    found = await desk.accept(offer, "the key")
    recorded_at = await superuser.fetchval("SELECT max(recorded_at) FROM ledger_transfer")
    assert found == Exchange(
        found.id,
        offer.id,
        ann.id,
        "the key",
        offer.source,
        offer.target,
        offer.conversion,
        network.brand_id("hotel"),
        network.brand_id("airline"),
        State.COMPLETED,
        found.target_expires_at,
        recorded_at,
    )
    async with network.database.connection() as connection:
        assert await exchanges_by_id(connection, [found.id]) == {found.id: found}
    history = await superuser.fetch("SELECT exchange_id, sequence, state, recorded_at FROM exchange_history")
    assert [tuple(row) for row in history] == [(found.id, 1, "COMPLETED", recorded_at)]
    day, month = NOON.date(), NOON.date().replace(day=1)
    usage = await superuser.fetch("SELECT * FROM exchange_usage")
    assert [tuple(row) for row in usage] == [
        (offer.source.membership_id, offer.target.program_id, day, 3_000, month, 3_000, month, 3_000, 3_000)
    ]
    issued = await superuser.fetch("SELECT * FROM exchange_issuance")
    assert [tuple(row) for row in issued] == [(offer.target.program_id, day, 1_980, month, 1_980, month, 1_980, 1_980)]


async def test_points_received_can_be_exchanged_on(network: Network, desk: Desk) -> None:
    """There and back again at once: 3,000 HOTEL, 1,980 MILES, 1,950 HOTEL (118.80, less 1.782, at 0.06)."""
    ann = await network.enrol({"HOTEL": 3_000, "MILES": 0})
    await desk.accept(await desk.quote(ann, 3_000))
    back = await desk.accept(await desk.quote(ann, 1_980, "MILES", "HOTEL"))
    assert back.conversion.target == 1_950
    assert await network.points(ann) == {"HOTEL": 1_950, "MILES": 0}


async def test_exchanges_are_listed_by_card(network: Network, desk: Desk, clock: SettableClock) -> None:
    """The latest first, a page at a time; those of other cards are not among them."""
    ann, ben = await network.enrol_many(2, {"HOTEL": 9_000, "MILES": 0})
    made = []
    for person in (ann, ben, ann, ann):
        clock.advance(timedelta(seconds=1))
        made.append(await desk.accept(await desk.quote(person, 1_000)))
    card = ann.cards["HOTEL"].id
    async with network.database.connection() as connection:
        first = await exchanges_of(connection, [card], count=2)
        rest = await exchanges_of(connection, [card], count=2, after_id=first[-1].id)
    assert (first, rest) == ([made[3], made[2]], [made[0]])
