"""What an amount of points can become, and every reason why it cannot."""

from datetime import UTC, datetime, timedelta

import pytest

from core.clock import SettableClock
from core.database import Connection, Database
from core.errors import Refusal
from core.ids import new_id
from core.refusals import InsufficientPoints
from exchange import (
    Acceptance,
    AmountAboveMaximum,
    AmountBelowMinimum,
    AmountNotPositive,
    AmountOutOfStep,
    Conversion,
    Exchange,
    LimitReached,
    NoRate,
    NotAMember,
    NotExchangeable,
    Offers,
    Period,
    Quote,
    QuoteRequest,
    SameProgram,
    TargetWouldBeZero,
    Unavailable,
    UnknownProgram,
    accept,
    quote,
    quote_many,
    quotes,
)
from tests.exchange.conftest import Desk, row_counts
from tests.network import AIRLINE, HOTEL, NOON, Network, load_network

RICH = {"HOTEL": 250_000, "MILES": 0, "BEANS": 10_000_00}

REVISION = "INSERT INTO brands_revision (id, source, changes, made_at) VALUES ($1, 'test', '[]', now())"


async def test_a_quote_says_what_becomes_what(network: Network) -> None:
    """3,000 HOTEL are worth 150.00, less 1.50: 1,980 MILES exactly."""
    ann = await network.enrol({"HOTEL": 3_000, "MILES": 0})
    found = await quote(network.database, QuoteRequest(ann.id, "HOTEL", "MILES", 3_000))
    assert isinstance(found, Quote)
    assert found.conversion == Conversion(3_000, 1_980, 150_000_000, 1_500_000, 148_500_000, 0)
    assert found.member_id == ann.id
    assert found.source.membership_id == ann.cards["HOTEL"].id
    assert found.target.membership_id == ann.cards["MILES"].id
    assert found.source.rate_id == network.directory.rate(network.program("HOTEL").id).id
    assert found.target.rate_id == network.directory.rate(network.program("MILES").id).id
    assert found.quoted_at == NOON
    assert found.expires_at == NOON + timedelta(seconds=120)


async def test_an_id_from_before_a_merge_is_as_good(network: Network) -> None:
    """A token from before records were merged names the member by an older id: it quotes and accepts all the same."""
    ann = await network.enrol({"HOTEL": 3_000, "MILES": 0})
    before = ann.cards["MILES"].id
    found = await quote(network.database, QuoteRequest(before, "HOTEL", "MILES", 3_000))
    assert isinstance(found, Quote)
    assert found.member_id == before != ann.id
    assert isinstance(await accept(network.database, Acceptance(found.id, before, "a key")), Exchange)
    assert await network.points(ann) == {"HOTEL": 0, "MILES": 1_980}


async def test_decimals_of_points_are_exact(network: Network) -> None:
    """3,000 HOTEL become 1,485.00 BEANS; 100.50 BEANS (9.045 CNY, fee 0.1809) become 147 HOTEL, 0.0441 left over."""
    ann = await network.enrol({"HOTEL": 3_000, "BEANS": 500_00})
    there, back = await quote_many(
        network.database,
        [QuoteRequest(ann.id, "HOTEL", "BEANS", 3_000), QuoteRequest(ann.id, "BEANS", "HOTEL", 100_50)],
    )
    assert isinstance(there, Quote)
    assert isinstance(back, Quote)
    assert there.conversion == Conversion(3_000, 148_500, 150_000_000, 1_500_000, 148_500_000, 0)
    assert back.conversion == Conversion(100_50, 147, 9_045_000, 180_900, 8_820_000, 44_100)


