"""Limits under many at once, and against a model of a few lines under random sequences."""

import asyncio
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from zoneinfo import ZoneInfo

import pytest

from core.clock import SettableClock
from core.coalesce import Coalescer
from core.database import Database
from core.ids import new_id
from exchange import (
    Exchange,
    IssuanceBudgetReached,
    LimitReached,
    Period,
    Quote,
    QuoteRequest,
    Return,
    accept,
    accept_many,
    give_back_usage,
    quote_many,
)
from exchange.checks import CHECKS
from exchange.offers import Side
from exchange.rates import Terms, convert
from ledger.audit import audit
from tests.exchange.conftest import Desk
from tests.network import AIRLINE, COFFEE, HOTEL, Network, Person, load_network

ZONE = ZoneInfo("America/New_York")


async def offered(network: Network, requests: list[QuoteRequest]) -> list[Quote]:
    found = await quote_many(network.database, requests)
    assert all(isinstance(each, Quote) for each in found), found
    return [each for each in found if isinstance(each, Quote)]


@pytest.mark.parametrize("coalesced", [False, True])
async def test_five_hundred_at_the_limit(database: Database, database_url: str, *, coalesced: bool) -> None:
    """A budget for 40 exchanges and 500 members, over two processes' pools: exactly 40 pass, and 460 hear why not."""
    budget = AIRLINE.replace("member_day = 150000 }", "member_day = 150000 }\nissuance = { day = 26400 }")
    network = await load_network(database, (HOTEL, budget, COFFEE))
    people = await network.enrol_many(500 if coalesced else 60, {"HOTEL": 1_000, "MILES": 0})
    offers = await offered(network, [QuoteRequest(person.id, "HOTEL", "MILES", 1_000) for person in people])
    elsewhere = await Database.connect(database_url, pool_size_max=8)
    desk = Desk(network)
    doors = [
        Coalescer(partial(accept_many, each), batch_max=64, in_flight_max=2) if coalesced else partial(accept, each)
        for each in (database, elsewhere)
    ]
    found = await asyncio.gather(*(doors[at % 2](desk.acceptance(offer)) for at, offer in enumerate(offers)))
    await elsewhere.close()
    refusals = [each for each in found if isinstance(each, IssuanceBudgetReached)]
    assert (sum(isinstance(each, Exchange) for each in found), len(refusals)) == (40, len(people) - 40)
    assert {(each.program, each.period, each.left) for each in refusals} == {("MILES", Period.DAY, 0)}
    assert not [each for each in (await audit(database, checks=CHECKS)).findings if each.check == "exchange-usage"]


class Model:
    """What every limit allows, summed anew each time from all that happened."""

    def __init__(self) -> None:
        self.made: list[tuple[Exchange, datetime]] = []
        self.back: defaultdict[object, Counter[str]] = defaultdict(Counter)

    def used(
        self, period: Period, now: datetime, *, source: str, owner: object = None, target: str | None = None
    ) -> int:
        """Minor units in the period of `now`; of an owner's source, or (without owner) of the target."""
        total = 0
        for made, at in self.made:
            names = self.names[made.source.program_id], self.names[made.target.program_id]
            if owner is None:
                counts = names[1] == target
                amount = made.conversion.target - self.back[made.id]["target"]
            else:
                counts = made.member_id == owner and names[0] == source and target in {None, names[1]}
                amount = made.conversion.source - self.back[made.id]["source"]
            zone = ZONE if owner is not None else ZoneInfo("Asia/Shanghai")
            total += amount if counts and same(period, at.astimezone(zone), now.astimezone(zone)) else 0
        return total

    names: dict[object, str]


def same(period: Period, one: datetime, other: datetime) -> bool:
    width = {Period.DAY: 3, Period.MONTH: 2, Period.YEAR: 1}[period]
    return one.timetuple()[:width] == other.timetuple()[:width]


FILE = HOTEL.replace("Asia/Shanghai", "America/New_York").replace(
    "min = 1000, max = 200000, step = 100, member_day = 300000 }",
    "min = 100, max = 1000, step = 100, member_day = 2000, member_month = 3000, member_year = 6000,"
    " pairs.BEANS = { day = 900, year = 1500 } }",
)
BUDGET = AIRLINE.replace("member_day = 150000 }", "member_day = 150000 }\nissuance = { day = 1500, month = 2000 }")
MEMBER = {Period.DAY: 2_000, Period.MONTH: 3_000, Period.YEAR: 6_000}
PAIR = {Period.DAY: 900, Period.YEAR: 1_500}
ISSUED = {Period.DAY: 1_500, Period.MONTH: 2_000}


