"""A network and its members for the tests of the rights pool."""

from uuid import UUID

import pytest

from core.clock import SettableClock
from core.database import Database
from rights import Grant, Redeemed, Redemption, RedemptionRefusal, RightCode, redeem, right_code
from tests.network import Network, load_network

ROOT_KEY = bytes(range(32))


@pytest.fixture
async def network(pinned_database: Database) -> Network:
    """Hotel, airline and coffee chain on a clock that stands still."""
    return await load_network(pinned_database)


class Till:
    """What happens between a member's phone and a till of some brand."""

    def __init__(self, network: Network, clock: SettableClock) -> None:
        self.network = network
        self.clock = clock

    async def show(self, member_id: UUID, grant: Grant) -> str:
        """The code on the member's screen."""
        async with self.network.database.connection() as connection:
            shown = await right_code(connection, ROOT_KEY, member_id, grant.id, clock=self.clock)
        assert isinstance(shown, RightCode)
        return shown.text

    async def scan(self, code: str, brand: str, key: str = "scan-1") -> Redeemed | RedemptionRefusal:
        """The till's answer."""
        wish = Redemption(code, self.network.brand_id(brand), f"{brand}-till", key)
        return await redeem(self.network.database, ROOT_KEY, wish)


@pytest.fixture
def till(network: Network, clock: SettableClock) -> Till:
    """A till."""
    return Till(network, clock)
