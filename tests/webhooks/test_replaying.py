"""Sending again what was sent, or was missed."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from core.clock import SettableClock
from tests.network import NOON, Person
from tests.webhooks.conftest import Desk, Sent
from webhooks import (
    RangeUnusable,
    Registered,
    Replay,
    Replayed,
    UnknownEndpoint,
    deliveries_of,
    disable,
    enable,
    remove,
    replay,
    send_test,
)


async def again(desk: Desk, registered: Registered, **wish: object) -> object:
    return await replay(desk.database, Replay(registered.endpoint.id, **wish), brand_ids=None)  # type: ignore[arg-type]


async def test_by_id(desk: Desk, ann: Person) -> None:
    """The same id and body, once per wish; what is on its way is not sent twice."""
    registered = await desk.listen("coffee")
    await desk.award(ann)
    await desk.award(ann)
    await desk.courier.deliver_due()
    first = desk.postbox.sent[0]
    wanted = (UUID(first.id),)
    assert await again(desk, registered, event_ids=wanted) == Replayed(1, complete=True, last_at=_when(first))
    assert await again(desk, registered, event_ids=wanted) == Replayed(0, complete=True, last_at=None)
    assert await desk.courier.deliver_due() == 1
    last = desk.postbox.sent[-1]
    assert (last.id, last.body) == (first.id, first.body)


def _when(sent: Sent) -> datetime:
    """When it happened: the recordings of one account are a microsecond apart."""
    return datetime.fromisoformat(sent.told["timestamp"])


async def test_by_time(desk: Desk, ann: Person, clock: SettableClock) -> None:
    """From the first instant up to, and without, the last; the earliest first."""
    registered = await desk.listen("coffee")
    for _ in range(3):
        await desk.award(ann)
        clock.advance(timedelta(hours=1))
    await desk.courier.deliver_due()
    told = [sent.id for sent in desk.postbox.sent]
    found = await again(desk, registered, since=NOON + timedelta(hours=1), until=NOON + timedelta(hours=2))
    assert isinstance(found, Replayed)
    assert (found.count, found.complete) == (1, True)
    await desk.courier.deliver_due()
    assert [sent.id for sent in desk.postbox.sent[3:]] == [told[1]]


async def test_what_was_missed_while_switched_off(desk: Desk, ann: Person, clock: SettableClock) -> None:
    """Nothing is sent meanwhile; afterwards what waited is, and the rest is replayed."""
    registered = await desk.listen("coffee")
    await desk.award(ann)
    await disable(desk.database, registered.endpoint.id, brand_ids=None)
    await desk.award(ann)
    assert await desk.courier.deliver_due() == 0
    await enable(desk.database, registered.endpoint.id, brand_ids=None)
    assert await desk.courier.deliver_due() == 1
    clock.advance(timedelta(minutes=1))
    await again(desk, registered, since=NOON)
    assert await desk.courier.deliver_due() == 2
    assert len({sent.id for sent in desk.postbox.sent}) == 2


async def test_only_what_the_endpoint_may_see(desk: Desk, ann: Person) -> None:
    """Not another brand's events, and none of types that it does not want, also by id."""
    await desk.listen("coffee")
    hotel, burns = await desk.listen("hotel"), await desk.listen("coffee", "burn.recorded")
    await desk.award(ann)
    await desk.courier.deliver_due()
    wanted = (UUID(desk.postbox.sent[0].id),)
    for registered in (hotel, burns):
        assert await again(desk, registered, event_ids=wanted) == Replayed(0, complete=True, last_at=None)


@pytest.mark.parametrize(
    ("since", "until"),
    [(None, None), (None, NOON), (NOON, NOON), (NOON, NOON - timedelta(seconds=1)), (NOON - timedelta(days=31), NOON)],
)
async def test_ranges_that_make_no_sense(desk: Desk, since: object, until: object) -> None:
    registered = await desk.listen("coffee")
    assert await again(desk, registered, since=since, until=until) == RangeUnusable(30)


async def test_an_endpoint_that_was_removed(desk: Desk, ann: Person) -> None:
    """Is unknown from then on, and nothing waits for it any more."""
    registered = await desk.listen("coffee")
    await desk.award(ann)
    await remove(desk.database, registered.endpoint.id, brand_ids=None)
    assert await desk.courier.deliver_due() == 0
    assert await again(desk, registered, since=NOON) == UnknownEndpoint()


async def test_a_test_is_the_latest_in_the_log(desk: Desk, ann: Person, clock: SettableClock) -> None:
    """However long the endpoint has been there; asked for twice under one key, it is sent once."""
    registered = await desk.listen("coffee")
    clock.advance(timedelta(days=1))
    await desk.award(ann)
    clock.advance(timedelta(minutes=1))
    endpoint_id = registered.endpoint.id
    event_id = await send_test(desk.database, endpoint_id, "1", brand_ids=None)
    assert await send_test(desk.database, endpoint_id, "1", brand_ids=None) == event_id
    assert await desk.courier.deliver_due() == 2
    async with desk.database.connection() as connection:
        latest, before = await deliveries_of(connection, endpoint_id, count=100)
    assert (latest.event_id, latest.type, before.type) == (event_id, "webhook.test", "award.recorded")
