"""The network that other tests stand on."""

from core.database import Database
from tests.network import load_network


async def test_members_hold_what_they_were_given(database: Database) -> None:
    """Balances are opened as given, and nothing else is."""
    network = await load_network(database)
    ann, ben = await network.enrol_many(2, {"HOTEL": 3_000, "BEANS": 0})
    assert await network.points(ann) == {"HOTEL": 3_000, "BEANS": 0}
    assert await network.points(ben) == {"HOTEL": 3_000, "BEANS": 0}
    assert await network.positions() == {"airline": 0, "coffee": 0, "hotel": 0, "hotel-franchise": 0}
