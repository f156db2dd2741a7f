"""Every type of event, made by what it announces, sent over a socket and verified by the Standard Webhooks library."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from adapters.webhook_sender import HttpSender
from brands import apply_all, parse_network
from core.clock import SettableClock
from core.database import Connection, Database
from core.global_ids import global_id
from exchange import Award, Burn, Exchange, Movement, MovementReversal, State, award, burn, reverse_movement, watch_caps
from exchange.brand_system import Failure
from exchange.saga.hurrying import SECRETS_READ_AFTER, try_new_credentials
from exchange.saga.reversals import Reversal
from exchange.saga.reversing import reverse
from members.tiers import change_tier
from rights import Claim, Grant, Redeemed, Redemption, RightCode, claim, redeem, right_code
from settlement import Advice, advise, approve, close, net, overview, reconcile, submit
from tests.exchange.saga.stage import Stage, open_stage
from tests.exchange.saga.test_reversing import asked
from tests.network import HOTEL, Person
from tests.settlement.trade import CHECKER, MAKER, done
from tests.webhooks.conftest import ROOT
from tests.webhooks.receiver import GONE, Receiver, receiving
from tests.webhooks.test_telling import written
from webhooks import Courier, EndpointSecrets, Registered, Registration, WebhookOutbox, register, send_test
from webhooks.events import EventType

AT = "2026-01-15T04:00:00Z"


@dataclass(slots=True)
class House:
    """The stage, with four brands that listen, and a worker that delivers."""

    stage: Stage
    receiver: Receiver
    courier: Courier
    secrets: EndpointSecrets
    outbox: WebhookOutbox
    endpoints: dict[str, UUID] = field(default_factory=dict)

    @property
    def database(self) -> Database:
        """The house's, on the clock that stands."""
        return self.stage.database

    async def listen(self, brand: str, path: str | None = None) -> None:
        """The brand's endpoint, at the receiver's path for it or at another one."""
        place = f"{self.receiver.url}/{path or brand}"
        wish = Registration(self.stage.network.brand_id(brand), place, (), "crm", path or brand)
        found = await register(self.database, self.secrets, wish, loopback=True)
        assert isinstance(found, Registered), found
        assert found.secret is not None
        self.receiver.secrets[path or brand] = found.secret
        self.endpoints[path or brand] = found.endpoint.id

    async def told(self, event_type: EventType) -> dict[str, Any]:
        """What each brand was told of a type, after everything was delivered."""
        await self.courier.deliver_due()
        assert self.receiver.refused == 0
        return self.receiver.told(event_type)


@pytest.fixture
async def house(
    pinned_database: Database, database: Database, clock: SettableClock, superuser: Connection
) -> AsyncIterator[House]:
    """The courier is on the real clock, because the library refuses signatures that are five minutes old."""
    secrets, outbox = EndpointSecrets(ROOT), WebhookOutbox(clock)
    stage = await open_stage(pinned_database, clock, superuser)
    stage.outbox = outbox
    sender = HttpSender(loopback=True)
    async with receiving() as receiver:
        made = House(stage, receiver, Courier(database, secrets, sender), secrets, outbox)
        for brand in ("rail", "ferry", "hotel", "airline"):
            await made.listen(brand)
        yield made
        await sender.close()


def side(made: Exchange, name: str, program: str, person: Person, amount: str, value: str, **more: object) -> object:
    """One brand's view of an exchange."""
    return {
        "id": global_id("Exchange", made.id),
        "side": name,
        "program": program,
        "memberNumber": person.cards[program].number,
        "amount": amount,
        "value": value,
        "acceptedAt": written(made.accepted_at),
        **more,
    }


def both(made: Exchange, person: Person, state: State) -> dict[str, object]:
    """1,000 RAIL into 825 FERRY: 50.00, less 0.50, as rail and ferry see it."""
    given = {"state": state.value, "counterpart": {"program": "FERRY"}}
    received = {"state": state.value, "counterpart": {"program": "RAIL"}, "expiresAt": None}
    return {
        "rail": side(made, "SOURCE", "RAIL", person, "1000", "50.000000", **given),
        "ferry": side(made, "TARGET", "FERRY", person, "825", "49.500000", **received),
    }


async def test_an_exchange_with_brands_own_systems(house: House) -> None:
    ann = await house.stage.member(RAIL=3_000)
    made = await house.stage.exchange(ann, "RAIL", "FERRY")
    assert await house.told(EventType.EXCHANGE_ACCEPTED) == both(made, ann, State.HELD)
    await house.stage.run()
    assert await house.told(EventType.EXCHANGE_COMPLETED) == both(made, ann, State.COMPLETED)
    assert len(house.receiver.taken) == 4


