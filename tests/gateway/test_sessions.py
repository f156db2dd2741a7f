"""Sessions: refresh tokens that rotate, and end when one is used twice."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from core.clock import SettableClock
from core.database import Connection, Database
from core.ids import new_id
from gateway.oauth.access import AccessTokens
from gateway.oauth.keys import SigningKeys
from gateway.oauth.sessions import REFRESH_DAYS, MemberSessions
from schema.ports import SessionEnded, SessionTokens
from schema.scopes import MEMBER_SCOPES

MEMBER = new_id()


@pytest.fixture
def access(tmp_path: Path, clock: SettableClock) -> AccessTokens:
    return AccessTokens(SigningKeys(tmp_path / "keys"), clock, "https://agio.example")


@pytest.fixture
def sessions(pinned_database: Database, access: AccessTokens) -> MemberSessions:
    return MemberSessions(pinned_database, access, b"k" * 32)


async def renewed(sessions: MemberSessions, token: str, key: str) -> SessionTokens:
    found = await sessions.renew(token, key)
    assert isinstance(found, SessionTokens)
    return found


async def test_a_session_begins_with_two_tokens(sessions: MemberSessions, access: AccessTokens) -> None:
    tokens = await sessions.open(MEMBER)
    viewer = access.verify(tokens.access_token)
    assert (viewer.member_id, viewer.scopes, tokens.lifetime_seconds) == (MEMBER, MEMBER_SCOPES, 600)
    assert len(tokens.refresh_token) == 43


async def test_each_refresh_token_is_good_for_one_trade(sessions: MemberSessions, access: AccessTokens) -> None:
    first = await sessions.open(MEMBER)
    second = await renewed(sessions, first.refresh_token, "a")
    third = await renewed(sessions, second.refresh_token, "b")
    assert len({first.refresh_token, second.refresh_token, third.refresh_token}) == 3
    assert access.verify(third.access_token).member_id == MEMBER


async def test_a_lost_answer_is_given_again_for_the_same_key(sessions: MemberSessions) -> None:
    first = await sessions.open(MEMBER)
    second = await renewed(sessions, first.refresh_token, "a")
    again = await renewed(sessions, first.refresh_token, "a")
    assert again.refresh_token == second.refresh_token
    await renewed(sessions, again.refresh_token, "b")


async def test_a_token_used_a_second_time_ends_the_session_for_everybody(sessions: MemberSessions) -> None:
    """Whoever stole it and whoever owns it cannot be told apart; both have to sign in again."""
    first = await sessions.open(MEMBER)
    second = await renewed(sessions, first.refresh_token, "owner")
    assert await sessions.renew(first.refresh_token, "thief") == SessionEnded()
    assert await sessions.renew(second.refresh_token, "owner-2") == SessionEnded()


async def test_a_lost_answer_is_not_given_once_its_token_was_used(sessions: MemberSessions) -> None:
    first = await sessions.open(MEMBER)
    second = await renewed(sessions, first.refresh_token, "a")
    third = await renewed(sessions, second.refresh_token, "b")
    assert await sessions.renew(first.refresh_token, "a") == SessionEnded()
    assert await sessions.renew(third.refresh_token, "c") == SessionEnded()


async def test_of_two_trades_at_once_with_other_keys_none_survives(sessions: MemberSessions) -> None:
    first = await sessions.open(MEMBER)
    found = await asyncio.gather(*(sessions.renew(first.refresh_token, key) for key in ("a", "b")))
    tokens = [one for one in found if isinstance(one, SessionTokens)]
    assert len(tokens) == 1
    assert await sessions.renew(tokens[0].refresh_token, "c") == SessionEnded()


async def test_the_same_trade_at_once_gives_one_successor(sessions: MemberSessions) -> None:
    first = await sessions.open(MEMBER)
    found = await asyncio.gather(*(renewed(sessions, first.refresh_token, "a") for _ in range(4)))
    assert len({tokens.refresh_token for tokens in found}) == 1


async def test_a_session_rests_so_many_days(sessions: MemberSessions, clock: SettableClock) -> None:
    first = await sessions.open(MEMBER)
    clock.advance(timedelta(days=REFRESH_DAYS) - timedelta(seconds=1))
    second = await renewed(sessions, first.refresh_token, "a")
    clock.advance(timedelta(days=REFRESH_DAYS))
    assert await sessions.renew(second.refresh_token, "b") == SessionEnded()


@pytest.mark.parametrize("token", ["", "x", "x" * 10_000, "\x00"])
async def test_what_was_never_given_out_is_no_session(sessions: MemberSessions, token: str) -> None:
    assert await sessions.renew(token, "a") == SessionEnded()


async def test_another_session_of_the_member_goes_on(sessions: MemberSessions) -> None:
    ended, other = await sessions.open(MEMBER), await sessions.open(MEMBER)
    await renewed(sessions, ended.refresh_token, "a")
    await sessions.renew(ended.refresh_token, "b")
    await renewed(sessions, other.refresh_token, "a")


async def test_only_digests_are_stored(sessions: MemberSessions, superuser: Connection) -> None:
    first = await sessions.open(MEMBER)
    await renewed(sessions, first.refresh_token, "a")
    stored = str(await superuser.fetch("SELECT * FROM gateway_refresh_token, gateway_session"))
    assert first.refresh_token not in stored
