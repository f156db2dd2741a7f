"""Quotes are forgotten, exchanges are not."""

from datetime import timedelta

from core.clock import SettableClock
from exchange import UnknownQuote, accept, forget_quotes, read_quotes
from tests.exchange.conftest import Desk
from tests.network import Network


async def test_quotes_that_ended_long_ago_are_forgotten(network: Network, desk: Desk, clock: SettableClock) -> None:
    """The old ones, a bounded number at a time; the new one stays."""
    ann = await network.enrol({"HOTEL": 9_000, "MILES": 0})
    old = [await desk.quote(ann, 1_000) for _ in range(3)]
    clock.set(old[-1].expires_at + timedelta(days=1))
    assert await forget_quotes(network.database) == 0
    clock.advance(timedelta(microseconds=1))
    new = await desk.quote(ann, 1_000)
    assert [await forget_quotes(network.database, count_max=2) for _ in range(3)] == [2, 1, 0]
    async with network.database.connection() as connection:
        assert set(await read_quotes(connection, [offer.id for offer in (*old, new)])) == {new.id}
    assert await accept(network.database, desk.acceptance(old[0])) == UnknownQuote(old[0].id)


async def test_an_exchange_outlives_its_quote(network: Network, desk: Desk, clock: SettableClock) -> None:
    """Sent again after the quote was forgotten, the key still brings the exchange."""
    ann = await network.enrol({"HOTEL": 3_000, "MILES": 0})
    order = desk.acceptance(await desk.quote(ann, 3_000))
    made = await accept(network.database, order)
    clock.advance(timedelta(days=2))
    assert await forget_quotes(network.database) == 1
    assert await accept(network.database, order) == made
    assert await network.points(ann) == {"HOTEL": 0, "MILES": 1_980}
