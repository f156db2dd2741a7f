"""Webhooks in the graph: registered, delivered over a real socket, looked at, sent again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from standardwebhooks import Webhook

from adapters.webhook_sender import HttpSender
from brands import Scope
from core.database import Database
from core.ids import new_id
from core.secrets import root_secret
from tests.network import Network, Person
from tests.schema.test_movements import AWARD, order
from tests.server import Api, Server
from webhooks import Courier, EndpointSecrets

CREATE = """mutation ($input: CreateWebhookEndpointInput!) {
  createWebhookEndpoint(input: $input) {
    __typename
    ... on WebhookSecret { secret endpoint { id brand url types disabledAt } }
    ... on Refusal { message }
  }
}"""
LIST = """{
  webhookEndpoints { id brand deliveries { id eventId type state isReplay attempts { number status answer } } }
}"""
REPLAY = """mutation ($input: ReplayWebhooksInput!) {
  replayWebhooks(input: $input) { __typename ... on WebhookReplay { count complete } ... on Refusal { message } }
}"""
CHANGE = """mutation ($input: WebhookEndpointInput!) {
  %s(input: $input) {
    __typename
    ... on WebhookEndpoint { id disabledAt }
    ... on Refusal { message }
  }
}"""
SCOPES = [Scope.WEBHOOKS_READ, Scope.WEBHOOKS_WRITE]


class Receiver:
    """A brand's own server: verifies what comes, and keeps it."""

    def __init__(self) -> None:
        self.secret = ""
        self.took: list[Any] = []

    async def take(self, request: web.Request) -> web.Response:
        """As docs/webhooks.md tells brands to."""
        body = await request.read()
        self.took.append(Webhook(self.secret).verify(body, dict(request.headers)))
        return web.Response(text="thanks")

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        """On loopback, while the block lasts."""
        application = web.Application()
        application.router.add_post("/hooks", self.take)
        runner = web.AppRunner(application)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            host, port = runner.addresses[0][:2]
            yield f"http://{host}:{port}/hooks"
        finally:
            await runner.cleanup()


@pytest.fixture
async def courier(server: Server, database: Database) -> AsyncIterator[Courier]:
    """What the installation's worker has."""
    sender = HttpSender(loopback=True)
    yield Courier(database, EndpointSecrets(root_secret(server.home)), sender)
    await sender.close()


@pytest.fixture
def office(server: Server, network: Network) -> str:
    """The coffee chain's system, under a name of its own for each test."""
    return server.tokens.brand(network.brand_id("coffee"), SCOPES, f"office-{new_id()}")


@pytest.fixture
async def ann(network: Network) -> Person:
    return await network.enrol({"BEANS": 0})


async def created(api: Api, token: str, url: str, **more: Any) -> Any:
    answer = await api.ask(CREATE, token, input={"url": url, "idempotencyKey": "first", **more})
    return answer.data["createWebhookEndpoint"]


async def test_from_registration_to_replay(
    api: Api, server: Server, network: Network, office: str, courier: Courier, ann: Person
) -> None:
    """An award arrives signed, is in the log, and comes again under the same id when it is asked for."""
    receiver = Receiver()
    till = server.tokens.brand(network.brand_id("coffee-corner"), [Scope.AWARDS_WRITE], f"till-{new_id()}")
    async with receiver.serving() as url:
        made = await created(api, office, url, types=["award.recorded"])
        receiver.secret = made["secret"]
        movement = (await api.ask(AWARD, till, input=order(ann))).data["awardPoints"]
        assert await courier.deliver_due() == 1
        assert [(took["type"], took["data"]["id"]) for took in receiver.took] == [("award.recorded", movement["id"])]
        endpoint = await _endpoint(api, office, made)
        (delivery,) = endpoint["deliveries"]
        assert (delivery["state"], delivery["attempts"]) == (
            "DELIVERED",
            [{"number": 1, "status": 200, "answer": "thanks"}],
        )
        wish = {"endpointId": endpoint["id"], "eventIds": [delivery["eventId"]]}
        for count in (1, 0):
            answer = await api.ask(REPLAY, office, input=wish)
            assert answer.data["replayWebhooks"] == {"__typename": "WebhookReplay", "count": count, "complete": True}
        assert await courier.deliver_due() == 1
    assert receiver.took[0] == receiver.took[1]
    endpoint = await _endpoint(api, office, made)
    assert [(one["eventId"], one["isReplay"]) for one in endpoint["deliveries"]] == [
        (delivery["eventId"], True),
        (delivery["eventId"], False),
    ]
    await api.ask(CHANGE % "removeWebhookEndpoint", office, input={"endpointId": endpoint["id"]})


async def _endpoint(api: Api, token: str, made: Any) -> Any:
    found = (await api.ask(LIST, token)).data["webhookEndpoints"]
    return next(endpoint for endpoint in found if endpoint["id"] == made["endpoint"]["id"])


async def test_a_secret_is_shown_once(api: Api, office: str) -> None:
    """The same key again brings the same endpoint without it; with another address it is a conflict."""
    first = await created(api, office, "https://a.example/hooks")
    again = await created(api, office, "https://a.example/hooks")
    other = await created(api, office, "https://b.example/hooks")
    assert first["secret"].startswith("whsec_")
    assert again == {**first, "secret": None}
    assert other["__typename"] == "IdempotencyConflict"
    await api.ask(CHANGE % "removeWebhookEndpoint", office, input={"endpointId": first["endpoint"]["id"]})


