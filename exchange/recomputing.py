"""What must be in the ledger for exchanges and movements: worked out anew with the functions that made it."""

from collections.abc import Sequence

from brands import directory, models_of
from core.database import Connection
from exchange.exchange_rows import exchanges_at_once
from exchange.exchanges import Exchange
from exchange.legs import Books, Intent
from exchange.movement_posting import movement_transfer
from exchange.movement_rows import movements_between
from exchange.offers import Quote
from ledger.audit import Expected, Span


class Exchanges:
    """Exchanges that were completed in one commit, and their legs."""

    name = "exchange-legs"
    table = "exchange_exchange"
    key = "id"

    async def expected(self, connection: Connection, span: Span) -> Sequence[Expected]:
        """The legs of each exchange, worked out anew from its row."""
        books = Books(await directory(connection))
        found = await exchanges_at_once(connection, *span)
        models = await models_of(connection, [it.id for it in found])
        return [(leg, it.accepted_at) for it in found for leg in books.legs(_intent(it, models[it.id]))]


def _intent(exchange: Exchange, model: str) -> Intent:
    quote = Quote(
        exchange.quote_id,
        exchange.member_id,
        exchange.source,
        exchange.target,
        exchange.conversion,
        exchange.accepted_at,
        exchange.accepted_at,
    )
    return Intent(
        exchange.id,
        quote,
        exchange.idempotency_key,
        exchange.source_participant_id,
        exchange.target_participant_id,
        exchange.target_expires_at,
        model,
    )


class Movements:
    """Awards and burns, one transfer each."""

    name = "movement-transfers"
    table = "exchange_movement"
    key = "id"

    async def expected(self, connection: Connection, span: Span) -> Sequence[Expected]:
        """The transfer of each movement, worked out anew from its row."""
        known = await directory(connection)
        return [
            (movement_transfer(known, movement), movement.recorded_at)
            for movement in await movements_between(connection, *span)
        ]
