"""Every limit: exact, counted in its program's own time zone, and a refusal says what is left and when that changes."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from brands import BrandConfig, apply_all, parse_network
from core.clock import SettableClock
from core.database import Connection, Database
from core.ids import new_id
from core.persons import Actor
from core.refusals import NetDebitCapReached
from exchange import (
    CoolingOff,
    Exchange,
    IssuanceBudgetReached,
    LimitReached,
    Offers,
    Period,
    Quote,
    QuoteRefusal,
    QuoteRequest,
    Return,
    accept,
    give_back_usage,
    quote,
    quotes,
)
from exchange.checks import CHECKS
from ledger.audit import audit
from tests.exchange.conftest import Desk
from tests.network import AIRLINE, COFFEE, HOTEL, NOON, Network, load_network

SHANGHAI = ZoneInfo("Asia/Shanghai")
LIMITED = HOTEL.replace(
    "member_day = 300000 }",
    "member_day = 300000, member_month = 310000, member_year = 320000, cooling_off_hours = 48,"
    " pairs.BEANS = { day = 2000, month = 3000 } }\nissuance = { day = 10000 }",
)
TIGHT = AIRLINE.replace(
    "member_day = 150000 }", "member_day = 150000 }\nissuance = { day = 1000, month = 1500, year = 1600 }"
)


@pytest.fixture
async def network(pinned_database: Database) -> Network:
    """The small network with every kind of limit."""
    return await load_network(pinned_database, (LIMITED, TIGHT, COFFEE))


async def refused(network: Network, desk: Desk, person: object, amount: int, target: str = "MILES") -> QuoteRefusal:
    found = await quote(network.database, QuoteRequest(person.id, "HOTEL", target, amount))  # type: ignore[attr-defined]
    assert not isinstance(found, Quote), found
    del desk
    return found


def shanghai(*day: int) -> datetime:
    return datetime(*day, tzinfo=SHANGHAI)  # type: ignore[misc, arg-type]


async def use(network: Network, superuser: Connection, person: object, source: str, target: str, amount: int) -> None:
    """Count an amount as exchanged today, without exchanging it."""
    await superuser.execute(
        "INSERT INTO exchange_usage VALUES ($1, $2, $3, $6, $4, $6, $5, $6, $6)",
        person.cards[source].id,  # type: ignore[attr-defined]
        network.program(target).id,
        NOON.date(),
        NOON.date().replace(day=1),
        NOON.date().replace(day=1, month=1),
        amount,
    )


async def test_a_day_a_month_and_a_year(
    network: Network, desk: Desk, clock: SettableClock, superuser: Connection
) -> None:
    """Each is reached in turn; the refusal names the period, what is left of it, and the midnight that ends it."""
    ann = await network.enrol({"HOTEL": 400_000, "MILES": 0})
    await use(network, superuser, ann, "HOTEL", "BEANS", 299_000)
    assert await refused(network, desk, ann, 1_100) == LimitReached(Period.DAY, 1_000, shanghai(2026, 1, 16))
    clock.advance(timedelta(days=1))
    assert await refused(network, desk, ann, 11_100) == LimitReached(Period.MONTH, 11_000, shanghai(2026, 2, 1))
    clock.advance(timedelta(days=30))
    assert await refused(network, desk, ann, 21_100) == LimitReached(Period.YEAR, 21_000, shanghai(2027, 1, 1))
    clock.advance(timedelta(days=360))
    assert isinstance(await quote(network.database, QuoteRequest(ann.id, "HOTEL", "MILES", 1_500)), Quote)


async def test_a_pair_has_its_own(network: Network, desk: Desk, clock: SettableClock) -> None:
    """Into BEANS 2,000 a day and 3,000 a month; it hides nothing else, and an older quote cannot go beyond it."""
    ann = await network.enrol({"HOTEL": 9_000, "MILES": 0, "BEANS": 0})
    older = await desk.quote(ann, 1_500, target="BEANS")
    await desk.accept(await desk.quote(ann, 1_000, target="BEANS"))
    refusal = LimitReached(Period.DAY, 1_000, shanghai(2026, 1, 16), "BEANS")
    assert await accept(network.database, desk.acceptance(older)) == refusal
    found = await quotes(network.database, ann.id, "HOTEL", 1_500)
    assert isinstance(found, Offers)
    assert [(it.program, it.refusal) for it in found.unavailable] == [("BEANS", refusal)]
    assert len(found.quotes) == 1
    clock.advance(timedelta(days=1))
    await desk.accept(await desk.quote(ann, 1_500, target="BEANS"))
    assert await refused(network, desk, ann, 1_000, "BEANS") == LimitReached(
        Period.DAY, 500, shanghai(2026, 1, 17), "BEANS"
    )
    clock.advance(timedelta(days=1))
    assert await refused(network, desk, ann, 1_000, "BEANS") == LimitReached(
        Period.MONTH, 500, shanghai(2026, 2, 1), "BEANS"
    )


async def test_what_a_program_may_issue(network: Network, desk: Desk, clock: SettableClock) -> None:
    """1,000 MILES a day to all members together, 1,500 a month; what is left is said in MILES."""
    ann, ben = await network.enrol_many(2, {"HOTEL": 9_000, "MILES": 0})
    older = await desk.quote(ben, 1_000)
    await desk.accept(await desk.quote(ann, 1_000))
    refusal = IssuanceBudgetReached("MILES", Period.DAY, 340, 0, shanghai(2026, 1, 16))
    assert await refused(network, desk, ben, 1_000) == refusal
    assert await accept(network.database, desk.acceptance(older)) == refusal
    clock.advance(timedelta(days=1))
    await desk.accept(await desk.quote(ben, 1_000))
    clock.advance(timedelta(days=1))
    assert await refused(network, desk, ben, 1_000) == IssuanceBudgetReached(
        "MILES", Period.MONTH, 180, 0, shanghai(2026, 2, 1)
    )
    clock.advance(timedelta(days=20))
    assert await refused(network, desk, ben, 1_000) == IssuanceBudgetReached(
        "MILES", Period.YEAR, 280, 0, shanghai(2027, 1, 1)
    )


async def test_after_a_change_of_identity(
    network: Network, desk: Desk, clock: SettableClock, superuser: Connection
) -> None:
    """48 hours to the microsecond, also for a quote given before; whoever never changed is not concerned."""
    ann, ben = await network.enrol_many(2, {"HOTEL": 9_000, "MILES": 0})
    older = await desk.quote(ann, 1_000)
    await superuser.execute(
        "UPDATE members_record SET identity_changed_at = $2 WHERE id = $1", ann.cards["MILES"].id, NOON
    )
    until = NOON + timedelta(hours=48)
    assert await accept(network.database, desk.acceptance(older)) == CoolingOff("HOTEL", until)
    assert await refused(network, desk, ann, 1_000) == CoolingOff("HOTEL", until)
    await desk.quote(ben, 1_000)
    clock.set(until - timedelta(microseconds=1))
    assert await refused(network, desk, ann, 1_000) == CoolingOff("HOTEL", until)
    clock.set(until)
    await desk.quote(ann, 1_000)


async def test_a_brand_at_its_cap_is_no_offer(network: Network, desk: Desk, superuser: Connection) -> None:
    """What the ledger would refuse is not offered."""
    ann = await network.enrol({"HOTEL": 9_000, "MILES": 0})
    await superuser.execute(
        "UPDATE ledger_account SET credit_line = 60000000 WHERE purpose = 'position' AND owner = $1",
        network.brand_id("hotel"),
    )
    assert await refused(network, desk, ann, 1_300) == NetDebitCapReached(
        network.brand_id("hotel"), 65_000_000, 60_000_000
    )
    await desk.quote(ann, 1_200)


async def test_limits_belong_to_the_member_not_to_the_card(network: Network, desk: Desk, superuser: Connection) -> None:
    """Of somebody with two cards of one program both count, whichever gives."""
    ann, ben = await network.enrol_many(2, {"HOTEL": 9_000, "MILES": 0, "BEANS": 0})
    first, second = sorted((ann, ben), key=lambda person: person.id)
    await superuser.execute("UPDATE members_record SET member_id = $1 WHERE member_id = $2", first.id, second.id)
    await desk.accept(await desk.quote(first, 2_000, target="BEANS"))
    await network.give([(second.cards["HOTEL"].id, "HOTEL", 5_000)])
    found = await quote(network.database, QuoteRequest(first.id, "HOTEL", "BEANS", 1_000))
    assert found == LimitReached(Period.DAY, 0, shanghai(2026, 1, 16), "BEANS")


async def test_given_back_it_no_longer_counts(
    network: Network, desk: Desk, clock: SettableClock, superuser: Connection
) -> None:
    """Once for each return, in the periods in which it did; a return from yesterday frees nothing today."""
    ann = await network.enrol({"HOTEL": 9_000, "MILES": 0, "BEANS": 0})
    yesterday = await desk.accept(await desk.quote(ann, 1_000))
    clock.advance(timedelta(days=1))
    today = await desk.accept(await desk.quote(ann, 1_200))
    half, rest = Return(new_id(), today.id, 1_000, 660), Return(new_id(), yesterday.id, 1_000, 660)
    for returns in ([half], [half, rest], [rest]):
        async with network.database.transaction() as connection:
            await give_back_usage(connection, returns, clock.now())
    row = await superuser.fetchrow("SELECT day_amount, month_amount, year_amount, total_amount FROM exchange_usage")
    issued = await superuser.fetchrow(
        "SELECT day_amount, month_amount, year_amount, total_amount FROM exchange_issuance"
    )
    assert (tuple(row or ()), tuple(issued or ())) == ((200, 200, 200, 200), (132, 132, 132, 132))
    assert not [found for found in (await audit(network.database, checks=CHECKS)).findings if "usage" in found.check]


async def test_a_limit_that_is_set_later_counts_what_was_before(network: Network, desk: Desk) -> None:
    """All periods of all programs are counted, whether limited or not."""
    ann = await network.enrol({"HOTEL": 0, "MILES": 9_000, "BEANS": 0})
    await desk.accept(await desk.quote(ann, 1_000, "MILES", "HOTEL"))
    later = TIGHT.replace("member_day = 150000 }", "member_day = 150000, pairs.HOTEL = { month = 1500 } }")
    config = parse_network(later.encode())
    assert isinstance(config, BrandConfig)
    await apply_all(network.database, [config], actor=Actor("lin.wei"))
    found = await quote(network.database, QuoteRequest(ann.id, "MILES", "HOTEL", 600))
    assert found == LimitReached(Period.MONTH, 500, shanghai(2026, 2, 1), "HOTEL")


@pytest.mark.parametrize(
    ("zone", "now", "day_ends", "month_ends"),
    [
        ("America/New_York", datetime(2026, 3, 8, 6, 59, tzinfo=UTC), (2026, 3, 9), (2026, 4, 1)),
        ("America/New_York", datetime(2026, 11, 1, 5, 30, tzinfo=UTC), (2026, 11, 2), (2026, 12, 1)),
        ("Pacific/Kiritimati", datetime(2026, 12, 31, 9, 59, tzinfo=UTC), (2027, 1, 1), (2027, 1, 1)),
        ("Pacific/Kiritimati", datetime(2026, 12, 31, 10, 0, tzinfo=UTC), (2027, 1, 2), (2027, 2, 1)),
        ("Asia/Kathmandu", datetime(2028, 2, 28, 18, 15, tzinfo=UTC), (2028, 3, 1), (2028, 3, 1)),
    ],
)
async def test_periods_end_where_the_program_is(
    pinned_database: Database,
    clock: SettableClock,
    zone: str,
    now: datetime,
    day_ends: tuple[int, ...],
    month_ends: tuple[int, ...],
) -> None:
    """Days of 23 and 25 hours, the ends of months and years, and offsets that are no whole hours."""
    clock.set(now)
    file = (
        HOTEL.replace("Asia/Shanghai", zone)
        .replace("max = 200000", "max = 2000")
        .replace("member_day = 300000", "member_day = 2000, member_month = 3000")
    )
    network = await load_network(pinned_database, (file, AIRLINE, COFFEE))
    desk, ann = Desk(network), await network.enrol({"HOTEL": 9_000, "MILES": 0})
    midnight = datetime(*day_ends, tzinfo=ZoneInfo(zone))  # type: ignore[misc, arg-type]
    await desk.accept(await desk.quote(ann, 2_000))
    assert await refused(network, desk, ann, 1_000) == LimitReached(Period.DAY, 0, midnight)
    clock.set(midnight - timedelta(microseconds=1))
    assert await refused(network, desk, ann, 1_000) == LimitReached(Period.DAY, 0, midnight)
    clock.set(midnight)
    offer = await quote(network.database, QuoteRequest(ann.id, "HOTEL", "MILES", 1_100))
    if day_ends == month_ends:
        assert isinstance(offer, Quote)
    else:
        month = datetime(*month_ends, tzinfo=ZoneInfo(zone))  # type: ignore[misc, arg-type]
        assert offer == LimitReached(Period.MONTH, 1_000, month)
    found = await accept(network.database, desk.acceptance(await desk.quote(ann, 1_000)))
    assert isinstance(found, Exchange)
