"""Exchanges, real ones: quoted in bulk, and accepted one by one by many callers at once."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import cycle, islice
from typing import Final

from core.coalesce import Coalescer
from core.database import Database
from core.errors import AgioError
from core.ids import new_id
from exchange import Acceptance, AcceptanceRefusal, Exchange, QuoteRequest, accept_many, quote_many
from exchange.offers import Quote

CALLERS: Final = 16


class NotExchanged(AgioError):
    """An exchange of the benchmark was refused."""


@dataclass(frozen=True, slots=True)
class Taken:
    """How long one exchange took."""

    begun: float
    answered: float

    @property
    def seconds(self) -> float:
        """From asking to the answer."""
        return self.answered - self.begun

    def overlaps(self, begun: float, ended: float) -> bool:
        """Whether it was under way during a stretch of time."""
        return self.begun <= ended and self.answered >= begun


class Traders:
    """Members who exchange the same amounts over and over, by turns."""

    def __init__(self, database: Database, wishes: Sequence[QuoteRequest]) -> None:
        self._database = database
        self._wishes: Iterator[QuoteRequest] = cycle(wishes)

    async def quotes(self, count: int) -> list[Quote]:
        """As many quotes, ready to be accepted."""
        found = await quote_many(self._database, list(islice(self._wishes, count)))
        quotes = [quote for quote in found if isinstance(quote, Quote)]
        if len(quotes) < count:
            raise NotExchanged(str(found[0]))
        return quotes

    async def latencies(self, quotes: Sequence[Quote], until: asyncio.Event) -> list[Taken]:
        """How long each of many callers' exchanges took; each caller asks as soon as it is answered."""
        found: list[Taken] = []
        work: Coalescer[Acceptance, Exchange | AcceptanceRefusal] = Coalescer(partial(accept_many, self._database))
        waiting = iter(quotes)

        async def caller() -> None:
            while not until.is_set() and (quote := next(waiting, None)) is not None:
                begun = time.perf_counter()
                answer = await work(Acceptance(quote.id, quote.member_id, str(new_id())))
                if not isinstance(answer, Exchange):
                    raise NotExchanged(str(answer))
                found.append(Taken(begun, time.perf_counter()))

        async with asyncio.TaskGroup() as group:
            for _ in range(CALLERS):
                group.create_task(caller())
        return found
