"""Records and their evidence: what sources say about people, written in bulk."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from core.database import Connection
from core.ids import new_id
from members.identifiers import Identifier
from members.keys import MemberKeys, Sealed


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one source says about one person, in the clear; at rest it is sealed."""

    name: str
    identifiers: tuple[Identifier, ...]


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """What one source says about one person."""

    id: UUID
    source: str
    """`program:AURORA`, or a sign-in provider's app."""
    profile: Profile


_WRITE_RECORDS: Final = """
INSERT INTO members_record AS kept (id, source, member_id, wrapped_key, sealed_profile, created_at)
SELECT id, source, id, wrapped_key, sealed_profile, $5
FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::bytea[]) AS given (id, source, wrapped_key, sealed_profile)
ON CONFLICT (id) DO UPDATE
SET wrapped_key = excluded.wrapped_key, sealed_profile = excluded.sealed_profile, erased_at = NULL
"""

_WRITE_IDENTIFIERS: Final = """
INSERT INTO members_identifier (id, type, scope, blocked_reason)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[])
ON CONFLICT (id) DO NOTHING
"""

_ADD_EVIDENCE: Final = """
INSERT INTO members_evidence AS kept (id, record_id, identifier_id, seen_at)
SELECT id, record_id, identifier_id, $4
FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS said (id, record_id, identifier_id)
ON CONFLICT (record_id, identifier_id) DO UPDATE SET revoked_at = NULL WHERE kept.revoked_at IS NOT NULL
RETURNING record_id, identifier_id
"""

_REVOKE_EVIDENCE: Final = """
UPDATE members_evidence AS kept SET revoked_at = $4
WHERE record_id = ANY($1::uuid[]) AND revoked_at IS NULL AND NOT EXISTS (
    SELECT FROM unnest($2::uuid[], $3::uuid[]) AS said (record_id, identifier_id)
    WHERE said.record_id = kept.record_id AND said.identifier_id = kept.identifier_id
)
RETURNING record_id, identifier_id
"""


_CHANGED: Final = """
UPDATE members_record SET identity_changed_at = $2 WHERE id = ANY($1::uuid[]) AND created_at < $2
"""


async def write_records(
    connection: Connection, keys: MemberKeys, records: Sequence[SourceRecord], now: datetime
) -> Counter[UUID]:
    """Write what the sources say now, in place of what they said before; each record once.

    Returns the identifiers whose evidence changed, each with the number of records it was added to.
    """
    await _write_profiles(connection, keys, records, now)
    ids = {each: keys.identifier_id(each) for record in records for each in record.profile.identifiers}
    await _write_identifiers(connection, ids)
    return await _write_evidence(connection, records, ids, now)


def read_profile(keys: MemberKeys, record_id: UUID, sealed: Sealed) -> Profile:
    """Open what a source said. Raises Unreadable."""
    return msgspec.json.decode(keys.open(record_id, sealed), type=Profile)


async def _write_profiles(
    connection: Connection, keys: MemberKeys, records: Sequence[SourceRecord], now: datetime
) -> None:
    sealed = [keys.seal(record.id, msgspec.json.encode(record.profile)) for record in records]
    await connection.execute(
        _WRITE_RECORDS,
        [record.id for record in records],
        [record.source for record in records],
        [each.wrapped_key for each in sealed],
        [each.body for each in sealed],
        now,
    )


async def _write_identifiers(connection: Connection, ids: Mapping[Identifier, UUID]) -> None:
    # In the order of their keys, like every bulk insert here, so that two of them never wait for each other.
    rows = sorted(ids.items(), key=lambda row: row[1])
    await connection.execute(
        _WRITE_IDENTIFIERS,
        [identifier_id for _, identifier_id in rows],
        [identifier.type.value for identifier, _ in rows],
        [identifier.scope for identifier, _ in rows],
        ["a value that testers type in" if identifier.is_test_value else None for identifier, _ in rows],
    )


async def _write_evidence(
    connection: Connection, records: Sequence[SourceRecord], ids: Mapping[Identifier, UUID], now: datetime
) -> Counter[UUID]:
    said = sorted({(record.id, ids[each]) for record in records for each in record.profile.identifiers})
    record_ids = [record_id for record_id, _ in said]
    identifier_ids = [identifier_id for _, identifier_id in said]
    edge_ids = [new_id() for _ in said]
    added = await connection.fetch(_ADD_EVIDENCE, edge_ids, record_ids, identifier_ids, now)
    all_ids = [record.id for record in records]
    revoked = await connection.fetch(_REVOKE_EVIDENCE, all_ids, record_ids, identifier_ids, now)
    await connection.execute(_CHANGED, [row["record_id"] for row in (*added, *revoked)], now)
    changed = Counter({row["identifier_id"]: 0 for row in revoked})
    changed.update(row["identifier_id"] for row in added)
    return changed
