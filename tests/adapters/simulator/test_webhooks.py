"""The simulated brand's webhooks, received on a real socket and checked by the library of Standard Webhooks."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp import web
from standardwebhooks import Webhook, WebhookVerificationError

from adapters.certification.inbox import Inbox, listening
from adapters.simulator.brand import BrandSimulator
from adapters.simulator.terms import Flaw, Terms
from core.clock import SystemClock
from tests.adapters.simulator.conftest import Caller

SECRET = Terms().webhook_secret


@pytest.fixture
async def inbox() -> AsyncIterator[tuple[Inbox, str]]:
    async with listening("127.0.0.1", 0, 5) as found:
        yield found


@pytest.fixture
def terms(inbox: tuple[Inbox, str]) -> Terms:
    return Terms(webhook_url=inbox[1])


async def test_the_end_of_what_was_pending_is_told_and_signed(caller: Caller, inbox: tuple[Inbox, str]) -> None:
    caller.brand.clock.stop(SystemClock().now())
    await caller.credit("r-1", 9109)
    caller.brand.clock.advance(timedelta(seconds=60))
    caller.brand.desk.settle()
    post = await inbox[0].first()
    assert post is not None
    told = Webhook(SECRET).verify(post.body, post.headers)
    assert (told["type"], told["data"]["reference"], told["data"]["status"]) == (
        "transaction.updated",
        "r-1",
        "success",
    )
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(post.body + b" ", post.headers)


async def test_a_change_of_tier_is_told(caller: Caller, inbox: tuple[Inbox, str]) -> None:
    await caller.send("POST", "/control/members", [{"number": "1", "balance": 1_000_000, "tier": "silver"}])
    post = await inbox[0].first()
    assert post is not None
    assert b'"data":{"memberId":"1","membershipLevel":"silver"}' in post.body


async def test_an_event_sent_again_has_the_same_id(caller: Caller, inbox: tuple[Inbox, str]) -> None:
    await caller.send("POST", "/control/members", [{"number": "1", "tier": "silver"}])
    await caller.send("POST", "/control/webhooks/resend", {})
    await caller.brand.webhooks.idle()
    first, second = inbox[0].posts
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    (event,) = (await caller.send("GET", "/control/webhooks")).body
    assert (event["id"], event["statuses"]) == (first.headers["webhook-id"], [204, 204])


async def test_a_webhook_that_is_not_taken_is_tried_three_times() -> None:
    refusing = web.Application()
    runner = web.AppRunner(refusing)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    brand = BrandSimulator(Terms(webhook_url=f"http://127.0.0.1:{runner.addresses[0][1]}/"))
    async with brand.serving():
        brand.webhooks.tell("member.tier_changed", {})
        await brand.webhooks.idle()
    await runner.cleanup()
    assert [event.statuses for event in brand.webhooks.kept] == [[404, 404, 404]]


async def test_a_brand_may_sign_wrongly_on_purpose(inbox: tuple[Inbox, str]) -> None:
    brand = BrandSimulator(Terms(webhook_url=inbox[1], flaws=frozenset({Flaw.SIGNS_WRONGLY})))
    async with brand.serving():
        brand.webhooks.tell("member.tier_changed", {})
        post = await inbox[0].first()
    assert post is not None
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(post.body, post.headers)
