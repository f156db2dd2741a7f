"""The subgraph: the router's own endpoint."""

from typing import Any

import orjson
import pytest

from core.ids import new_id
from gateway.settings import GatewaySettings
from gateway.signatures import EXTENSION, signature
from schema.build import subgraph_sdl
from schema.ids import global_id
from schema.scopes import Role
from tests.network import Network
from tests.server import ROUTER_SECRET, Answer, Api, Server, demo_settings, serving

ENTITIES = """query ($of: [_Any!]!) {
  _entities(representations: $of) {
    __typename
    ... on Membership { balance }
    ... on Program { code }
    ... on Member { memberships { number } }
    ... on Brand { name }
  }
}"""


SIGNED = "WDltbMtegFfefA3aqMR3kk52flQb0W8qt6CGzq9vVys="


async def route(api: Api, query: str, token: str | None = None, **variables: Any) -> Answer:
    body: dict[str, Any] = {"query": query, "variables": variables}
    body["extensions"] = {EXTENSION: signature(ROUTER_SECRET, body)}
    return await api.send("POST", "/subgraph", token=token, json=body)


async def test_the_router_reads_the_subgraphs_schema(api: Api) -> None:
    answer = await route(api, "{ _service { sdl } }")
    assert answer.data["_service"]["sdl"] + "\n" == subgraph_sdl()


async def test_entities_are_answered_in_order(api: Api, server: Server, network: Network) -> None:
    ann = await network.enrol({"HOTEL": 3_000})
    card = global_id("Membership", ann.cards["HOTEL"].id)
    program = global_id("Program", network.program("MILES").id)
    of = [{"__typename": "Program", "id": program}, {"__typename": "Membership", "id": card}]
    answer = await route(api, ENTITIES, server.tokens.member(ann.id), of=of)
    assert answer.data["_entities"] == [
        {"__typename": "Program", "code": "MILES"},
        {"__typename": "Membership", "balance": "3000"},
    ]


@pytest.mark.parametrize("path", ["/graphql", "/subgraph"])
async def test_the_entry_points_are_closed_to_everybody_else(api: Api, path: str) -> None:
    for query in ("{ _service { sdl } }", "{ _entities(representations: []) { __typename } }"):
        answer = await api.send("POST", path, json={"query": query})
        assert answer.code == ("GRAPHQL_VALIDATION_FAILED" if path == "/graphql" else "FORBIDDEN")


@pytest.mark.parametrize(
    "extensions", [None, {}, {EXTENSION: ""}, {EXTENSION: 7}, {EXTENSION: "AAAA"}, {"other": "x"}, []]
)
async def test_an_unsigned_call_is_refused(api: Api, extensions: object) -> None:
    body = {"query": "{ __typename }", "extensions": extensions}
    answer = await api.send("POST", "/subgraph", json=body)
    assert (answer.status, answer.code) == (403, "FORBIDDEN")


async def test_a_signature_covers_query_and_variables(api: Api) -> None:
    body: dict[str, Any] = {"query": "{ __typename }", "variables": {"a": 1}}
    signed = {EXTENSION: signature(ROUTER_SECRET, body)}
    for changed in ({"query": "{ programs { code } }"}, {"variables": {"a": 2}}, {"variables": None}):
        answer = await api.send("POST", "/subgraph", json={**body, **changed, "extensions": signed})
        assert answer.status == 403


def test_the_signature_is_the_one_hive_gateway_makes() -> None:
    """HMAC-SHA256 in base64 over JSON with sorted keys and no spaces; empty variables are left out.

    printf '%s' '{"query":"{ a }","variables":{"x":"é","y":[1,null]}}' | openssl dgst -sha256 -hmac s -binary | base64
    """
    body = orjson.loads('{"variables": {"y": [1, null], "x": "é"}, "query": "{ a }", "operationName": "ignored"}')
    assert signature("s", body) == SIGNED
    assert signature("s", {"query": "{ a }", "variables": {}}) == signature("s", {"query": "{ a }"})


async def test_without_a_secret_the_subgraph_is_closed(database_url: str, tmp_path: Any) -> None:
    settings = demo_settings(database_url, tmp_path / "home")
    closed = GatewaySettings(settings.core, settings.mode, settings.public_url, None, None)
    with serving(closed) as server:
        async with Api.of(server) as api:
            body: dict[str, Any] = {"query": "{ __typename }"}
            body["extensions"] = {EXTENSION: signature("", body)}
            answer = await api.send("POST", "/subgraph", json=body)
    assert answer.status == 403


async def test_entities_honour_scopes_and_owners(api: Api, server: Server, network: Network) -> None:
    """The router passes the caller's token on; its signature opens the door and replaces nothing."""
    ann, bob = await network.enrol({"HOTEL": 1}), await network.enrol({"HOTEL": 2})
    card = {"__typename": "Membership", "id": global_id("Membership", ann.cards["HOTEL"].id)}
    person = {"__typename": "Member", "id": global_id("Member", ann.id)}
    other = server.tokens.member(bob.id)
    staff = server.tokens.staff("lin.wei", Role.AUDITOR)
    for of in (card, person):
        assert (await route(api, ENTITIES, None, of=[of])).code == "UNAUTHENTICATED"
        assert (await route(api, ENTITIES, staff, of=[of])).code == "FORBIDDEN"
        assert (await route(api, ENTITIES, other, of=[of])).code == "FORBIDDEN"


async def test_one_entity_that_cannot_be_had_does_not_spoil_the_others(
    api: Api, server: Server, network: Network
) -> None:
    program = {"__typename": "Program", "id": global_id("Program", network.program("MILES").id)}
    lost = {"__typename": "Membership", "id": global_id("Membership", new_id())}
    ann = await network.enrol({"HOTEL": 1})
    answer = await route(api, ENTITIES, server.tokens.member(ann.id), of=[lost, program])
    assert answer.body["data"]["_entities"] == [None, {"__typename": "Program", "code": "MILES"}]
    assert (answer.code, answer.error["path"]) == ("FORBIDDEN", ["_entities", 0])


@pytest.mark.parametrize(
    "representation",
    [
        {},
        {"__typename": "Program"},
        {"id": "x"},
        {"__typename": 7, "id": "x"},
        "x",
        {"__typename": "Program", "id": "x"},
    ],
)
async def test_a_malformed_representation_is_an_error_of_its_sender(api: Api, representation: object) -> None:
    answer = await route(api, ENTITIES, of=[representation])
    assert answer.code == "BAD_USER_INPUT"


async def test_a_type_that_is_no_entity_is_not_found(api: Api) -> None:
    answer = await route(api, ENTITIES, of=[{"__typename": "Pong", "id": "x"}])
    assert answer.code == "NOT_FOUND"
