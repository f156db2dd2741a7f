"""What the tests of exchanges share."""

from itertools import count

import pytest

from core.database import Connection, Database
from exchange import Acceptance, Exchange, Quote, QuoteRequest, accept, quote
from tests.network import Network, Person, load_network


@pytest.fixture
async def network(pinned_database: Database) -> Network:
    """The small network on the clock that stands at noon."""
    return await load_network(pinned_database)


@pytest.fixture
async def live_network(database: Database) -> Network:
    """The small network on the database's own clock."""
    return await load_network(database)


class Desk:
    """Shortens what the tests do all the time."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._keys = count(1)

    async def quote(self, person: Person, amount: int, source: str = "HOTEL", target: str = "MILES") -> Quote:
        """A quote that is expected to be given."""
        found = await quote(self._network.database, QuoteRequest(person.id, source, target, amount))
        assert isinstance(found, Quote), found
        return found

    def acceptance(self, offer: Quote, key: str | None = None) -> Acceptance:
        """The owner's acceptance, under a key of its own unless one is given."""
        return Acceptance(offer.id, offer.member_id, key or f"key-{next(self._keys)}")

    async def accept(self, offer: Quote, key: str | None = None) -> Exchange:
        """An exchange that is expected to be made."""
        found = await accept(self._network.database, self.acceptance(offer, key))
        assert isinstance(found, Exchange), found
        return found


@pytest.fixture
def desk(network: Network) -> Desk:
    """The desk of the network on the pinned clock."""
    return Desk(network)


@pytest.fixture
def live_desk(live_network: Network) -> Desk:
    """The desk of the network on the database's clock."""
    return Desk(live_network)


_TABLES = ("exchange_quote", "exchange_exchange", "exchange_history", "exchange_usage", "exchange_movement")


async def row_counts(connection: Connection) -> dict[str, int]:
    """How many rows the tables of exchanges and the ledger's transfers have."""
    return {
        table: await connection.fetchval(f"SELECT count(*) FROM {table}") for table in (*_TABLES, "ledger_transfer")
    }
