"""What the tests of webhooks share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

import orjson
import pytest

from core.database import Database
from core.ids import new_id
from exchange import Award, Movement, award
from tests.network import Network, Person, load_network
from webhooks import (
    Answer,
    Courier,
    Endpoint,
    EndpointSecrets,
    Registered,
    Registration,
    WebhookOutbox,
    endpoints_by_id,
    register,
)

TAKEN = Answer(204, None, "", timedelta(milliseconds=20))
ROOT = b"the root secret of a test's house"


@dataclass(frozen=True, slots=True)
class Sent:
    """One request as it left the house."""

    url: str
    body: bytes
    headers: Mapping[str, str]

    @property
    def id(self) -> str:
        """The event's."""
        return self.headers["webhook-id"]

    @property
    def told(self) -> Any:
        """The body, decoded."""
        return orjson.loads(self.body)


@dataclass(slots=True)
class Postbox:
    """A second implementation of the port: keeps what is sent, and answers as it is told."""

    sent: list[Sent] = field(default_factory=list)
    answer: Answer = TAKEN

    async def send(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Keep it."""
        self.sent.append(Sent(url, body, headers))
        return self.answer


class Desk:
    """Shortens what the tests do all the time."""

    def __init__(self, network: Network, postbox: Postbox) -> None:
        self.database = network.database
        self.network = network
        self.postbox = postbox
        self.secrets = EndpointSecrets(ROOT)
        self.outbox = WebhookOutbox(network.database.clock)
        self.courier = self.another_courier(network.database)
        self._keys = count(1)

    def another_courier(self, database: Database) -> Courier:
        """A courier as another worker has it."""
        return Courier(database, self.secrets, self.postbox)

    async def listen(self, brand: str, *types: str, url: str = "https://brand.example/hooks") -> Registered:
        """An endpoint that is expected to be registered."""
        wish = Registration(self.network.brand_id(brand), url, types, "a-client", f"endpoint-{next(self._keys)}")
        found = await register(self.database, self.secrets, wish)
        assert isinstance(found, Registered), found
        return found

    async def award(self, person: Person, amount: int = 100) -> Movement:
        """The corner shop gives BEANS."""
        number, brand_id = person.cards["BEANS"].number, self.network.brand_id("coffee-corner")
        order = Award("BEANS", number, amount, brand_id, "coffee-till", f"award-{new_id()}")
        found = await award(self.database, order, outbox=self.outbox)
        assert isinstance(found, Movement), found
        return found

    async def endpoint(self, registered: Registered) -> Endpoint:
        """As it stands now."""
        async with self.database.connection() as connection:
            return (await endpoints_by_id(connection, [registered.endpoint.id]))[registered.endpoint.id]


@pytest.fixture
async def network(pinned_database: Database) -> Network:
    """The small network on the clock that stands at noon."""
    return await load_network(pinned_database)


@pytest.fixture
async def ann(network: Network) -> Person:
    """A member of all three."""
    return await network.enrol({"BEANS": 100_00, "HOTEL": 5_000, "MILES": 0})


@pytest.fixture
def postbox() -> Postbox:
    """Where everything arrives."""
    return Postbox()


@pytest.fixture
def desk(network: Network, postbox: Postbox) -> Desk:
    """The desk of the network."""
    return Desk(network, postbox)
