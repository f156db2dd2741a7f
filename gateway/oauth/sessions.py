"""Sessions of members: refresh tokens that rotate, and end when one is used twice.

A refresh token is 32 bytes of which only a digest is stored. Its successor is derived from it and from the caller's
idempotency key, so a front end that lost our answer asks again with the same key and gets the same successor,
while anybody else who uses the token a second time ends the session for both.
"""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_bytes
from uuid import UUID

from core.database import Connection, Database
from core.ids import new_id
from gateway.oauth.access import ACCESS_SECONDS, AccessTokens
from schema.ports import SessionEnded, SessionTokens
from schema.scopes import MEMBER_SCOPES
from schema.viewer import Viewer, ViewerKind

WALLET_CLIENT_ID = "agio-wallet"
"""The public client of members' front ends: mini-programs and the H5 page."""
REFRESH_DAYS = 30
"""How long a session may rest."""

_FIND = """
SELECT t.id, t.session_id, t.expires_at, t.rotation_digest, s.member_id, s.revoked_at,
       EXISTS (SELECT FROM gateway_refresh_token c WHERE c.parent_id = t.id AND c.rotated_at IS NOT NULL) AS passed
FROM gateway_refresh_token t JOIN gateway_session s ON s.id = t.session_id
WHERE t.digest = $1
FOR UPDATE OF t, s
"""

_INSERT = """
INSERT INTO gateway_refresh_token (id, session_id, parent_id, digest, issued_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6)
"""


@dataclass(frozen=True, slots=True)
class Renewal:
    """A refresh token that may be traded in, and what it becomes."""

    member_id: UUID
    session_id: UUID
    parent_id: UUID
    rotation_digest: bytes
    successor: str
    repeated: bool
    """The same trade was made before and only its answer was lost."""


class MemberSessions:
    """The sessions of one installation."""

    def __init__(self, database: Database, access: AccessTokens, key: bytes) -> None:
        self._database = database
        self._access = access
        self._key = key

    async def open(self, member_id: UUID) -> SessionTokens:
        """Begin a session for a member who has just proved who they are."""
        session_id, token = new_id(), _text(token_bytes(32))
        now = self._database.clock.now()
        async with self._database.transaction() as connection:
            await connection.execute(
                "INSERT INTO gateway_session (id, member_id, client_id, started_at) VALUES ($1, $2, $3, $4)",
                *(session_id, member_id, WALLET_CLIENT_ID, now),
            )
            await _insert(connection, session_id, None, token, now)
        return self.tokens(member_id, token)

    async def renew(self, refresh_token: str, idempotency_key: str) -> SessionTokens | SessionEnded:
        """Trade a refresh token for new tokens; see the module's docstring."""
        async with self._database.transaction() as connection:
            renewal = await self.find(connection, refresh_token, idempotency_key)
            if isinstance(renewal, SessionEnded):
                return renewal
            await self.save(connection, renewal)
        return self.tokens(renewal.member_id, renewal.successor)

    async def find(self, connection: Connection, refresh_token: str, key: str) -> Renewal | SessionEnded:
        """Lock the token and say what it becomes. A token that was traded in before ends its session."""
        row = await connection.fetchrow(_FIND, _digest(refresh_token))
        now = self._database.clock.now()
        if row is None or row["revoked_at"] is not None or row["expires_at"] <= now:
            return SessionEnded()
        rotation = sha256(key.encode()).digest()
        repeated = row["rotation_digest"] == rotation and not row["passed"]
        if row["rotation_digest"] is not None and not repeated:
            await _revoke(connection, row["session_id"], now)
            return SessionEnded()
        successor = self._successor(row["id"], rotation)
        return Renewal(row["member_id"], row["session_id"], row["id"], rotation, successor, repeated)

    async def save(self, connection: Connection, renewal: Renewal) -> None:
        """Record the trade."""
        if renewal.repeated:
            return
        now = self._database.clock.now()
        await connection.execute(
            "UPDATE gateway_refresh_token SET rotated_at = $2, rotation_digest = $3 WHERE id = $1",
            *(renewal.parent_id, now, renewal.rotation_digest),
        )
        await _insert(connection, renewal.session_id, renewal.parent_id, renewal.successor, now)

    def tokens(self, member_id: UUID, refresh_token: str) -> SessionTokens:
        """A fresh access token beside `refresh_token`."""
        viewer = Viewer(ViewerKind.MEMBER, str(member_id), WALLET_CLIENT_ID, MEMBER_SCOPES)
        return SessionTokens(self._access.issue(viewer), refresh_token, ACCESS_SECONDS)

    def _successor(self, parent_id: UUID, rotation_digest: bytes) -> str:
        return _text(hmac.digest(self._key, parent_id.bytes + rotation_digest, "sha256"))


async def _insert(connection: Connection, session_id: UUID, parent_id: UUID | None, token: str, now: datetime) -> None:
    await connection.execute(
        _INSERT, new_id(), session_id, parent_id, _digest(token), now, now + timedelta(days=REFRESH_DAYS)
    )


async def _revoke(connection: Connection, session_id: UUID, now: datetime) -> None:
    await connection.execute("UPDATE gateway_session SET revoked_at = $2 WHERE id = $1", session_id, now)


def _digest(token: str) -> bytes:
    return sha256(token.encode()).digest()


def _text(secret: bytes) -> str:
    return urlsafe_b64encode(secret).rstrip(b"=").decode()
