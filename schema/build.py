"""The two schemas of one graph: the subgraph for the router, and the public one without its two entry points."""

from functools import cache
from typing import Final

from graphql import GraphQLObjectType, GraphQLSchema, print_schema, specified_directives
from strawberry.federation import Schema
from strawberry.schema.config import StrawberryConfig

from schema.descriptions import describe
from schema.guards import guard
from schema.lean import shorten
from schema.mutation import Mutation
from schema.query import Query
from schema.routing import RoutedSchema
from schema.scalars import AMOUNT_SCALAR, Amount
from schema.subscription import Subscription

FEDERATION_VERSION: Final = "2.9"
"""The newest that the open composition library accepts."""
_ROUTERS_OWN = frozenset({"_entities", "_service"})


@cache
def federated(*, subscriptions: bool = False) -> Schema:
    """The subgraph, guarded. The router asks for nothing that goes on, so that it knows of no subscriptions."""
    config = StrawberryConfig(scalar_map={Amount: AMOUNT_SCALAR})
    followed = Subscription if subscriptions else None
    schema = RoutedSchema(Query, Mutation, followed, config=config, federation_version=FEDERATION_VERSION)
    for refine in (shorten, guard, describe):
        refine(schema._schema)  # noqa: SLF001 - strawberry offers no public way to graphql-core's schema
    return schema


@cache
def subgraph_schema() -> GraphQLSchema:
    """The subgraph as graphql-core runs it."""
    return federated()._schema  # noqa: SLF001 - as above


@cache
def public_schema() -> GraphQLSchema:
    """The graph without `_entities` and `_service`, which only the router may ask for."""
    whole = federated(subscriptions=True)._schema  # noqa: SLF001 - as above
    kwargs = whole.to_kwargs()
    assert whole.query_type is not None
    query = whole.query_type.to_kwargs()
    query["fields"] = {name: field for name, field in whole.query_type.fields.items() if name not in _ROUTERS_OWN}
    kwargs["query"] = GraphQLObjectType(**query)
    kwargs["types"] = tuple(found for found in kwargs["types"] or () if not _is_routers(found.name))
    kwargs["directives"] = specified_directives
    public = GraphQLSchema(**kwargs)
    public._strawberry_schema = federated(subscriptions=True)  # type: ignore[attr-defined]  # noqa: SLF001 - resolvers' `info.schema`
    return public


def _is_routers(name: str) -> bool:
    return name == "Query" or name.startswith(("_", "link__"))


def public_sdl() -> str:
    """The public schema as text; what `schema/schema.graphql` holds."""
    return print_schema(public_schema()) + "\n"


def subgraph_sdl() -> str:
    """The subgraph as text, with its federation directives; what `schema/subgraph.graphql` holds."""
    return federated().as_str() + "\n"
