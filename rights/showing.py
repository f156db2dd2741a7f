"""Codes for the screen of a member."""

from dataclasses import dataclass
from uuid import UUID

from core.clock import Clock
from core.database import Connection
from members import memberships
from rights.code import RightCode, code_at, grant_key
from rights.errors import UnknownGrant
from rights.grants import Grant, grants_by_id


@dataclass(frozen=True, slots=True)
class OfflineKey:
    """What a phone needs to make the codes of one grant by itself: see `rights.code`."""

    handle: int
    key: bytes


async def right_code(
    connection: Connection, root_key: bytes, member_id: UUID, grant_id: UUID, *, clock: Clock
) -> RightCode | UnknownGrant:
    """The code of the member's grant at this moment."""
    grant = await _held(connection, member_id, grant_id)
    if grant is None:
        return UnknownGrant(grant_id)
    return code_at(grant_key(root_key, grant_id), grant.handle, clock.now())


async def offline_key(
    connection: Connection, root_key: bytes, member_id: UUID, grant_id: UUID
) -> OfflineKey | UnknownGrant:
    """The key with which the member's phone makes codes without a network."""
    grant = await _held(connection, member_id, grant_id)
    return UnknownGrant(grant_id) if grant is None else OfflineKey(grant.handle, grant_key(root_key, grant_id))


async def _held(connection: Connection, member_id: UUID, grant_id: UUID) -> Grant | None:
    grant = (await grants_by_id(connection, [grant_id])).get(grant_id)
    held = (await memberships(connection, [member_id]))[member_id]
    return grant if grant is not None and grant.membership_id in {membership.id for membership in held} else None
