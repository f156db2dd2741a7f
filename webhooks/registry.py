"""Who is told of what: all endpoints, kept in memory until one of them changes."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from brands import Directory
from core.database import Connection
from webhooks.endpoints import Endpoint, all_endpoints
from webhooks.events import Event


@dataclass(frozen=True, slots=True)
class Registry:
    """The endpoints as of one version."""

    version: int
    by_brand: Mapping[UUID, Sequence[Endpoint]]

    @classmethod
    async def read(cls, connection: Connection, version: int) -> "Registry":
        """Those that stand now."""
        by_brand: defaultdict[UUID, list[Endpoint]] = defaultdict(list)
        for endpoint in await all_endpoints(connection):
            by_brand[endpoint.brand_id].append(endpoint)
        return cls(version, dict(by_brand))

    def listening(self, directory: Directory, brand_ids: set[UUID]) -> set[UUID]:
        """Those among the brands of which somebody is told something."""
        return {brand_id for brand_id in brand_ids if any(self._above(directory, brand_id))}

    def told_of(self, directory: Directory, event: Event) -> list[Endpoint]:
        """The endpoints that are told of the event: the brand's own, and those of the brands above it."""
        return [endpoint for endpoint in self._above(directory, event.brand_id) if endpoint.wants(event.type)]

    def _above(self, directory: Directory, brand_id: UUID) -> Iterator[Endpoint]:
        above: UUID | None = brand_id
        while above is not None and (brand := directory.brands.get(above)) is not None:
            yield from self.by_brand.get(above, ())
            above = brand.parent_id


NOBODY = Registry(0, {})
"""Before anybody was registered."""
