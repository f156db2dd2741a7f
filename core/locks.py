"""Locks on names that have no row yet, such as an idempotency key on its first use."""

import hashlib
from collections.abc import Iterable

from core.database import Connection

_LOCK = "SELECT pg_advisory_xact_lock(key) FROM unnest($1::bigint[]) AS key"


async def lock_keys(connection: Connection, namespace: str, keys: Iterable[str]) -> None:
    """Hold every key until the transaction ends. One order for all, so that two bulks never wait for each other."""
    await connection.execute(_LOCK, sorted({_number(namespace, key) for key in keys}))


def _number(namespace: str, key: str) -> int:
    digest = hashlib.blake2b(f"{namespace}\x1f{key}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)
