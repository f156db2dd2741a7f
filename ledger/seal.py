"""The seal: committed history, chained batch by batch, so that nobody can change it unnoticed.

Database transactions are sealed in the order of their numbers, and only those below the oldest one that still runs:
no row can appear behind the seal any more, however early its id and however late its commit. Each seal holds the hash
of the one before. `ledger_seal_head` holds the last one; note its hash elsewhere (the audit prints it), and not even
the owner of the database can rewrite what it covers.
"""

import hashlib
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from core.database import Connection, Database
from ledger import seal_entries
from ledger.errors import SealOfAnotherServer

ENTRIES_PER_SEAL = 10_000
FIRST_PREVIOUS = bytes(32)
"""What the first seal holds in place of an earlier hash."""

_LOCK = 0x7365_616C
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Seal:
    """A link of the chain."""

    number: int
    """Counts from 1 without gaps."""
    xact_after: int
    """It covers what the transactions after this one..."""
    xact_until: int
    """... and up to this one have recorded."""
    entries: int
    digest: bytes
    """SHA-256 over the SHA-256 of every entry."""
    locators: bytes
    """Of every entry the number of its table and the first four bytes of its SHA-256."""
    sealed_at: datetime
    previous: bytes
    """The hash of the seal before."""

    def hash(self) -> bytes:
        """SHA-256 over everything in it."""
        numbers = (self.number, self.xact_after, self.xact_until, self.entries)
        sealed_at = (self.sealed_at - _EPOCH) // _MICROSECOND
        head = struct.pack(">5q", *numbers, sealed_at)
        return hashlib.sha256(head + self.digest + hashlib.sha256(self.locators).digest() + self.previous).digest()


@dataclass(frozen=True, slots=True)
class Sealed:
    """What one call of `seal` has done."""

    seals: int
    entries: int


async def seal(database: Database, *, entries_per_seal: int = ENTRIES_PER_SEAL) -> Sealed:
    """Seal everything that is final. Does nothing while another process is sealing.

    Raises SealOfAnotherServer on a database that was restored from a dump into a server that has seen less.
    """
    seals, entries = 0, 0
    while True:
        async with database.transaction() as connection:
            made = await _seal_next(connection, entries_per_seal)
        if made is None:
            return Sealed(seals, entries)
        seals, entries = seals + 1, entries + made.entries


async def _seal_next(connection: Connection, entries_per_seal: int) -> Seal | None:
    if not await connection.fetchval("select pg_try_advisory_xact_lock($1)", _LOCK):
        return None
    head = await connection.fetchrow(_HEAD)
    assert head is not None, "the chain has lost its end: ledger_seal_head is empty"
    number, xact_after, previous, horizon, instant = head
    if int(horizon) <= int(xact_after):
        raise SealOfAnotherServer(int(xact_after), int(horizon))
    xact_until = await connection.fetchval(seal_entries.NEXT, xact_after, horizon, entries_per_seal)
    if xact_until is None:
        return None
    await connection.execute(_PLANS)
    content = await connection.fetchrow(seal_entries.DIGEST, xact_after, xact_until)
    assert content is not None, "an aggregate always gives one row"
    entries, digest, locators = content
    link = Seal(number + 1, int(xact_after), int(xact_until), entries, digest, locators, instant, previous)
    await _append(connection, link)
    return link


async def _append(connection: Connection, link: Seal) -> None:
    reach = (str(link.xact_after), str(link.xact_until))
    content = (link.entries, link.digest, link.locators, link.sealed_at, link.previous)
    await connection.execute(_APPEND, link.number, *reach, *content, link.hash())
    await connection.execute(_MOVE_HEAD, link.number, str(link.xact_until), link.hash())


_HEAD = """
select number, xact_until::text, hash, pg_snapshot_xmin(pg_current_snapshot())::text, clock_timestamp()
from ledger_seal_head for update
"""

# Whatever the tables' size, a seal looks its few thousand rows up one by one.
_PLANS = """
set local plan_cache_mode = force_custom_plan;
set local enable_hashjoin = off;
set local enable_mergejoin = off;
"""

_APPEND = """
insert into ledger_seal (number, xact_after, xact_until, entries, digest, locators, sealed_at, previous, hash)
values ($1, $2::text::xid8, $3::text::xid8, $4, $5, $6, $7, $8, $9)
"""

_MOVE_HEAD = "update ledger_seal_head set number = $1, xact_until = $2::text::xid8, hash = $3"
