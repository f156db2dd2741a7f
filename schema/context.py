"""What resolvers have at hand: the services of the process, and the facts and loaders of one request."""

from dataclasses import dataclass
from typing import TypeAlias

import strawberry

from brands import Directory
from core.coalesce import Coalescer
from core.database import Database
from exchange import Acceptance, AcceptanceRefusal, Award, Burn, Exchange, Movement, MovementRefusal
from schema.ports import Sessions
from schema.viewer import Viewer


@dataclass(frozen=True, slots=True)
class Services:
    """What one process offers to all requests."""

    database: Database
    sessions: Sessions
    acceptances: Coalescer[Acceptance, Exchange | AcceptanceRefusal]
    movements: Coalescer[Award | Burn, Movement | MovementRefusal]


class Context:
    """One request."""

    def __init__(self, services: Services, viewer: Viewer, request_id: str) -> None:
        self.services = services
        self.viewer = viewer
        self.request_id = request_id
        self._directory: Directory | None = None

    @property
    def database(self) -> Database:
        """The database."""
        return self.services.database


Info: TypeAlias = strawberry.Info[Context, None]
"""What strawberry passes to resolvers."""
