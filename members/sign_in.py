"""Signing in: from what a sign-in provider says to the one member it is about."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from core.database import Connection, Database
from members.errors import UnusableIdentity
from members.identifiers import Identifier, IdentifierType
from members.keys import MemberKeys, Sealed
from members.member import Member, members_of
from members.oneid import decide_anew, lock_identities
from members.records import Profile, SourceRecord, read_profile, write_records


@dataclass(frozen=True, slots=True)
class SignInIdentity:
    """Whom a sign-in provider vouches for."""

    provider: str
    """`wechat`, `alipay` …"""
    app: str
    """The app, as the provider calls it."""
    openid: str
    """The person in this app."""
    unionid: str | None = None
    """The person in all apps of the same company at this provider."""
    phone: str | None = None
    """A phone number that the provider has verified."""


_KNOWN: Final = """
SELECT record.member_id, array_agg(evidence.identifier_id) AS carried
FROM members_record AS record JOIN members_evidence AS evidence ON evidence.record_id = record.id
WHERE record.id = $1 AND record.erased_at IS NULL AND evidence.revoked_at IS NULL
GROUP BY record.member_id
"""

_SEALED: Final = "SELECT wrapped_key, sealed_profile FROM members_record WHERE id = $1 AND erased_at IS NULL"


async def sign_in(database: Database, keys: MemberKeys, identity: SignInIdentity) -> Member | UnusableIdentity:
    """The member whom the provider vouches for: found by anything the network knows, or a new one.

    What an earlier sign-in said stays; a phone number that does not exist is left out.
    """
    identifiers = tuple(_identifiers(identity))
    openid = next((each for each in identifiers if each.type is IdentifierType.OPENID), None)
    if openid is None:
        return UnusableIdentity(identity.provider)
    record_id = keys.record_id(f"app:{openid.scope}", openid.value)
    async with database.connection() as connection:
        known = await _known(connection, record_id, {keys.identifier_id(each) for each in identifiers})
    return known or await _record(
        database, keys, SourceRecord(record_id, f"app:{openid.scope}", Profile("", identifiers))
    )


def _identifiers(identity: SignInIdentity) -> Iterator[Identifier]:
    said = (
        (IdentifierType.OPENID, f"{identity.provider}:{identity.app}", identity.openid),
        (IdentifierType.UNIONID, identity.provider, identity.unionid),
        (IdentifierType.PHONE, "", identity.phone),
    )
    for kind, scope, text in said:
        found = Identifier.read(kind, text, scope=scope) if text else None
        if found is not None:
            yield found


async def _known(connection: Connection, record_id: UUID, identifier_ids: set[UUID]) -> Member | None:
    row = await connection.fetchrow(_KNOWN, record_id)
    return Member(row["member_id"]) if row and identifier_ids.issubset(row["carried"]) else None


async def _record(database: Database, keys: MemberKeys, record: SourceRecord) -> Member:
    async with database.transaction() as connection:
        await lock_identities(connection)
        now = database.clock.now()
        changed = await write_records(connection, keys, [await _with_earlier(connection, keys, record)], now)
        await decide_anew(connection, now, records=[record.id], changed=changed)
        return (await members_of(connection, [record.id]))[record.id]


async def _with_earlier(connection: Connection, keys: MemberKeys, record: SourceRecord) -> SourceRecord:
    row = await connection.fetchrow(_SEALED, record.id)
    if row is None:
        return record
    earlier = read_profile(keys, record.id, Sealed(row["wrapped_key"], row["sealed_profile"]))
    identifiers = dict.fromkeys((*record.profile.identifiers, *earlier.identifiers))
    return SourceRecord(record.id, record.source, Profile(earlier.name, tuple(identifiers)))
