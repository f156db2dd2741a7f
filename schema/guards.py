"""Authorisation: what `@requiresScopes` prints is what is enforced, in one place.

`guard` wraps the resolver of each field that carries the directive. Root fields carry it, or are declared open; a
root field that is neither is refused when the schema is built, so that nothing is open by forgetting.
"""

from typing import Any

from graphql import GraphQLField, GraphQLFieldResolver, GraphQLObjectType, GraphQLResolveInfo, GraphQLSchema
from strawberry.federation.schema_directives import RequiresScopes
from strawberry.types.field import StrawberryField

from core.errors import AgioError
from schema.viewer import Viewer

Alternatives = tuple[frozenset[str], ...]
"""Sets of scopes, one of which is needed whole."""


class Unguarded(AgioError):
    """A root field names no scopes and is not declared open."""


def guard(schema: GraphQLSchema) -> None:
    """Enforce the scopes of every field of `schema`. Raises Unguarded."""
    for root in (schema.query_type, schema.mutation_type, schema.subscription_type):
        for name, field in root.fields.items() if root else ():
            _check_declared(name, field)
    for graphql_type in schema.type_map.values():
        if isinstance(graphql_type, GraphQLObjectType):
            _guard_fields(graphql_type)


def _guard_fields(graphql_type: GraphQLObjectType) -> None:
    for field in graphql_type.fields.values():
        alternatives = scopes_of(field)
        if alternatives and field.subscribe:
            # Asked when the stream is opened; what it yields is not asked again.
            field.subscribe = _guarded(field.subscribe, alternatives)
        elif alternatives and field.resolve:
            field.resolve = _guarded(field.resolve, alternatives)


def scopes_of(field: GraphQLField) -> Alternatives:
    """What a field needs, as its directive says; empty: nothing."""
    found = field.extensions.get("strawberry-definition")
    return directive_scopes(found.directives) if isinstance(found, StrawberryField) else ()


def directive_scopes(directives: Any) -> Alternatives:
    """The sets of scopes named by `@requiresScopes` among `directives`."""
    return tuple(
        frozenset(map(str, needed))
        for found in directives
        if isinstance(found, RequiresScopes)
        for needed in found.scopes
    )


def _check_declared(name: str, field: GraphQLField) -> None:
    found = field.extensions.get("strawberry-definition")
    declared_open = isinstance(found, StrawberryField) and "open" in found.metadata
    if not (scopes_of(field) or declared_open or name.startswith("_")):
        message = f"{name} must require scopes or be declared open"
        raise Unguarded(message)


def _guarded(resolve: GraphQLFieldResolver, alternatives: Alternatives) -> GraphQLFieldResolver:
    def guarded(source: Any, info: GraphQLResolveInfo[Any], /, **arguments: Any) -> Any:
        viewer: Viewer = info.context.viewer
        viewer.require(alternatives)
        return resolve(source, info, **arguments)

    return guarded
