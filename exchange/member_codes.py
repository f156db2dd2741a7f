"""The code that a member shows at any till, to earn and to spend: twenty digits, good for a minute at most.

Ten name the member, by a number drawn at random; ten prove that the code was made now, with a key that belongs to
the member and never leaves the house. It may be used as often as the till likes while it lasts.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from core.clock import Clock
from core.database import Connection, Database
from core.rotating_codes import STEP_SECONDS, accepted, proof_of, step_at
from core.secrets import derive_key

_HANDLE_DIGITS: Final = 10
_PROOF_DIGITS: Final = 10


@dataclass(frozen=True, slots=True)
class MemberCode:
    """What to show, and until when."""

    text: str
    expires_at: datetime
    """When the next code takes its place on the screen; tills accept this one for half a minute more."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Whose code a till has read."""

    member_id: UUID
    valid: bool
    """Whether it is accepted now. Whose it was is known of an old one as well."""


class MemberCodes:
    """Makes and reads the codes of one installation."""

    def __init__(self, root: bytes) -> None:
        self._root = root

    async def show(self, database: Database, member_id: UUID) -> MemberCode:
        """The member's code at this moment."""
        async with database.transaction() as connection:
            handle = await _handle_of(connection, member_id)
        step = step_at(database.clock.now())
        proof = proof_of(self._key_of(member_id), step, _PROOF_DIGITS)
        expires_at = datetime.fromtimestamp((step + 1) * STEP_SECONDS, UTC)
        return MemberCode(f"{handle:0{_HANDLE_DIGITS}d}{proof}", expires_at)

    async def read(self, connection: Connection, texts: Iterable[str], clock: Clock) -> Mapping[str, Shown]:
        """Who shows each code; those that are no codes are left out."""
        parts = {text: found for text in texts if (found := _parts(text))}
        if not parts:
            return {}
        rows = await connection.fetch(_MEMBERS, [handle for handle, _ in parts.values()])
        members = {row["handle"]: row["member_id"] for row in rows}
        now = clock.now()
        return {
            text: Shown(members[handle], accepted(self._key_of(members[handle]), proof, now))
            for text, (handle, proof) in parts.items()
            if handle in members
        }

    def _key_of(self, member_id: UUID) -> bytes:
        return derive_key(self._root, f"member-code/{member_id}")


async def _handle_of(connection: Connection, member_id: UUID) -> int:
    while (found := await connection.fetchval(_HANDLE, member_id)) is None:
        # Another member may have the number already, or this member got one a moment ago: then look again.
        await connection.execute(_GIVE, member_id, secrets.randbelow(10**_HANDLE_DIGITS))
    return int(found)


def _parts(text: str) -> tuple[int, str] | None:
    digits = text.replace(" ", "")
    if len(digits) != _HANDLE_DIGITS + _PROOF_DIGITS or not (digits.isascii() and digits.isdigit()):
        return None
    return int(digits[:_HANDLE_DIGITS]), digits[_HANDLE_DIGITS:]


_HANDLE: Final = "SELECT handle FROM exchange_member_handle WHERE member_id = $1"
_GIVE: Final = "INSERT INTO exchange_member_handle VALUES ($1, $2) ON CONFLICT DO NOTHING"
_MEMBERS: Final = "SELECT handle, member_id FROM exchange_member_handle WHERE handle = ANY($1::bigint[])"
