"""How an audit is divided: checks, and the spans of the books that each looks at separately.

Spans keep memory bounded however large the books are, and let several connections work at once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from core.database import Connection
from ledger.audit.finding import Finding

FINDINGS_PER_SPAN = 20
TRANSFERS_PER_SPAN = 50_000
ACCOUNTS_PER_SPAN = 50_000
_ID_BITS = 128

Span: TypeAlias = tuple[Any, ...]
"""The arguments that bound a piece of the books."""


@dataclass(frozen=True, slots=True)
class Books:
    """The division of the books that is being audited."""

    by_transaction: Sequence[Span]
    """(after, until): database transactions as decimal texts; about TRANSFERS_PER_SPAN transfers each."""
    by_account: Sequence[Span]
    """(first, last): account ids as texts; about ACCOUNTS_PER_SPAN accounts each."""


class AuditCheck(Protocol):
    """A promise that holds for the books, and how to find the rows that break it. Packages bring their own."""

    @property
    def name(self) -> str:
        """One word, or a few with hyphens."""
        ...

    async def spans(self, connection: Connection, books: Books) -> Sequence[Span]:
        """The pieces that are looked at separately."""
        ...

    async def look(self, connection: Connection, span: Span) -> Sequence[Finding]:
        """The first rows of the span that break the promise, in a stable order. Nothing may be changed."""
        ...


def whole(books: Books) -> Sequence[Span]:
    """All at once."""
    del books
    return [()]


def by_transaction(books: Books) -> Sequence[Span]:
    """A piece for every so many transfers: $1 and $2 are texts, `xact > $1::xid8 and xact <= $2::xid8`."""
    return books.by_transaction


def by_account(books: Books) -> Sequence[Span]:
    """A piece for every so many accounts: $1 and $2 are texts, `id between $1::uuid and $2::uuid`."""
    return books.by_account


@dataclass(frozen=True, slots=True)
class SqlCheck:
    """A check in SQL: the query returns a row (table, key, column, expected, found) for everything that differs."""

    name: str
    query: str
    divide: Callable[[Books], Sequence[Span]] = whole

    async def spans(self, connection: Connection, books: Books) -> Sequence[Span]:
        """As `divide` says."""
        del connection
        return self.divide(books)

    async def look(self, connection: Connection, span: Span) -> Sequence[Finding]:
        """The first rows of the query."""
        await connection.execute(_SCAN if self.divide is whole else PROBE)
        rows = await connection.fetch(f"select * from ({self.query}) as finding limit {FINDINGS_PER_SPAN}", *span)
        return [Finding(self.name, *row) for row in rows]


PROBE = "set local enable_hashjoin = off; set local enable_mergejoin = off"
"""For a piece of the books: look things up one by one, because the rest of the books may be a thousand times larger."""

_SCAN = "set local enable_hashjoin = on; set local enable_mergejoin = on"


async def divide(connection: Connection) -> Books:
    """Divide the books as this connection sees them."""
    return Books(await _by_transaction(connection), await _by_account(connection))


async def _by_transaction(connection: Connection) -> list[Span]:
    spans: list[Span] = []
    after = "0"
    while True:
        until = await connection.fetchval(_NEXT_TRANSACTION, after, TRANSFERS_PER_SPAN)
        if until is None:
            return [*spans, (after, str(2**64 - 1))]
        spans.append((after, until))
        after = until


async def _by_account(connection: Connection) -> list[Span]:
    accounts = await connection.fetchval("select count(*) from ledger_account")
    bits = (accounts // ACCOUNTS_PER_SPAN).bit_length()
    return [(_id_text(place, bits), _id_text(place + 1, bits, less=1)) for place in range(2**bits)]


def _id_text(place: int, bits: int, less: int = 0) -> str:
    return f"{(place << _ID_BITS - bits) - less:032x}"


_NEXT_TRANSACTION = """
select xact::text from ledger_transfer where xact > $1::text::xid8 order by xact offset $2 limit 1
"""
