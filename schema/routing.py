"""Answering the router: entities by their representations, each as carefully as if it had been asked for by id."""

from typing import Any

import strawberry
from strawberry.federation import Schema
from strawberry.federation.schema import FederationAny

from schema.catalogue import resolve_node
from schema.errors import BadInput


class RoutedSchema(Schema):
    """A federation schema whose `_entities` honours the scopes of the types; strawberry's own enforces none."""

    def entities_resolver(self, info: strawberry.Info, representations: list[FederationAny]) -> list[FederationAny]:
        """One entity, or the promise of one, for each representation, in order."""
        return [_resolve(info, representation) for representation in representations]


def _resolve(info: strawberry.Info, representation: Any) -> Any:
    match representation:
        case {"__typename": str(type_name), "id": str(node_id)}:
            return resolve_node(info, type_name, strawberry.ID(node_id))
        case _:
            raise BadInput("A representation needs `__typename` and `id`.")
