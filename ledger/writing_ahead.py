"""Writing what a batch adds while the rest of it is decided: PostgreSQL and Python work side by side."""

import asyncio
from collections.abc import Sequence
from typing import Self

from core.database import Connection
from ledger.books import Books, Posting
from ledger.parts import execute_parts
from ledger.side_by_side import ended, sent, undisturbed
from ledger.writing_lots import new_lot_parts
from ledger.writing_transfers import transfer_part


class Ahead:
    """A batch's recorded transfers and their lots, sent as they are decided. Nothing else may use the connection.

    What fails in the block ends the transaction, so that nobody can commit a part of a batch.
    """

    def __init__(self, connection: Connection, books: Books) -> None:
        self.sent = 0
        """How many postings need not be sent again."""
        self._connection = connection
        self._books = books
        self._sending: asyncio.Task[str] | None = None

    async def send(self, postings: Sequence[Posting]) -> None:
        """Begin to write the postings that came since the last call. Raises what the database said of those before."""
        new = postings[self.sent :]
        if len(new) < 2:  # noqa: PLR2004 - a batch's only posting is written with its accounts
            return
        parts = [transfer_part(new, plain=self._books.plain), *new_lot_parts(new)]
        await self.end()
        self._sending = await sent(execute_parts(self._connection, self._books.recorded_at, parts, last=False))
        self.sent = len(postings)

    async def end(self) -> None:
        """Wait until all is written that was sent. Raises what the database said of it."""
        if self._sending is not None:
            sending, self._sending = self._sending, None
            await sending

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._sending is not None:
            await ended(self._sending)
        if kind is not None:
            await undisturbed(self._connection.execute(_FAIL))


_FAIL = "do $$ begin raise 'a batch was not written as a whole' using errcode = 'transaction_rollback'; end $$"
