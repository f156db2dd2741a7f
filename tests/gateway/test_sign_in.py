"""Signing in with a mini-program, from the tap on the phone to the wallet."""

import pytest

from adapters.simulator.sign_in import SignInSimulator
from core.database import Connection
from tests.server import SIGN_IN, Api

pytestmark = pytest.mark.usefixtures("network")

REFRESH = """mutation ($token: String!, $key: String!) {
  refresh(refreshToken: $token, idempotencyKey: $key) {
    __typename ... on Session { accessToken refreshToken } ... on Refusal { message }
  }
}"""
ME = "{ me { id memberships { number } display { phone } } }"


async def test_a_tap_on_the_phone_opens_the_wallet(api: Api, wechat: SignInSimulator) -> None:
    codes = wechat.tap("13800010042")
    session = (await api.ask(SIGN_IN, code=codes.code, phoneCode=codes.phone_code)).data["signIn"]
    assert session["lifetimeSeconds"] == 600
    me = (await api.ask(ME, session["accessToken"])).data["me"]
    assert (me["memberships"], me["display"]) == ([], {"phone": "+86138****0042"})


async def test_the_same_phone_is_the_same_member(api: Api, wechat: SignInSimulator) -> None:
    ids = set()
    for _ in range(2):
        session = (await api.ask(SIGN_IN, code=wechat.tap("13800010042").code)).data["signIn"]
        ids.add((await api.ask(ME, session["accessToken"])).data["me"]["id"])
    assert len(ids) == 1


async def test_a_code_works_once_and_signs_nobody_in_twice(
    api: Api, wechat: SignInSimulator, superuser: Connection
) -> None:
    code = wechat.tap("13800010042").code
    await api.ask(SIGN_IN, code=code)
    refused = (await api.ask(SIGN_IN, code=code)).data["signIn"]
    assert refused["__typename"] == "SignInRefused"
    assert await superuser.fetchval("SELECT count(*) FROM gateway_session") == 1


@pytest.mark.parametrize("code", ["", "\n", "日本", "a" * 2_001, "a" * 30_000])
async def test_an_unusable_code_is_refused_without_asking_the_provider(
    api: Api, wechat: SignInSimulator, superuser: Connection, code: str
) -> None:
    refused = [(await api.ask(SIGN_IN, code=code)).data["signIn"]]
    if code:
        refused.append((await api.ask(SIGN_IN, code="x", phoneCode=code)).data["signIn"])
    for found in refused:
        assert found["__typename"] == "SignInRefused"
        assert found["message"] == "The sign-in code cannot be used: 1 to 2,000 printable ASCII characters."
    assert wechat.calls == []
    assert await superuser.fetchval("SELECT count(*) FROM gateway_session") == 0


async def test_the_longest_code_is_asked_about(api: Api, wechat: SignInSimulator) -> None:
    refused = (await api.ask(SIGN_IN, code="%" * 2_000)).data["signIn"]
    assert (refused["__typename"], wechat.calls) == ("SignInRefused", ["/sns/jscode2session"])
    assert "printable" not in refused["message"]


@pytest.mark.parametrize("name", ["", "\n", "n" * 30_000])
async def test_an_unusable_provider_is_not_said_back(api: Api, name: str) -> None:
    answer = await api.ask('mutation ($p: String!) { signIn(provider: $p, code: "x") { __typename } }', p=name)
    assert (answer.code, answer.error["message"]) == ("BAD_USER_INPUT", "There is no such sign-in provider.")


async def test_an_unknown_provider_is_an_error_that_names_the_known_ones(api: Api) -> None:
    answer = await api.ask('mutation { signIn(provider: "nobody", code: "x") { __typename } }')
    assert (answer.code, answer.error["extensions"]["providers"]) == ("BAD_USER_INPUT", ["wechat"])


async def test_a_provider_in_trouble_is_not_our_bug(api: Api, wechat: SignInSimulator) -> None:
    wechat.trouble = {"errcode": -1, "errmsg": "system error"}
    assert (await api.ask(SIGN_IN, code="x")).code == "UNAVAILABLE"


async def test_a_mistake_of_ours_is_masked(api: Api, wechat: SignInSimulator) -> None:
    wechat.trouble = {"errcode": 40125, "errmsg": "invalid appsecret"}
    answer = await api.ask(SIGN_IN, code="x")
    assert (answer.code, answer.error["message"]) == ("INTERNAL", "Something went wrong on our side.")


async def test_a_session_is_carried_on_and_ends_when_a_token_is_used_twice(api: Api, wechat: SignInSimulator) -> None:
    first = (await api.ask(SIGN_IN, code=wechat.tap("13800010042").code)).data["signIn"]
    second = (await api.ask(REFRESH, token=first["refreshToken"], key="a")).data["refresh"]
    again = (await api.ask(REFRESH, token=first["refreshToken"], key="a")).data["refresh"]
    assert again["refreshToken"] == second["refreshToken"] != first["refreshToken"]
    thief = (await api.ask(REFRESH, token=first["refreshToken"], key="b")).data["refresh"]
    after = (await api.ask(REFRESH, token=second["refreshToken"], key="c")).data["refresh"]
    assert thief["__typename"] == after["__typename"] == "SessionEnded"