def expected(model: Model, offer: Quote, now: datetime) -> tuple[object, ...] | None:
    """The first limit that the offer goes beyond, as the refusal says it."""
    owner, target = offer.member_id, model.names[offer.target.program_id]
    given, received = offer.conversion.source, offer.conversion.target
    for period, most in MEMBER.items():
        left = most - model.used(period, now, source="HOTEL", owner=owner)
        if given > left:
            return LimitReached, period, max(left, 0), None
    for period, most in PAIR.items() if target == "BEANS" else ():
        left = most - model.used(period, now, source="HOTEL", owner=owner, target="BEANS")
        if given > left:
            return LimitReached, period, max(left, 0), "BEANS"
    for period, most in ISSUED.items() if target == "MILES" else ():
        left = most - model.used(period, now, source="", target="MILES")
        if received > left:
            return IssuanceBudgetReached, period, max(left, 0), "MILES"
    return None


def told(refusal: object) -> tuple[object, ...]:
    match refusal:
        case LimitReached(period, left, _, target):
            return LimitReached, period, left, target
        case IssuanceBudgetReached(program, period, left):
            return IssuanceBudgetReached, period, left, program
        case _:
            raise AssertionError(refusal)


EDGES = [
    datetime(2026, 1, 31, 23, 58, tzinfo=ZONE),
    datetime(2026, 3, 8, 1, 58, tzinfo=ZONE),
    datetime(2026, 3, 8, 23, 59, tzinfo=ZONE),
    datetime(2026, 10, 31, 15, 59, tzinfo=ZONE),
    datetime(2026, 11, 1, 1, 59, tzinfo=ZONE),
    datetime(2026, 12, 31, 23, 59, tzinfo=ZONE),
]
"""Midnights of both zones, ends of months and of a year, and both changes of the clock."""


@pytest.mark.parametrize("seed", range(2))
async def test_against_a_model(pinned_database: Database, clock: SettableClock, seed: int) -> None:
    """Whatever comes in whatever order at the edges of days, months and years, also some of it taken back."""
    random = Random(seed)  # noqa: S311 - a test's choices
    network = await load_network(pinned_database, (FILE, BUDGET, COFFEE))
    people = await network.enrol_many(2, {"HOTEL": 90_000, "MILES": 0, "BEANS": 0})
    model = Model()
    model.names = {program.id: program.code for program in network.directory.programs.values()}
    desk, verdicts = Desk(network), Counter[object]()
    for edge in EDGES:
        clock.set(edge.astimezone(UTC))
        for _ in range(12):
            clock.advance(timedelta(seconds=random.choice([1, 20, 40])))
            if random.random() < 0.15 and model.made:
                await take_back(network, model, random, clock)
            verdicts[await attempt(network, model, desk, random.choice(people), random, clock)] += 1
    assert verdicts[Exchange] > 15
    assert len(verdicts) >= 4
    assert not [
        each for each in (await audit(pinned_database, checks=CHECKS)).findings if each.check == "exchange-usage"
    ]


async def attempt(
    network: Network, model: Model, desk: Desk, person: Person, random: Random, clock: SettableClock
) -> object:
    """One exchange that the model and the real thing judge alike, when quoted and when accepted."""
    amount, target = random.choice([100, 300, 500, 900, 1_000]), random.choice(["MILES", "BEANS"])
    (found,) = await quote_many(network.database, [QuoteRequest(person.id, "HOTEL", target, amount)])
    if not isinstance(found, Quote):
        assert told(found) == hypothetical(network, model, person, amount, target, clock.now())
        return told(found)[:2]
    assert expected(model, found, clock.now()) is None
    clock.advance(timedelta(seconds=random.choice([0, 0, 30, 90])))
    wanted = expected(model, found, clock.now())
    made = await accept(network.database, desk.acceptance(found))
    if isinstance(made, Exchange):
        assert (wanted, made.conversion) == (None, found.conversion)
        model.made.append((made, clock.now()))
        return Exchange
    assert told(made) == wanted
    return told(made)[:2]


def hypothetical(
    network: Network, model: Model, person: Person, amount: int, target: str, now: datetime
) -> tuple[object, ...] | None:
    """The model's verdict on what was not even offered."""
    prices = {"MILES": Terms(50_000, 100, 75_000), "BEANS": Terms(50_000, 100, 1_000)}
    source, wanted = (Side(network.program(code).id, person.cards[code].id, new_id()) for code in ("HOTEL", target))
    offer = Quote(new_id(), person.id, source, wanted, convert(amount, prices[target]), now, now)
    return expected(model, offer, now)


async def take_back(network: Network, model: Model, random: Random, clock: SettableClock) -> None:
    """Half or all of what is left of one exchange."""
    made, _ = random.choice(model.made)
    left = made.conversion.source - model.back[made.id]["source"]
    part = left if random.random() < 0.5 else left // 2
    target = (made.conversion.target - model.back[made.id]["target"]) * part // left if left else 0
    async with network.database.transaction() as connection:
        await give_back_usage(connection, [Return(new_id(), made.id, part, target)], clock.now())
    model.back[made.id].update(source=part, target=target)
