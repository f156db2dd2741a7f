"""The secrets of brands' systems that are kept in the database: encrypted under the installation's root secret."""

import os
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.database import Connection
from core.errors import AgioError
from core.secrets import derive_key

_NONCE_BYTES: Final = 12

_WRITE = """
INSERT INTO brands_secret (program_id, name, sealed, set_at)
VALUES ($1, $2, $3, coalesce($4, clock_timestamp()))
ON CONFLICT (program_id, name) DO UPDATE SET sealed = excluded.sealed, set_at = excluded.set_at
RETURNING set_at
"""
_READ = "SELECT sealed FROM brands_secret WHERE program_id = $1 AND name = $2"
_REMOVE = "DELETE FROM brands_secret WHERE program_id = $1 AND name = $2 RETURNING true"
_NAMES = "SELECT name, set_at FROM brands_secret WHERE program_id = $1 ORDER BY name"


class SecretUnreadable(AgioError):
    """A brand's secret cannot be read: another root secret wrote it, or somebody changed it."""


@dataclass(frozen=True, slots=True)
class SecretStore:
    """Reads and writes them."""

    _cipher: AESGCM

    @classmethod
    def from_root(cls, root: bytes) -> "SecretStore":
        """The same root secret reads what it wrote, for ever."""
        return cls(AESGCM(derive_key(root, "brands.secrets")))

    async def write(self, connection: Connection, program_id: UUID, name: str, value: str) -> datetime:
        """Keep a secret, in place of an older one of that name; since when it is kept."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + self._cipher.encrypt(nonce, value.encode(), _place(program_id, name))
        kept_since: datetime = await connection.fetchval(_WRITE, program_id, name, sealed, None)
        return kept_since

    async def read(self, connection: Connection, program_id: UUID, name: str) -> str | None:
        """The secret; None: there is none. Raises SecretUnreadable."""
        sealed: bytes | None = await connection.fetchval(_READ, program_id, name)
        if sealed is None:
            return None
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _place(program_id, name)).decode()
        except InvalidTag:
            message = f"the secret {name} was written with another root secret, or changed"
            raise SecretUnreadable(message) from None


async def remove_secret(connection: Connection, program_id: UUID, name: str) -> bool:
    """Forget a secret. Whether there was one."""
    return bool(await connection.fetchval(_REMOVE, program_id, name))


async def secret_instants(connection: Connection, program_id: UUID) -> dict[str, datetime]:
    """Which secrets are kept, and since when."""
    return {row["name"]: row["set_at"] for row in await connection.fetch(_NAMES, program_id)}


async def secret_names(connection: Connection, program_id: UUID) -> list[str]:
    """Which secrets are kept."""
    return [row["name"] for row in await connection.fetch(_NAMES, program_id)]


def _place(program_id: UUID, name: str) -> bytes:
    """Bound to what is encrypted, so that one brand's secret cannot be put into another's place."""
    return program_id.bytes + name.encode()