@pytest.mark.parametrize(
    ("rail", "ferry", "event_type", "state"),
    [
        (["ineligible"], [], EventType.EXCHANGE_REJECTED, State.SOURCE_REJECTED),
        ([], ["limit"], EventType.EXCHANGE_REFUNDED, State.REFUNDED),
        (["", "ineligible"], ["limit"], EventType.EXCHANGE_MANUAL, State.MANUAL),
    ],
)
async def test_an_exchange_that_goes_wrong(
    house: House, rail: list[str], ferry: list[str], event_type: EventType, state: State
) -> None:
    ann = await house.stage.member(RAIL=3_000)
    made = await house.stage.exchange(ann, "RAIL", "FERRY")
    house.stage.rail.tricks.extend(rail)
    house.stage.ferry.tricks.extend(ferry)
    await house.stage.wait()
    assert await house.told(event_type) == both(made, ann, state)
    assert {each.told["type"] for each in house.receiver.taken} == {"exchange.accepted", event_type}


async def test_a_system_that_refuses_our_credentials(house: House) -> None:
    """Its brand is told once when it begins and once when it is over, however many calls are refused in between."""
    clock, ferry = house.stage.clock, house.stage.ferry
    ann = await house.stage.member(RAIL=3_000)
    for _ in range(2):
        await house.stage.exchange(ann, "RAIL", "FERRY")
    ferry.standing = Failure.AUTH
    await house.stage.run()
    told = {"program": "FERRY", "refusedAt": AT}
    assert await house.told(EventType.CREDENTIALS_REFUSED) == {"ferry": told | {"words": "Who are you?"}}
    house.receiver.taken.clear()
    await house.stage.wait(timedelta(minutes=10), step=timedelta(minutes=2))
    assert await house.told(EventType.CREDENTIALS_REFUSED) == {}
    assert await house.told(EventType.CREDENTIALS_ACCEPTED) == {}
    ferry.standing = ""
    await try_new_credentials(house.database, house.stage.network.program("FERRY"))
    clock.set(clock.now() + SECRETS_READ_AFTER)
    await house.stage.run()
    over = {"ferry": told | {"acceptedAt": written(clock.now())}}
    assert await house.told(EventType.CREDENTIALS_ACCEPTED) == over
    house.receiver.taken.clear()
    # Another process still had the former secret: that is no news. Minutes later it is another occurrence.
    for minutes, expected in ((1, {}), (5, {"ferry": {"program": "FERRY", "words": "Who are you?"}})):
        clock.advance(timedelta(minutes=minutes))
        ferry.tricks.append(Failure.AUTH)
        await house.stage.exchange(ann, "RAIL", "FERRY")
        await house.stage.run()
        found = await house.told(EventType.CREDENTIALS_REFUSED)
        assert [each.pop("refusedAt") for each in found.values()] == [written(clock.now())] * len(found)
        assert found == expected


async def test_a_source_that_refuses_our_credentials(house: House) -> None:
    """A debit is given up at once, and the brand hears why; the other brand hears nothing of it."""
    house.stage.rail.standing = Failure.AUTH
    made = await house.stage.exchange(await house.stage.member(RAIL=3_000), "RAIL", "FERRY")
    await house.stage.run()
    assert (await house.stage.now(made)).state is State.SOURCE_REJECTED
    told = {"program": "RAIL", "refusedAt": AT, "words": "Who are you?"}
    assert await house.told(EventType.CREDENTIALS_REFUSED) == {"rail": told}


def hotel_and_airline(made: Exchange, person: Person, state: State) -> dict[str, object]:
    """3,000 HOTEL into 1,980 MILES."""
    given = {"state": state.value, "counterpart": {"program": "MILES"}}
    received = {"state": state.value, "counterpart": {"program": "HOTEL"}, "expiresAt": "2029-12-31T16:00:00Z"}
    return {
        "hotel": side(made, "SOURCE", "HOTEL", person, "3000", "150.000000", **given),
        "airline": side(made, "TARGET", "MILES", person, "1980", "148.500000", **received),
    }


async def test_an_exchange_that_is_taken_back(house: House) -> None:
    ann = await house.stage.network.enrol({"HOTEL": 3_000, "MILES": 0})
    made = await house.stage.exchange(ann, "HOTEL", "MILES", 3_000)
    for key, amount in (("a part", 971), ("the rest", None)):
        assert isinstance(await reverse(house.database, asked(made, amount, key), outbox=house.outbox), Reversal)
    for event_type, state in (
        (EventType.EXCHANGE_COMPLETED, State.COMPLETED),
        (EventType.EXCHANGE_PARTLY_REVERSED, State.PARTLY_REVERSED),
        (EventType.EXCHANGE_REVERSED, State.REVERSED),
    ):
        assert await house.told(event_type) == hotel_and_airline(made, ann, state)
    assert len(house.receiver.taken) == 6


