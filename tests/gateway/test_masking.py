"""What clients see when something breaks: a code and a request id, nothing of ours; and service once it is mended."""

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from core.database import Connection
from core.errors import Overloaded
from gateway.errors import code_of
from tests.cable import Cable
from tests.network import Network
from tests.server import Api, Server, demo_settings, serving

WALLET = "{ me { memberships { balance } } }"
QUOTE = 'mutation { createQuote(input: {source: "HOTEL", target: "MILES", amount: "1000"}) { __typename } }'


@pytest.fixture
async def cable(database_url: str) -> AsyncIterator[Cable]:
    async with Cable.to(database_url) as plugged_in:
        yield plugged_in


@pytest.fixture
async def far_server(cable: Cable, tmp_path: Path) -> AsyncIterator[Server]:
    """A gateway at one end of the cable, which needs this event loop while the gateway starts and stops."""
    running = serving(demo_settings(cable.url, tmp_path / "home"))
    yield await asyncio.to_thread(running.__enter__)
    await asyncio.to_thread(running.__exit__, None, None, None)


@pytest.fixture
async def far_api(far_server: Server) -> AsyncIterator[Api]:
    async with Api.of(far_server) as client:
        yield client


async def test_a_stopped_database_is_unavailable_until_it_is_back(
    far_api: Api, far_server: Server, network: Network, cable: Cable
) -> None:
    ann = await network.enrol({"HOTEL": 3_000, "MILES": 0})
    token = far_server.tokens.member(ann.id)
    await cable.pull_out()
    for query in (WALLET, QUOTE):
        answer = await far_api.ask(query, token)
        assert (answer.code, answer.status) == ("UNAVAILABLE", 200)
        assert answer.error["extensions"]["requestId"] == answer.headers["X-Request-ID"]
        assert (
            answer.error["message"] == "The service is not available at the moment. Repeat the same request in a while."
        )
    assert (await far_api.send("GET", "/health/ready")).status == 503
    assert (await far_api.send("GET", "/health/live")).status == 200
    await cable.plug_in()
    assert (await far_api.send("GET", "/health/ready")).status == 200
    assert (await far_api.ask(WALLET, token)).data["me"]["memberships"][0] in ({"balance": "3000"}, {"balance": "0"})


async def test_the_token_endpoint_is_unavailable_without_the_database(far_api: Api, cable: Cable) -> None:
    await cable.pull_out()
    answer = await far_api.send(
        "POST", "/oauth/token", data={"grant_type": "client_credentials", "client_id": "x", "client_secret": "y"}
    )
    assert (answer.status, answer.body["error"]["code"]) == (503, "UNAVAILABLE")


async def test_a_full_disk_is_unavailable_and_nothing_has_moved(
    api: Api, server: Server, network: Network, superuser: Connection
) -> None:
    """PostgreSQL says so with the code 53100, raised here by a trigger in the middle of the acceptance."""
    ann = await network.enrol({"HOTEL": 3_000, "MILES": 0})
    token = server.tokens.member(ann.id)
    quote = (await api.ask(QUOTE.replace("__typename", "... on Quote { id }"), token)).data["createQuote"]["id"]
    await superuser.execute("""
        CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$;
        CREATE TRIGGER full_disk BEFORE INSERT ON exchange_exchange EXECUTE FUNCTION full_disk();
    """)
    accept = 'mutation ($q: ID!) { acceptQuote(input: {quoteId: $q, idempotencyKey: "k"}) { __typename } }'
    assert (await api.ask(accept, token, q=quote)).code == "UNAVAILABLE"
    assert await network.points(ann) == {"HOTEL": 3_000, "MILES": 0}
    await superuser.execute("DROP TRIGGER full_disk ON exchange_exchange")
    assert (await api.ask(accept, token, q=quote)).data["acceptQuote"] == {"__typename": "Exchange"}
    assert await network.points(ann) == {"HOTEL": 2_000, "MILES": 660}


async def test_a_bug_is_masked_and_logged_with_its_request_id(
    api: Api, server: Server, network: Network, superuser: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    ann = await network.enrol({"HOTEL": 3_000})
    await superuser.execute("ALTER TABLE members_membership RENAME COLUMN tier TO secret_column")
    with caplog.at_level(logging.ERROR, "agio.gateway"):
        answer = await api.ask(WALLET, server.tokens.member(ann.id))
    assert (answer.code, answer.error["message"]) == ("INTERNAL", "Something went wrong on our side.")
    assert "secret_column" not in str(answer.body)
    (record,) = caplog.records
    assert record.__dict__["request_id"] == answer.headers["X-Request-ID"]
    assert record.exc_info


@pytest.mark.parametrize(
    ("exception", "code"),
    [
        (Overloaded("full"), "OVERLOADED"),
        (ConnectionRefusedError(), "UNAVAILABLE"),
        (TimeoutError(), "UNAVAILABLE"),
        (asyncpg.DiskFullError(), "UNAVAILABLE"),
        (asyncpg.UniqueViolationError(), "INTERNAL"),
        (KeyError("x"), "INTERNAL"),
    ],
)
def test_each_failure_has_a_code(exception: Exception, code: str) -> None:
    assert code_of(exception) == code
