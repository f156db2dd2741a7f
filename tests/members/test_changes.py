"""When it last changed who somebody is."""

from dataclasses import replace
from datetime import datetime, timedelta

from core.clock import SettableClock
from core.database import Database
from members import Member, MemberKeys, SignInIdentity, identity_changes, sign_in
from tests.network import NOON

ANN = SignInIdentity("wechat", "wx-app", "open-1", "union-1", "13800000001")
SAME = SignInIdentity("alipay", "ali-app", "20880", None, "13800000001")


async def signed_in(database: Database, keys: MemberKeys, identity: SignInIdentity) -> Member:
    found = await sign_in(database, keys, identity)
    assert isinstance(found, Member)
    return found


async def changed(database: Database, *members: Member) -> list[datetime | None]:
    async with database.connection() as connection:
        found = await identity_changes(connection, [member.id for member in members])
    return [found.get(member.id) for member in members]


async def test_whoever_is_as_first_recorded_has_not_changed(
    pinned_database: Database, keys: MemberKeys, clock: SettableClock
) -> None:
    """Signing in again changes nothing."""
    ann = await signed_in(pinned_database, keys, ANN)
    clock.advance(timedelta(days=1))
    assert await signed_in(pinned_database, keys, ANN) == ann
    assert await changed(pinned_database, ann) == [None]


async def test_another_phone_number_is_a_change(
    pinned_database: Database, keys: MemberKeys, clock: SettableClock
) -> None:
    """At the instant at which it came, and nobody else's."""
    ann = await signed_in(pinned_database, keys, ANN)
    ben = await signed_in(pinned_database, keys, SignInIdentity("wechat", "wx-app", "open-2", "union-2"))
    clock.advance(timedelta(days=1))
    await signed_in(pinned_database, keys, replace(ANN, phone="13900000002"))
    assert await changed(pinned_database, ann, ben) == [NOON + timedelta(days=1), None]


async def test_a_link_is_a_change_for_both(pinned_database: Database, keys: MemberKeys, clock: SettableClock) -> None:
    """Whoever signs in elsewhere with the same phone number joins the one who was there; either id tells."""
    ann = await signed_in(pinned_database, keys, ANN)
    clock.advance(timedelta(days=1))
    joined = await signed_in(pinned_database, keys, SAME)
    assert await changed(pinned_database, ann, joined) == [NOON + timedelta(days=1)] * 2