async def test_an_exchange_that_cannot_be_taken_back(house: House) -> None:
    ann = await house.stage.network.enrol({"HOTEL": 3_000, "MILES": 0})
    made = await house.stage.exchange(ann, "HOTEL", "MILES", 3_000)
    spent = Burn("MILES", ann.cards["MILES"].number, 1_980, house.stage.network.brand_id("airline"), "till", "1")
    assert isinstance(await burn(house.database, spent), Movement)
    assert isinstance(await reverse(house.database, asked(made), outbox=house.outbox), Reversal)
    expected = hotel_and_airline(made, ann, State.REVERSAL_REFUSED)
    assert await house.told(EventType.EXCHANGE_REVERSAL_REFUSED) == expected


async def test_points_that_are_given_and_taken_and_taken_back(house: House) -> None:
    ann = await house.stage.network.enrol({"MILES": 0})
    number, airline = ann.cards["MILES"].number, house.stage.network.brand_id("airline")
    terms = (airline, "desk")
    given = await award(
        house.database, Award("MILES", number, 500, *terms, "1", "a flight", pending_days=14), outbox=house.outbox
    )
    again = await award(house.database, Award("MILES", number, 90, *terms, "2"), outbox=house.outbox)
    spent = await burn(house.database, Burn("MILES", number, 90, *terms, "3", "a cup"), outbox=house.outbox)
    assert isinstance(given, Movement)
    assert isinstance(again, Movement)
    assert isinstance(spent, Movement)
    for key, original, amount in (("4", given, 200), ("5", spent, None)):
        undo = MovementReversal(original.id, amount, *terms, key, "a mistake")
        assert isinstance(await reverse_movement(house.database, undo, outbox=house.outbox), Movement)
    await house.courier.deliver_due()
    told = [each.told for each in sorted(house.receiver.taken, key=lambda each: each.told["data"]["idempotencyKey"])]
    assert {each.brand for each in house.receiver.taken} == {"airline"}
    assert [each["type"] for each in told] == [
        "award.recorded", "award.recorded", "burn.recorded", "award.reversed", "burn.reversed",
    ]  # fmt: skip
    assert all(each["timestamp"] == each["data"].pop("recordedAt") for each in told)
    assert all(each["data"].pop("id") for each in told)
    same = {"program": "MILES", "memberNumber": number, "brand": "airline", "clientId": "desk"}
    waits, year_end = "2026-01-28T16:00:00Z", "2029-12-31T16:00:00Z"

    def movement(kind: str, amount: str, key: str, reason: str, of: Movement | None = None, **more: object) -> object:
        when = {"availableAt": None, "expiresAt": None} | more
        reverses = global_id("Movement", of.id) if of else None
        named = {"kind": kind, "amount": amount, "idempotencyKey": key, "reason": reason, "reverses": reverses}
        return same | named | when

    assert [each["data"] for each in told] == [
        movement("AWARD", "500", "1", "a flight", availableAt=waits, expiresAt=year_end),
        movement("AWARD", "90", "2", "", expiresAt=year_end),
        movement("BURN", "90", "3", "a cup"),
        movement("AWARD_REVERSAL", "200", "4", "a mistake", given),
        movement("BURN_REVERSAL", "90", "5", "a mistake", spent),
    ]


async def test_a_right_that_is_granted_and_redeemed(house: House) -> None:
    ann = await house.stage.network.enrol({"HOTEL": 2_000})
    granted = await claim(house.database, Claim(ann.id, "lounge", "1", "HOTEL"), outbox=house.outbox)
    assert isinstance(granted, Grant)
    async with house.database.connection() as connection:
        shown = await right_code(connection, ROOT, ann.id, granted.id, clock=house.stage.clock)
    assert isinstance(shown, RightCode)
    wish = Redemption(shown.text, house.stage.network.brand_id("airline-lounge"), "door", "1")
    redeemed = await redeem(house.database, ROOT, wish, outbox=house.outbox)
    assert isinstance(redeemed, Redeemed)
    number = ann.cards["HOTEL"].number
    assert await house.told(EventType.RIGHT_GRANTED) == {
        "hotel": {
            "id": global_id("Grant", granted.id),
            "right": "lounge",
            "memberNumber": number,
            "uses": 1,
            "price": {"program": "HOTEL", "amount": "2000"},
            "grantedAt": AT,
            "validFrom": AT,
            "validUntil": "2026-01-18T04:00:00Z",
        }
    }
    use = {
        "id": global_id("Redemption", redeemed.id),
        "grantId": global_id("Grant", granted.id),
        "right": "lounge",
        "brand": "airline-lounge",
        "settlement": "80.000000",
        "redeemedAt": AT,
    }
    assert await house.told(EventType.RIGHT_REDEEMED) == {
        "hotel": use | {"memberNumber": number},
        "airline": use | {"memberNumber": None},
    }


