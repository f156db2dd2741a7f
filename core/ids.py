"""Time-ordered ids (UUID version 7, RFC 9562) and ids derived from them.

Time-ordered keys keep B-tree inserts on the right-hand edge and let the id be the partition key.

Ids are made as asyncpg's own kind of UUID, the kind it reads from the database: made, hashed, printed and sent in C,
each several times faster than its base class in the standard library, to which it is equal.
"""

import hashlib
import os
import threading
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

from asyncpg.pgproto import pgproto

_VERSION_7 = 0x7000
_TO_VERSION_8 = 0xF << 76
_VARIANT = 0x8000_0000_0000_0000
_RANDOM_BITS = 74
_SET_BACK_MILLISECONDS = 60_000
"""From here on a wall clock was not nudged but set right: what it said before was the error."""
_RANDOM_MASK = (1 << _RANDOM_BITS) - 1


class IdSource:
    """Makes ids that never go backwards within a process, even when the wall clock does by up to a minute.

    Within one millisecond the 74 random bits count upwards from a random start (RFC 9562, method 2).
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._milliseconds = 0
        self._tail = 0

    def __call__(self) -> UUID:
        """The next id."""
        with self._lock:
            self._step(time.time_ns() // 1_000_000)
            return _compose(self._milliseconds, self._tail)

    def _step(self, milliseconds: int) -> None:
        if milliseconds > self._milliseconds or milliseconds < self._milliseconds - _SET_BACK_MILLISECONDS:
            self._milliseconds = milliseconds
            self._tail = int.from_bytes(os.urandom(10)) & (_RANDOM_MASK >> 1)
        else:
            self._tail = (self._tail + 1) & _RANDOM_MASK


def _compose(milliseconds: int, tail: int) -> UUID:
    high = (milliseconds & 0xFFFF_FFFF_FFFF) << 16 | _VERSION_7 | tail >> 62
    return pgproto.UUID((high << 64 | _VARIANT | tail & 0x3FFF_FFFF_FFFF_FFFF).to_bytes(16))


new_id = IdSource()


def read_id(text: str) -> UUID:
    """The id that is written as `text`, with hyphens or without. Raises ValueError."""
    return pgproto.UUID(text)


def derive_id(base: UUID, label: str) -> UUID:
    """The id of `label` under `base`: the same pair always gives the same id, as old as `base`.

    Raises ValueError when `base` is not time-ordered.
    """
    tail = hashlib.blake2b(base.bytes + label.encode(), digest_size=10).digest()
    return _compose(milliseconds_of(base), int.from_bytes(tail) & _RANDOM_MASK)


def derive_part_id(base: UUID, label: str) -> UUID:
    """The same for a part of `base`, of UUID version 8: nobody can send a time-ordered id that is equal to it."""
    return pgproto.UUID((derive_id(base, label).int ^ _TO_VERSION_8).to_bytes(16))


def derive_ids(base: UUID, labels: Iterable[bytes]) -> list[UUID]:
    """What `derive_id` gives for each of several labels, encoded beforehand. Raises ValueError as it does."""
    prefix, high = base.bytes, milliseconds_of(base) << 80 | _VERSION_7 << 64 | _VARIANT
    made: list[UUID] = []
    for label in labels:
        tail = int.from_bytes(hashlib.blake2b(prefix + label, digest_size=10).digest()) & _RANDOM_MASK
        made.append(pgproto.UUID((high | tail >> 62 << 64 | tail & 0x3FFF_FFFF_FFFF_FFFF).to_bytes(16)))
    return made


def name_id(*parts: str) -> UUID:
    """An id for a thing that is known by its name; not time-ordered (UUID version 8)."""
    digest = hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16).digest()
    number = int.from_bytes(digest) & ~(0xF000 << 64) & ~(0xC000 << 48)
    return pgproto.UUID((number | 0x8000 << 64 | _VARIANT).to_bytes(16))


def milliseconds_of(identifier: UUID) -> int:
    """Milliseconds since 1970 at which a time-ordered id was made. Raises ValueError for another kind of id."""
    number = identifier.int
    if number >> 76 & 0xF != 7 or number >> 62 & 0x3 != 2:  # noqa: PLR2004 - version and variant by their own names
        message = f"{identifier} is not a time-ordered id (UUID version 7)"
        raise ValueError(message)
    return number >> 80


def instant_of(identifier: UUID) -> datetime:
    """When a time-ordered id was made, to the millisecond."""
    return datetime.fromtimestamp(milliseconds_of(identifier) / 1000, UTC)
