"""All brands' systems of one process: opened when first asked for, on one HTTP session."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import assert_never
from uuid import UUID

import aiohttp

from adapters.brand_systems.authenticating import Authenticator
from adapters.brand_systems.caller import Caller
from adapters.brand_systems.door import open_session
from adapters.brand_systems.mapped import MappedSystem
from adapters.brand_systems.recorder import recording
from adapters.brand_systems.secrets import InstallationSecrets, variable
from adapters.brand_systems.simulator import simulator_adapter
from adapters.drop.jobs import folders_of
from adapters.drop.system import FileSystem
from brands import Program
from brands.adapter.adapter import Adapter
from brands.adapter.kinds import AdapterKind, Call
from brands.secret_store import SecretStore
from core.clock import Clock
from core.database import Database
from core.secrets import root_secret
from exchange.brand_system import BrandSystem, CallRecord
from exchange.platform_system import PlatformSystem


@dataclass(slots=True)
class OpenBrandSystems:
    """Implements `exchange.brand_system.BrandSystems`."""

    database: Database
    http: aiohttp.ClientSession
    secrets: InstallationSecrets
    environment: Mapping[str, str]
    home: Path
    _open: dict[UUID, tuple[Program, BrandSystem]] = field(default_factory=dict)

    @property
    def clock(self) -> Clock:
        """The database's."""
        return self.database.clock

    def of(self, program: Program) -> BrandSystem:
        """The program's system, made anew when its configuration changed."""
        kept = self._open.get(program.id)
        if kept and (kept[0] is program or kept[0] == program):
            return kept[1]
        system = open_brand_system(program, self)
        self._open[program.id] = (program, system)
        return system

    def recording(self) -> AbstractContextManager[list[CallRecord]]:
        """Collects the calls that the current task makes within the block."""
        return recording()


def open_brand_system(program: Program, systems: OpenBrandSystems) -> BrandSystem:
    """The system of one program, of whatever kind."""
    adapter = program.adapter
    match adapter.kind:
        case AdapterKind.REST | AdapterKind.GRAPHQL:
            return MappedSystem(_caller(program, adapter, systems))
        case AdapterKind.SIMULATOR:
            return MappedSystem(_caller(program, simulator_adapter(adapter), systems))
        case AdapterKind.FILE:
            folders = folders_of(program, systems.home, systems.environment)
            return FileSystem(program, systems.database, folders)
        case AdapterKind.PLATFORM:
            return PlatformSystem(program, systems.database)
    assert_never(adapter.kind)


def unmapped_calls(program: Program) -> frozenset[Call]:
    """What a system behind HTTP is never asked, because its mapping does not say how."""
    adapter = program.adapter
    if adapter.kind is AdapterKind.SIMULATOR:
        adapter = simulator_adapter(adapter)
    mapped = {AdapterKind.REST, AdapterKind.GRAPHQL, AdapterKind.SIMULATOR}
    return frozenset(Call).difference(adapter.calls) if adapter.kind in mapped else frozenset()


@asynccontextmanager
async def open_brand_systems(
    database: Database, home: Path, environment: Mapping[str, str] = os.environ
) -> AsyncIterator[OpenBrandSystems]:
    """The systems of all programs in force; their connections are closed at the end of the block."""
    secrets = InstallationSecrets(database, SecretStore.from_root(root_secret(home)), environment)
    async with open_session() as http:
        yield OpenBrandSystems(database, http, secrets, environment, home)


def _caller(program: Program, adapter: Adapter, systems: OpenBrandSystems) -> Caller:
    url = systems.environment.get(variable(program.code, "url")) or adapter.url or ""
    who = Authenticator(program, adapter.authentication, systems.secrets, systems.http, systems.clock)
    return Caller(program, adapter, url.rstrip("/"), systems.http, who, systems.clock)
