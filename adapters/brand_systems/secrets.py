"""The values of the secrets that network files name: from the environment, or from the installation's own store."""

from collections.abc import Mapping
from typing import Final, Protocol
from uuid import UUID

from brands import Program
from brands.secret_store import SecretStore
from core.database import Database

_KEPT_SECONDS: Final = 30.0


class Secrets(Protocol):
    """Where values of secrets come from."""

    async def value(self, program: Program, name: str) -> str | None:
        """The value; None: nobody gave one."""
        ...


class MissingSecret(LookupError):
    """A secret that a network file names has no value; the argument says where it would stand."""


def variable(program: str, name: str) -> str:
    """The environment's variable for a program's secret, address or folder: `AGIO_BRAND_RAIL_API_KEY`."""
    return f"AGIO_BRAND_{program}_{name.upper().replace('-', '_')}"


class InstallationSecrets:
    """The environment first, then the store, which is read anew after half a minute."""

    def __init__(self, database: Database, store: SecretStore, environment: Mapping[str, str]) -> None:
        self._database = database
        self._store = store
        self._environment = environment
        self._kept: dict[tuple[UUID, str], tuple[float, str | None]] = {}

    async def value(self, program: Program, name: str) -> str | None:
        """The value; None: nobody gave one."""
        given = self._environment.get(variable(program.code, name))
        return given or await self._stored(program.id, name)

    async def _stored(self, program_id: UUID, name: str) -> str | None:
        now = self._database.clock.now().timestamp()
        read_at, value = self._kept.get((program_id, name), (0.0, None))
        if abs(now - read_at) >= _KEPT_SECONDS:
            async with self._database.connection() as connection:
                value = await self._store.read(connection, program_id, name)
            self._kept[program_id, name] = (now, value)
        return value