@pytest.mark.parametrize(
    ("wish", "refusal"),
    [
        ({"url": "http://a.example/"}, "WebhookUrlUnusable"),
        ({"url": "https://10.0.0.1/"}, "WebhookUrlUnusable"),
        ({"url": "https://a.example/", "types": ["no.such"]}, "UnknownEventType"),
        ({"url": "https://a.example/", "idempotencyKey": ""}, "KeyUnusable"),
    ],
)
async def test_what_cannot_be_registered(api: Api, office: str, wish: dict[str, Any], refusal: str) -> None:
    answer = await api.ask(CREATE, office, input={"idempotencyKey": "first", **wish})
    assert answer.data["createWebhookEndpoint"]["__typename"] == refusal


ROTATE = """mutation ($input: RotateWebhookSecretInput!) {
  rotateWebhookSecret(input: $input) {
    __typename
    ... on WebhookSecret { secret }
    ... on WebhookOverlapUnusable { message hoursMax }
  }
}"""


@pytest.mark.parametrize("hours", [-1, 721, 2**31 - 1])
async def test_an_overlap_that_cannot_be_is_refused(api: Api, office: str, hours: int) -> None:
    """With its bounds; the present secret stays, and the same key may be used for a wish that can be."""
    made = await created(api, office, "https://a.example/hooks")
    endpoint = {"endpointId": made["endpoint"]["id"], "idempotencyKey": "new-1"}
    refused = (await api.ask(ROTATE, office, input={**endpoint, "overlapHours": hours})).data["rotateWebhookSecret"]
    assert refused == {
        "__typename": "WebhookOverlapUnusable",
        "message": "Both secrets can sign for 0 to 720 hours.",
        "hoursMax": 720,
    }
    longest = (await api.ask(ROTATE, office, input={**endpoint, "overlapHours": 720})).data["rotateWebhookSecret"]
    assert longest["secret"].startswith("whsec_")
    await api.ask(CHANGE % "removeWebhookEndpoint", office, input={"endpointId": endpoint["endpointId"]})


async def test_no_more_than_twenty(api: Api, server: Server, network: Network) -> None:
    """Of one brand; another brand's are its own."""
    token = server.tokens.brand(network.brand_id("hotel-lake"), SCOPES, f"lake-{new_id()}")
    wishes = [{"url": f"https://a.example/{at}", "idempotencyKey": str(at)} for at in range(21)]
    made = [(await api.ask(CREATE, token, input=wish)).data["createWebhookEndpoint"] for wish in wishes]
    assert [found["__typename"] for found in made] == ["WebhookSecret"] * 20 + ["TooManyEndpoints"]


async def test_somebody_elses_endpoint_does_not_exist(api: Api, server: Server, network: Network, office: str) -> None:
    """It is not listed, and cannot be changed, replayed to or asked for; a brand above may."""
    corner = server.tokens.brand(network.brand_id("coffee-corner"), SCOPES, f"corner-{new_id()}")
    made = await created(api, corner, "https://corner.example/hooks")
    endpoint_id = made["endpoint"]["id"]
    hotel = server.tokens.brand(network.brand_id("hotel"), SCOPES)
    assert endpoint_id not in {found["id"] for found in (await api.ask(LIST, hotel)).data["webhookEndpoints"]}
    for name in ("disableWebhookEndpoint", "enableWebhookEndpoint", "removeWebhookEndpoint"):
        answer = await api.ask(CHANGE % name, hotel, input={"endpointId": endpoint_id})
        assert answer.data[name]["__typename"] == "UnknownWebhookEndpoint"
    wish = {"endpointId": endpoint_id, "since": "2026-01-01T00:00:00Z", "until": "2026-01-02T00:00:00Z"}
    assert (await api.ask(REPLAY, hotel, input=wish)).data["replayWebhooks"]["__typename"] == "UnknownWebhookEndpoint"
    node = await api.ask("query ($id: ID!) { node(id: $id) { id } }", hotel, id=endpoint_id)
    assert node.code == "NOT_FOUND"
    answer = await api.ask(CHANGE % "disableWebhookEndpoint", office, input={"endpointId": endpoint_id})
    assert answer.data["disableWebhookEndpoint"]["disabledAt"] is not None


@pytest.mark.parametrize(
    "times",
    [
        {},
        {"until": "2026-01-02T00:00:00Z"},
        {"since": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"},
        {"since": "2025-01-01T00:00:00Z", "until": "2026-01-01T00:00:00Z"},
    ],
)
async def test_a_range_that_makes_no_sense(api: Api, office: str, times: dict[str, str]) -> None:
    made = await created(api, office, "https://a.example/hooks")
    answer = await api.ask(REPLAY, office, input={"endpointId": made["endpoint"]["id"], **times})
    assert answer.data["replayWebhooks"]["__typename"] == "WebhookRangeUnusable"
    await api.ask(CHANGE % "removeWebhookEndpoint", office, input={"endpointId": made["endpoint"]["id"]})
