"""Who is who, in the database: the same for every order of arrival, and undone exactly."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.database import Connection, Database
from members import (
    Decision,
    Identifier,
    IdentifierType,
    Member,
    MemberKeys,
    SameRecord,
    UnknownMember,
    Verdict,
    block,
    decide,
    members_of,
    names_of,
    open_reviews,
    unblock,
)
from members.graph import read_graph
from members.oneid import decide_anew, lock_identities
from members.records import Profile, SourceRecord, write_records
from members.resolution import resolve

NOW = datetime(2026, 1, 15, 4, tzinfo=UTC)
PHONES = [Identifier(IdentifierType.PHONE, "", f"+861380000000{digit}") for digit in range(1, 4)]
EMAIL = Identifier(IdentifierType.EMAIL, "", "lyu.ke@example.com")
UNIONIDS = [Identifier(IdentifierType.UNIONID, "wechat", f"union-{digit}") for digit in range(2)]
IDENTIFIERS = [*PHONES, EMAIL, *UNIONIDS]


def _record(keys: MemberKeys, name: str, *identifiers: Identifier) -> SourceRecord:
    return SourceRecord(keys.record_id("test", name), "test", Profile(name, identifiers))


async def _arrive(database: Database, keys: MemberKeys, records: Sequence[SourceRecord]) -> None:
    async with database.transaction() as connection:
        await lock_identities(connection)
        changed = await write_records(connection, keys, records, NOW)
        await decide_anew(connection, NOW, records=[record.id for record in records], changed=changed)


async def _decide(database: Database, left: UUID, right: UUID, verdict: Verdict) -> tuple[Member, Member]:
    found = await decide(database, Decision(left, right, verdict, "checker", "asked by telephone"))
    assert isinstance(found, tuple)
    return found


async def _state(connection: Connection) -> tuple[dict[UUID, UUID], set[UUID]]:
    members = {
        row["id"]: row["member_id"] for row in await connection.fetch("SELECT id, member_id FROM members_record")
    }
    return members, {review.id for review in await open_reviews(connection)}


async def test_same_phone(database: Database, keys: MemberKeys) -> None:
    """Two records with one phone number are one member, under the smaller id; either id names the member."""
    left, right = _record(keys, "left", PHONES[0]), _record(keys, "right", PHONES[0], EMAIL)
    await _arrive(database, keys, [left])
    await _arrive(database, keys, [right])
    member = Member(min(left.id, right.id))
    async with database.connection() as connection:
        assert await members_of(connection, [left.id, right.id]) == {left.id: member, right.id: member}
        assert await names_of(connection, [left.id]) == {left.id: {left.id, right.id}}
        assert await open_reviews(connection) == []


async def test_source_corrects_itself(database: Database, keys: MemberKeys) -> None:
    """A source that no longer says what joined two members takes the join back; saying it again restores it."""
    left, right = _record(keys, "left", PHONES[0]), _record(keys, "right", PHONES[0])
    await _arrive(database, keys, [left, right])
    await _arrive(database, keys, [_record(keys, "right", PHONES[1])])
    async with database.connection() as connection:
        apart, _ = await _state(connection)
    await _arrive(database, keys, [right])
    async with database.connection() as connection:
        together, _ = await _state(connection)
    assert apart == {left.id: left.id, right.id: right.id}
    assert set(together.values()) == {min(left.id, right.id)}


async def test_merge_and_unmerge(database: Database, keys: MemberKeys) -> None:
    """A merge joins all that either member is; withdrawing it restores exactly what there was."""
    records = [
        _record(keys, "a", PHONES[0]),
        _record(keys, "b", PHONES[0], UNIONIDS[0]),
        _record(keys, "c", PHONES[1], UNIONIDS[1]),
        _record(keys, "d", PHONES[1]),
    ]
    await _arrive(database, keys, records)
    async with database.connection() as connection:
        before = await _state(connection)
    merged = await _decide(database, records[0].id, records[3].id, Verdict.SAME)
    async with database.connection() as connection:
        joined, _ = await _state(connection)
    await _decide(database, records[3].id, records[0].id, Verdict.OPEN)
    async with database.connection() as connection:
        after = await _state(connection)
    smallest = min(record.id for record in records)
    assert merged == (Member(smallest), Member(smallest))
    assert set(joined.values()) == {smallest}
    assert after == before


async def test_verdict_closes_review(database: Database, keys: MemberKeys) -> None:
    """What breaks a limit is asked once, and a verdict either way answers it for ever."""
    left, right = _record(keys, "a", PHONES[0], UNIONIDS[0]), _record(keys, "b", PHONES[0], UNIONIDS[1])
    await _arrive(database, keys, [left, right])
    async with database.connection() as connection:
        (asked,) = await open_reviews(connection)
    await _decide(database, left.id, right.id, Verdict.DIFFERENT)
    await _arrive(database, keys, [_record(keys, "c", PHONES[0])])
    async with database.connection() as connection:
        assert {asked.left_id, asked.right_id} == {left.id, right.id}
        assert asked.identifier_id == keys.identifier_id(PHONES[0])
        assert await open_reviews(connection) == []


async def test_verdict_refused(database: Database, keys: MemberKeys) -> None:
    """A verdict needs two records that exist; a refused one leaves no trace."""
    record = _record(keys, "a", PHONES[0])
    await _arrive(database, keys, [record])
    stranger = keys.record_id("test", "nobody")
    assert await decide(database, Decision(record.id, record.id, Verdict.SAME, "x", "")) == SameRecord(record.id)
    assert await decide(database, Decision(record.id, stranger, Verdict.SAME, "x", "")) == UnknownMember(stranger)
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM members_verdict") == 0


async def test_block_and_unblock(database: Database, keys: MemberKeys) -> None:
    """A blocked identifier parts those whom it alone joined; unblocking joins them again."""
    records = [_record(keys, "a", PHONES[0]), _record(keys, "b", PHONES[0], EMAIL), _record(keys, "c", EMAIL)]
    await _arrive(database, keys, records)
    async with database.connection() as connection:
        before = await _state(connection)
    await block(database, keys, PHONES[0], "a shop's telephone")
    async with database.connection() as connection:
        parted, _ = await _state(connection)
    await unblock(database, keys, PHONES[0])
    async with database.connection() as connection:
        after = await _state(connection)
    assert parted[records[0].id] == records[0].id
    assert parted[records[1].id] == parted[records[2].id] == min(records[1].id, records[2].id)
    assert after == before


async def test_test_number(database: Database, keys: MemberKeys) -> None:
    """A number that testers type in joins nobody, and nobody is asked."""
    tester = Identifier(IdentifierType.PHONE, "", "+8613800138000")
    records = [_record(keys, name, tester) for name in "abcdefghijkl"]
    await _arrive(database, keys, records)
    async with database.connection() as connection:
        assert await _state(connection) == ({record.id: record.id for record in records}, set())


async def test_shared_only_now(database: Database, keys: MemberKeys) -> None:
    """The record that makes a number a shared one also parts those whom it had joined until then."""
    records = [_record(keys, name, PHONES[0]) for name in "abcdefghi"]
    await _arrive(database, keys, records[:8])
    async with database.connection() as connection:
        joined, _ = await _state(connection)
    await _arrive(database, keys, records[8:])
    async with database.connection() as connection:
        parted, asked = await _state(connection)
    assert len(set(joined.values())) == 1
    assert parted == {record.id: record.id for record in records}
    assert len(asked) == 1


async def test_two_at_once(database: Database, keys: MemberKeys) -> None:
    """Records that arrive at the same time from different places still find each other."""
    records = [_record(keys, name, PHONES[0]) for name in "abcdef"]
    await asyncio.gather(*(_arrive(database, keys, [record]) for record in records))
    async with database.connection() as connection:
        members, _ = await _state(connection)
    assert set(members.values()) == {min(record.id for record in records)}


async def test_verdicts_are_for_ever(database: Database, keys: MemberKeys) -> None:
    """The application cannot change or delete a verdict."""
    records = [_record(keys, "a"), _record(keys, "b")]
    await _arrive(database, keys, records)
    await _decide(database, records[0].id, records[1].id, Verdict.SAME)
    for statement in ("UPDATE members_verdict SET verdict = 'open'", "DELETE FROM members_verdict"):
        async with database.connection() as connection:
            with pytest.raises(Exception, match="permission denied"):
                await connection.execute(statement)


_SAID = st.dictionaries(
    st.sampled_from("abcdefghijkl"), st.frozensets(st.sampled_from(IDENTIFIERS), max_size=3), min_size=2, max_size=12
)
_VERDICTS = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.sampled_from("ghijkl"), st.sampled_from([Verdict.SAME, Verdict.DIFFERENT])),
    max_size=2,
    unique_by=lambda drawn: drawn[:2],
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_SAID, _VERDICTS, st.data())
async def test_any_order(
    database: Database,
    superuser: Connection,
    keys: MemberKeys,
    said: dict[str, frozenset[Identifier]],
    verdicts: list[tuple[str, str, Verdict]],
    data: st.DataObject,
) -> None:
    """One by one, in batches, corrected later or decided first: the end is the whole evidence, decided at once."""
    records = [_record(keys, name, *sorted(identifiers, key=IDENTIFIERS.index)) for name, identifiers in said.items()]
    records += [_record(keys, name) for drawn in verdicts for name in drawn[:2] if name not in said]
    records = list({record.id: record for record in records}.values())
    ends = []
    for order in (records, data.draw(st.permutations(records))):
        await superuser.execute("TRUNCATE members_record, members_identifier, members_review CASCADE")
        await _arrive_in_steps(database, keys, order, data)
        for left, right, verdict in verdicts:
            await _decide(database, keys.record_id("test", left), keys.record_id("test", right), verdict)
        async with database.connection() as connection:
            ends.append(await _state(connection))
            assert ends[-1][0] == await _at_once(connection)
    assert ends[0] == ends[1]


async def _arrive_in_steps(
    database: Database, keys: MemberKeys, order: Iterable[SourceRecord], data: st.DataObject
) -> None:
    waiting = list(order)
    while waiting:
        size = data.draw(st.integers(1, len(waiting)))
        step, waiting = waiting[:size], waiting[size:]
        if data.draw(st.booleans()):
            mistaken = [SourceRecord(each.id, each.source, Profile("", (PHONES[2],))) for each in step]
            await _arrive(database, keys, mistaken)
        await _arrive(database, keys, step)


async def _at_once(connection: Connection) -> dict[UUID, UUID]:
    everybody = [row["id"] for row in await connection.fetch("SELECT id FROM members_record")]
    graph = await read_graph(connection, everybody, Counter())
    return dict(resolve(graph).member_of)
