"""Answering what an amount of points can become."""

from collections.abc import Sequence
from uuid import UUID

from core.database import Database
from exchange.errors import QuoteRefusal, SourceRefusal
from exchange.offers import Offers, Quote, QuoteRequest


async def quote(database: Database, request: QuoteRequest) -> Quote | QuoteRefusal:
    """One quote; see `quote_many`."""
    return (await quote_many(database, [request]))[0]


async def quote_many(database: Database, requests: Sequence[QuoteRequest]) -> list[Quote | QuoteRefusal]:
    """A quote or a refusal for each request, in order. Quotes are kept, so that they can be accepted."""
    raise NotImplementedError


async def quotes(database: Database, member_id: UUID, source: str, amount: int) -> Offers | SourceRefusal:
    """What `amount` minor units of the program `source` become in every other program, best value first."""
    raise NotImplementedError
