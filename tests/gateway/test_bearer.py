"""Tokens over HTTP: without one, with a good one, and with one that cannot be used."""

from datetime import timedelta

import pytest

from core.clock import SettableClock
from core.ids import new_id
from gateway.oauth.access import ACCESS_SECONDS
from gateway.settings import GatewaySettings
from schema.scopes import Role
from tests.server import Api, Server, serving

WINDOWS = "{ windows { number } }"


async def test_without_a_token_what_is_open_is_answered(api: Api) -> None:
    assert (await api.ask("{ programs { code } }")).data == {"programs": []}


async def test_without_a_token_the_scopes_that_are_needed_are_named(api: Api) -> None:
    answer = await api.ask(WINDOWS)
    assert (answer.status, answer.code) == (200, "UNAUTHENTICATED")
    assert answer.error["extensions"]["requiredScopes"] == [["settlement:read"]]


async def test_an_expired_token_is_said_to_be_expired(settings: GatewaySettings, clock: SettableClock) -> None:
    """Also on fields that need none: a client that sends a token means to use it."""
    with serving(settings, clock) as server:
        token = server.tokens.staff("lin.wei", Role.AUDITOR)
        async with Api.of(server) as api:
            assert (await api.ask("{ programs { code } }", token)).status == 200
            clock.advance(timedelta(seconds=ACCESS_SECONDS))
            answer = await api.ask("{ programs { code } }", token)
    assert (answer.status, answer.code) == (401, "UNAUTHENTICATED")
    assert answer.error["extensions"]["reason"] == "expired"
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer x", "Bearer a.b.c", "Basic YTpi", "bearer\tx", "Bearer " + "x" * 8_000]
)
async def test_what_is_no_token_is_refused(api: Api, header: str) -> None:
    answer = await api.send("POST", "/graphql", json={"query": "{ __typename }"}, headers={"Authorization": header})
    assert (answer.status, answer.code, answer.error["extensions"]["reason"]) == (401, "UNAUTHENTICATED", "invalid")


async def test_a_token_of_another_installation_is_refused(shared_api: Api, server: Server) -> None:
    answer = await shared_api.ask(WINDOWS, server.tokens.staff("lin.wei", Role.AUDITOR))
    assert (answer.status, answer.error["extensions"]["reason"]) == (401, "invalid")


async def test_a_token_with_fewer_scopes_is_forbidden_and_says_which_are_needed(api: Api, server: Server) -> None:
    answer = await api.ask(WINDOWS, server.tokens.brand(new_id(), ["statements:read"]))
    assert (answer.status, answer.code) == (200, "FORBIDDEN")
    assert answer.error["extensions"]["requiredScopes"] == [["settlement:read"]]
