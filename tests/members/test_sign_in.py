"""Signing in."""

from dataclasses import replace
from pathlib import Path

from core.database import Connection, Database
from members import (
    Member,
    MemberKeys,
    SignInIdentity,
    UnusableIdentity,
    display,
    erase,
    import_file,
    memberships,
    names_of,
    sign_in,
)
from tests.network import AIRLINE, COFFEE, HOTEL, load_network

ANN = SignInIdentity("wechat", "wx-app", "open-1", "union-1", "13800000001")


async def _sign_in(database: Database, keys: MemberKeys, identity: SignInIdentity) -> Member:
    found = await sign_in(database, keys, identity)
    assert isinstance(found, Member)
    return found


async def _count(connection: Connection) -> list[int]:
    tables = ("members_record", "members_evidence", "members_identifier")
    return [await connection.fetchval(f"SELECT count(*) FROM {table}") for table in tables]


async def test_again(database: Database, keys: MemberKeys, superuser: Connection) -> None:
    """The same person is the same member every time, and the second time nothing is written."""
    first = await _sign_in(database, keys, ANN)
    before = await _count(superuser)
    assert await _sign_in(database, keys, ANN) == first
    assert await _sign_in(database, keys, replace(ANN, phone=None, unionid=None)) == first
    assert await _count(superuser) == before == [1, 3, 3]


async def test_other_app(database: Database, keys: MemberKeys) -> None:
    """The same unionid in another app is the same member; the same openid in another app is not."""
    first = await _sign_in(database, keys, ANN)
    same = await _sign_in(database, keys, SignInIdentity("wechat", "wx-other", "open-9", "union-1"))
    other = await _sign_in(database, keys, SignInIdentity("wechat", "wx-third", "open-1", "union-2"))
    async with database.connection() as connection:
        names = await names_of(connection, [first.id, same.id, other.id])
    assert names[first.id] == names[same.id] >= {first.id, same.id}
    assert names[other.id] == {other.id}


async def test_phone_comes_later(database: Database, keys: MemberKeys) -> None:
    """A phone number given at a later sign-in joins who is already there, and what was said before stays."""
    bare = await _sign_in(database, keys, replace(ANN, phone=None))
    friend = await _sign_in(database, keys, SignInIdentity("alipay", "ali-app", "20880", None, "+86 138 0000 0001"))
    joined = await _sign_in(database, keys, replace(ANN, unionid=None))
    async with database.connection() as connection:
        names = await names_of(connection, [joined.id])
        shown = await display(connection, keys, [joined.id])
    assert joined.id == min(bare.id, friend.id)
    assert names == {joined.id: {bare.id, friend.id}}
    assert shown[joined.id].phone == "+86138****0001"


async def test_bad_phone(database: Database, keys: MemberKeys, superuser: Connection) -> None:
    """A phone number that does not exist does not keep anybody from signing in, and identifies nobody."""
    await _sign_in(database, keys, replace(ANN, phone="12345"))
    assert await _count(superuser) == [1, 2, 2]


async def test_nobody(database: Database, keys: MemberKeys, superuser: Connection) -> None:
    """Without an openid nobody has signed in."""
    assert await sign_in(database, keys, replace(ANN, openid=" ")) == UnusableIdentity("wechat")
    assert await _count(superuser) == [0, 0, 0]


async def test_back_after_erasure(database: Database, keys: MemberKeys) -> None:
    """Who was erased and signs in again is remembered as far as they say now, not as before."""
    first = await _sign_in(database, keys, ANN)
    await erase(database, first.id)
    again = await _sign_in(database, keys, replace(ANN, phone="13800000002"))
    async with database.connection() as connection:
        shown = await display(connection, keys, [again.id])
    assert shown[again.id].phone == "+86138****0002"


async def test_wallet(database: Database, keys: MemberKeys, tmp_path: Path) -> None:
    """Whoever signs in finds the cards that a brand brought over, whether they came before or after."""
    columns = '{ number = "n", phone = "p", tier = "t", balance = "b", enrolled_on = "e" }'
    form = f"[programs.MILES.member_file]\ncolumns = {columns}\n"
    await load_network(database, (HOTEL, AIRLINE + form, COFFEE))
    before = await _sign_in(database, keys, ANN)
    path = tmp_path / "members.csv"
    path.write_text("n,p,t,b,e\nM-1,+86 13800000001,base,5,2020-01-01\nM-2,13800000002,base,5,2020-01-01\n")
    await import_file(database, keys, "airline", path)
    bo = await _sign_in(database, keys, SignInIdentity("wechat", "wx-app", "open-2", None, "13800000002"))
    async with database.connection() as connection:
        found = await memberships(connection, [before.id, bo.id])
    assert [card.number for card in found[before.id]] == ["M1"]
    assert [card.number for card in found[bo.id]] == ["M2"]


async def test_no_personal_data_in_the_clear(database: Database, keys: MemberKeys, superuser: Connection) -> None:
    """Nothing that was said can be read in the tables."""
    await _sign_in(database, keys, ANN)
    for table in ("members_record", "members_evidence", "members_identifier"):
        rows = await superuser.fetch(f"SELECT to_jsonb(t)::text AS row FROM {table} AS t")
        text = " ".join(row["row"] for row in rows)
        assert not any(said in text for said in ("open-1", "union-1", "13800000001"))
