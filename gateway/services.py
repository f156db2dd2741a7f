"""Opening and closing what one process serves with."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from core.coalesce import Coalescer
from core.database import Database
from core.secrets import derive_key, root_secret
from exchange import accept_many, move_many
from gateway.oauth.access import AccessTokens
from gateway.oauth.keys import SigningKeys
from gateway.oauth.sessions import MemberSessions
from gateway.settings import GatewaySettings
from schema.context import Services


@dataclass(frozen=True, slots=True)
class House:
    """Everything that is open while a process serves."""

    settings: GatewaySettings
    keys: SigningKeys
    access: AccessTokens
    sessions: MemberSessions
    services: Services

    @property
    def database(self) -> Database:
        """The database."""
        return self.services.database


def open_house(settings: GatewaySettings, database: Database) -> House:
    """Wire the domains to their ports."""
    keys = SigningKeys(settings.core.home / "keys")
    access = AccessTokens(keys, database.clock, settings.public_url)
    sessions = MemberSessions(database, access, derive_key(root_secret(settings.core.home), "gateway.sessions"))
    services = Services(
        database,
        sessions,
        acceptances=Coalescer(partial(accept_many, database)),
        movements=Coalescer(partial(move_many, database)),
    )
    return House(settings, keys, access, sessions, services)


async def close_house(house: House) -> None:
    """Let what is in flight land."""
    await house.services.acceptances.close()
    await house.services.movements.close()


@asynccontextmanager
async def opened_house(settings: GatewaySettings, database: Database) -> AsyncIterator[House]:
    """A house that is closed at the end of the block."""
    house = open_house(settings, database)
    try:
        yield house
    finally:
        await close_house(house)
