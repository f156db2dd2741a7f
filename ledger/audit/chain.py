"""The seals against themselves, and against the rows they cover."""

from collections.abc import AsyncIterator, Sequence
from itertools import zip_longest

from asyncpg import Record

from core.database import Connection
from ledger import seal_entries
from ledger.audit.finding import Finding
from ledger.audit.span import FINDINGS_PER_SPAN, PROBE, Books, Span
from ledger.seal import FIRST_PREVIOUS, Seal
from ledger.seal_entries import LOCATOR_BYTES

SEALS_PER_SPAN = 10


class Chain:
    """The seals are numbered without gaps, join on to each other, are unaltered, and end where the head says."""

    name = "chain"

    async def spans(self, connection: Connection, books: Books) -> Sequence[Span]:
        """All at once: it is the order that counts."""
        del connection, books
        return [()]

    async def look(self, connection: Connection, span: Span) -> Sequence[Finding]:
        """The first seals that differ."""
        del span
        found: list[Finding] = []
        last = _expected_first()
        async for row in _seals(connection):
            found += _differences(self.name, row, last)
            last = _after(row)
            if len(found) >= FINDINGS_PER_SPAN:
                return found
        return found + await self._head(connection, last)

    async def _head(self, connection: Connection, last: "tuple[int, str, bytes]") -> list[Finding]:
        row = await connection.fetchrow("select number, xact_until::text, hash from ledger_seal_head")
        number, xact_until, hash_ = last
        expected = (number - 1, xact_until, hash_)
        columns = ("number", "xact_until", "hash")
        found = tuple(row) if row else (None, None, None)
        return [
            Finding(self.name, "ledger_seal_head", "the last seal", column, _text(should), _text(does))
            for column, should, does in zip(columns, expected, found, strict=True)
            if should != does
        ]


def _expected_first() -> tuple[int, str, bytes]:
    return 1, "0", FIRST_PREVIOUS


def _after(row: Record) -> tuple[int, str, bytes]:
    return row["number"] + 1, row["xact_until"], row["hash"]


async def _seals(connection: Connection) -> AsyncIterator[Record]:
    async for row in connection.cursor(_SEALS):
        yield row


def _differences(check: str, row: Record, last: tuple[int, str, bytes]) -> list[Finding]:
    number, xact_after, previous = last
    cells = (
        ("number", number, row["number"]),
        ("xact_after", xact_after, row["xact_after"]),
        ("previous", previous, row["previous"]),
        ("hash", _seal_of(row).hash(), row["hash"]),
    )
    key = str(row["number"])
    return [
        Finding(check, "ledger_seal", key, column, _text(should), _text(does))
        for column, should, does in cells
        if should != does
    ]


def _seal_of(row: Record) -> Seal:
    numbers = (row["number"], int(row["xact_after"]), int(row["xact_until"]), row["entries"])
    return Seal(*numbers, row["digest"], row["locators"], row["sealed_at"], row["previous"])


def _text(value: object) -> str | None:
    if isinstance(value, bytes):
        return value.hex()
    return None if value is None else str(value)


class SealedRows:
    """The rows that a seal covers are still the same: none altered, none missing, none added."""

    name = "sealed"

    async def spans(self, connection: Connection, books: Books) -> Sequence[Span]:
        """By seal."""
        del books
        return [tuple(row) for row in await connection.fetch(_SPANS, SEALS_PER_SPAN)]

    async def look(self, connection: Connection, span: Span) -> Sequence[Finding]:
        """The first differing row of each seal of the span."""
        found: list[Finding] = []
        await connection.execute(PROBE)
        for seal in await connection.fetch(_SEALS_OF_SPAN, *span):
            reach = (seal["xact_after"], seal["xact_until"])
            content = await connection.fetchrow(seal_entries.DIGEST, *reach)
            if content is None or content["digest"] != seal["digest"]:
                rows = await connection.fetch(seal_entries.LISTING, *reach)
                found.append(first_difference(self.name, seal["number"], seal["locators"], rows))
        return found


def first_difference(check: str, number: int, locators: bytes, rows: Sequence[Record]) -> Finding:
    """The first row that is not the one that was sealed in its place."""
    sealed = [locators[place : place + LOCATOR_BYTES] for place in range(0, len(locators), LOCATOR_BYTES)]
    place = next((place for place, pair in enumerate(zip_longest(sealed, rows)) if _differ(*pair)), None)
    if place is None:
        return Finding(check, "ledger_seal", str(number), "digest", "the digest of its rows", "another one")
    if len(rows) < len(sealed):
        table = seal_entries.TABLES[sealed[place][0]]
        return Finding(check, table, _neighbour(rows, place, table), "*", f"a row that seal {number} knows", None)
    row = rows[place]
    if len(rows) > len(sealed):
        return Finding(check, row["source"], row["key"], "*", None, f"a row that seal {number} does not know")
    return Finding(check, row["source"], row["key"], "*", f"content {_brief(sealed[place])}", _brief(row["locator"]))


def _differ(sealed: bytes | None, row: Record | None) -> bool:
    return sealed is None or row is None or sealed != row["locator"]


def _neighbour(rows: Sequence[Record], place: int, table: str) -> str:
    before = [row["key"] for row in rows[:place] if row["source"] == table]
    return f"next after {before[-1]}" if before else "the first of the seal"


def _brief(locator: bytes) -> str:
    return locator[1:].hex()


_SPANS = """
select min(number), max(number)
from (select number, (row_number() over (order by number) - 1) / $1 as span from ledger_seal) as seal
group by span
order by 1
"""

_COLUMNS = """number, xact_after::text as xact_after, xact_until::text as xact_until, entries, digest, locators,
       sealed_at, previous, hash"""

_SEALS = f"select {_COLUMNS} from ledger_seal order by number"

_SEALS_OF_SPAN = f"select {_COLUMNS} from ledger_seal where number between $1 and $2 order by number"