@pytest.mark.parametrize(
    ("source", "target", "amount", "refusal"),
    [
        ("NOWHERE", "MILES", 3_000, UnknownProgram("NOWHERE")),
        ("HOTEL", "NOWHERE", 3_000, UnknownProgram("NOWHERE")),
        ("HOTEL", "HOTEL", 3_000, SameProgram("HOTEL")),
        ("HOTEL", "NOWHERE", 50, UnknownProgram("NOWHERE")),
        ("HOTEL", "HOTEL", 50, SameProgram("HOTEL")),
        ("HOTEL", "MILES", 0, AmountNotPositive()),
        ("HOTEL", "MILES", -100, AmountNotPositive()),
        ("HOTEL", "MILES", 900, AmountBelowMinimum(1_000)),
        ("HOTEL", "MILES", 200_100, AmountAboveMaximum(200_000)),
        ("HOTEL", "MILES", 2**63 - 8, AmountAboveMaximum(200_000)),
        ("HOTEL", "MILES", 3_050, AmountOutOfStep(100)),
        ("MILES", "HOTEL", 500, InsufficientPoints(500, 0)),
        ("BEANS", "HOTEL", 49_50, AmountBelowMinimum(50_00)),
        ("BEANS", "HOTEL", 50_25, AmountOutOfStep(50)),
    ],
)
async def test_refusals(network: Network, source: str, target: str, amount: int, refusal: Refusal) -> None:
    """Each refusal carries the facts that explain it, and no quote is kept."""
    ann = await network.enrol(RICH)
    assert await quote(network.database, QuoteRequest(ann.id, source, target, amount)) == refusal
    async with network.database.connection() as connection:
        assert (await row_counts(connection))["exchange_quote"] == 0


async def test_only_members_are_quoted(network: Network) -> None:
    """A program the member has not joined is neither source nor target; a stranger has nothing."""
    ann = await network.enrol({"HOTEL": 3_000})
    requests = [
        QuoteRequest(ann.id, "HOTEL", "MILES", 3_000),
        QuoteRequest(ann.id, "MILES", "HOTEL", 3_000),
        QuoteRequest(new_id(), "HOTEL", "MILES", 3_000),
    ]
    assert await quote_many(network.database, requests) == [
        NotAMember("MILES"),
        NotAMember("MILES"),
        NotAMember("HOTEL"),
    ]


async def test_a_closed_card_is_no_membership(network: Network, superuser: Connection) -> None:
    """A card that was ended neither gives nor takes."""
    ann = await network.enrol(RICH)
    await superuser.execute(
        "UPDATE members_membership SET status = 'closed' WHERE id = $1", ann.cards["MILES"].id
    )  # fmt: skip
    assert await quote(network.database, QuoteRequest(ann.id, "HOTEL", "MILES", 3_000)) == NotAMember("MILES")


async def test_points_that_expired_are_not_there(network: Network, clock: SettableClock) -> None:
    """What is left of live lots counts, whether or not the sweeper has run."""
    ann = await network.enrol({"HOTEL": 0, "MILES": 0})
    card = ann.cards["HOTEL"].id
    await network.give([(card, "HOTEL", 2_000)], expires_at=NOON + timedelta(days=1))
    await network.give([(card, "HOTEL", 1_500)], expires_at=NOON + timedelta(days=2))
    clock.set(NOON + timedelta(days=1))
    request = QuoteRequest(ann.id, "HOTEL", "MILES", 3_000)
    assert await quote(network.database, request) == InsufficientPoints(3_000, 1_500)
    assert (await network.points(ann))["HOTEL"] == 3_500


async def test_the_day_limit_says_how_much_is_left_and_when_it_resets(
    network: Network, desk: Desk, clock: SettableClock
) -> None:
    """150,000 MILES a day: after 100,000 there are 50,000 left until midnight in Shanghai."""
    ann = await network.enrol({"HOTEL": 0, "MILES": 400_000})
    offer = await desk.quote(ann, 100_000, "MILES", "HOTEL")
    assert not isinstance(await accept(network.database, desk.acceptance(offer)), Refusal)
    request = QuoteRequest(ann.id, "MILES", "HOTEL", 50_010)
    midnight = datetime(2026, 1, 15, 16, tzinfo=UTC)
    assert await quote(network.database, request) == LimitReached(Period.DAY, 50_000, midnight)
    assert isinstance(await quote(network.database, QuoteRequest(ann.id, "MILES", "HOTEL", 50_000)), Quote)
    clock.set(midnight)
    assert isinstance(await quote(network.database, request), Quote)


