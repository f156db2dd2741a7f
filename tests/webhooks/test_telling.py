"""Who is told of what, and what it looks like."""

from base64 import b64encode
from datetime import UTC, datetime
from uuid import UUID

import pytest

from brands import Applied, BrandConfig, apply_all, directory, parse_network
from core.database import Connection
from exchange import CapNotice, Exchange, Quote, QuoteRequest, accept_many, quote
from exchange.exchanges import Acceptance
from rights import Claim, Grant, claim
from tests.network import HOTEL, Network, Person
from tests.webhooks.conftest import Desk


async def exchanged(desk: Desk, person: Person) -> Exchange:
    """3,000 HOTEL into 1,980 MILES."""
    offer = await quote(desk.database, QuoteRequest(person.id, "HOTEL", "MILES", 3_000))
    assert isinstance(offer, Quote)
    (made,) = await accept_many(desk.database, [Acceptance(offer.id, person.id, "key")], outbox=desk.outbox)
    assert isinstance(made, Exchange)
    return made


def written(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


def global_id(kind: str, key: UUID) -> str:
    return b64encode(f"{kind}:{key}".encode()).decode()


async def test_an_award_is_told_to_the_shop_and_to_those_above_it(desk: Desk, ann: Person) -> None:
    """The chain and the shop hear of it, each with the same facts; nobody else does."""
    for brand in ("coffee", "coffee-corner", "hotel", "airline"):
        await desk.listen(brand, url=f"https://{brand}.example/hooks")
    movement = await desk.award(ann, 12_50)
    assert await desk.courier.deliver_due() == 2
    assert {sent.url for sent in desk.postbox.sent} == {
        "https://coffee.example/hooks",
        "https://coffee-corner.example/hooks",
    }
    first, second = desk.postbox.sent
    assert (first.id, first.body) == (second.id, second.body)
    assert first.told == {
        "type": "award.recorded",
        "timestamp": written(movement.recorded_at),
        "data": {
            "id": global_id("Movement", movement.id),
            "kind": "AWARD",
            "program": "BEANS",
            "memberNumber": ann.cards["BEANS"].number,
            "amount": "12.50",
            "brand": "coffee-corner",
            "clientId": "coffee-till",
            "idempotencyKey": movement.idempotency_key,
            "reason": "",
            "availableAt": None,
            "expiresAt": "2027-01-15T16:00:00Z",
            "reverses": None,
            "recordedAt": written(movement.recorded_at),
        },
    }


async def test_each_side_of_an_exchange_sees_its_own(desk: Desk, ann: Person) -> None:
    """Its own points, number and money; of the other side the program and nothing else."""
    for brand in ("hotel", "airline", "coffee"):
        await desk.listen(brand, url=f"https://{brand}.example/hooks")
    made = await exchanged(desk, ann)
    await desk.courier.deliver_due()
    told = {sent.url: sent.told["data"] for sent in desk.postbox.sent}
    same = {"id": global_id("Exchange", made.id), "state": "COMPLETED", "acceptedAt": written(made.accepted_at)}
    assert told == {
        "https://hotel.example/hooks": same
        | {
            "side": "SOURCE",
            "program": "HOTEL",
            "memberNumber": ann.cards["HOTEL"].number,
            "amount": "3000",
            "value": "150.000000",
            "counterpart": {"program": "MILES"},
        },
        "https://airline.example/hooks": same
        | {
            "side": "TARGET",
            "program": "MILES",
            "memberNumber": ann.cards["MILES"].number,
            "amount": "1980",
            "value": "148.500000",
            "counterpart": {"program": "HOTEL"},
            "expiresAt": "2029-12-31T16:00:00Z",
        },
    }
    assert len({sent.id for sent in desk.postbox.sent}) == 2


async def test_a_right_that_is_granted(desk: Desk, ann: Person) -> None:
    """Its issuer hears of it, with the number the member has there."""
    await desk.listen("hotel", "right.granted")
    found = await claim(desk.database, Claim(ann.id, "lounge", "key", pay_with="HOTEL"), outbox=desk.outbox)
    assert isinstance(found, Grant), found
    await desk.courier.deliver_due()
    (sent,) = desk.postbox.sent
    assert (sent.told["type"], sent.told["data"]["right"], sent.told["data"]["memberNumber"]) == (
        "right.granted",
        "lounge",
        ann.cards["HOTEL"].number,
    )
    assert sent.told["data"]["price"] == {"program": "HOTEL", "amount": "2000"}


async def test_a_number_in_another_program_is_not_told(desk: Desk, network: Network) -> None:
    """The hotel issues the right; a member who pays with miles is nobody it knows."""
    bob = await network.enrol({"MILES": 5_000})
    await desk.listen("hotel", "right.granted")
    found = await claim(desk.database, Claim(bob.id, "lounge", "key", pay_with="MILES"), outbox=desk.outbox)
    assert isinstance(found, Grant), found
    await desk.courier.deliver_due()
    assert desk.postbox.sent[0].told["data"]["memberNumber"] is None


async def test_a_cap(desk: Desk, network: Network) -> None:
    """The participant alone hears how near it is."""
    await desk.listen("hotel", url="https://hotel.example/")
    await desk.listen("airline", url="https://airline.example/")
    now = datetime(2026, 1, 15, 4, tzinfo=UTC)
    async with desk.database.transaction() as connection:
        notice = CapNotice(network.brand_id("hotel"), 80, 80_000_000_000, 100_000_000_000, None, now)
        await desk.outbox.capped(connection, [notice])
    await desk.courier.deliver_due()
    (sent,) = desk.postbox.sent
    assert sent.url == "https://hotel.example/"
    assert sent.told["data"] == {
        "participant": "hotel",
        "thresholdPercent": 80,
        "used": "80000.000000",
        "cap": "100000.000000",
        "runsOutAt": None,
        "withinHours": None,
        "noticedAt": "2026-01-15T04:00:00Z",
    }


async def test_tiers_that_change_in_a_network_file(desk: Desk, network: Network, superuser: Connection) -> None:
    """A new name, level or tier puts no member into another tier, so that nobody is told of one."""
    ann = await network.enrol({"HOTEL": 0})
    await desk.listen("hotel")
    tiers = {
        'gold = { name = "Gold", name_zh = "金卡", level = 3 }': 'silver = { name = "Silver", level = 2 }\n'
        'tiers.gold = { name = "Golden", level = 4 }'
    }
    changed = HOTEL
    for before, after in tiers.items():
        assert before in changed
        changed = changed.replace(before, after)
    config = parse_network(changed.encode())
    assert isinstance(config, BrandConfig), config
    assert isinstance(await apply_all(desk.database, [config]), Applied)
    async with desk.database.connection() as connection:
        assert (await directory(connection)).program("HOTEL").tier_named("Golden").level == 4  # type: ignore[union-attr]
    assert (
        await superuser.fetchval("SELECT tier FROM members_membership WHERE id = $1", ann.cards["HOTEL"].id) == "base"
    )
    assert await superuser.fetchval("SELECT count(*) FROM webhooks_event") == 0


async def test_only_what_was_asked_for(desk: Desk, ann: Person) -> None:
    """An endpoint with types is told of those types."""
    await desk.listen("coffee", "burn.recorded")
    await desk.award(ann)
    assert await desk.courier.deliver_due() == 0


async def test_what_did_not_happen_is_not_told(desk: Desk, superuser: Connection) -> None:
    """An event is committed with what it announces, or not at all."""
    await desk.listen("coffee")
    with pytest.raises(ZeroDivisionError):
        async with desk.database.transaction() as connection:
            notice = CapNotice(desk.network.brand_id("coffee"), 80, 1, 2, None, desk.database.clock.now())
            await desk.outbox.capped(connection, [notice])
            raise ZeroDivisionError
    assert await superuser.fetchval("SELECT count(*) FROM webhooks_event") == 0


async def test_while_nobody_listens_nothing_is_written(desk: Desk, ann: Person, superuser: Connection) -> None:
    """No rows, and one statement a batch."""
    await desk.award(ann)
    await desk.listen("airline")
    await desk.award(ann)
    assert await superuser.fetchval("SELECT count(*) FROM webhooks_event") == 0


async def test_another_process_learns_of_a_new_endpoint_at_once(desk: Desk, ann: Person) -> None:
    """The endpoints in memory are those that stand."""
    await desk.award(ann)
    other = Desk(desk.network, desk.postbox)
    await other.listen("coffee")
    await desk.award(ann)
    assert await desk.courier.deliver_due() == 1
