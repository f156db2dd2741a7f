"""At least once, under one id, for as long as it takes."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from core.clock import SettableClock
from core.database import Connection, Database
from tests.network import NOON, Person
from tests.webhooks.conftest import Desk, Sent
from webhooks import Answer, Delivery, DeliveryState, Registered, Rotation, deliveries_of, forget_events, rotate
from webhooks.due import CONCURRENCY, LEASE, take_due
from webhooks.schedule import ATTEMPTS_MAX, JITTER, RETRIES, fraction_of

REFUSED = Answer(500, None, "no", timedelta(milliseconds=5))


async def log_of(desk: Desk, registered: Registered) -> list[Delivery]:
    async with desk.database.connection() as connection:
        return list(await deliveries_of(connection, registered.endpoint.id, count=100))


def signed_by(secret: str | None, sent: Sent) -> bool:
    """Whether one of the signatures is the secret's; the library's own clock is left out of it."""
    assert secret is not None
    at = datetime.fromtimestamp(int(sent.headers["webhook-timestamp"]), UTC)
    return Webhook(secret).sign(sent.id, at, sent.body.decode()) in sent.headers["webhook-signature"].split(" ")


async def test_a_delivery(desk: Desk, ann: Person, clock: SettableClock) -> None:
    """Signed, sent once, and logged with what the other side said."""
    registered = await desk.listen("coffee")
    await desk.award(ann)
    desk.postbox.answer = Answer(202, None, "thank you", timedelta(milliseconds=7))
    assert [await desk.courier.deliver_due() for _ in range(2)] == [1, 0]
    (sent,) = desk.postbox.sent
    assert sent.headers["webhook-timestamp"] == str(int(clock.now().timestamp()))
    assert signed_by(registered.secret, sent)
    (delivery,) = await log_of(desk, registered)
    (attempt,) = delivery.attempts
    assert (delivery.state, str(delivery.event_id), delivery.due_at) == (DeliveryState.DELIVERED, sent.id, None)
    assert (attempt.number, attempt.status, attempt.failure, attempt.answer, attempt.duration_ms) == (
        1,
        202,
        None,
        "thank you",
        7,
    )


async def test_an_old_signature_is_refused_by_the_library(desk: Desk, ann: Person) -> None:
    """What was recorded in January does not verify today: replaying somebody's old request is of no use."""
    registered = await desk.listen("coffee")
    await desk.award(ann)
    await desk.courier.deliver_due()
    (sent,) = desk.postbox.sent
    assert registered.secret is not None
    with pytest.raises(WebhookVerificationError, match="too old"):
        Webhook(registered.secret).verify(sent.body, dict(sent.headers))


async def test_the_schedule(desk: Desk, ann: Person, clock: SettableClock) -> None:
    """Ten attempts over three days, each at its time and not before, all under one id; then it has failed."""
    registered = await desk.listen("coffee")
    await desk.award(ann)
    desk.postbox.answer = REFUSED
    assert await desk.courier.deliver_due() == 1
    for number, wait in enumerate(RETRIES, start=1):
        (delivery,) = await log_of(desk, registered)
        assert delivery.due_at is not None
        jitter = wait * JITTER * fraction_of(delivery.id, number)
        assert abs(delivery.due_at - clock.now() - wait - jitter) < timedelta(milliseconds=1)
        clock.advance(delivery.due_at - clock.now() - timedelta(microseconds=1))
        assert await desk.courier.deliver_due() == 0
        clock.advance(timedelta(microseconds=1))
        assert await desk.courier.deliver_due() == 1
    (delivery,) = await log_of(desk, registered)
    assert (delivery.state, len(delivery.attempts)) == (DeliveryState.FAILED, ATTEMPTS_MAX)
    assert len({(sent.id, sent.body) for sent in desk.postbox.sent}) == 1
    assert timedelta(days=3) < clock.now() - NOON < timedelta(days=4)


async def test_the_other_side_may_ask_for_time(desk: Desk, ann: Person, clock: SettableClock) -> None:
    """`Retry-After` lengthens the wait, up to a day."""
    registered = await desk.listen("coffee")
    await desk.award(ann)
    desk.postbox.answer = Answer(503, None, "", timedelta(), timedelta(hours=1))
    await desk.courier.deliver_due()
    (delivery,) = await log_of(desk, registered)
    assert delivery.due_at == clock.now() + timedelta(hours=1)


async def test_two_workers_never_make_the_same_attempt(desk: Desk, ann: Person, database_url: str) -> None:
    """Thirty events, two couriers at once: each is sent once."""
    await desk.listen("coffee")
    for _ in range(30):
        await desk.award(ann)
    elsewhere = await Database.connect(database_url, clock=desk.database.clock, pool_size_max=4)
    made = await asyncio.gather(desk.courier.deliver_due(), desk.another_courier(elsewhere).deliver_due())
    await elsewhere.close()
    assert sum(made) == 30
    assert len({sent.id for sent in desk.postbox.sent}) == len(desk.postbox.sent) == 30


