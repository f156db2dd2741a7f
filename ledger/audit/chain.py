"""The seals against themselves, and against the rows they cover."""

from collections.abc import AsyncIterator, Sequence

from asyncpg import Record

from core.database import Connection
from ledger import seal_entries
from ledger.audit.finding import Finding
from ledger.audit.span import FINDINGS_PER_SPAN, Books, Span
from ledger.seal import FIRST_PREVIOUS, Seal

SEALS_PER_SPAN = 10
_LOCATOR_BYTES = 4


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
        last = await connection.fetchval("select coalesce(max(number), 0) from ledger_seal")
        return [(first, first + SEALS_PER_SPAN - 1) for first in range(1, last + 1, SEALS_PER_SPAN)]

    async def look(self, connection: Connection, span: Span) -> Sequence[Finding]:
        """The first differing row of each seal of the span."""
        found: list[Finding] = []
        for seal in await connection.fetch(_SEALS_OF_SPAN, *span):
            reach = (seal["xact_after"], seal["xact_until"])
            content = await connection.fetchrow(seal_entries.DIGEST, *reach)
            if content is None or content["digest"] != seal["digest"]:
                rows = await connection.fetch(seal_entries.LISTING, *reach)
                found.append(first_difference(self.name, seal["number"], seal["locators"], rows))
        return found


def first_difference(check: str, number: int, locators: bytes, rows: Sequence[Record]) -> Finding:
    """The first row that is not the one that was sealed in its place."""
    sealed = [locators[place : place + _LOCATOR_BYTES] for place in range(0, len(locators), _LOCATOR_BYTES)]
    place = next(
        (place for place, (was, row) in enumerate(zip(sealed, rows, strict=False)) if was != row["locator"]),
        min(len(sealed), len(rows)),
    )
    if len(rows) < len(sealed):
        return Finding(check, *_between(rows, place), "*", f"a row sealed in {number}", None)
    row = rows[min(place, len(rows) - 1)]
    if len(rows) > len(sealed):
        return Finding(check, row["source"], row["key"], "*", None, f"a row that seal {number} does not know")
    was = sealed[min(place, len(sealed) - 1)].hex()
    return Finding(check, row["source"], row["key"], "*", f"content {was} of seal {number}", row["locator"].hex())


def _between(rows: Sequence[Record], place: int) -> tuple[str, str]:
    if not rows:
        return "ledger_transfer", "all rows of the seal"
    before, after = rows[max(place - 1, 0)], rows[min(place, len(rows) - 1)]
    nearest = after if place < len(rows) else before
    return nearest["source"], f"next to {nearest['key']}"


_COLUMNS = """number, xact_after::text as xact_after, xact_until::text as xact_until, entries, digest, locators,
       sealed_at, previous, hash"""

_SEALS = f"select {_COLUMNS} from ledger_seal order by number"

_SEALS_OF_SPAN = f"select {_COLUMNS} from ledger_seal where number between $1 and $2 order by number"