async def test_a_program_without_a_rate_is_not_exchanged(network: Network, superuser: Connection) -> None:
    """Neither from it nor into it."""
    ann = await network.enrol(RICH)
    await superuser.execute(
        "UPDATE brands_rate SET valid_to = valid_from WHERE program_id = $1", network.program("MILES").id
    )
    await superuser.execute(REVISION, new_id())
    requests = [QuoteRequest(ann.id, "HOTEL", "MILES", 3_000), QuoteRequest(ann.id, "MILES", "HOTEL", 3_000)]
    assert await quote_many(network.database, requests) == [NoRate("MILES"), NoRate("MILES")]


async def test_a_closed_brand_exchanges_nothing(network: Network, superuser: Connection) -> None:
    """Neither from it nor into it."""
    ann = await network.enrol(RICH)
    await superuser.execute("UPDATE brands_brand SET closed = true WHERE code = 'airline'")
    await superuser.execute(REVISION, new_id())
    requests = [QuoteRequest(ann.id, "HOTEL", "MILES", 3_000), QuoteRequest(ann.id, "MILES", "HOTEL", 3_000)]
    assert await quote_many(network.database, requests) == [NotExchangeable("MILES"), NotExchangeable("MILES")]


async def test_too_little_to_become_anything(pinned_database: Database) -> None:
    """The refusal says the first amount that becomes at least one unit: 400.00 / 0.0495 = 8,080.8, in steps of 100."""
    network = await load_network(pinned_database, [HOTEL, AIRLINE.replace('buy = "0.0750"', 'buy = "400.0000"')])
    ann = await network.enrol({"HOTEL": 10_000, "MILES": 0})
    requests = [QuoteRequest(ann.id, "HOTEL", "MILES", amount) for amount in (8_000, 8_100)]
    small, enough = await quote_many(network.database, requests)
    assert small == TargetWouldBeZero(8_100)
    assert isinstance(enough, Quote)
    assert enough.conversion == Conversion(8_100, 1, 405_000_000, 4_050_000, 400_000_000, 950_000)


async def test_quotes_answers_for_all_targets_best_value_first(network: Network) -> None:
    """3,000 HOTEL: 1,485 BEANS are worth 133.65 again, 1,980 MILES only 118.80."""
    ann = await network.enrol(RICH)
    found = await quotes(network.database, ann.id, "HOTEL", 3_000)
    assert isinstance(found, Offers)
    assert [offer.target.program_id for offer in found.quotes] == [
        network.program("BEANS").id,
        network.program("MILES").id,
    ]
    assert [offer.conversion.target for offer in found.quotes] == [1_485_00, 1_980]
    assert found.unavailable == ()


async def test_quotes_says_why_a_target_cannot_be_had(network: Network) -> None:
    """Programs the member has not joined are named with the reason."""
    ann = await network.enrol({"HOTEL": 3_000, "MILES": 0})
    found = await quotes(network.database, ann.id, "HOTEL", 3_000)
    assert isinstance(found, Offers)
    assert len(found.quotes) == 1
    assert found.unavailable == (Unavailable("BEANS", NotAMember("BEANS")),)


async def test_quotes_refuses_what_no_target_could_mend(network: Network) -> None:
    """A source that is not there is refused once, not once for each target."""
    ann = await network.enrol({"HOTEL": 1_000, "MILES": 0})
    assert await quotes(network.database, ann.id, "HOTEL", 3_000) == InsufficientPoints(3_000, 1_000)


async def test_the_card_with_the_most_points_is_the_source(network: Network, superuser: Connection) -> None:
    """A member with two cards of one program gives from the fuller one."""
    ann = await network.enrol({"HOTEL": 1_000, "MILES": 0})
    other = await network.enrol({"HOTEL": 5_000})
    await superuser.execute("UPDATE members_record SET member_id = $1 WHERE id = $2", ann.id, other.id)
    found = await quote(network.database, QuoteRequest(ann.id, "HOTEL", "MILES", 3_000))
    assert isinstance(found, Quote)
    assert found.source.membership_id == other.cards["HOTEL"].id


async def test_nothing_asked_nothing_answered(network: Network) -> None:
    """An empty bulk is an empty answer."""
    assert await quote_many(network.database, []) == []