async def test_a_member_who_comes_into_another_tier(house: House) -> None:
    ann = await house.stage.network.enrol({"HOTEL": 0})
    number, program = ann.cards["HOTEL"].number, house.stage.network.program("HOTEL")
    assert await change_tier(house.database, program, number, "gold", outbox=house.outbox)
    assert not await change_tier(house.database, program, number, "Gold", outbox=house.outbox)
    assert await house.told(EventType.TIER_CHANGED) == {
        "hotel": {"program": "HOTEL", "memberNumber": number, "before": "base", "after": "gold", "changedAt": AT}
    }


async def test_a_cap_that_is_nearly_used_up(house: House) -> None:
    """160.00 of 200.00 CNY."""
    small = parse_network(HOTEL.replace('net_debit_cap = "100000.00"', 'net_debit_cap = "200.00"', 1).encode())
    await apply_all(house.database, [small])  # type: ignore[list-item]
    ann = await house.stage.network.enrol({"HOTEL": 3_200, "MILES": 0})
    await house.stage.exchange(ann, "HOTEL", "MILES", 3_200)
    await watch_caps(house.database, outbox=house.outbox)
    await house.courier.deliver_due()
    told = [each.told["data"] for each in house.receiver.taken if each.told["type"] == EventType.CAP_THRESHOLD_CROSSED]
    same = {"participant": "hotel", "used": "160.000000", "cap": "200.000000", "thresholdPercent": 80, "noticedAt": AT}
    # 160.00 in the last hour: what is left is gone in a quarter of one.
    ends = {"runsOutAt": "2026-01-15T04:15:00Z"}
    assert sorted(told, key=lambda each: each["withinHours"] or 0) == [
        same | ends | {"withinHours": None},
        same | ends | {"withinHours": 24},
    ]


async def test_statements_that_stand_ready(house: House, tmp_path: Path) -> None:
    ann = await house.stage.network.enrol({"HOTEL": 3_000, "MILES": 0})
    await house.stage.exchange(ann, "HOTEL", "MILES", 3_000)
    window = done(await close(house.database, MAKER))
    for step in (reconcile, net, submit):
        done(await step(house.database, window.id, MAKER))
    digest = (await overview(house.database, window.id)).figures.digest  # type: ignore[union-attr]
    done(await approve(house.database, window.id, CHECKER, digest=digest, reason="compared"))
    for _ in range(2):
        advised = await advise(house.database, window.id, MAKER, folder=tmp_path, outbox=house.outbox)
        assert isinstance(advised, Advice)
    assert window.cut_off_at is not None
    ended = window.cut_off_at.isoformat().replace("+00:00", "Z")
    same = {"windowId": global_id("Window", window.id), "window": 1, "cutOffAt": ended}
    await house.courier.deliver_due()
    told = [each for each in house.receiver.taken if each.told["type"] == EventType.STATEMENT_ADVISED]
    # The franchise settles for itself, and its group hears of its statement too.
    heard = [
        ("hotel", "hotel"),
        ("hotel", "hotel-franchise"),
        *((brand, brand) for brand in ("airline", "rail", "ferry")),
    ]
    assert sorted((each.brand, each.told["data"]["participant"]) for each in told) == sorted(heard)
    assert all(each.told["data"] == same | {"participant": each.told["data"]["participant"]} for each in told)


async def test_an_endpoint_that_is_gone(house: House) -> None:
    """The brand's other endpoint hears of it."""
    await house.listen("airline", GONE)
    assert isinstance(await send_test(house.database, house.endpoints[GONE], "1", brand_ids=None), UUID)
    told = await house.told(EventType.ENDPOINT_DISABLED)
    assert told["airline"].pop("disabledAt") == told["airline"].pop("failingSince")
    assert told == {
        "airline": {"url": f"{house.receiver.url}/gone", "reason": "it answered that it is gone for good (410)"}
    }


async def test_a_test(house: House) -> None:
    assert isinstance(await send_test(house.database, house.endpoints["hotel"], "1", brand_ids=None), UUID)
    assert await house.told(EventType.TEST) == {"hotel": {"url": f"{house.receiver.url}/hotel"}}


def test_none_is_missing_here() -> None:
    """Whoever adds a type shows here what makes it."""
    text = "".join(file.read_text() for file in Path(__file__).parent.glob("test_*.py"))
    assert [each for each in EventType if each not in text and f"EventType.{each.name}" not in text] == []