async def test_a_killed_worker(desk: Desk, ann: Person, clock: SettableClock) -> None:
    """What it had taken is left alone until its time is over, and then sent by another under the same id."""
    registered = await desk.listen("coffee")
    await desk.award(ann)
    async with desk.database.transaction() as connection:
        (due,) = await take_due(connection, clock.now(), 10)
    assert await desk.courier.deliver_due() == 0
    clock.advance(LEASE)
    assert await desk.courier.deliver_due() == 1
    assert [sent.id for sent in desk.postbox.sent] == [str(due.event_id)]
    (delivery,) = await log_of(desk, registered)
    assert (delivery.attempts_begun, [attempt.number for attempt in delivery.attempts]) == (2, [2])


async def test_few_at_a_time_to_one_endpoint(desk: Desk, ann: Person, clock: SettableClock) -> None:
    """However much is due, and whoever asks; another endpoint does not wait for it."""
    await desk.listen("coffee")
    for _ in range(10):
        await desk.award(ann)
    await desk.listen("coffee-corner")
    await desk.award(ann)
    async with desk.database.transaction() as connection:
        taken = await take_due(connection, clock.now(), 64)
    async with desk.database.transaction() as connection:
        assert await take_due(connection, clock.now(), 64) == []
    assert len(taken) == CONCURRENCY + 1
    assert len({due.endpoint_id for due in taken}) == 2


async def test_both_secrets_sign_while_one_takes_over_from_the_other(
    desk: Desk, ann: Person, clock: SettableClock
) -> None:
    """For the time that was asked for; afterwards only the new one. The same rotation again changes nothing."""
    registered = await desk.listen("coffee")
    wish = Rotation(registered.endpoint.id, "rotation-1", timedelta(hours=2))
    rotated = await rotate(desk.database, desk.secrets, wish, brand_ids=None)
    assert isinstance(rotated, Registered)
    again = await rotate(desk.database, desk.secrets, wish, brand_ids=None)
    assert again == Registered(rotated.endpoint, None)
    await desk.award(ann)
    await desk.courier.deliver_due()
    clock.advance(timedelta(hours=2))
    await desk.award(ann)
    await desk.courier.deliver_due()
    early, late = desk.postbox.sent
    assert [signed_by(secret, early) for secret in (registered.secret, rotated.secret)] == [True, True]
    assert [signed_by(secret, late) for secret in (registered.secret, rotated.secret)] == [False, True]


async def test_an_endpoint_that_fails_for_days_is_disabled_with_a_notice(
    desk: Desk, ann: Person, clock: SettableClock
) -> None:
    """The brand's other endpoints are told; what happens meanwhile is kept for a replay."""
    bad = await desk.listen("coffee", "award.recorded", url="https://bad.example/")
    await desk.award(ann)
    desk.postbox.answer = REFUSED
    await desk.courier.deliver_due()
    clock.advance(timedelta(days=5))
    await desk.listen("coffee", "webhook.endpoint_disabled", url="https://good.example/")
    await desk.courier.deliver_due()
    endpoint = await desk.endpoint(bad)
    assert endpoint.disabled_at == clock.now()
    assert endpoint.disabled_reason == "nothing has succeeded there for 5 days"
    assert desk.postbox.sent[-1].url == "https://good.example/"
    assert desk.postbox.sent[-1].told["data"]["url"] == "https://bad.example/"
    told = len(desk.postbox.sent)
    await desk.award(ann)
    clock.advance(timedelta(days=1))
    await desk.courier.deliver_due()
    assert {sent.url for sent in desk.postbox.sent[told:]} <= {"https://good.example/"}


async def test_gone_is_gone(desk: Desk, ann: Person) -> None:
    """410 says that nothing is wanted there any more."""
    registered = await desk.listen("coffee")
    await desk.award(ann)
    desk.postbox.answer = Answer(410, None, "", timedelta())
    await desk.courier.deliver_due()
    assert (await desk.endpoint(registered)).disabled_at is not None


async def test_old_ones_are_forgotten(desk: Desk, ann: Person, clock: SettableClock, superuser: Connection) -> None:
    """After 30 days: events, deliveries and attempts; what is younger stays."""
    await desk.listen("coffee")
    await desk.award(ann)
    await desk.courier.deliver_due()
    clock.advance(timedelta(days=29))
    await desk.award(ann)
    await desk.courier.deliver_due()
    assert await forget_events(desk.database) == 0
    clock.advance(timedelta(days=1, seconds=1))
    assert await forget_events(desk.database) == 2
    tables = ("webhooks_event", "webhooks_delivery", "webhooks_attempt")
    assert [await superuser.fetchval(f"SELECT count(*) FROM {table}") for table in tables] == [1, 1, 1]
