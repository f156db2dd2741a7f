"""Signing in with WeChat, against a real HTTP server that plays it."""

import logging
import traceback
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import quote_plus

import aiohttp
import pytest

from adapters.errors import CodeRefused, PersonBlocked, ProviderMisused
from adapters.simulator.sign_in import Person, SignInSimulator
from adapters.wechat import WeChatApp, WeChatSignIn
from core.clock import SettableClock
from core.faults import Fault, fault_of
from members import SignInIdentity

PHONE = "13800010042"
SECRET = "the app's secret"


@pytest.fixture
def simulator() -> SignInSimulator:
    return SignInSimulator("wx-agio", SECRET)


@pytest.fixture
async def url(simulator: SignInSimulator) -> AsyncIterator[str]:
    async with simulator.serving() as found:
        yield found


@pytest.fixture
async def wechat(url: str, clock: SettableClock) -> AsyncIterator[WeChatSignIn]:
    port = WeChatSignIn(WeChatApp("wx-agio", SECRET, url), clock)
    yield port
    await port.close()


async def test_a_code_names_the_person(simulator: SignInSimulator, wechat: WeChatSignIn) -> None:
    person = Person.with_phone(PHONE)
    found = await wechat.exchange_code(simulator.tap(PHONE).code)
    assert found == SignInIdentity("wechat", "wx-agio", person.openid, person.unionid, None)
    assert simulator.calls == ["/sns/jscode2session"]


async def test_a_phone_code_adds_the_number(simulator: SignInSimulator, wechat: WeChatSignIn) -> None:
    codes = simulator.tap(PHONE)
    found = await wechat.exchange_code(codes.code, codes.phone_code)
    assert isinstance(found, SignInIdentity)
    assert found.phone == "+8613800010042"


async def test_the_same_phone_is_the_same_person(simulator: SignInSimulator, wechat: WeChatSignIn) -> None:
    found = [await wechat.exchange_code(simulator.tap(PHONE).code) for _ in range(2)]
    assert found[0] == found[1]


@pytest.mark.parametrize("code", ["never given out", "", "日本", "a" * 3_000])
async def test_a_code_that_was_never_given_out_is_refused(wechat: WeChatSignIn, code: str) -> None:
    assert await wechat.exchange_code(code) == CodeRefused()


async def test_a_code_works_once(simulator: SignInSimulator, wechat: WeChatSignIn) -> None:
    codes = simulator.tap(PHONE)
    await wechat.exchange_code(codes.code, codes.phone_code)
    assert await wechat.exchange_code(codes.code) == CodeRefused()
    assert await wechat.exchange_code(simulator.tap(PHONE).code, codes.phone_code) == CodeRefused()


async def test_the_access_token_is_kept_until_shortly_before_it_expires(
    simulator: SignInSimulator, wechat: WeChatSignIn, clock: SettableClock
) -> None:
    async def sign_in() -> None:
        codes = simulator.tap(PHONE)
        await wechat.exchange_code(codes.code, codes.phone_code)

    await sign_in()
    await sign_in()
    assert simulator.calls.count("/cgi-bin/stable_token") == 1
    clock.advance(timedelta(seconds=7_200 - 300))
    await sign_in()
    assert simulator.calls.count("/cgi-bin/stable_token") == 2


async def test_an_access_token_that_was_taken_back_is_renewed(simulator: SignInSimulator, wechat: WeChatSignIn) -> None:
    first, second = simulator.tap(PHONE), simulator.tap(PHONE)
    await wechat.exchange_code(first.code, first.phone_code)
    simulator.forget_tokens()
    found = await wechat.exchange_code(second.code, second.phone_code)
    assert isinstance(found, SignInIdentity)
    assert found.phone == "+8613800010042"


async def test_somebody_whom_wechat_has_blocked_is_refused(simulator: SignInSimulator, wechat: WeChatSignIn) -> None:
    simulator.trouble = {"errcode": 40226, "errmsg": "high risk user"}
    assert await wechat.exchange_code("x") == PersonBlocked()


@pytest.mark.parametrize("code", [40013, 40125, 41002, 48001])
async def test_a_mistake_of_ours_is_raised(simulator: SignInSimulator, wechat: WeChatSignIn, code: int) -> None:
    simulator.trouble = {"errcode": code, "errmsg": "invalid appid"}
    with pytest.raises(ProviderMisused) as raised:
        await wechat.exchange_code("x")
    assert raised.value.code == code


@pytest.mark.parametrize(
    "answer",
    [
        {"errcode": -1, "errmsg": "system error"},
        {"errcode": 45011, "errmsg": "api minute-quota reach limit"},
        {},
        {"openid": 7},
        {"openid": ""},
        [],
    ],
)
async def test_trouble_at_wechat_is_nobodys_fault(
    simulator: SignInSimulator, wechat: WeChatSignIn, answer: Any
) -> None:
    simulator.trouble = answer
    with pytest.raises(ConnectionError) as raised:
        await wechat.exchange_code("x")
    assert fault_of(raised.value) is Fault.MACHINERY


async def test_nobody_answering_is_nobodys_fault(clock: SettableClock) -> None:
    port = WeChatSignIn(WeChatApp("wx-agio", SECRET, "http://127.0.0.1:9"), clock)
    with pytest.raises(ConnectionError) as raised:
        await port.exchange_code("x")
    await port.close()
    assert SECRET not in str(raised.value)


async def test_our_secret_reaches_no_log(
    simulator: SignInSimulator, wechat: WeChatSignIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    codes = simulator.tap(PHONE)
    await wechat.exchange_code(codes.code, codes.phone_code)
    assert SECRET not in caplog.text


async def test_a_request_that_cannot_be_read_leaves_no_secret_in_a_log(
    wechat: WeChatSignIn, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither on our side nor on the simulator's: its HTTP server quotes the line that is too long."""
    caplog.set_level(logging.DEBUG)
    with pytest.raises(ConnectionError) as raised:
        await wechat.exchange_code("a" * 30_000)
    told = "".join(traceback.format_exception(raised.value))
    assert "agio.simulator.sign_in" in caplog.text
    for text in (caplog.text, told):
        assert SECRET not in text
        assert quote_plus(SECRET) not in text
        assert "secret=" not in text


async def test_the_simulator_gives_out_codes_over_http(url: str, wechat: WeChatSignIn) -> None:
    async with aiohttp.ClientSession(url) as session, session.post("/simulator/codes", json={"phone": PHONE}) as answer:
        codes = await answer.json()
    found = await wechat.exchange_code(codes["code"], codes["phoneCode"])
    assert isinstance(found, SignInIdentity)
    assert found.phone == "+8613800010042"
